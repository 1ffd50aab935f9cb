import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GOLDEN_MAC, GOLDEN_PACKET, toHex } from '../golden.js';
import { programCommand, type ProgramAnswer } from '../programs/run-program.js';
import { startCapture } from './capture.js';
import { createNetworkLab, type Namespace, type NetworkLab } from './network-lab.js';
import { startRemoteSink, type RemotePacket, type RemoteSink } from './remote-sink.js';

/**
 * A sender with two cables, and a machine at the end of each. There is no default route.
 *
 *     left  192.0.2.2/24    fe80::2 --- left0   192.0.2.1     sender     198.51.100.1  right0 --- 198.51.100.2/24  fe80::2  right
 */
let lab: NetworkLab | undefined;
let sender: Namespace;
let left: Namespace;
let right: Namespace;
const sinks = new Map<string, RemoteSink>();
/** How many packets each sink had when a test began. */
const before = new Map<string, number>();

beforeAll(async () => {
  lab = createNetworkLab();
  [sender, left, right] = [await lab.namespace(), await lab.namespace(), await lab.namespace()];
  await lab.cable(
    { namespace: sender, interface: 'left0', addresses: ['192.0.2.1/24', 'fe80::1/64'] },
    { namespace: left, interface: 'net0', addresses: ['192.0.2.2/24', 'fe80::2/64'] },
  );
  await lab.cable(
    { namespace: sender, interface: 'right0', addresses: ['198.51.100.1/24', '203.0.113.1/24', 'fe80::1:1/64', '2001:db8::1/64'] },
    { namespace: right, interface: 'net0', addresses: ['198.51.100.2/24', '203.0.113.2/24', 'fe80::2/64', '2001:db8::2/64'] },
  );
  sinks.set('left 4', await startRemoteSink(left, '0.0.0.0'));
  sinks.set('left 6', await startRemoteSink(left, '::'));
  sinks.set('right 4', await startRemoteSink(right, '0.0.0.0'));
  sinks.set('right 6', await startRemoteSink(right, '::'));
});

afterAll(async () => {
  await Promise.all([...sinks.values()].map((sink) => sink[Symbol.asyncDispose]()));
  await lab?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  for (const [name, sink] of sinks) before.set(name, (await sink.packets()).length);
});

async function powerOn(driverInfo: Readonly<Record<string, unknown>>): Promise<ProgramAnswer> {
  const answer = await sender.run(...programCommand('power-on', JSON.stringify({ driverInfo, macs: [GOLDEN_MAC] })));
  return JSON.parse(answer) as ProgramAnswer;
}

/** The senders of what came since the test began, by sink; empty ones left out. */
async function arrivals(): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: [string, readonly RemotePacket[]][] = [];
  for (const [name, sink] of sinks) found.push([name, (await sink.packets()).slice(before.get(name) ?? 0)]);
  for (const packet of found.flatMap(([, packets]) => packets)) expect(packet).toMatchObject({ mac: GOLDEN_MAC, payload: toHex(GOLDEN_PACKET) });
  return Object.fromEntries(found.filter(([, packets]) => packets.length > 0).map(([name, packets]) => [name, packets.map(({ from }) => from)]));
}

