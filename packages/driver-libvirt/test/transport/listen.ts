import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A server on a free port of 127.0.0.1, or on a socket, that knows its connections. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Connections so far. */
  readonly accepted: number;
  /** Resolves with the next connection. */
  readonly connection: Promise<Socket>;
  /** Resolves when there is no connection that is open. */
  allClosed(): Promise<void>;
}

export async function listen(server: Server, path?: string): Promise<Listening> {
  const open = new Set<Socket>();
  const first = Promise.withResolvers<Socket>();
  let accepted = 0;
  server.on('connection', (socket) => {
    accepted += 1;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
    first.resolve(socket);
  });
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    get accepted() {
      return accepted;
    },
    connection: first.promise,
    async allClosed() {
      await Promise.all([...open].map((socket) => new Promise((resolve) => void socket.once('close', resolve))));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}
