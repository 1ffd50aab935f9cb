import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { delay, FerricError } from '@ferric/core';

/** Pause before the port is asked for again when somebody else has it. Milliseconds. */
const RETRY_MS = 20;

/** One port where clients are let in, or not for a while. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Lets nobody in any more. */
  stop(): void;
  /** Lets clients in again, at the same port, some moments later. */
  start(): void;
  /** Resolves once it does what it was told to last. */
  settled(): Promise<void>;
}

/** @throws CONFLICT when the port cannot be had */
export async function listen(host: string, port: number, welcome: (socket: Socket) => void): Promise<Listener> {
  let server: Server | undefined = await startServer(host, port, welcome);
  const found = (server.address() as AddressInfo).port;
  let isWanted = true;
  let isDisposed = false;
  let working: Promise<void> = Promise.resolve();

  /** Opens the port again if that is wanted. */
  const settle = async (): Promise<void> => {
    while (isWanted && server === undefined) {
      try {
        const opened = await startServer(host, found, welcome);
        if (isWanted) server = opened;
        else opened.close();
      } catch {
        // Somebody took the port while it was free: it comes back.
        await delay(RETRY_MS);
      }
    }
  };
  const want = (wanted: boolean): void => {
    if (isDisposed) return;
    isWanted = wanted;
    if (!wanted) {
      server?.close();
      server = undefined;
    }
    working = working.then(settle);
  };

  return {
    port: found,
    stop: () => want(false),
    start: () => want(true),
    settled: () => working,
    async [Symbol.asyncDispose]() {
      want(false);
      isDisposed = true;
      await working;
    },
  };
}

async function startServer(host: string, port: number, welcome: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ noDelay: true }, welcome);
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  } catch (error) {
    throw new FerricError('CONFLICT', `The simulator cannot listen at ${host}:${port}: ${error instanceof Error ? error.message : 'it failed'}`, {
      cause: error,
      details: { address: host, port },
      hint: 'Leave the port out, so that a free one is taken.',
    });
  }
}
