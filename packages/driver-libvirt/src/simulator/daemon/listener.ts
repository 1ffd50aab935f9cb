import { once } from 'node:events';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { type Clock, delay, FerricError } from '@ferric/core';

/** Most clients at one time. Source: libvirt 9.0.0, src/remote/libvirtd.conf.in, max_clients. */
const MOST_CLIENTS = 5000;
/** Pause before the port is asked for again when somebody else has it. Milliseconds. */
const RETRY_MS = 20;

/** One address where clients are let in, or refused for a while. */
export interface Listener extends AsyncDisposable {
  /** Where it listens: the options it was made with, with the port that was found. */
  readonly address: ListenOptions;
  /** Lets nobody in any more; who is in stays. */
  refuse(): void;
  /** Lets clients in again, some moments later. */
  accept(): void;
  /** Resolves once it does what it was told to last. */
  settled(): Promise<void>;
}

/** @throws CONFLICT when the address cannot be had */
export async function listen(address: ListenOptions, clock: Clock, welcome: (socket: Socket) => void): Promise<Listener> {
  const first = await startServer(address, welcome);
  const found = first.address();
  const fixed: ListenOptions = typeof found === 'object' && found !== null ? { ...address, port: found.port } : address;
  let server: Server | undefined = first;
  let isWanted = true;
  let isDisposed = false;
  let opening: Promise<void> | undefined;

  const open = async (): Promise<void> => {
    while (isWanted && server === undefined) {
      try {
        const opened = await startServer(fixed, welcome);
        if (isWanted) server = opened;
        else opened.close();
      } catch {
        // Somebody took the port while it was free: it comes back.
        await delay(RETRY_MS, { clock });
      }
    }
  };
  const settle = (): void => {
    opening ??= open().finally(() => {
      opening = undefined;
      if (isWanted && server === undefined) settle();
    });
  };
  const close = (): Server | undefined => {
    const closed = server;
    server = undefined;
    isWanted = false;
    closed?.close();
    return closed;
  };

  return {
    address: fixed,
    refuse: () => void close(),
    accept() {
      if (isDisposed) return;
      isWanted = true;
      settle();
    },
    async settled() {
      while (opening !== undefined) await opening;
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      const closed = close();
      if (closed !== undefined) await once(closed, 'close');
      await opening;
    },
  };
}

async function startServer(address: ListenOptions, welcome: (socket: Socket) => void): Promise<Server> {
  const server = createServer(welcome);
  server.maxConnections = MOST_CLIENTS;
  try {
    server.listen(address);
    await once(server, 'listening');
    return server;
  } catch (error) {
    const where = address.path ?? `${address.host}:${address.port}`;
    throw new FerricError('CONFLICT', `The simulator cannot listen at ${where}: ${error instanceof Error ? error.message : 'it failed'}`, {
      cause: error,
      details: { address: where },
      hint: 'Leave the port out, so that a free one is taken; delete a socket file that nobody listens at any more.',
    });
  }
}
