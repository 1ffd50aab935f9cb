import { describe, expect, test } from 'vitest';
import type { PayloadListener } from '../../src/client/index.js';
import { type ClientBench, startBench, stateOf } from './bench-client.js';

const GET_DEVICE_ID = { netFn: 0x06, command: 0x01 };
const SOL = 1;

function createListener(): PayloadListener & { readonly received: string[]; readonly ends: Error[] } {
  const received: string[] = [];
  const ends: Error[] = [];
  return { received, ends, receive: (payload) => received.push(Buffer.from(payload).toString('hex')), ended: (reason) => ends.push(reason) };
}

/** Lets the BMC send a payload of its own. */
function sendPayload({ bmc, send }: ClientBench, payloadType: number, hex: string): void {
  const session = bmc.sessions.at(-1) ?? expect.fail('no session');
  send(bmc.seal(session, payloadType, Buffer.from(hex, 'hex')));
}

describe('a payload channel', () => {
  test('carries payloads both ways, beside requests', async () => {
    const bench = startBench();
    const { bmc, client } = bench;
    const listener = createListener();
    using channel = await client.openPayload(SOL, listener);
    expect(channel.session).toMatchObject({ protocol: '2.0', cipherSuite: 17 });
    channel.send(Buffer.from('0100000061', 'hex'));
    sendPayload(bench, SOL, '00010100');
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    sendPayload(bench, SOL, '0200000062');
    expect(bmc.seen.filter(({ what }) => what === 'payload').map(({ payload }) => payload.toString('hex'))).toEqual(['0100000061']);
    expect(listener.received).toEqual(['00010100', '0200000062']);
    expect(client.counters.unexpected).toBe(0);
    await client[Symbol.asyncDispose]();
    expect(listener.ends).toMatchObject([{ code: 'ABORTED' }]);
    expect(() => channel.send(Buffer.alloc(4))).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  });

  test('is the only one of its type', async () => {
    const { client } = startBench();
    const first = await client.openPayload(SOL, createListener());
    await expect(client.openPayload(SOL, createListener())).rejects.toMatchObject({ code: 'CONFLICT' });
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    (await client.openPayload(SOL, createListener()))[Symbol.dispose]();
    await client[Symbol.asyncDispose]();
  });

  test.each([0, 2, 0x10, 0x15, 0x28, -1, 1.5])('cannot have type %s', async (payloadType) => {
    const { bmc, client } = startBench();
    await expect(client.openPayload(payloadType, createListener())).rejects.toMatchObject({ code: 'INVALID_OPTIONS', details: { issues: [{ field: 'payloadType' }] } });
    expect(bmc.seen).toEqual([]);
  });

  test('keeps the session alive every 25 s, and lets it become idle when it is disposed', async () => {
    const { bmc, client, clock } = startBench({ idleMs: 5000 });
    const channel = await client.openPayload(SOL, createListener());
    await clock.advance(80_000);
    expect(bmc.requests('06/01')).toHaveLength(3);
    expect([bmc.openSessions, bmc.count('open')]).toEqual([1, 1]);
    channel[Symbol.dispose]();
    await clock.advance(5000);
    expect([bmc.openSessions, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('is told when the session is lost, which is not opened again for its sake', async () => {
    const { bmc, client, clock } = startBench();
    const listener = createListener();
    await client.openPayload(SOL, listener);
    bmc.behaviour = () => [];
    await clock.advance(40_000);
    expect(listener.ends).toMatchObject([{ code: 'TIMEOUT' }]);
    expect([bmc.count('open'), clock.pendingTimers]).toEqual([1, 0]);
  });

  test('is told when somebody closes the session', async () => {
    const { client } = startBench();
    const listener = createListener();
    await client.openPayload(SOL, listener);
    await client.close();
    expect(listener.ends).toMatchObject([{ code: 'ABORTED' }]);
  });

  test('what nobody listens to is counted', async () => {
    const bench = startBench();
    await bench.client.session();
    sendPayload(bench, SOL, '00');
    sendPayload(bench, 0x20, '00');
    expect(bench.client.counters.unexpected).toBe(2);
    await bench.client[Symbol.asyncDispose]();
  });

  test('can be waited for no longer than the caller wants', async () => {
    const { bmc, client, clock } = startBench();
    bmc.behaviour = () => [];
    const call = client.openPayload(SOL, createListener(), { timeoutMs: 100 });
    call.catch(() => undefined);
    expect(await stateOf(call)).toBe('pending');
    await clock.advance(100);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});
