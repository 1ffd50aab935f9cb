import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fromHex } from './golden.js';

/** A client that knows no protocol: it sends the bytes it is given and shows those that come. */
export interface RawClient extends Disposable {
  readonly socket: Socket;
  /** Sends bytes, in hexadecimal. */
  send(digits: string): void;
  /** All that has come so far, in hexadecimal. */
  received(): string;
  /** Sends bytes and waits for that many, in hexadecimal; fewer when the connection ends before. */
  ask(digits: string, bytes: number): Promise<string>;
  /** Resolves when the other side has ended the connection. */
  readonly ended: Promise<void>;
}

export async function openRawClient(port: number, host = '127.0.0.1'): Promise<RawClient> {
  const socket = connect({ port, host, noDelay: true });
  let received = Buffer.alloc(0);
  let taken = 0;
  let look: (() => void) | undefined;
  const ended = Promise.withResolvers<void>();
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    look?.();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    ended.resolve();
    look?.();
  });
  await once(socket, 'connect');
  return {
    socket,
    send: (digits) => void socket.write(fromHex(digits)),
    received: () => received.toString('hex'),
    async ask(digits, bytes) {
      const answer = Promise.withResolvers<void>();
      look = () => {
        if (received.length >= taken + bytes || socket.destroyed) answer.resolve();
      };
      socket.write(fromHex(digits));
      look();
      await answer.promise;
      look = undefined;
      const part = received.subarray(taken, taken + bytes);
      taken += part.length;
      return part.toString('hex');
    },
    ended: ended.promise,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
