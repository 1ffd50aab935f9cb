// Written apart from the client's code on purpose: a mistake in one of them shows when they meet.

/** One libvirt RPC message as far as a proxy needs to know it. Source: libvirt 9.0.0, src/rpc/virnetprotocol.x. */
export interface CutMessage {
  /** The whole message. */
  readonly bytes: Buffer;
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
}

export const TYPES = { call: 0, reply: 1, message: 2, stream: 3, callWithDescriptors: 4, replyWithDescriptors: 5, streamHole: 6 } as const;
export const REMOTE_PROGRAM = 0x2000_8086;
export const HEADER_BYTES = 28;
const LONGEST = 33_554_436;

/** Cuts bytes into messages, however they arrive. Fails for bytes that are no messages: an encrypted connection cannot be followed. */
export class MessageCutter {
  #kept: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): readonly CutMessage[] {
    this.#kept = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    const messages: CutMessage[] = [];
    let at = 0;
    while (this.#kept.length - at >= 4) {
      const length = this.#kept.readUInt32BE(at);
      if (length < HEADER_BYTES || length > LONGEST) throw new Error(`A message of ${length} bytes cannot be: is the connection encrypted?`);
      if (this.#kept.length - at < length) break;
      messages.push(read(this.#kept.subarray(at, at + length)));
      at += length;
    }
    this.#kept = this.#kept.subarray(at);
    return messages;
  }
}

function read(bytes: Buffer): CutMessage {
  return {
    bytes,
    program: bytes.readUInt32BE(4),
    procedure: bytes.readUInt32BE(12),
    type: bytes.readUInt32BE(16),
    serial: bytes.readUInt32BE(20),
  };
}
