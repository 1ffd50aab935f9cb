/** An unsigned 16-bit number, low byte first, as everything in IPMI that is not an address of IP. */
export function word(value: number): readonly [number, number] {
  return [value & 0xff, (value >>> 8) & 0xff];
}

/** An unsigned 24-bit number, low byte first. */
export function triple(value: number): readonly [number, number, number] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff];
}

/** An unsigned 32-bit number, low byte first. */
export function double(value: number): readonly [number, number, number, number] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

/** The byte at this place; 0 behind the end, so that callers look at the length where it matters. */
export function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}

export function readWord(bytes: Uint8Array, offset: number): number {
  return byteAt(bytes, offset) | (byteAt(bytes, offset + 1) << 8);
}

export function readDouble(bytes: Uint8Array, offset: number): number {
  return (readWord(bytes, offset) | (readWord(bytes, offset + 2) << 16)) >>> 0;
}

/** What makes the sum of the bytes and itself 0 modulo 256. Source: IPMI 1.5, section 12.4. */
export function zeroSum(bytes: Uint8Array | readonly number[]): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return -sum & 0xff;
}

export function join(...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => (part instanceof Uint8Array ? part : Uint8Array.from(part))));
}
