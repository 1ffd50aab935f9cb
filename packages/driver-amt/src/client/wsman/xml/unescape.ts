import { isXmlText } from './escape.js';

/** The entities that every XML document has without declaring them. Source: XML 1.0, section 4.6. */
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const REFERENCE = /&(?:#x([\da-fA-F]{1,6})|#(\d{1,7})|(\w{1,8}));|&/g;

/** A reference that stands for nothing. */
export class UnknownReference extends Error {}

/**
 * A text with its references replaced: the five entities of XML and character numbers; there are no others without a document type.
 * @throws UnknownReference
 */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (reference: string, hex?: string, decimal?: string, name?: string) => {
    const replacement = name === undefined ? character(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)) : own(name);
    if (replacement === undefined) throw new UnknownReference(`it refers to ${JSON.stringify(reference)}, which is nothing`);
    return replacement;
  });
}

function own(name: string): string | undefined {
  return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
}

/** Not a number, more than Unicode has, or something that XML cannot carry: undefined. */
function character(code: number): string | undefined {
  if (!(code <= 0x10ffff)) return undefined;
  const text = String.fromCodePoint(code);
  return isXmlText(text) ? text : undefined;
}
