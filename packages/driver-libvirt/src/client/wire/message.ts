import { FerricError } from '@ferric/core';
import { malformed, XdrWriter } from './xdr.js';

/** Source: libvirt 9.0.0, src/rpc/virnetprotocol.x, virNetMessageType. */
export const MESSAGE_TYPES = { call: 0, reply: 1, event: 2, stream: 3, callWithDescriptors: 4, replyWithDescriptors: 5, streamHole: 6 } as const;

/** Source: virnetprotocol.x, virNetMessageStatus. */
export const MESSAGE_STATUSES = { ok: 0, error: 1, continue: 2 } as const;

/** The length field and the six words behind it: every message has them. */
export const HEADER_BYTES = 28;

/** Longest message, its length field not counted. Source: virnetprotocol.x, VIR_NET_MESSAGE_MAX. */
const MESSAGE_LIMIT = 33_554_432;
const LENGTH_BYTES = 4;

const NO_BYTES = Buffer.alloc(0);
const FIRST_ROOM = 1024;

/** Every program that is spoken here has this version. */
const PROGRAM_VERSION = 1;

export interface MessageHeader {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  /** Chosen by the caller; replies and stream packets repeat it; 0 in events. */
  readonly serial: number;
  readonly status: number;
}

export interface Message extends MessageHeader {
  readonly payload: Buffer;
}

/** A whole message. @throws INVALID_OPTIONS when it is longer than the protocol allows, and what `writePayload` throws. */
export function encodeMessage(header: MessageHeader, writePayload?: (writer: XdrWriter) => void): Buffer {
  const writer = new XdrWriter();
  for (const word of [0, header.program, PROGRAM_VERSION, header.procedure, header.type, header.serial, header.status]) writer.uint32(word);
  writePayload?.(writer);
  const bytes = writer.finish();
  if (bytes.length > MESSAGE_LIMIT + LENGTH_BYTES) {
    throw new FerricError('INVALID_OPTIONS', `A message of ${bytes.length} bytes is too long for libvirt; the longest has ${MESSAGE_LIMIT + LENGTH_BYTES}`);
  }
  bytes.writeUInt32BE(bytes.length, 0);
  return bytes;
}

/** Cuts a stream of bytes into messages, however it arrives. Holds at most one unfinished message. */
export class MessageAssembler {
  /** Room for an unfinished message; grows by doubling, so that each byte is moved few times and a length alone costs no memory. */
  #kept = NO_BYTES;
  #length = 0;

  /** True in the middle of a message. */
  get pending(): boolean {
    return this.#length > 0;
  }

  /**
   * Takes bytes and yields the messages that they complete; take them all before the next call.
   * @throws PROTOCOL_FAULT for a length that no message has, before anything is kept for it: the connection cannot go on.
   */
  *push(chunk: Buffer): Generator<Message, void, undefined> {
    let rest = this.#length === 0 ? chunk : this.#complete(chunk);
    if (this.#length > 0 && this.#length === this.#wanted()) yield this.#takeKept();
    while (rest.length >= LENGTH_BYTES) {
      const length = messageLength(rest);
      if (rest.length < length) break;
      const message = decodeMessage(rest.subarray(0, length));
      rest = rest.subarray(length);
      yield message;
    }
    if (rest.length > 0) this.#keep(rest);
  }

  /** Adds to the unfinished message what it lacks, and gives what is left over. */
  #complete(chunk: Buffer): Buffer {
    let rest = chunk;
    while (rest.length > 0 && this.#length < this.#wanted()) {
      const part = rest.subarray(0, this.#wanted() - this.#length);
      this.#keep(part);
      rest = rest.subarray(part.length);
    }
    return rest;
  }

  /** How long the unfinished message is, as far as it is known. */
  #wanted(): number {
    return this.#length < LENGTH_BYTES ? LENGTH_BYTES : messageLength(this.#kept);
  }

  #keep(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#kept.length * 2, FIRST_ROOM));
      this.#kept.copy(larger, 0, 0, this.#length);
      this.#kept = larger;
    }
    bytes.copy(this.#kept, this.#length);
    this.#length = length;
  }

  #takeKept(): Message {
    const bytes = this.#kept.subarray(0, this.#length);
    this.#kept = NO_BYTES;
    this.#length = 0;
    return decodeMessage(bytes);
  }
}

function messageLength(bytes: Buffer): number {
  const length = bytes.readUInt32BE(0);
  if (length < HEADER_BYTES || length > MESSAGE_LIMIT + LENGTH_BYTES) throw malformed(`its length is ${length}`);
  return length;
}

function decodeMessage(bytes: Buffer): Message {
  const version = bytes.readUInt32BE(8);
  if (version !== PROGRAM_VERSION) throw malformed(`its program has version ${version}`);
  return {
    program: bytes.readUInt32BE(4),
    procedure: bytes.readUInt32BE(12),
    type: bytes.readUInt32BE(16),
    serial: bytes.readUInt32BE(20),
    status: bytes.readUInt32BE(24),
    payload: bytes.subarray(HEADER_BYTES),
  };
}
