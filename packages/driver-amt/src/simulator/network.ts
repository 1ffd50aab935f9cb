import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { type Listener, listen } from './http/listener.js';
import type { Engine } from './service/engine.js';

export interface NetworkSettings {
  readonly host: string;
  /** Port without TLS; undefined: there is none. 0: a free one. */
  readonly port: number | undefined;
  /** Port with TLS; undefined: there is none. 0: a free one. */
  readonly tlsPort: number | undefined;
  readonly tls: TlsOptions;
  readonly maxConnections: number;
  readonly engine: Engine;
  /** Serves a client that was let in. */
  readonly serve: (socket: Socket) => void;
  readonly say: (line: string) => void;
}

/** The ports of a device and who is connected to them. */
export interface Network extends AsyncDisposable {
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
  readonly openConnections: number;
  readonly servedConnections: number;
  readonly refusedConnections: number;
  /** Lets nobody in any more; who is in stays. */
  shut(): void;
  /** Lets clients in again, some moments later. */
  reopen(): void;
  /** Resolves once the ports do what they were told to last. */
  settled(): Promise<void>;
  /** Cuts off whoever is connected. */
  cutOff(): Promise<void>;
}

/** @throws CONFLICT when a port cannot be had; then none is open */
export async function openNetwork({ host, port, tlsPort, tls, maxConnections, engine, serve, say }: NetworkSettings): Promise<Network> {
  const sockets = new Set<Socket>();
  const listeners: Listener[] = [];
  let served = 0;
  let refused = 0;

  const admit = (socket: Socket): boolean => {
    if (!engine.admit(socket)) {
      say('a connection came while the management engine was not awake');
      return false;
    }
    if (sockets.size >= maxConnections) {
      refused += 1;
      say('too many connections: one more was closed');
      socket.destroy();
      return false;
    }
    served += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return true;
  };
  const open = async (wanted: number, secure: TlsOptions | undefined): Promise<number> => {
    const listener = await listen({ host, port: wanted, tls: secure, admit, welcome: serve });
    listeners.push(listener);
    return listener.port;
  };
  const cutOff = async (): Promise<void> => {
    const closed = [...sockets].map((socket) => once(socket, 'close'));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  };
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener[Symbol.asyncDispose]()));
    await cutOff();
  };

  try {
    const plain = port === undefined ? undefined : await open(port, undefined);
    const secure = tlsPort === undefined ? undefined : await open(tlsPort, tls);
    return {
      port: plain,
      tlsPort: secure,
      get openConnections() {
        return sockets.size;
      },
      get servedConnections() {
        return served;
      },
      get refusedConnections() {
        return refused;
      },
      shut() {
        for (const listener of listeners) listener.stop();
      },
      reopen() {
        for (const listener of listeners) listener.start();
      },
      async settled() {
        await Promise.all(listeners.map((listener) => listener.settled()));
      },
      cutOff,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
