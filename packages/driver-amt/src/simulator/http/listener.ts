import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { delay, FerricError } from '@ferric/core';

/** Pause before the port is asked for again when somebody else has it. Milliseconds. */
const RETRY_MS = 20;

/** One port where clients are let in, or not for a while. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
  readonly isOpen: boolean;
  /** Lets nobody in any more. Connections stay. */
  stop(): void;
  /** Lets clients in again, at the same port, some moments later. */
  start(): void;
  /** Resolves once it does what it was told to last. */
  settled(): Promise<void>;
}

export interface ListenerSettings {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Left out: without TLS. */
  readonly tls?: TlsOptions | undefined;
  /** Called for each connection, before TLS shakes hands. False: it is not let in, and has been dealt with. */
  readonly admit: (socket: Socket) => boolean;
  /** Called when a client may send its request. */
  readonly welcome: (socket: Socket) => void;
}

/** @throws CONFLICT when the port cannot be had */
export async function listen(settings: ListenerSettings): Promise<Listener> {
  let server: Server | undefined = await startServer(settings, settings.port);
  const { port } = server.address() as AddressInfo;
  let isWanted = true;
  let isDisposed = false;
  let working: Promise<void> = Promise.resolve();

  /** Opens the port again if that is wanted. */
  const settle = async (): Promise<void> => {
    while (isWanted && server === undefined) {
      try {
        const opened = await startServer(settings, port);
        if (isWanted) server = opened;
        else opened.close();
      } catch {
        // Somebody took the port while it was free: it comes back.
        await delay(RETRY_MS);
      }
    }
  };
  const want = (wanted: boolean): void => {
    if (isDisposed || wanted === isWanted) return;
    isWanted = wanted;
    if (!wanted) {
      server?.close();
      server = undefined;
    }
    working = working.then(settle);
  };

  return {
    port,
    get isOpen() {
      return server !== undefined;
    },
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

async function startServer({ host, tls, admit, welcome }: ListenerSettings, port: number): Promise<Server> {
  const admitted = (socket: Socket): void => {
    socket.on('error', () => undefined);
    if (!admit(socket)) return;
    if (secure === undefined) welcome(socket);
    else secure.emit('connection', socket);
  };
  // TLS runs behind a plain listener: a connection is counted, and may be refused, before anybody shakes hands.
  const secure = tls === undefined ? undefined : createTlsServer(tls, welcome);
  secure?.on('tlsClientError', () => undefined);
  const server = createServer({ noDelay: true }, admitted);
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
