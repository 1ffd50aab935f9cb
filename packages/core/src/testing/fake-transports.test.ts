import { buffer, text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createFakeDatagramNetwork, systemError } from './fake-datagrams.js';
import { createFakeConnection } from './fake-stream.js';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('fake datagram network', () => {
  test('sockets reach each other, later than the call that sends, and everything is kept', async () => {
    const network = createFakeDatagramNetwork();
    using server = await network.open({ port: 623 });
    using client = await network.open();
    const heard: string[] = [];
    server.onDatagram((bytes, from) => {
      heard.push(Buffer.from(bytes).toString());
      void server.send(Buffer.from('pong'), from);
    });
    client.onDatagram((bytes) => heard.push(Buffer.from(bytes).toString()));
    const sending = client.send(Buffer.from('ping'), server.local);
    expect(heard).toEqual([]);
    await sending;
    await turn();
    expect(heard).toEqual(['ping', 'pong']);
    expect(network.sent.map(({ to, bytes }) => [to.port, Buffer.from(bytes).toString()])).toEqual([
      [623, 'ping'],
      [client.local.port, 'pong'],
    ]);
  });

  test('what was sent stays as it was when the sender uses its buffer again', async () => {
    const network = createFakeDatagramNetwork();
    using socket = await network.open();
    const bytes = Buffer.from([1, 2]);
    await socket.send(bytes, { address: '192.0.2.255', port: 9 });
    bytes.fill(0);
    expect([...(network.sent[0]?.bytes ?? [])]).toEqual([1, 2]);
  });

  test('sending fails where it is told to, and only as long as it is told to', async () => {
    const network = createFakeDatagramNetwork();
    using socket = await network.open();
    const to = { address: '192.0.2.255', port: 9 };
    const denied = systemError('EACCES', 'broadcast');
    {
      using _failing = network.failWhen((datagram) => datagram.to.address.endsWith('.255'), denied);
      await expect(socket.send(Buffer.from('x'), to)).rejects.toBe(denied);
      await socket.send(Buffer.from('x'), { address: '192.0.2.1', port: 9 });
    }
    await socket.send(Buffer.from('x'), to);
    expect(network.sent.map((datagram) => datagram.to.address)).toEqual(['192.0.2.1', '192.0.2.255']);
  });

  test('a lost datagram was sent but never arrives', async () => {
    const network = createFakeDatagramNetwork();
    using a = await network.open();
    using b = await network.open();
    let arrived = 0;
    b.onDatagram(() => (arrived += 1));
    using losing = network.loseWhen(() => true);
    await a.send(Buffer.from('x'), b.local);
    await turn();
    expect([network.sent.length, arrived]).toEqual([1, 0]);
    losing[Symbol.dispose]();
    await a.send(Buffer.from('x'), b.local);
    await turn();
    expect(arrived).toBe(1);
  });

  test('an address is taken once, and free again after its socket closed', async () => {
    const network = createFakeDatagramNetwork();
    const first = await network.open({ port: 9 });
    await expect(network.open({ port: 9 })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await expect(first.send(Buffer.from('x'), first.local)).rejects.toMatchObject({ code: 'ABORTED' });
    using _second = await network.open({ port: 9 });
    first[Symbol.dispose]();
    expect(network.openSockets).toBe(1);
  });
});

describe('fake connection', () => {
  test('carries bytes both ways and ends in good order', async () => {
    using connection = createFakeConnection();
    connection.client.end('request');
    expect(await text(connection.server)).toBe('request');
    connection.server.end(Uint8Array.of(0, 255));
    expect([...(await buffer(connection.client))]).toEqual([0, 255]);
  });

  test('a reset fails both ends with ECONNRESET', async () => {
    using connection = createFakeConnection();
    const reading = Promise.allSettled([text(connection.client), text(connection.server)]);
    connection.reset();
    const results = await reading;
    expect(results.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'fulfilled'))).toEqual(['ECONNRESET', 'ECONNRESET']);
  });
});
