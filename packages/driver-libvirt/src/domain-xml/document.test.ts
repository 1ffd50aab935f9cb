import { errorCode } from '@ferric/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DOMAIN_FIXTURES } from '../../test/domain-fixtures.js';
import { parseXml, type XmlElement } from './document.js';

const everyElement = (element: XmlElement): readonly XmlElement[] => [element, ...element.children.flatMap(everyElement)];

describe.each(DOMAIN_FIXTURES)('$name', ({ xml }) => {
  test('every element stands where its offsets say', () => {
    const { root } = parseXml(xml);
    expect(xml.slice(root.start, root.end)).toBe(xml.trim());
    for (const element of everyElement(root)) {
      const startTag = xml.slice(element.start, element.contentStart);
      expect(startTag.startsWith(`<${element.name}`) && startTag.endsWith('>')).toBe(true);
      const endTag = xml.slice(element.contentEnd, element.end);
      expect(endTag).toBe(startTag.endsWith('/>') ? '' : `</${element.name}>`);
      expect(xml.slice(element.contentStart, element.contentEnd)).not.toContain(`</${element.name}></${element.name}>`);
      for (const child of element.children) {
        expect(child.parent).toBe(element);
        expect(child.start >= element.contentStart && child.end <= element.contentEnd).toBe(true);
      }
    }
  });
});

test('takes text apart: entities, CDATA, comments, namespaces, characters outside the basic plane', () => {
  const { root } = parseXml(
    `<?xml version='1.0'?>\n<!-- <x/> -->\n<a x='1 &lt; 2' y="😀&#65;"><!-- <b/> -->t&amp;<![CDATA[<b/>]]><n:c xmlns:n='urn:n'>😀</n:c><d/></a>\n`,
  );
  expect([root.name, root.text, [...root.attributes]]).toEqual([
    'a',
    't&<b/>',
    [
      ['x', '1 < 2'],
      ['y', '😀A'],
    ],
  ]);
  expect(root.children.map(({ name, localName, namespace, text }) => [name, localName, namespace, text])).toEqual([
    ['n:c', 'c', 'urn:n', '😀'],
    ['d', 'd', '', ''],
  ]);
});

test.each([
  ['nothing', ''],
  ['no element', ' <!-- x --> '],
  ['an element that does not end', '<a><b></b>'],
  ['a wrong end', '<a></b>'],
  ['two roots', '<a/><b/>'],
  ['an unknown entity', '<a>&secret;</a>'],
  ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
  ['a prefix that stands for nothing', '<a><x:b/></a>'],
  ['a value without quotes', '<a b=c/>'],
  ['elements without end', '<a>'.repeat(10_000)],
])('refuses %s', (_what, xml) => {
  let error: unknown;
  try {
    parseXml(xml);
  } catch (thrown) {
    error = thrown;
  }
  expect(errorCode(error)).toBe('PROTOCOL_FAULT');
});

test('an error shows nothing of the text', () => {
  expect(() => parseXml("<a passwd='very-secret-1'><b></a>")).toThrow(
    expect.objectContaining({ code: 'PROTOCOL_FAULT', message: expect.not.stringContaining('very-secret') as string }) as Error,
  );
});

test('reads or refuses whatever comes, and nothing else', () => {
  const pieces = fc.constantFrom(
    '<a>',
    '</a>',
    '<b x="1"/>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&amp;',
    '&#x41;',
    'text',
    ' ',
    "<c y='",
    "'/>",
    '<?p?>',
    '😀',
    '<',
    '>',
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join('')),
      (xml) => {
        try {
          const { root } = parseXml(xml);
          expect(xml.slice(root.start, root.end).startsWith(`<${root.name}`)).toBe(true);
        } catch (error) {
          expect(errorCode(error)).toBe('PROTOCOL_FAULT');
        }
      },
    ),
  );
});
