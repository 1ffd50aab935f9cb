import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { fromHex } from './golden.js';

/** A unit that knows no protocol: it answers what its script says. */
export interface RawUnit extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Everything that came, in hexadecimal, one entry for each chunk. */
  readonly received: string[];
  /** How many connections were taken. */
  readonly connections: number;
  readonly sockets: ReadonlySet<Socket>;
}

/** What a unit does with the chunks of one connection, in order: sends these bytes (hexadecimal), or anything else. */
export type Script = readonly (string | ((socket: Socket) => void))[];

/** @param scripts one for each connection, in order; the last counts for all further ones */
export async function startRawUnit(...scripts: readonly Script[]): Promise<RawUnit> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    const script = [...(scripts[connections] ?? scripts.at(-1) ?? [])];
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      received.push(Buffer.from(chunk).toString('hex'));
      const act = script.shift();
      if (typeof act === 'string') socket.write(fromHex(act));
      else act?.(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    received,
    get connections() {
      return connections;
    },
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
