import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FerricError } from '@ferric/core';
import { parseXml } from '../../src/client/wsman/index.js';
import { escapeXml, isXmlText } from '../../src/client/wsman/xml/escape.js';

/** The error that a text is refused with; fails when it is read. */
function refusal(text: string): FerricError {
  try {
    parseXml(text);
  } catch (error) {
    if (FerricError.is(error)) return error;
    throw error;
  }
  throw new Error('It was read');
}

describe('a tree', () => {
  test('has local names, namespaces, attributes, texts, in their order', () => {
    expect(parseXml('<?xml version="1.0"?><a:R xmlns:a="urn:a" xmlns="urn:d"><B x:c="1" xmlns:x="urn:x" d=\'2\'> t </B><!-- no --><a:C><![CDATA[<&>]]>+</a:C></a:R>')).toEqual({
      name: 'R', namespace: 'urn:a', attributes: {}, text: '',
      children: [
        { name: 'B', namespace: 'urn:d', attributes: { c: '1', d: '2' }, text: ' t ', children: [] },
        { name: 'C', namespace: 'urn:a', attributes: {}, text: '<&>+', children: [] },
      ],
    });
  });

  test('takes namespaces from the nearest declaration, and none where it is taken back or there is none', () => {
    const root = parseXml('<a:R xmlns:a="urn:1"><a:X xmlns:a="urn:2"><a:Y/></a:X><a:Z/><N xml:lang="en"><M xmlns="urn:d"><L xmlns=""/></M></N></a:R>');
    const [x, z, n] = root.children;
    expect([x?.namespace, x?.children[0]?.namespace, z?.namespace]).toEqual(['urn:2', 'urn:2', 'urn:1']);
    expect([n?.namespace, n?.children[0]?.namespace, n?.children[0]?.children[0]?.namespace]).toEqual([undefined, 'urn:d', undefined]);
    expect(n?.attributes).toEqual({ lang: 'en' });
  });

  test.each(['<!--<!DOCTYPE a>--><a/>', '<a/><!-- <!doctype a> -->'])('may speak of document types in a comment: %s', (text) => {
    expect(parseXml(text).name).toBe('a');
  });

  test('may speak of document types in a text', () => {
    expect(parseXml('<a><![CDATA[<!DOCTYPE a>]]></a>').text).toBe('<!DOCTYPE a>');
  });

  test.each(['13E55', '00012', '0x1F', ' 7 ', 'true', '1e3', '+5', '', '\t'])('keeps %j as it is', (text) => {
    expect(parseXml(`<a>${text}</a>`).text).toBe(text);
    expect(parseXml(`<a b="${text.trim()}"/>`).attributes['b']).toBe(text.trim());
  });

  test('has the five entities of XML and character numbers', () => {
    expect(parseXml('<a b="&quot;&apos;">&lt;&gt;&amp;&#65;&#x1F600;&amp;lt;</a>')).toMatchObject({ text: '<>&A😀&lt;', attributes: { b: '"\'' } });
  });

  test('does not mind what stands before and behind it', () => {
    expect(parseXml('\u{feff} \r\n<?xml version="1.0"?>\n<a/>\r\n\r\n').name).toBe('a');
  });

  test('has names that mean something elsewhere', () => {
    expect(parseXml('<a valueOf="1"><toString>x</toString><hasOwnProperty/></a>')).toMatchObject({ attributes: { valueOf: '1' }, children: [{ name: 'toString' }, { name: 'hasOwnProperty' }] });
  });
});

