import { createFakeClock, createFakeConnection, type FakeClock, type FakeConnection } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventMessage, failure, replyTo, ScriptedDaemon, settle } from '../../../test/scripted-daemon.js';
import type { Message } from '../wire/message.js';
import { connectionProcedures } from '../wire/procedures/connection.js';
import { createRpcConnection, type OwnedRpcConnection, type RpcConnectionSettings } from './connection.js';

/** Written down from libvirt 9.0.0: program "keep", version 1, procedures 1 and 2, type message, serial 0. */
const PING = '0000001c6b6565700000000100000001000000020000000000000000';
const PONG = '0000001c6b6565700000000100000002000000020000000000000000';

let wire: FakeConnection;
let daemon: ScriptedDaemon;
let clock: FakeClock;
let connection: OwnedRpcConnection;

beforeEach(() => {
  clock = createFakeClock();
});

afterEach(() => wire[Symbol.dispose]());

function connect(settings: RpcConnectionSettings = {}, pings = true): void {
  wire = createFakeConnection();
  daemon = new ScriptedDaemon(wire.server);
  connection = createRpcConnection({ stream: wire.client, peer: 'memory', secure: true }, { clock, address: 'test:1', ...settings });
  connection.maintain({ pings, probe: async () => undefined });
}

const ask = (timeoutMs: number): Promise<number> => connection.call(connectionProcedures.supportsFeature, { feature: 7 }, { timeoutMs });
const isPing = (message: Message): boolean => message.program === 0x6b65_6570 && message.procedure === 1;
const pings = (): number => daemon.received.filter(isPing).length;

describe('keepalive', () => {
  it('answers pings with pongs, also while a call is under way, and the daemon sees them byte for byte', async () => {
    connect();
    const chunks: Buffer[] = [];
    wire.server.on('data', (chunk: Buffer) => chunks.push(chunk));
    const result = ask(60_000);
    const call = await daemon.next();
    chunks.length = 0;
    daemon.write(Buffer.from(PING, 'hex'));
    await settle();
    expect(Buffer.concat(chunks).toString('hex')).toBe(PONG);
    daemon.write(replyTo(call, (writer) => writer.int32(1)));
    expect(await result).toBe(1);
  });

  it('pings after silence, and notices a dead peer after the last ping had its time', async () => {
    connect({ keepAlive: { intervalMs: 1000, count: 3 } });
    const call = failure(ask(60_000));
    await clock.advance(999);
    expect(pings()).toBe(0);
    await clock.advance(1);
    await settle();
    expect(pings()).toBe(1);
    await clock.advance(2999);
    await settle();
    expect([pings(), connection.failure]).toEqual([3, undefined]);
    await clock.advance(1);
    const error = await call;
    expect(error).toMatchObject({ code: 'UNREACHABLE', details: { address: 'test:1' } });
    expect(error.message).toContain('no sign of life for 4000 ms, 3 pings');
    expect(wire.client.destroyed).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes anything for a sign of life: pongs, events, parts of a message', async () => {
    connect({ keepAlive: { intervalMs: 1000, count: 2 } });
    const event = eventMessage(999, (writer) => writer.int32(1));
    for (const bytes of [Buffer.from(PONG, 'hex'), event, event.subarray(0, 5), event.subarray(5)]) {
      await clock.advance(2500);
      daemon.write(bytes);
      await settle();
    }
    expect(connection.failure).toBeUndefined();
    await clock.advance(4000);
    expect(connection.failure).toMatchObject({ code: 'UNREACHABLE' });
  });

  it('does not take its own sleep for that of the daemon: each ping has its time', async () => {
    let now = 0;
    const alarms = new Set<() => void>();
    const stopped = { ...clock, monotonicMs: () => now, after: (_ms: number, callback: () => void) => (alarms.add(callback), { [Symbol.dispose]: () => void alarms.delete(callback) }) };
    connect({ keepAlive: { intervalMs: 1000, count: 3 }, clock: stopped });
    now = 60_000;
    for (const alarm of alarms) {
      alarms.delete(alarm);
      alarm();
      break;
    }
    await settle();
    expect([pings(), connection.failure]).toEqual([1, undefined]);
  });

  it('is silent when it is off, or when the daemon does not know it, and answers all the same', async () => {
    for (const off of [{ keepAlive: false as const }, { known: false }]) {
      connect('known' in off ? {} : off, !('known' in off));
      await clock.advance(600_000);
      daemon.write(Buffer.from(PING, 'hex'));
      await settle();
      expect(daemon.received.map((message) => message.procedure)).toEqual([2]);
      expect(connection.failure).toBeUndefined();
      wire[Symbol.dispose]();
    }
  });

  it('owes a daemon that floods it with pings and reads nothing one pong, not a million', async () => {
    connect({ keepAlive: false });
    daemon.stream.pause();
    for (let round = 0; round < 50; round += 1) {
      daemon.write(Buffer.from(PING.repeat(20_000), 'hex'));
      await settle();
    }
    expect(wire.client.writableLength).toBeLessThan(1_000_000);
    daemon.stream.resume();
    await settle();
    expect(daemon.received.length).toBeLessThan(40_000);
  });
});
