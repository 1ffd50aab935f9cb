import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { GOLDEN_MAC, GOLDEN_PACKET, toHex } from '../../test/golden.js';
import { createPacketSink } from './packet-sink.js';

/** Sends datagrams without any code of this package. */
async function send(port: number, ...payloads: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const payload of payloads) await new Promise((resolve) => socket.send(payload, port, '127.0.0.1', resolve));
  socket.close();
  await once(socket, 'close');
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

test('keeps what arrives, magic or not, in order', async () => {
  const seen: string[] = [];
  await using sink = await createPacketSink({ onPacket: (packet) => seen.push(toHex(packet.payload)) });
  await send(sink.port, GOLDEN_PACKET, text('noise'), new Uint8Array());
  await sink.settled();
  expect(sink.packets.map((packet) => [toHex(packet.payload), packet.mac])).toEqual([
    [toHex(GOLDEN_PACKET), GOLDEN_MAC],
    [toHex(text('noise')), undefined],
    ['', undefined],
  ]);
  expect(seen).toEqual(sink.packets.map((packet) => toHex(packet.payload)));
  expect(sink.packets[0]).toMatchObject({ from: { address: '127.0.0.1', port: expect.any(Number) }, at: expect.any(Date) });
});

test('drops the oldest beyond its limit', async () => {
  await using sink = await createPacketSink({ limit: 2 });
  await send(sink.port, text('1'), text('2'), text('3'));
  await sink.settled();
  expect(sink.packets.map((packet) => toHex(packet.payload))).toEqual(['32', '33']);
});

test('settled leaves no trace among the packets, however often it is called', async () => {
  await using sink = await createPacketSink();
  await Promise.all([sink.settled(), sink.settled(), sink.settled()]);
  await sink.settled();
  expect(sink.packets).toEqual([]);
});

test.each(['0.0.0.0', '::1', '::'])('listens and settles on %s', async (host) => {
  await using sink = await createPacketSink({ host });
  await sink.settled();
  expect(sink.host).toBe(host);
});

describe('waitForPackets', () => {
  test('resolves when enough are there', async () => {
    await using sink = await createPacketSink();
    const waiting = sink.waitForPackets(2);
    await send(sink.port, text('1'));
    await send(sink.port, text('2'));
    expect(await waiting).toHaveLength(2);
    expect(await sink.waitForPackets(0)).toHaveLength(2);
  });

  test('gives up by deadline, by signal and when the sink is closed', async () => {
    await using sink = await createPacketSink();
    await expect(sink.waitForPackets(1, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const reason = new Error('enough');
    await expect(sink.waitForPackets(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const given: Promise<unknown> = sink.waitForPackets(1).catch((error: unknown) => error);
    await sink[Symbol.asyncDispose]();
    expect(await given).toMatchObject({ code: 'ABORTED' });
    await expect(sink.settled()).rejects.toMatchObject({ code: 'ABORTED' });
    await sink[Symbol.asyncDispose]();
  });
});

test('a port that is taken is refused with the error of the system', async () => {
  await using sink = await createPacketSink();
  await expect(createPacketSink({ port: sink.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
