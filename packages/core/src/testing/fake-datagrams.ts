import { FerricError } from '../errors/ferric-error.js';

export interface DatagramAddress {
  readonly address: string;
  readonly port: number;
}

/** One datagram that somebody sent. */
export interface SentDatagram {
  readonly from: DatagramAddress;
  readonly to: DatagramAddress;
  /** A copy: the sender may use its buffer again. */
  readonly bytes: Uint8Array;
}

export type DatagramListener = (bytes: Uint8Array, from: DatagramAddress) => void;

/** One end of a fake network of datagrams. */
export interface FakeDatagramSocket extends Disposable {
  readonly local: DatagramAddress;
  /** Rejects with what {@link FakeDatagramNetwork.failWhen} says, or ABORTED when the socket is closed. */
  send(bytes: Uint8Array, to: DatagramAddress): Promise<void>;
  /** Calls back for each datagram that arrives, never within the sender's own call. */
  onDatagram(listener: DatagramListener): void;
}

/** Datagrams without a network: sockets of the same fake reach each other, everything sent is kept. */
export interface FakeDatagramNetwork {
  /** Opens a socket. Default: address 127.0.0.1 and a free port. Rejects with EADDRINUSE when it is taken. */
  open(local?: Partial<DatagramAddress>): Promise<FakeDatagramSocket>;
  /** The newest datagrams, oldest first; also those that reached nobody, not those that failed. */
  readonly sent: readonly SentDatagram[];
  /** Makes sending fail where `test` says so; dispose the result to end it. */
  failWhen(test: (datagram: SentDatagram) => boolean, error: Error): Disposable;
  /** Makes datagrams vanish on their way where `test` says so; dispose the result to end it. */
  loseWhen(test: (datagram: SentDatagram) => boolean): Disposable;
  readonly openSockets: number;
}

const MOST_DATAGRAMS_KEPT = 1000;
const FIRST_FREE_PORT = 49_152;

/** Makes an empty network. */
export function createFakeDatagramNetwork(): FakeDatagramNetwork {
  const sockets = new Map<string, DatagramListener[]>();
  const sent: SentDatagram[] = [];
  const failures = new Set<{ readonly test: (datagram: SentDatagram) => boolean; readonly error: Error }>();
  const losses = new Set<(datagram: SentDatagram) => boolean>();
  let nextPort = FIRST_FREE_PORT;

  const deliver = (datagram: SentDatagram): void => {
    sent.push(datagram);
    if (sent.length > MOST_DATAGRAMS_KEPT) sent.shift();
    if ([...losses].some((test) => test(datagram))) return;
    queueMicrotask(() => {
      for (const listener of sockets.get(key(datagram.to)) ?? []) listener(datagram.bytes.slice(), datagram.from);
    });
  };

  return {
    async open(wanted = {}) {
      const local = { address: wanted.address ?? '127.0.0.1', port: wanted.port ?? nextPort++ };
      if (sockets.has(key(local))) throw systemError('EADDRINUSE', `address already in use ${key(local)}`);
      const listeners: DatagramListener[] = [];
      sockets.set(key(local), listeners);
      return {
        local,
        async send(bytes, to) {
          if (sockets.get(key(local)) !== listeners) throw new FerricError('ABORTED', `The socket ${key(local)} is closed`);
          const datagram = { from: local, to, bytes: Uint8Array.from(bytes) };
          const failure = [...failures].find(({ test }) => test(datagram));
          if (failure !== undefined) throw failure.error;
          deliver(datagram);
        },
        onDatagram: (listener) => void listeners.push(listener),
        [Symbol.dispose]() {
          if (sockets.get(key(local)) === listeners) sockets.delete(key(local));
        },
      };
    },
    sent,
    failWhen: (test, error) => member(failures, { test, error }),
    loseWhen: (test) => member(losses, test),
    get openSockets() {
      return sockets.size;
    },
  };
}

/** An error as Node's sockets throw it: `code` and `syscall`-like message. */
export function systemError(code: string, text: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${text}`), { code });
}

function key(address: DatagramAddress): string {
  return `${address.address}:${address.port}`;
}

function member<T>(set: Set<T>, item: T): Disposable {
  set.add(item);
  return { [Symbol.dispose]: () => void set.delete(item) };
}
