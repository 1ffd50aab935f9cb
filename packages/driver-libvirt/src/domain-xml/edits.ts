import { FerricError } from '@ferric/core';
import type { XmlDocument, XmlElement } from './document.js';

/** A part of a text and what takes its place. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with these parts replaced; everything else stays as it is. Edits of the same place take effect in their order.
 * @throws INTERNAL when two of them overlap.
 */
export function applyEdits(document: XmlDocument, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at) throw new FerricError('INTERNAL', `Two edits of one XML text overlap at offset ${edit.start}`);
    result += document.text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + document.text.slice(at);
}

/** Takes an element out, with the line that it leaves behind. */
export function removeElement({ text }: XmlDocument, element: XmlElement): Edit {
  const blanks = blanksBefore(text, element.start);
  const line = blanks.lastIndexOf('\n');
  return { start: line === -1 ? element.start : element.start - blanks.length + line, end: element.end, text: '' };
}

/** Puts lines of XML in the place of an element. */
export function replaceElement(document: XmlDocument, element: XmlElement, xml: string): Edit {
  return { start: element.start, end: element.end, text: indented(xml, indentOf(document, element)).trimStart() };
}

/** Puts lines of XML on lines of their own behind an element. */
export function insertAfter(document: XmlDocument, element: XmlElement, xml: string): Edit {
  return { start: element.end, end: element.end, text: indented(xml, indentOf(document, element)) };
}

/** The same before an element. */
export function insertBefore(document: XmlDocument, element: XmlElement, xml: string): Edit {
  const indent = indentOf(document, element);
  return { start: element.start, end: element.start, text: `${indented(xml, indent).trimStart()}${indent}` };
}

/** Puts lines of XML at the end of an element's content. Only one such edit for an element in a list of edits. */
export function appendChild(document: XmlDocument, parent: XmlElement, xml: string): Edit {
  const last = parent.children.at(-1);
  if (last !== undefined) return insertAfter(document, last, xml);
  const indent = indentOf(document, parent);
  const content = `${indented(xml, `${indent}  `)}${indent}`;
  if (parent.contentEnd !== parent.end) {
    const start = parent.contentEnd - blanksBefore(document.text, parent.contentEnd).length;
    return { start, end: parent.contentEnd, text: content };
  }
  return { start: parent.end - '/>'.length, end: parent.end, text: `>${content}</${parent.name}>` };
}

/** Sets an attribute, or takes it away when the value is undefined. */
export function setAttribute({ text }: XmlDocument, element: XmlElement, name: string, value: string | undefined): readonly Edit[] {
  const tag = text.slice(element.start, element.contentStart);
  // The tag is well-formed, so that a quote opens and closes a value and nothing else.
  for (const match of tag.matchAll(/(\s+)([^\s=/>"'<]+)(\s*=\s*)("[^"]*"|'[^']*')/g)) {
    if (match[2] !== name) continue;
    const start = element.start + match.index;
    const end = start + match[0].length;
    if (value === undefined) return [{ start, end, text: '' }];
    return [{ start: end - String(match[4]).length, end, text: quoted(value) }];
  }
  if (value === undefined) return [];
  const at = element.start + 1 + element.name.length;
  return [{ start: at, end: at, text: ` ${name}=${quoted(value)}` }];
}

/** An element in one tag; attributes that are undefined are left out. */
export function elementText(name: string, attributes: Readonly<Record<string, string | undefined>> = {}): string {
  const written = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}=${quoted(value)}`]));
  return `<${name}${written.join('')}/>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;', '"': '&quot;', '\n': '&#10;', '\r': '&#13;', '\t': '&#9;',
};

/** A text as the content of an element. */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ENTITIES[character] ?? character);
}

function quoted(value: string): string {
  return `'${value.replace(/[&<>'"\n\r\t]/g, (character) => ENTITIES[character] ?? character)}'`;
}

function indentOf({ text }: XmlDocument, element: XmlElement): string {
  const blanks = blanksBefore(text, element.start);
  return blanks.slice(Math.max(0, blanks.lastIndexOf('\n')));
}

function indented(xml: string, indent: string): string {
  return xml.split('\n').map((line) => `${indent}${line}`).join('');
}

function blanksBefore(text: string, offset: number): string {
  let start = offset;
  while (start > 0 && /\s/.test(text.charAt(start - 1))) start -= 1;
  return text.slice(start, offset);
}
