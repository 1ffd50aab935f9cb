import { RemoteError } from '../wire/remote-error.js';

/** What a stream can do towards its client. */
export interface StreamPort {
  /** Sends data; resolves once there is room for more, to false when the stream has ended meanwhile. */
  send(data: Uint8Array): Promise<boolean>;
  /** Tells that nothing more comes: an empty packet. */
  end(): void;
}

/** The daemon's end of a stream that a call has opened. */
export interface StreamEnd {
  /** The answer of the call is out. */
  start?(port: StreamPort): void;
  /** @throws RemoteError ends the stream */
  receive(data: Buffer): void;
  /** So many zero bytes, in a sparse stream. @throws RemoteError ends the stream */
  skip?(bytes: bigint): void;
  /** Over: the client has finished or aborted, or the connection is gone. */
  close?(): void;
}

/** What streams need of their connection. */
export interface StreamLink {
  /** @returns false when there is nobody to send to any more */
  sendPacket(key: StreamKey, status: 'ok' | 'error' | 'continue', payload?: Uint8Array): boolean;
  /** Resolves when what was sent has left, or the connection is gone. */
  room(): Promise<void>;
}

export interface StreamKey {
  readonly procedure: number;
  readonly serial: number;
}

/** Most streams of one connection at one time. */
const MOST_STREAMS = 64;

/** All streams of one connection. Source: libvirt 9.0.0, src/remote/remote_daemon_stream.c. */
export class Streams implements Disposable {
  readonly #link: StreamLink;
  readonly #ends = new Map<string, StreamEnd>();

  constructor(link: StreamLink) {
    this.#link = link;
  }

  get isFull(): boolean {
    return this.#ends.size >= MOST_STREAMS;
  }

  open(key: StreamKey, end: StreamEnd): void {
    const name = nameOf(key);
    this.#ends.set(name, end);
    const isOpen = (): boolean => this.#ends.get(name) === end;
    end.start?.({
      send: async (data) => {
        if (!isOpen() || !this.#link.sendPacket(key, 'continue', data)) return false;
        await this.#link.room();
        return isOpen();
      },
      end: () => {
        if (isOpen()) this.#link.sendPacket(key, 'continue');
      },
    });
  }

  /** Takes a packet of data; one without a stream is passed over. */
  receive(key: StreamKey, take: (end: StreamEnd) => void): void {
    const end = this.#ends.get(nameOf(key));
    if (end === undefined) return;
    try {
      take(end);
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      this.#forget(key);
      this.#link.sendPacket(key, 'error', error.encode());
    }
  }

  /** The client has finished or aborted; both are confirmed alike. */
  finish(key: StreamKey): void {
    if (this.#forget(key)) this.#link.sendPacket(key, 'ok');
  }

  #forget(key: StreamKey): boolean {
    const end = this.#ends.get(nameOf(key));
    end?.close?.();
    return this.#ends.delete(nameOf(key));
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends.values()) end.close?.();
    this.#ends.clear();
  }
}

function nameOf({ procedure, serial }: StreamKey): string {
  return `${procedure}:${serial}`;
}
