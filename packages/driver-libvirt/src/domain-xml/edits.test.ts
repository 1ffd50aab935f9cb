import { errorCode } from '@ferric/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseXml, type XmlDocument, type XmlElement } from './document.js';
import {
  appendChild,
  applyEdits,
  elementText,
  escapeText,
  insertAfter,
  insertBefore,
  removeElement,
  replaceElement,
  setAttribute,
  type Edit,
} from './edits.js';

const XML = `<a>\n  <b x='1' y = "2"/>\n  <c>text</c>\n  <d>\n  </d>\n</a>\n`;
const document = parseXml(XML);
const [b, c, d] = document.root.children as readonly [XmlElement, XmlElement, XmlElement];
const edited = (...edits: readonly Edit[]): string => applyEdits(document, edits);

describe('what is put in stands as what is around it', () => {
  test.each<readonly [string, readonly Edit[], string]>([
    ['removes a line', [removeElement(document, c)], `<a>\n  <b x='1' y = "2"/>\n  <d>\n  </d>\n</a>\n`],
    ['replaces', [replaceElement(document, c, '<e/>\n<f/>')], `<a>\n  <b x='1' y = "2"/>\n  <e/>\n  <f/>\n  <d>\n  </d>\n</a>\n`],
    ['inserts before', [insertBefore(document, b, '<e/>')], `<a>\n  <e/>\n  <b x='1' y = "2"/>\n  <c>text</c>\n  <d>\n  </d>\n</a>\n`],
    [
      'inserts behind',
      [insertAfter(document, c, '<e>\n  <f/>\n</e>')],
      `<a>\n  <b x='1' y = "2"/>\n  <c>text</c>\n  <e>\n    <f/>\n  </e>\n  <d>\n  </d>\n</a>\n`,
    ],
    ['appends', [appendChild(document, document.root, '<e/>')], `<a>\n  <b x='1' y = "2"/>\n  <c>text</c>\n  <d>\n  </d>\n  <e/>\n</a>\n`],
    ['appends to what is empty', [appendChild(document, d, '<e/>')], `<a>\n  <b x='1' y = "2"/>\n  <c>text</c>\n  <d>\n    <e/>\n  </d>\n</a>\n`],
    [
      'appends to what has no end tag',
      [appendChild(document, b, '<e/>')],
      `<a>\n  <b x='1' y = "2">\n    <e/>\n  </b>\n  <c>text</c>\n  <d>\n  </d>\n</a>\n`,
    ],
    [
      'changes an attribute',
      setAttribute(document, b, 'y', 'it\'s <"&'),
      `<a>\n  <b x='1' y = 'it&apos;s &lt;&quot;&amp;'/>\n  <c>text</c>\n  <d>\n  </d>\n</a>\n`,
    ],
    ['adds an attribute', setAttribute(document, c, 'z', '3'), `<a>\n  <b x='1' y = "2"/>\n  <c z='3'>text</c>\n  <d>\n  </d>\n</a>\n`],
    ['takes an attribute away', setAttribute(document, b, 'x', undefined), `<a>\n  <b y = "2"/>\n  <c>text</c>\n  <d>\n  </d>\n</a>\n`],
    [
      'removes and inserts in the same place',
      [removeElement(document, c), insertAfter(document, b, '<e/>'), insertAfter(document, c, '<f/>')],
      `<a>\n  <b x='1' y = "2"/>\n  <e/>\n  <f/>\n  <d>\n  </d>\n</a>\n`,
    ],
    ['an attribute that is not there stays away', setAttribute(document, b, 'q', undefined), XML],
  ])('%s', (_what, edits, expected) => {
    expect(edited(...edits)).toBe(expected);
  });

  test('in one line', () => {
    const line = parseXml("<a><b/><c x=\"a='b' c='d'\"/></a>");
    const [first, second] = line.root.children as readonly [XmlElement, XmlElement];
    expect(applyEdits(line, [removeElement(line, first), appendChild(line, line.root, '<e/>')])).toBe(`<a><c x="a='b' c='d'"/><e/></a>`);
    // What looks like an attribute inside a value is none.
    expect(applyEdits(line, setAttribute(line, second, 'c', '1'))).toBe(`<a><b/><c c='1' x="a='b' c='d'"/></a>`);
  });
});

test('an attribute reads as it was written, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '&', '<', '>', '"', "'", '\n', '\t', '\r', ' ', '😀', '&amp;') }), (value) => {
      const written = applyEdits(document, setAttribute(document, b, 'x', value));
      expect(parseXml(written).root.children[0]?.attributes.get('x')).toBe(value);
      expect(parseXml(elementText('e', { v: value })).root.attributes.get('v')).toBe(value);
      expect(parseXml(`<e>${escapeText(value)}</e>`).root.text).toBe(value);
    }),
  );
});

test('everything outside of the edits stays as it is', () => {
  const text = 'abcdefghijklmnopqrstuvwxyz';
  const whole: XmlDocument = { ...document, text };
  const edit = fc
    .tuple(fc.nat(text.length), fc.nat(4), fc.string({ maxLength: 3 }))
    .map(([start, length, put]) => ({ start, end: Math.min(text.length, start + length), text: put }));
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 4 }), (edits) => {
      const sorted = edits.toSorted((x, y) => x.start - y.start || x.end - y.end);
      const overlap = sorted.some((each, index) => each.start < (sorted[index - 1]?.end ?? 0));
      if (overlap) {
        expect(() => applyEdits(whole, edits)).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
        return;
      }
      const kept = [...sorted.map(({ start }, index) => text.slice(sorted[index - 1]?.end ?? 0, start)), text.slice(sorted.at(-1)?.end ?? 0)];
      const expected = kept.map((part, index) => part + (sorted[index]?.text ?? '')).join('');
      expect(applyEdits(whole, edits)).toBe(expected);
    }),
  );
});

test('an edit inside another is a defect', () => {
  try {
    edited(removeElement(document, c), ...setAttribute(document, c, 'z', '3'));
    expect.unreachable();
  } catch (error) {
    expect(errorCode(error)).toBe('INTERNAL');
  }
});
