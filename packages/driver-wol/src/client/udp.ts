import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A bound socket. Rejects with the operating system's error. */
export async function bindUdp(settings: { readonly family: 4 | 6; readonly address?: string | undefined; readonly port?: number }): Promise<Socket> {
  const { family, address, port = 0 } = settings;
  const socket = createSocket(family === 4 ? { type: 'udp4' } : { type: 'udp6', ipv6Only: true });
  try {
    const listening = once(socket, 'listening');
    // exclusive: in a cluster the primary process would otherwise hand out one socket to all workers.
    socket.bind({ port, exclusive: true, ...(address === undefined ? {} : { address }) });
    await listening;
  } catch (error) {
    await closeUdp(socket);
    throw error;
  }
  // Each send reports its own failure to its callback; an error event without listener would end the process.
  socket.on('error', () => undefined);
  return socket;
}

/** Hands one datagram to the operating system. Rejects with its error. */
export async function sendUdp(socket: Socket, payload: Uint8Array, port: number, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.send(payload, port, address, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** Closes a socket and resolves when the operating system has it back; one that is closed already stays so. */
export async function closeUdp(socket: Socket): Promise<void> {
  const closed = once(socket, 'close');
  try {
    socket.close();
  } catch {
    return;
  }
  await closed;
  // The event comes before the descriptor is gone, which is at the end of the turn of the event loop after this one.
  await nextTurn();
  await nextTurn();
}

/** The family of an address, with or without scope. */
export function familyOf(address: string): 4 | 6 {
  return isIPv6(address) ? 6 : 4;
}
