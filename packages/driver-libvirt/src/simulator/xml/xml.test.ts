import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elementAt, elementsOf, insertBehind, removeElements, textOf, writeXml, xmlElement, type XmlElement } from './element.js';
import { parseXml, XmlFault } from './parse-xml.js';
import { sizeOf } from './sizes.js';

const FIXTURES = new URL('../../../test/fixtures/domain-xml/', import.meta.url);
const fixtures = readdirSync(FIXTURES).filter((name) => name.endsWith('.xml'));

describe('real definitions', () => {
  test.each(fixtures)('%s keeps everything but comments and spaces', (name) => {
    const text = readFileSync(new URL(name, FIXTURES), 'utf8');
    const element = parseXml(text);
    const written = writeXml(element);
    expect(canonical(parseXml(written))).toEqual(canonical(element));
    expect(writeXml(parseXml(written))).toBe(written);
    expect(element.name).toBe('domain');
  });
});

/** Without the spaces between elements. */
function canonical(element: XmlElement): unknown {
  const hasText = element.children.some((child) => typeof child === 'string' && child.trim() !== '');
  const children = hasText ? element.children : elementsOf(element);
  return [element.name, [...element.attributes], children.map((child) => (typeof child === 'string' ? child : canonical(child)))];
}

test('is written as libvirt writes it', () => {
  const text = `<?xml version="1.0"?><!-- made by hand --><domain type="qemu"><name>a</name>
    <!-- gone --><os><boot dev='hd'/></os><empty></empty><description>two
lines &amp; &lt;b&gt;</description><note><![CDATA[<raw>]]></note></domain>`;
  expect(writeXml(parseXml(text))).toBe(`<domain type='qemu'>
  <name>a</name>
  <os>
    <boot dev='hd'/>
  </os>
  <empty/>
  <description>two
lines &amp; &lt;b&gt;</description>
  <note>&lt;raw&gt;</note>
</domain>
`);
});

test.each([
  ['', 'Document is empty'],
  ['   <!-- only this -->', 'Document is empty'],
  ['domain', "Start tag expected, '<' not found"],
  ['<domain', "Couldn't find end of Start Tag domain"],
  ['<domain>', 'Premature end of data in tag domain'],
  ['<domain></domian>', 'Opening and ending tag mismatch: domain and domian'],
  ['<domain/><domain/>', 'Extra content at the end of the document'],
  ['<domain/>text', 'Extra content at the end of the document'],
  ['<1/>', 'invalid element name'],
  ['<domain type/>', 'Specification mandates value for attribute type'],
  ['<domain type=qemu/>', 'AttValue'],
  ['<domain a="1"b="2"/>', 'attributes construct error'],
  ['<domain a="1" a="2"/>', 'Attribute a redefined'],
  ['<domain a="<"/>', 'AttValue'],
  ['<domain>&unknown;</domain>', "Entity 'unknown' not defined"],
  ['<domain>&constructor;</domain>', "Entity 'constructor' not defined"],
  ['<domain>a & b</domain>', 'not defined'],
  ['<domain>&#0;</domain>', 'not defined'],
  ['<domain>&#x110000;</domain>', 'not defined'],
  ['<!DOCTYPE domain [<!ENTITY a "b">]><domain/>', 'A document type is not allowed'],
  ['<domain><!-- open </domain>', '--> not found'],
  ['<a>'.repeat(101), 'Elements more than 100 deep'],
])('%.40j is refused: %s', (text, problem) => {
  expect(() => parseXml(text)).toThrow(problem);
  expect(() => parseXml(text)).toThrow(XmlFault);
});

test('a fault tells its line', () => {
  expect(() => parseXml('<domain>\n<name>a</name>\n<oops></domain>')).toThrow(expect.objectContaining({ line: 3 }));
});

test('numeric entities', () => {
  expect(textOf(parseXml('<a>&#65;&#x20AC;</a>'))).toBe('A€');
});

test('whatever is written can be read again', () => {
  const names = fc.stringMatching(/^[a-z][a-z0-9:_-]{0,8}$/);
  const texts = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() !== '' && !/[\p{Cc}]/u.test(text));
  const { element } = fc.letrec<{ element: XmlElement }>((tie) => ({
    element: fc
      .record({
        name: names,
        attributes: fc.dictionary(names, texts, { maxKeys: 3 }),
        children: fc.oneof({ depthSize: 'small' }, fc.array(texts, { maxLength: 1 }), fc.array(tie('element') as fc.Arbitrary<XmlElement>, { maxLength: 3 })),
      })
      .map(({ name, attributes, children }) => xmlElement(name, attributes, children)),
  }));
  fc.assert(
    fc.property(element, (root) => {
      expect(canonical(parseXml(writeXml(root)))).toEqual(canonical(root));
    }),
  );
});

test('finds, puts and takes away', () => {
  const domain = parseXml('<domain><name> a </name><uuid/><os><type>hvm</type></os></domain>');
  expect(textOf(elementAt(domain, 'name'))).toBe('a');
  expect(textOf(elementAt(domain, 'os', 'type'))).toBe('hvm');
  expect(elementAt(domain, 'os', 'missing', 'type')).toBeUndefined();
  insertBehind(domain, ['uuid', 'name'], xmlElement('title'));
  insertBehind(domain, ['nothing'], xmlElement('first'));
  expect(elementsOf(domain).map(({ name }) => name)).toEqual(['first', 'name', 'uuid', 'title', 'os']);
  removeElements(domain, ({ name }) => name !== 'os');
  expect(elementsOf(domain).map(({ name }) => name)).toEqual(['os']);
});

test.each([
  ['<memory>1024</memory>', 'KiB', 1_048_576n],
  ["<memory unit='MiB'>1</memory>", 'KiB', 1_048_576n],
  ["<memory unit='m'>1</memory>", 'KiB', 1_048_576n],
  ["<memory unit='GB'>2</memory>", 'KiB', 2_000_000_000n],
  ['<capacity>512</capacity>', 'bytes', 512n],
  ["<capacity unit='T'>1</capacity>", 'bytes', 1_099_511_627_776n],
  ["<capacity unit='stone'>1</capacity>", 'bytes', undefined],
  ['<capacity>-1</capacity>', 'bytes', undefined],
  ['<capacity/>', 'bytes', undefined],
] as const)('the size %s', (text, unit, bytes) => {
  expect(sizeOf(parseXml(text), unit)).toBe(bytes);
});
