import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeFields } from '../../src/simulator/soap/answer.js';
import { childOf, parseXml } from '../../src/simulator/soap/xml-element.js';
import { escapeXml, unescapeXml } from '../../src/simulator/soap/xml-text.js';

describe('reading', () => {
  test('resolves prefixes where they are declared, and takes what XML allows', () => {
    const root = parseXml(
      '\uFEFF \n<?xml version="1.0"?><!-- a --><a:root xmlns:a="urn:a" xmlns="urn:d"><?pi?><child x=\'1\' a:y="2&lt;"> t<!-- > -->e<![CDATA[<&>]]>xt\n</child>' +
        '<a:other xmlns:a="urn:b"/><child xmlns="">last</child ></a:root>\n',
    );
    expect([root?.name, root?.namespace, root?.children.map(({ name, namespace, text }) => [name, namespace, text])]).toEqual([
      'root', 'urn:a', [['child', 'urn:d', 'te<&>xt'], ['other', 'urn:b', ''], ['child', '', 'last']],
    ]);
    expect([...(root?.children[0]?.attributes ?? [])]).toEqual([['x', '1'], ['y', '2<']]);
    expect([childOf(root, 'urn:b', 'other')?.name, childOf(root, 'urn:a', 'other'), childOf(undefined, '', '')]).toEqual(['other', undefined, undefined]);
  });

  test.each([
    '', 'text', '<a>', '</a>', '<a></b>', '<a/><b/>', '<a/>text', '<a b/>', '<a b=c/>', '<a b="<"/>', '<x:a/>', '<!DOCTYPE a><a/>', '<a><![CDATA[</a>',
    '<a/', '< a/>', '<a>&</a', '<1/>', '<a:/>',
    `${'<a>'.repeat(33)}${'</a>'.repeat(33)}`,
  ])('refuses %j', (document) => {
    expect(parseXml(document)).toBeUndefined();
  });

  test('takes 32 elements in each other', () => {
    expect(parseXml(`${'<a>'.repeat(32)}${'</a>'.repeat(32)}`)?.name).toBe('a');
  });

  test('never throws, whatever comes, cut anywhere', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseXml(text)));
    const part = fc.constantFrom('<', '>', '/', 'a', ' ', '="', '"', '&', '&#x', ';', 'xmlns', ':', '<![CDATA[', ']]>', '<!--', '-->', '?');
    fc.assert(fc.property(fc.array(part, { maxLength: 40 }), (parts) => void parseXml(parts.join(''))));
    const whole = '<a:r xmlns:a="u"><b c="d&amp;">e</b></a:r>';
    for (let end = 0; end < whole.length; end += 1) expect(parseXml(whole.slice(0, end))).toBeUndefined();
  });
});

test('what is escaped is read as it was', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(unescapeXml(escapeXml(text))).toBe(text);
      expect(parseXml(`<a b="${escapeXml(text)}"/>`)?.attributes.get('b')).toBe(text);
      expect(parseXml(`<a>${escapeXml(text)}</a>`)?.text).toBe(text.trim());
    }),
  );
  expect(unescapeXml('&#65;&#x1F600;&apos;&unknown;&#x110000;&')).toBe('A\u{1F600}\'&unknown;&#x110000;&');
});

test('fields are written in their order, lists one by one, times and references with what is inside', () => {
  const xml = writeFields('g', 'Thing', {
    Text: 'a<b', Number: 7, Flag: false, List: [1, 2], When: { kind: 'Datetime', text: '2024-01-03T00:44:35Z' },
    Other: { kind: 'reference', resource: 'CIM_Chassis', selectors: { Tag: '"x"' } },
  }, 'h');
  expect(xml).toBe(
    '<g:Thing><g:Text>a&lt;b</g:Text><g:Number>7</g:Number><g:Flag>false</g:Flag><g:List>1</g:List><g:List>2</g:List>' +
      '<g:When><h:Datetime>2024-01-03T00:44:35Z</h:Datetime></g:When><g:Other><b:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</b:Address>' +
      '<b:ReferenceParameters><c:ResourceURI>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_Chassis</c:ResourceURI><c:SelectorSet>' +
      '<c:Selector Name="Tag">&quot;x&quot;</c:Selector></c:SelectorSet></b:ReferenceParameters></g:Other></g:Thing>',
  );
});
