// Writes the few kinds of DER that a certificate needs. Source: ITU-T X.690, sections 8 and 11.

const TAG = { boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, objectId: 0x06, utf8: 0x0c, utcTime: 0x17, generalTime: 0x18, sequence: 0x30, set: 0x31 };

/** One element: tag, length, content. */
export function element(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const digits = Buffer.from(evenHex(length), 'hex');
  return [0x80 + digits.length, ...digits];
}

function evenHex(value: number | bigint): string {
  const hex = value.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(TAG.sequence, Buffer.concat(parts));
export const set = (...parts: readonly Uint8Array[]): Buffer => element(TAG.set, Buffer.concat(parts));
export const octetString = (content: Uint8Array): Buffer => element(TAG.octetString, content);
export const utf8String = (text: string): Buffer => element(TAG.utf8, Buffer.from(text, 'utf8'));
export const bitString = (content: Uint8Array): Buffer => element(TAG.bitString, Buffer.concat([Buffer.from([0]), content]));
export const nothing = (): Buffer => element(TAG.null, Buffer.alloc(0));
export const booleanTrue = (): Buffer => element(TAG.boolean, Buffer.from([0xff]));
/** An element that is told by its place: `[number]`, holding other elements. */
export const tagged = (number: number, content: Uint8Array): Buffer => element(0xa0 + number, content);

/** A number that is not negative. */
export function integer(value: bigint): Buffer {
  const digits = Buffer.from(evenHex(value), 'hex');
  return element(TAG.integer, (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]));
}

/** An object identifier such as `2.5.4.3`. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(TAG.objectId, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** A time in UTC; with two digits for the year as long as RFC 5280, section 4.1.2.5 asks for them. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050 ? element(TAG.utcTime, Buffer.from(digits.slice(2))) : element(TAG.generalTime, Buffer.from(digits));
}

/** The elements within an element, each as a whole. @throws RangeError for what is cut short */
export function childrenOf(parent: Uint8Array): readonly Buffer[] {
  const found: Buffer[] = [];
  let rest = contentOf(Buffer.from(parent)).content;
  while (rest.length > 0) {
    const { length } = contentOf(rest);
    found.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return found;
}

/** @returns the content of the first element, and how long that is as a whole */
function contentOf(bytes: Buffer): { readonly content: Buffer; readonly length: number } {
  const first = bytes.readUInt8(1);
  const digits = first < 0x80 ? 0 : first - 0x80;
  const size = digits === 0 ? first : bytes.readUIntBE(2, digits);
  const start = 2 + digits;
  if (bytes.length < start + size) throw new RangeError('An element of DER is cut short');
  return { content: bytes.subarray(start, start + size), length: start + size };
}
