import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as wakeOnLan from 'wake_on_lan';
import * as wol from 'wol';
import { encodeMagicPacket } from '../../src/client/index.js';
import { createPacketSink, type PacketSink } from '../../src/simulator/index.js';
import { anyMac } from '../arbitraries.js';
import { GOLDEN_MAC, toHex } from '../golden.js';
import { findTool, run } from './tools.js';

const OURS = toHex(encodeMagicPacket(GOLDEN_MAC));

/** Our sink understands what came, and our client would have sent the same bytes. */
async function expectOurBytes(sink: PacketSink, count: number): Promise<void> {
  await sink.waitForPackets(count);
  await sink.settled();
  expect(sink.packets.map((packet) => [packet.mac, packet.secureOnHex, toHex(packet.payload)])).toEqual(
    Array.from({ length: count }, () => [GOLDEN_MAC, undefined, OURS]),
  );
}

test('wol 1.0.7 of npm', async () => {
  await using sink = await createPacketSink();
  expect(await wol.wake(GOLDEN_MAC, { address: sink.host, port: sink.port })).toBe(true);
  await expectOurBytes(sink, 1);
});

test('wake_on_lan 1.0.0 of npm', async () => {
  await using sink = await createPacketSink();
  await promisify(wakeOnLan.wake)(GOLDEN_MAC, { address: sink.host, port: sink.port, num_packets: 3, interval: 1 });
  await expectOurBytes(sink, 3);
});

test('wake_on_lan 1.0.0 of npm over IPv6', async () => {
  await using sink = await createPacketSink({ host: '::1' });
  await promisify(wakeOnLan.wake)(GOLDEN_MAC, { address: '::1', port: sink.port, num_packets: 1, interval: 1 });
  await expectOurBytes(sink, 1);
});

test('wakeonlan of Debian', async () => {
  await using sink = await createPacketSink();
  const said = await run(findTool('wakeonlan'), '-i', sink.host, '-p', String(sink.port), GOLDEN_MAC);
  expect(said).toContain(GOLDEN_MAC);
  await expectOurBytes(sink, 1);
});

test('both npm packages and ours write the same packet for any address', () => {
  fc.assert(
    fc.property(anyMac, (mac) => {
      const ours = toHex(encodeMagicPacket(mac));
      expect([toHex(wol.createMagicPacket(mac)), toHex(wakeOnLan.createMagicPacket(mac))]).toEqual([ours, ours]);
    }),
  );
});
