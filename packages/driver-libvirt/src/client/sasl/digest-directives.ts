import { saslFault } from './sasl-error.js';

/** One `name=value` of DIGEST-MD5, the quotes taken off. One character is one byte, so that values can be sent back and hashed unchanged. */
export interface Directive {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

export const DIGEST_MD5 = 'DIGEST-MD5';

// RFC 2831 §7.2. The alternatives do not overlap, so that no text takes longer than its length.
const SPACE = /[ \t\r\n]*/y;
const TOKEN = /[!#$%&'*+\-.0-9A-Z^_`a-z|~]+/y;
const QUOTED = /"((?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\x20-\x7e])*)"/y;

/** A position in a text that is taken apart from left to right. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at === this.#text.length;
  }

  /** What matches here, or its group when it has one; undefined when nothing does. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[1] ?? match[0];
  }

  takeCharacter(character: string): boolean {
    this.take(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    this.take(SPACE);
    return true;
  }

  fault(expected: string): Error {
    return saslFault(DIGEST_MD5, `${expected} is missing at offset ${this.#at}`);
  }
}

/**
 * Takes a list of directives apart. Elements of the list may be empty (RFC 2831 §7.1).
 * @throws PROTOCOL_FAULT when it is no such list.
 */
export function parseDirectives(bytes: Uint8Array): readonly Directive[] {
  const cursor = new Cursor(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
  const directives: Directive[] = [];
  cursor.take(SPACE);
  while (!cursor.ended) {
    const name = cursor.take(TOKEN);
    if (name !== undefined) directives.push({ name: name.toLowerCase(), value: takeValue(cursor) });
    if (!cursor.ended && !cursor.takeCharacter(',')) throw cursor.fault('a comma');
  }
  return directives;
}

function takeValue(cursor: Cursor): string {
  if (!cursor.takeCharacter('=')) throw cursor.fault('=');
  const quoted = cursor.take(QUOTED);
  const value = quoted?.replace(/\\(.)/g, '$1') ?? cursor.take(TOKEN);
  if (value === undefined) throw cursor.fault('a value');
  cursor.take(SPACE);
  return value;
}

/** The value of a directive that may stand there once. @throws PROTOCOL_FAULT when it does so twice. */
export function singleValue(directives: readonly Directive[], name: string): string | undefined {
  const found = directives.filter((directive) => directive.name === name);
  if (found.length > 1) throw saslFault(DIGEST_MD5, `${name} stands there ${found.length} times`);
  return found[0]?.value;
}

/** A value in quotes; what would end them is escaped. */
export function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** A list of directives whose values are tokens or quoted already. */
export function writeDirectives(directives: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.from(directives.map(([name, value]) => `${name}=${value}`).join(','), 'latin1');
}
