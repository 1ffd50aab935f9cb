import { FerricError, invalidOptions, printValue } from '@ferric/core';

/** How one type stands on the wire. Codecs are built from smaller ones, so that a message reads like its definition in remote_protocol.x. */
export interface XdrCodec<T> {
  write(writer: XdrWriter, value: T): void;
  /** @throws PROTOCOL_FAULT when the bytes are no such value. */
  read(reader: XdrReader): T;
}

/** The value that a codec carries. */
export type XdrValue<Codec> = Codec extends XdrCodec<infer T> ? T : never;

/** Longest string of the protocol. Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_STRING_MAX. */
export const STRING_LIMIT = 4_194_304;

const FIRST_CAPACITY = 256;

/** Length with the padding behind it. No bit arithmetic: that would make a huge length negative. */
function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/**
 * Puts values one behind the other. All integers are big-endian and everything is padded to 4 bytes (RFC 4506 §3).
 * Every method throws INVALID_OPTIONS, or the RangeError or TypeError of Buffer, for a value that its type does not hold.
 */
export class XdrWriter {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = 0;

  /** Makes room and says where it starts. */
  #reserve(bytes: number): number {
    const start = this.#length;
    const end = start + bytes;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    this.#length = end;
    return start;
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#bytes.writeInt32BE(value, at);
  }

  uint32(value: number): void {
    const at = this.#reserve(4);
    this.#bytes.writeUInt32BE(value, at);
  }

  int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#bytes.writeBigInt64BE(value, at);
  }

  uint64(value: bigint): void {
    const at = this.#reserve(8);
    this.#bytes.writeBigUInt64BE(value, at);
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#bytes.writeDoubleBE(value, at);
  }

  /** Bytes of a length that both sides know, padded. */
  fixed(value: Uint8Array): void {
    const size = padded(value.length);
    const at = this.#reserve(size);
    this.#bytes.set(value, at);
    this.#bytes.fill(0, at + value.length, at + size);
  }

  /** UTF-8 with its length in front, padded. */
  string(value: string): void {
    const bytes = Buffer.byteLength(value);
    if (bytes > STRING_LIMIT) throw refused('text', `at most ${STRING_LIMIT} bytes`, `${bytes} bytes`);
    // The daemon's strings end at a NUL: it would act on another name than the one given.
    if (value.includes('\0')) throw refused('text', 'without NUL characters', printValue(value));
    this.uint32(bytes);
    const size = padded(bytes);
    const at = this.#reserve(size);
    this.#bytes.write(value, at, 'utf8');
    this.#bytes.fill(0, at + bytes, at + size);
  }

  /** Everything written so far. Not a copy: the writer is done with it. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Takes values one after the other. Every method throws PROTOCOL_FAULT where the bytes end too early. */
export class XdrReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  #take(bytes: number): number {
    const start = this.#at;
    if (bytes > this.#bytes.length - start) throw malformed(`${bytes} bytes are missing at offset ${start}`);
    this.#at = start + bytes;
    return start;
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** A view, not a copy. */
  fixed(bytes: number): Buffer {
    const start = this.#take(padded(bytes));
    return this.#bytes.subarray(start, start + bytes);
  }

  string(): string {
    const bytes = this.uint32();
    if (bytes > STRING_LIMIT) throw malformed(`a text of ${bytes} bytes; the longest has ${STRING_LIMIT}`);
    const start = this.#take(padded(bytes));
    return this.#bytes.toString('utf8', start, start + bytes);
  }

  /** Says that the message must end here. */
  finish(): void {
    if (this.remaining > 0) throw malformed(`${this.remaining} bytes too many at offset ${this.#at}`);
  }
}

function refused(field: string, expected: string, received: string): FerricError {
  return invalidOptions('libvirt', [{ field, problem: 'invalid', expected, received }]);
}

