import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { GOLDEN_MAC, GOLDEN_PACKET, toHex } from '../../test/golden.js';
import { programCommand, type ProgramAnswer } from '../../test/programs/run-program.js';
import { createPacketSink } from '../simulator/packet-sink.js';
import { systemNetwork } from './system-network.js';
import { wake } from './wake.js';

const MAC_B = '52:54:00:cf:2d:32';
/** The name of the loopback interface on this operating system. */
const LOOPBACK = Object.entries(networkInterfaces()).find(([, addresses]) => addresses?.some((each) => each.address === '127.0.0.1'))?.[0] ?? 'lo';

describe('over the loopback of this machine', () => {
  test('the golden packet arrives', async () => {
    await using sink = await createPacketSink();
    const report = await wake(GOLDEN_MAC, { host: sink.host, ports: sink.port });
    const [packet] = await sink.waitForPackets(1);
    expect(toHex(packet?.payload ?? new Uint8Array())).toBe(toHex(GOLDEN_PACKET));
    expect(report.packets).toEqual([
      { mac: GOLDEN_MAC, interface: LOOPBACK, source: '127.0.0.1', destination: '127.0.0.1', port: sink.port, bytes: 102, sentAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
  });

  test('two machines, two ports, two rounds arrive in the order of the report', async () => {
    await using first = await createPacketSink();
    await using second = await createPacketSink();
    const ports = [first.port, second.port];
    const report = await wake([GOLDEN_MAC, MAC_B], { host: '127.0.0.1', ports, repeat: 2, spacingMs: 1 });
    await Promise.all([first.settled(), second.settled()]);
    expect(report.packets.map(({ mac, port }) => [mac, port])).toEqual(
      [GOLDEN_MAC, MAC_B, GOLDEN_MAC, MAC_B].flatMap((mac) => ports.map((port) => [mac, port])),
    );
    for (const sink of [first, second]) expect(sink.packets.map(({ mac }) => mac)).toEqual([GOLDEN_MAC, MAC_B, GOLDEN_MAC, MAC_B]);
  });

  test('the source address is the one that was chosen', async () => {
    await using sink = await createPacketSink();
    const report = await wake(GOLDEN_MAC, { host: sink.host, ports: sink.port, sourceAddress: '127.0.0.2' });
    const [packet] = await sink.waitForPackets(1);
    expect(packet?.from.address).toBe('127.0.0.2');
    expect(report.packets[0]).toMatchObject({ source: '127.0.0.2', interface: LOOPBACK });
  });

  test('the interface is the one that was chosen', async () => {
    await using sink = await createPacketSink();
    const report = await wake(GOLDEN_MAC, { host: '127.0.0.1', ports: sink.port, interface: LOOPBACK });
    const [packet] = await sink.waitForPackets(1);
    expect([packet?.from.address, report.packets[0]?.interface]).toEqual(['127.0.0.1', LOOPBACK]);
  });

  test('IPv6', async () => {
    await using sink = await createPacketSink({ host: '::1' });
    const report = await wake(GOLDEN_MAC, { host: '::1', ports: sink.port, secureOn: '192.168.1.1' });
    const [packet] = await sink.waitForPackets(1);
    expect(packet).toMatchObject({ mac: GOLDEN_MAC, secureOnHex: 'c0a80101', from: { address: '::1' } });
    expect(report.packets[0]).toMatchObject({ source: '::1', destination: '::1', bytes: 106, interface: LOOPBACK });
  });

  test('a host name', async () => {
    await using sink = await createPacketSink();
    const report = await wake(GOLDEN_MAC, { host: 'localhost', ports: sink.port });
    await sink.settled();
    expect(sink.packets).toHaveLength(1);
    expect(report.packets[0]?.destination).toBe('127.0.0.1');
  });

  test('a broadcast, which the operating system refuses to sockets that did not ask for it', async () => {
    await using sink = await createPacketSink({ host: '0.0.0.0' });
    const report = await wake(GOLDEN_MAC, { host: '127.255.255.255', ports: sink.port });
    const [packet] = await sink.waitForPackets(1);
    expect([packet?.from.address, report.packets[0]?.source]).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test('nobody listening is no error: nothing can be known of the other side', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    await once(socket, 'close');
    const report = await wake([GOLDEN_MAC, MAC_B], { host: '127.0.0.1', ports: port, repeat: 3, spacingMs: 5 });
    expect(report.packets.filter((packet) => packet.error !== undefined)).toEqual([]);
  });

  test('a source address of another machine is refused by name', async () => {
    const error: unknown = await wake(GOLDEN_MAC, { host: '127.0.0.1', sourceAddress: '192.0.2.254' }).catch((reason: unknown) => reason);
    expect(FerricError.is(error) && error.toJSON()).toMatchObject({ code: 'INVALID_OPTIONS', details: { issues: [{ field: 'sourceAddress', received: '"192.0.2.254"' }] } });
  });

  test('the socket is gone when the call settles', async () => {
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
    await using sink = await createPacketSink();
    const before = sockets();
    await wake(GOLDEN_MAC, { host: sink.host, ports: sink.port });
    expect(sockets()).toBe(before);
  });

  test('no socket is left when the call was given up', async () => {
    const resources = (): readonly string[] => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap' || name === 'UDPSendWrap');
    const before = resources();
    await using sink = await createPacketSink();
    await wake([GOLDEN_MAC, MAC_B], { host: ['127.0.0.1', 'localhost'], ports: sink.port, spacingMs: 0 });
    const controller = new AbortController();
    const aborted = wake([GOLDEN_MAC, MAC_B], { host: '127.0.0.1', ports: sink.port, spacingMs: 60_000, signal: controller.signal });
    await sink.waitForPackets(5);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await sink[Symbol.asyncDispose]();
    expect(resources()).toEqual(before);
  });
});

test('a broadcast socket of the system sends where it is bound to', async () => {
  await using socket = await systemNetwork.openSocket(4, '127.0.0.1');
  await using sink = await createPacketSink();
  await socket.send(GOLDEN_PACKET, sink.port, '127.0.0.1');
  await sink.settled();
  expect(sink.packets).toHaveLength(1);
});

test('a program stays alive until the last packet is out, and then ends by itself', async () => {
  await using sink = await createPacketSink();
  const [file, ...args] = programCommand('wake', JSON.stringify({ mac: [GOLDEN_MAC, MAC_B], options: { host: '127.0.0.1', ports: sink.port, spacingMs: 300 } }));
  const { stdout } = await promisify(execFile)(file, args, { timeout: 20_000 });
  await sink.settled();
  expect((JSON.parse(stdout) as ProgramAnswer).report?.packets).toHaveLength(2);
  expect(sink.packets.map(({ mac }) => mac)).toEqual([GOLDEN_MAC, MAC_B]);
});
