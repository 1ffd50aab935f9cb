import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { waitFor } from '@ferric/lab';

/** A UDP socket that keeps what arrives. */
export interface DatagramWitness extends AsyncDisposable {
  readonly port: number;
  /** Everything that was sent to it before this call. */
  arrived(): Promise<readonly Buffer[]>;
}

export async function startDatagramWitness(): Promise<DatagramWitness> {
  const socket = createSocket('udp4');
  const datagrams: Buffer[] = [];
  socket.on('message', (datagram) => datagrams.push(datagram));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  return {
    port,
    // What arrived before the marker was sent before it: a socket's queue keeps its order.
    async arrived() {
      const marker = randomBytes(16);
      await new Promise<void>((resolve, reject) => {
        socket.send(marker, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
      });
      const position = await waitFor('the marker', () => {
        const found = datagrams.findIndex((datagram) => datagram.equals(marker));
        return found < 0 ? undefined : found;
      });
      datagrams.splice(position, 1);
      return datagrams.slice(0, position);
    },
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

/** A magic packet as the standard has it, built here and nowhere else: FFh six times, the address sixteen times. */
export function magicPacket(mac: string): Buffer {
  const address = Buffer.from(mac.replaceAll(':', ''), 'hex');
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => address)]);
}
