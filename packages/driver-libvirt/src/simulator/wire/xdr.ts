// The simulator's own reader and writer of XDR (RFC 4506), on purpose apart from the client's: a mistake that both
// shared would cancel itself out.

/** Longest text, in bytes. Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_STRING_MAX. */
export const LONGEST_STRING_BYTES = 4_194_304;

/** Arguments that cannot be read, or an answer that cannot be written; the caller is told by error 39. */
export class XdrFault extends Error {
  override readonly name = 'XdrFault';
  readonly direction: 'decode' | 'encode';

  constructor(problem: string, direction: 'decode' | 'encode' = 'decode') {
    super(problem);
    this.direction = direction;
  }
}

/** Reads values from bytes, one after the other. Bytes behind the last value are ignored, as libvirt does. */
export class XdrReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @throws XdrFault when fewer bytes are left. */
  #take(length: number): number {
    const offset = this.#offset;
    if (offset + length > this.#bytes.length) throw new XdrFault(`${length} bytes wanted at ${offset}, ${this.#bytes.length - offset} are left`);
    this.#offset += length;
    return offset;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  unsigned(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  hyper(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  unsignedHyper(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  boolean(): boolean {
    return this.unsigned() !== 0;
  }

  /** Bytes of a fixed length, which is a multiple of 4. */
  fixed(length: number): Buffer {
    const offset = this.#take(length);
    return this.#bytes.subarray(offset, offset + length);
  }

  string(): string {
    const length = this.unsigned();
    if (length > LONGEST_STRING_BYTES) throw new XdrFault(`A text of ${length} bytes; ${LONGEST_STRING_BYTES} are allowed`);
    const offset = this.#take(padded(length));
    return this.#bytes.toString('utf8', offset, offset + length);
  }

  optional<T>(read: () => T): T | null {
    return this.unsigned() === 0 ? null : read();
  }

  optionalString(): string | null {
    return this.optional(() => this.string());
  }

  list<T>(most: number, read: () => T): T[] {
    const count = this.unsigned();
    if (count > most) throw new XdrFault(`A list of ${count}; ${most} are allowed`);
    return Array.from({ length: count }, read);
  }

  /** `char data<>`: every byte takes four. */
  characters(most: number): Buffer {
    const count = this.unsigned();
    if (count > most) throw new XdrFault(`${count} characters; ${most} are allowed`);
    const offset = this.#take(4 * count);
    const characters = Buffer.alloc(count);
    // A sign-extended char has its byte in the lowest place as well.
    for (let index = 0; index < count; index += 1) characters[index] = this.#bytes[offset + 4 * index + 3] ?? 0;
    return characters;
  }
}

/** Collects values and yields their bytes. */
export class XdrWriter {
  readonly #parts: Buffer[] = [];

  #add(length: number, fill: (part: Buffer) => void): this {
    const part = Buffer.alloc(length);
    fill(part);
    this.#parts.push(part);
    return this;
  }

  int(value: number): this {
    return this.#add(4, (part) => part.writeInt32BE(value));
  }

  unsigned(value: number): this {
    return this.#add(4, (part) => part.writeUInt32BE(value >>> 0));
  }

  hyper(value: bigint): this {
    return this.#add(8, (part) => part.writeBigInt64BE(value));
  }

  unsignedHyper(value: bigint): this {
    return this.#add(8, (part) => part.writeBigUInt64BE(value));
  }

  double(value: number): this {
    return this.#add(8, (part) => part.writeDoubleBE(value));
  }

  boolean(value: boolean): this {
    return this.int(value ? 1 : 0);
  }

  fixed(bytes: Uint8Array): this {
    return this.#add(bytes.length, (part) => part.set(bytes));
  }

  /** @throws XdrFault when the text is too long for the protocol. */
  string(value: string): this {
    const length = Buffer.byteLength(value);
    if (length > LONGEST_STRING_BYTES) throw new XdrFault(`A text of ${length} bytes; ${LONGEST_STRING_BYTES} are allowed`, 'encode');
    return this.#add(4 + padded(length), (part) => {
      part.writeUInt32BE(length);
      part.write(value, 4);
    });
  }

  optionalString(value: string | null): this {
    return value === null ? this.unsigned(0) : this.unsigned(1).string(value);
  }

  list<T>(items: readonly T[], write: (writer: this, item: T) => void): this {
    this.unsigned(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  characters(bytes: Uint8Array): this {
    this.unsigned(bytes.length);
    return this.#add(4 * bytes.length, (part) => {
      for (const [index, byte] of bytes.entries()) part[4 * index + 3] = byte;
    });
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function padded(length: number): number {
  return length + ((4 - (length % 4)) % 4);
}
