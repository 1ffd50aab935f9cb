import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { delay, FerricError } from '@ferric/core';

/** Pause before the port is asked for again when somebody else has it. Milliseconds. */
const RETRY_MS = 20;

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** One port where HTTPS clients are let in, or not for a while. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Lets nobody in any more. @param cutOff whoever is connected is cut off, too */
  stop(cutOff: boolean): void;
  /** Lets clients in again, at the same port, some moments later. */
  start(): void;
  /** From the next start on clients see this certificate. */
  secure(tls: ServerOptions): void;
  /** Resolves once it does what it was told to last. */
  settled(): Promise<void>;
  /** Resets the connection from this port of the client. */
  reset(clientPort: number | undefined): void;
}

/** @throws CONFLICT when the port cannot be had */
export async function listen(host: string, port: number, tls: ServerOptions, handler: RequestHandler): Promise<Listener> {
  const sockets = new Map<number | undefined, Socket>();
  let options = tls;
  const open = async (wanted: number): Promise<Server> => {
    const server = createServer({ ...options, keepAlive: true, noDelay: true }, handler);
    // A BMC does not close connections by itself while a test is thinking.
    server.keepAliveTimeout = 60_000;
    server.on('connection', (socket: Socket) => {
      const { remotePort } = socket;
      sockets.set(remotePort, socket);
      socket.once('close', () => sockets.delete(remotePort));
    });
    // A client that gives up its handshake is nobody's error.
    server.on('tlsClientError', (_error, socket) => void socket.destroy());
    await bind(server, host, wanted);
    return server;
  };
  let server: Server | undefined = await open(port);
  const found = (server.address() as AddressInfo).port;
  let isWanted = true;
  let isDisposed = false;
  let working: Promise<void> = Promise.resolve();

  const settle = async (): Promise<void> => {
    while (isWanted && server === undefined) {
      try {
        const opened = await open(found);
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
  const cutOff = (): void => {
    for (const socket of sockets.values()) socket.destroy();
  };

  return {
    port: found,
    get connections() {
      return sockets.size;
    },
    stop(cut) {
      want(false);
      if (cut) cutOff();
    },
    start: () => want(true),
    secure: (next) => void (options = next),
    settled: () => working,
    reset: (clientPort) => void sockets.get(clientPort)?.resetAndDestroy(),
    async [Symbol.asyncDispose]() {
      want(false);
      isDisposed = true;
      const closed = [...sockets.values()].map((socket) => once(socket, 'close'));
      cutOff();
      await Promise.all([working, ...closed]);
    },
  };
}

async function bind(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new FerricError('CONFLICT', `The simulator cannot listen at ${host}:${port}: ${error instanceof Error ? error.message : 'it failed'}`, {
      cause: error,
      details: { address: host, port },
      hint: 'Leave the port out, so that a free one is taken.',
    });
  }
}
