import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { eventually } from './outcome.js';
import { watchNetwork, watchResources } from './watch.js';

test('watchNetwork() sees a connection, a datagram socket and a name look-up, until it is disposed', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const watch = watchNetwork();
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'close');
  expect(watch.seen).toContain('TCPCONNECTWRAP');
  const before = watch.seen.length;
  createSocket('udp4').close();
  expect(watch.seen.slice(before)).toEqual(['UDPWRAP']);
  watch[Symbol.dispose]();
  createSocket('udp4').close();
  expect(watch.seen.length).toBe(before + 1);
  server.close();
});

test('watchResources() tells what the work left behind, and nothing of others', async () => {
  using watch = watchResources();
  const foreign = setTimeout(() => undefined, 5000);
  const own = watch.run(() => setTimeout(() => undefined, 5000));
  watch.run(() => setTimeout(() => undefined, 5000).unref());
  const late = await watch.run(async () => {
    await Promise.resolve();
    return createSocket('udp4').bind(0, '127.0.0.1');
  });
  expect([...watch.left()].toSorted()).toEqual(['Timeout', 'UDPWRAP']);
  clearTimeout(own);
  late.close();
  expect(await eventually(() => watch.left().length === 0, 1000)).toBe(true);
  clearTimeout(foreign);
});

test('watchResources() sees a TLS connection as long as it is there', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  using watch = watchResources();
  const socket = watch.run(() => connectTls({ port, host: '127.0.0.1' }));
  await once(socket, 'connect');
  expect(watch.left()).toEqual(['TCPWRAP']);
  socket.destroy();
  expect(await eventually(() => watch.left().length === 0, 1000)).toBe(true);
  server.close();
});
