import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';

/** The address from which this machine would speak to `host`. Nothing is sent. Rejects with the system's error when there is no way to it. */
export async function sourceAddress(host: string): Promise<string> {
  const { address, family } = await lookup(host.replace(/^\[|\]$/g, ''));
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    const connected = Promise.withResolvers<void>();
    socket.on('error', connected.reject);
    // Connecting a datagram socket only asks the system for the route. Any port will do.
    socket.connect(9, address, connected.resolve);
    await connected.promise;
    return socket.address().address;
  } finally {
    socket.close();
  }
}
