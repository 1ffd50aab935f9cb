import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Different TCP ports of 127.0.0.1 on which nobody listens now. Another process may be quicker to take one. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** A UDP port of 127.0.0.1 that nobody uses now. */
export async function findFreeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  const { port } = socket.address();
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  return port;
}