describe('a packet arrives where it shall and nowhere else', () => {
  test.each([
    ['limited broadcast by interface', { wol_interface: 'left0' }, ['left0', '192.0.2.1'], { 'left 4': ['192.0.2.1'] }],
    ['limited broadcast by the other interface', { wol_interface: 'right0' }, ['right0', '198.51.100.1'], { 'right 4': ['198.51.100.1'] }],
    ['limited broadcast by source address', { wol_source_address: '198.51.100.1' }, ['right0', '198.51.100.1'], { 'right 4': ['198.51.100.1'] }],
    ['limited broadcast by a second address', { wol_source_address: '203.0.113.1' }, ['right0', '203.0.113.1'], { 'right 4': ['203.0.113.1'] }],
    ['directed broadcast', { wol_host: '192.0.2.255' }, ['left0', '192.0.2.1'], { 'left 4': ['192.0.2.1'] }],
    ['directed broadcast of a second network', { wol_host: '203.0.113.255' }, ['right0', '203.0.113.1'], { 'right 4': ['203.0.113.1'] }],
    ['directed broadcast by interface', { wol_host: '203.0.113.255', wol_interface: 'right0' }, ['right0', '203.0.113.1'], { 'right 4': ['203.0.113.1'] }],
    ['IPv4 unicast', { wol_host: '198.51.100.2' }, ['right0', '198.51.100.1'], { 'right 4': ['198.51.100.1'] }],
    ['IPv4 multicast by interface', { wol_host: '224.0.0.1', wol_interface: 'right0' }, ['right0', '198.51.100.1'], { 'right 4': ['198.51.100.1'] }],
    ['IPv6 multicast by scope', { wol_host: 'ff02::1%left0' }, ['left0', 'fe80::1'], { 'left 6': ['fe80::1%net0'] }],
    ['IPv6 multicast by interface', { wol_host: 'ff02::1', wol_interface: 'right0' }, ['right0', 'fe80::1:1'], { 'right 6': ['fe80::1:1%net0'] }],
    ['IPv6 link-local unicast', { wol_host: 'fe80::2%left0' }, ['left0', 'fe80::1'], { 'left 6': ['fe80::1%net0'] }],
    ['IPv6 unicast', { wol_host: '2001:db8::2' }, ['right0', '2001:db8::1'], { 'right 6': ['2001:db8::1'] }],
  ])('%s', async (_case, driverInfo, origin, expected) => {
    const { report } = await powerOn(driverInfo);
    expect(report?.packets.map((packet) => [packet.interface, packet.source])).toEqual([origin]);
    await expect.poll(arrivals, { timeout: 10_000 }).toEqual(expected);
  });
});

test('a broadcast is one frame to everybody, with the golden packet to port 9', async () => {
  await using capture = await startCapture(left, 'net0', 'udp');
  await powerOn({ wol_interface: 'left0' });
  await expect.poll(() => capture.frames.length, { timeout: 10_000 }).toBe(1);
  const frame = toHex(capture.frames[0] ?? new Uint8Array());
  expect(frame.slice(0, 12)).toBe('ffffffffffff');
  // IPv4 without options: source and destination at byte 26, UDP destination port at byte 36, payload at byte 42.
  expect([frame.slice(52, 60), frame.slice(60, 68), frame.slice(72, 76), frame.slice(84)]).toEqual(['c0000201', 'ffffffff', '0009', toHex(GOLDEN_PACKET)]);
});

test('a multicast goes to the link address of all nodes', async () => {
  await using capture = await startCapture(left, 'net0', 'udp');
  await powerOn({ wol_host: 'ff02::1%left0' });
  await expect.poll(() => capture.frames.length, { timeout: 10_000 }).toBe(1);
  expect(toHex(capture.frames[0] ?? new Uint8Array()).slice(0, 12)).toBe('333300000001');
});

describe('without a route', () => {
  test('a limited broadcast fails and says what to do', async () => {
    const { error } = await powerOn({});
    expect(error).toMatchObject({ code: 'UNREACHABLE', hint: expect.stringContaining('interface') });
    expect(error?.details?.packets?.map((packet) => [packet.interface, packet.source, packet.error?.code])).toEqual([[null, null, 'ENETUNREACH']]);
  });

  test('the other destinations are served', async () => {
    const { error } = await powerOn({ wol_host: '192.0.2.255,10.1.2.255,198.51.100.255', wol_spacing_ms: 0 });
    expect(error?.details?.packets?.map((packet) => [packet.destination, packet.error?.code])).toEqual([['10.1.2.255', 'ENETUNREACH']]);
    expect(error?.details?.sent?.map((packet) => packet.destination)).toEqual(['192.0.2.255', '198.51.100.255']);
    await expect.poll(arrivals, { timeout: 10_000 }).toEqual({ 'left 4': ['192.0.2.1'], 'right 4': ['198.51.100.1'] });
  });
});

test('an interface that does not exist is refused with the names of those that do', async () => {
  const { error } = await powerOn({ wol_interface: 'eth0' });
  expect(error).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringMatching(/wol_interface must be .*\(lo, left0, right0\), got "eth0"/) });
  expect(await arrivals()).toEqual({});
});
