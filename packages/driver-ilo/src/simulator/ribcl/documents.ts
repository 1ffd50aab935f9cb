import { randomInt } from 'node:crypto';
import type { IloBehaviour } from '../behaviour.js';

/** One of the XML documents that make up an answer. */
export interface RibclDocument {
  /** Default 0: no error. */
  readonly status?: number;
  /** Default `No error`. */
  readonly message?: string;
  /** XML behind the response. */
  readonly payload?: string;
}

/** What the iLO can hold until it writes a chunk. As recorded. */
const BUFFER_BYTES = 0x1ff;
/** Where the first chunk ends: inside the first document, as recorded. */
const FIRST_CUT = 0x1d;

/** The bytes of an answer: documents in a row, each with a declaration of its own. The layout is the recorded one. */
export function writeDocuments(documents: readonly RibclDocument[], damage: IloBehaviour['damage']): Buffer {
  const text = documents.map((document, index) => damaged(writeDocument(document), damage, document.payload !== undefined, index)).join('');
  const whole = Buffer.from(text, 'latin1');
  return damage === 'cut short' ? whole.subarray(0, Math.floor(whole.length * 0.7)) : whole;
}

function writeDocument({ status = 0, message = 'No error', payload }: RibclDocument): string {
  const code = `0x${status.toString(16).toUpperCase().padStart(4, '0')}`;
  const end = status === 0 ? '     />' : '    />';
  return `<?xml version="1.0"?>\r\n<RIBCL VERSION="2.23">\n<RESPONSE\n    STATUS="${code}"\n    MESSAGE='${message}'\n${end}\n${payload === undefined ? '' : `${payload}\n`}</RIBCL>\n`;
}

/** What real firmware does to its XML. Source: python-hpilo, hpilo.py (_attempt_to_fix_broken_xml). */
function damaged(text: string, damage: IloBehaviour['damage'], hasPayload: boolean, index: number): string {
  switch (damage) {
    case 'self-closed root':
      return text.replace('<RIBCL VERSION="2.23">', '<RIBCL VERSION="2.22"/>');
    case 'unescaped quotes':
      return hasPayload ? text.replace(/<\/RIBCL>/, '<NOTE VALUE="the "quoted" word"/>\n</RIBCL>') : text;
    case 'control bytes':
      return hasPayload ? text.replace(/<\/RIBCL>/, '<NOTE VALUE="\u0001\u0001"/>\n</RIBCL>') : text;
    case 'bytes above 7f':
      return hasPayload ? text.replace(/<\/RIBCL>/, '<NOTE VALUE="\u00FF\u00B0"/>\n</RIBCL>') : text;
    case 'cut short':
    case 'none':
      // Some firmware begins its first answer with an empty line.
      return index === 0 && damage === 'cut short' ? `\r\n${text}` : text;
  }
}

/** Cuts an answer into chunks. No chunk is longer than three digits can say. */
export function cutIntoChunks(whole: Buffer, how: IloBehaviour['chunks']): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < whole.length; ) {
    const length = how === 'recorded' ? (at === 0 ? FIRST_CUT : BUFFER_BYTES) : how === 'anywhere' ? randomInt(1, 80) : Math.max(1, Math.min(how, 0xfff));
    chunks.push(whole.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

/** A text for an attribute. */
export function attribute(text: string | number): string {
  return String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** An element with one attribute a line, as the iLO writes them. */
export function elementWith(name: string, attributes: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(attributes).map(([key, value]) => `    ${key}="${attribute(value)}"\n`);
  return `<${name}\n${lines.join('')}    />`;
}

/** A leaf with a value. */
export const leaf = (name: string, value: string | number, unit?: string): string =>
  `<${name} VALUE = "${attribute(value)}"${unit === undefined ? '' : ` UNIT="${unit}"`}/>`;

/** An element around others. */
export const nest = (name: string, ...parts: readonly string[]): string => `<${name}>\n${parts.join('\n')}\n</${name}>`;