describe('is refused', () => {
  test.each([
    ['nothing', '  '],
    ['no XML', 'hello'],
    ['an element that does not end', '<a><b></b>'],
    ['ends that are crossed', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['text behind the root', '<a></a>x'],
    ['an attribute without quotes', '<a b=c/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an entity that XML does not know', '<a>&nbsp;</a>'],
    ['an entity in an attribute that XML does not know', '<a b="&foo;"/>'],
    ['a character number that is no character', '<a>&#0;</a>'],
    ['half of a surrogate pair by number', '<a>&#xD800;</a>'],
    ['a number beyond Unicode', '<a>&#x110000;</a>'],
    ['a bare ampersand', '<a>a & b</a>'],
    ['a prefix that is not declared', '<a><u:b/></a>'],
    ['a prefix that is declared elsewhere', '<a><b xmlns:u="urn:u"/><u:c/></a>'],
    ['a prefix that is not declared, of an attribute', '<a u:b="1"/>'],
    ['a prefix that is declared as nothing', '<a xmlns:u=""><u:b/></a>'],
    ['a NUL', '<a>b\0c</a>'],
    ['a control character', '<a b="\u001b"/>'],
    ['half of a surrogate pair', '<a>\ud800</a>'],
    ['names by which objects are poisoned', '<__proto__/>'],
    ['attributes by which objects are poisoned', '<a constructor="1"/>'],
    ['more than 50 elements inside one another', `${'<a>'.repeat(60)}${'</a>'.repeat(60)}`],
  ])('%s', (_name, text) => {
    expect(refusal(text).code).toBe('PROTOCOL_FAULT');
  });

  test.each([
    ['a document type', '<!DOCTYPE a><a/>'],
    ['one in small letters', '<!doctype a><a/>'],
    ['one behind a comment', '<!-- a --><!DOCTYPE a><a/>'],
    ['one behind what only looks like a comment', '<!--><!-- --><!DOCTYPE a><a/>'],
    ['one inside the root', '<a><!DOCTYPE b></a>'],
    ['one behind the start of a comment in an attribute', '<a b="<!--"><!DOCTYPE b></a>'],
    ['a billion laughs', `<!DOCTYPE l [<!ENTITY l0 "ha">${Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')}]><l>&l9;</l>`],
    ['a file of this machine', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'],
    ['a document from elsewhere', '<!DOCTYPE a SYSTEM "http://192.0.2.1/x.dtd"><a/>'],
  ])('%s', (_name, text) => {
    expect(refusal(text).message).toContain('it has a document type');
  });

  test('in a message that is short and shows no password, whatever the text is', () => {
    expect(refusal('<a>'.repeat(100_000)).message.length).toBeLessThan(300);
    expect(refusal('<a password="Geheim1!"><b password="Geheim1!"').message).not.toContain('Geheim1!');
  });

  test('never by anything else than PROTOCOL_FAULT', () => {
    const piece = fc.constantFrom('<', '>', '/', 'a', ':', ' ', '=', '"', "'", '&', ';', '#', 'x', '!', '-', '[', ']', '?', 'CDATA', '<a>', '</a>', 'xmlns:', '\u0000', '😀');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        for (const text of [pieces.join(''), `<a>${pieces.join('')}</a>`]) {
          try {
            expect(typeof parseXml(text).name).toBe('string');
          } catch (error) {
            expect(FerricError.is(error) && error.code).toBe('PROTOCOL_FAULT');
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('size', () => {
  const M = 1024 * 1024;

  test.each([
    ['elements', `<a>${'<b/>'.repeat(M / 4)}</a>`],
    ['declarations', `<a ${Array.from({ length: M / 20 }, (_, index) => `xmlns:a${index}="x"`).join(' ')}><b/></a>`],
    ['elements that declare, in one that declares much', `<a ${Array.from({ length: M / 40 }, (_, index) => `xmlns:a${index}="x"`).join(' ')}>${'<b xmlns:c="d"/>'.repeat(M / 40)}</a>`],
    ['attributes', `<a ${Array.from({ length: M / 16 }, (_, index) => `a${index}="x"`).join(' ')}/>`],
    ['references', `<a>${'&#65;'.repeat(M / 5)}</a>`],
    ['starts of comments', `<a>${'<!--'.repeat(M / 4)}</a>`],
    ['starts of comments and document types', '<!-- --><![CDATA['.repeat(M / 17)],
    ['starts of tags', '<a>'.repeat(M / 3)],
    ['spaces', `<a ${' '.repeat(M)}/>`],
  ])('a megabyte of %s is read or refused in a moment', (_name, text) => {
    const startedAt = performance.now();
    try {
      parseXml(text);
    } catch (error) {
      expect(FerricError.is(error) && error.code).toBe('PROTOCOL_FAULT');
    }
    // Half a second on an idle machine; a quadratic reader takes minutes.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  }, 60_000);
});

describe('escaping', () => {
  test('is undone by reading, in elements and attributes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }).filter(isXmlText), (text) => {
        expect(parseXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`)).toMatchObject({ text, attributes: { b: text } });
      }),
    );
  });

  test.each(['\r\n\t ', ' a ', '<&>"\'', ']]>', '&amp;', '\u{10ffff}'])('%j', (text) => {
    expect(isXmlText(text)).toBe(true);
    expect(parseXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`)).toMatchObject({ text, attributes: { b: text } });
  });

  test.each(['\0', '\u{1b}', '\u{b}', '\u{ffff}', '\u{d800}', 'a\u{dc00}'])('%j cannot be carried', (text) => {
    expect(isXmlText(text)).toBe(false);
  });
});
