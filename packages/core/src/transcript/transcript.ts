import { FerricError } from '../errors/ferric-error.js';

/** One message on the wire, secrets already replaced by the client that reports it. */
export interface TranscriptFrame {
  readonly at: Date;
  /** `out` leaves this machine, `in` arrives. */
  readonly direction: 'out' | 'in';
  /** Who is at the other end: `udp 192.0.2.255:9`. */
  readonly peer: string;
  /** The protocol as its package names it: `wol`, `dxp`, `ipmi`. */
  readonly protocol: string;
  /** What the frame means: `magic packet for 52:54:00:cf:2d:31`. */
  readonly label: string;
  /** The frame itself: bytes, or text where the protocol is text. */
  readonly payload: Uint8Array | string;
}

/** Receives frames. Must return at once and must not throw. */
export interface TranscriptSink {
  record(frame: TranscriptFrame): void;
}

/** Keeps the newest frames in memory. */
export class TranscriptRecorder implements TranscriptSink {
  readonly #limit: number;
  readonly #frames: TranscriptFrame[] = [];
  #dropped = 0;

  /** @param limit how many frames are kept, default 1000; older ones are dropped and counted. */
  constructor(limit = 1000) {
    this.#limit = limit;
  }

  record(frame: TranscriptFrame): void {
    this.#frames.push({ ...frame, payload: typeof frame.payload === 'string' ? frame.payload : Uint8Array.from(frame.payload) });
    if (this.#frames.length > this.#limit) {
      this.#frames.shift();
      this.#dropped += 1;
    }
  }

  get frames(): readonly TranscriptFrame[] {
    return this.#frames;
  }

  /** How many frames were dropped because the recorder was full. */
  get dropped(): number {
    return this.#dropped;
  }
}

/** One frame as one line for people and bug reports. */
export function formatFrame(frame: TranscriptFrame): string {
  const arrow = frame.direction === 'out' ? '->' : '<-';
  return `${frame.at.toISOString()} ${frame.protocol} ${arrow} ${frame.peer} ${frame.label} ${print(frame.payload)}`;
}

/**
 * The answers of a recorded conversation, for tests that replay it against a client: {@link TranscriptReplay.exchange}
 * checks each outgoing frame against the record and yields what the device answered.
 */
export class TranscriptReplay {
  readonly #frames: readonly TranscriptFrame[];
  #position = 0;

  constructor(frames: readonly TranscriptFrame[]) {
    this.#frames = frames;
  }

  /** The incoming frames up to the next outgoing one: what a device says before it is asked. */
  greeting(): readonly TranscriptFrame[] {
    const frames: TranscriptFrame[] = [];
    for (let frame = this.#frames[this.#position]; frame?.direction === 'in'; frame = this.#frames[this.#position]) {
      frames.push(frame);
      this.#position += 1;
    }
    return frames;
  }

  /**
   * Takes what the client sends and returns the incoming frames that followed it in the record.
   * Text equals its UTF-8 bytes. A greeting that nobody took is passed over.
   * @throws INTERNAL when the client sends something else than was recorded, naming both.
   */
  exchange(sent: Uint8Array | string): readonly TranscriptFrame[] {
    this.greeting();
    const expected = this.#frames[this.#position];
    if (expected === undefined) throw new FerricError('INTERNAL', `Nothing more was sent in this transcript, got ${print(sent)}`);
    if (!Buffer.from(expected.payload).equals(Buffer.from(sent))) {
      throw new FerricError('INTERNAL', `Frame ${this.#position} differs: recorded ${print(expected.payload)}, sent ${print(sent)}`);
    }
    this.#position += 1;
    return this.greeting();
  }

  /** True when the whole record was played. */
  get finished(): boolean {
    return this.#position === this.#frames.length;
  }
}

function print(payload: Uint8Array | string): string {
  return typeof payload === 'string' ? JSON.stringify(payload) : Buffer.from(payload).toString('hex');
}