export function malformed(problem: string): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The libvirt daemon sent a message that cannot be read: ${problem}`, {
    hint: 'Check that a libvirt daemon listens there, and that its version is supported.',
  });
}

export const int32: XdrCodec<number> = { write: (writer, value) => writer.int32(value), read: (reader) => reader.int32() };
export const uint32: XdrCodec<number> = { write: (writer, value) => writer.uint32(value), read: (reader) => reader.uint32() };
export const int64: XdrCodec<bigint> = { write: (writer, value) => writer.int64(value), read: (reader) => reader.int64() };
export const uint64: XdrCodec<bigint> = { write: (writer, value) => writer.uint64(value), read: (reader) => reader.uint64() };
export const double: XdrCodec<number> = { write: (writer, value) => writer.double(value), read: (reader) => reader.double() };
export const boolean: XdrCodec<boolean> = { write: (writer, value) => writer.int32(value ? 1 : 0), read: (reader) => reader.int32() !== 0 };
export const string: XdrCodec<string> = { write: (writer, value) => writer.string(value), read: (reader) => reader.string() };
export const nothing: XdrCodec<undefined> = { write: () => undefined, read: () => undefined };

/** `T *`: nothing, or one value. */
export function optional<T>(codec: XdrCodec<T>): XdrCodec<T | null> {
  return {
    write(writer, value) {
      writer.uint32(value === null ? 0 : 1);
      if (value !== null) codec.write(writer, value);
    },
    read(reader) {
      const present = reader.uint32();
      if (present > 1) throw malformed(`a value is there ${present} times`);
      return present === 0 ? null : codec.read(reader);
    },
  };
}

/** `T <limit>`: a count and then the values. Every value takes at least `smallest` bytes, so that a count that cannot be true costs no memory. */
export function list<T>(codec: XdrCodec<T>, limit: number, smallest = 4): XdrCodec<readonly T[]> {
  return {
    write(writer, values) {
      checkCount(values.length, limit);
      writer.uint32(values.length);
      for (const value of values) codec.write(writer, value);
    },
    read(reader) {
      const count = readCount(reader, limit, smallest);
      const values: T[] = [];
      for (let index = 0; index < count; index += 1) values.push(codec.read(reader));
      return values;
    },
  };
}

const CHARACTER_BYTES = 4;

/** `char <limit>`: bytes, each of which takes four on the wire, sign and all, as C's `char` does on most machines (RFC 4506 knows no `char`). */
export function characters(limit: number): XdrCodec<Uint8Array> {
  return {
    write(writer, values) {
      checkCount(values.length, limit);
      writer.uint32(values.length);
      for (const value of values) writer.int32((value << 24) >> 24);
    },
    read(reader) {
      const count = readCount(reader, limit, CHARACTER_BYTES);
      const values = new Uint8Array(count);
      // Servers whose `char` has a sign fill the three bytes in front with it.
      for (let index = 0; index < count; index += 1) values[index] = reader.int32() & 0xff;
      return values;
    },
  };
}

function checkCount(count: number, limit: number): void {
  if (count > limit) throw refused('list', `at most ${limit} long`, `${count}`);
}

/** A count that the bytes behind it can hold. */
function readCount(reader: XdrReader, limit: number, smallest: number): number {
  const count = reader.uint32();
  if (count > limit || count * smallest > reader.remaining) throw malformed(`a list of ${count} in ${reader.remaining} bytes; the longest has ${limit}`);
  return count;
}

/** The fields of a struct, in their order on the wire. */
export function struct<T extends object>(fields: { readonly [Field in keyof T]: XdrCodec<T[Field]> }): XdrCodec<T> {
  const entries = Object.entries(fields) as unknown as readonly (readonly [keyof T, XdrCodec<T[keyof T]>])[];
  return {
    write(writer, value) {
      for (const [field, codec] of entries) codec.write(writer, value[field]);
    },
    read(reader) {
      const value = {} as T;
      for (const [field, codec] of entries) value[field] = codec.read(reader);
      return value;
    },
  };
}
