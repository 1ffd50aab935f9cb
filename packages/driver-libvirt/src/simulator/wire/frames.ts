// Framing of libvirt's RPC. Source: libvirt 9.0.0, src/rpc/virnetprotocol.x.

export const PROGRAM = { remote: 0x20008086, keepAlive: 0x6b656570 } as const;
/** The version of every program. */
export const VERSION = 1;
export const MESSAGE_TYPE = { call: 0, reply: 1, message: 2, stream: 3, callWithDescriptors: 4, replyWithDescriptors: 5, streamHole: 6 } as const;
export const STATUS = { ok: 0, error: 1, continue: 2 } as const;
/** Source: libvirt 9.0.0, src/rpc/virkeepaliveprotocol.x. */
export const KEEP_ALIVE = { ping: 1, pong: 2 } as const;

const HEADER_BYTES = 28;
/** Longest message, its length field included: libvirt accepts 33554432 bytes behind it. */
const LONGEST_FRAME_BYTES = 33_554_436;
/** Data in one packet of a stream, which the oldest clients understand too. */
export const STREAM_CHUNK_BYTES = 262_120;

export interface FrameHeader {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

export interface Frame extends FrameHeader {
  readonly payload: Buffer;
}

export function encodeFrame(header: FrameHeader, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  const words = [frame.length, header.program, header.version, header.procedure, header.type, header.serial, header.status];
  for (const [index, word] of words.entries()) frame.writeUInt32BE(word, 4 * index);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** A length that no message can have: what follows cannot be read. */
export class FramingFault extends Error {
  override readonly name = 'FramingFault';
}

/** Makes messages of what a socket delivers, whatever the size of its pieces. Holds one message and the piece behind it at most. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #held = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
  }

  /**
   * The next whole message, or undefined while it is not complete.
   * @throws FramingFault
   */
  next(): Frame | undefined {
    if (this.#held < 4) return undefined;
    const length = this.#front(4).readUInt32BE();
    if (length < HEADER_BYTES || length > LONGEST_FRAME_BYTES) throw new FramingFault(`A message of ${length} bytes`);
    if (this.#held < length) return undefined;
    const bytes = this.#front(length);
    const frame = bytes.subarray(0, length);
    this.#chunks = bytes.length === length ? this.#chunks.slice(1) : [bytes.subarray(length), ...this.#chunks.slice(1)];
    this.#held -= length;
    const word = (index: number): number => frame.readUInt32BE(4 * index);
    const header = { program: word(1), version: word(2), procedure: word(3), type: word(4), serial: word(5), status: word(6) };
    return { ...header, payload: frame.subarray(HEADER_BYTES) };
  }

  /** The first piece, made long enough. Pieces are joined only once they hold what is wanted. */
  #front(length: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= length) return first;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}
