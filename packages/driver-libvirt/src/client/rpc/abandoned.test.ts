import { createFakeClock, createFakeConnection, type FakeClock, type FakeConnection } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, replyTo, ScriptedDaemon, settle } from '../../../test/scripted-daemon.js';
import type { Message } from '../wire/message.js';
import { connectionProcedures } from '../wire/procedures/connection.js';
import { createRpcConnection, type OwnedRpcConnection } from './connection.js';

/** Five pings of five seconds: how long an answer may be overdue. */
const WINDOW_MS = 25_000;
const PROBE = 157;

let wire: FakeConnection;
let daemon: ScriptedDaemon;
let clock: FakeClock;
let connection: OwnedRpcConnection;

beforeEach(() => {
  wire = createFakeConnection();
  daemon = new ScriptedDaemon(wire.server);
  clock = createFakeClock();
  connection = createRpcConnection({ stream: wire.client, peer: 'memory', secure: true }, { clock, address: 'test:1', concurrency: 2 });
  connection.maintain({
    pings: false,
    probe: (timeoutMs) => connection.call(connectionProcedures.getLibVersion, undefined, { timeoutMs, urgent: true }),
  });
});

afterEach(() => wire[Symbol.dispose]());

const ask = (timeoutMs: number): Promise<number> => connection.call(connectionProcedures.supportsFeature, { feature: 7 }, { timeoutMs });
const answer = (call: Message): Buffer => replyTo(call, (writer) => writer.int32(1));

/** Makes two calls that are given up: no place is left. */
async function abandonAll(): Promise<Message[]> {
  const given = [failure(ask(10)), failure(ask(10))];
  const calls = await daemon.take(2);
  await clock.advance(10);
  await Promise.all(given);
  return calls;
}

describe('calls that nobody waits for any more', () => {
  it('give their places to others when they are overdue and the daemon answers a probe; their replies are dropped whenever they come', async () => {
    const calls = await abandonAll();
    daemon.answer(PROBE, (call) => daemon.reply(call, (writer) => writer.uint64(9_000_000n)));
    const waiting = ask(60_000);
    await clock.advance(WINDOW_MS - 1);
    expect([connection.active, connection.queued]).toEqual([2, 1]);
    await clock.advance(1);
    const next = await daemon.next();
    expect([connection.active, connection.queued]).toEqual([1, 0]);
    daemon.write(...calls.map(answer), answer(next));
    expect(await waiting).toBe(1);
    await settle();
    expect([connection.failure, clock.pendingTimers]).toEqual([undefined, 0]);
  });

  it('take an error for an answer to the probe', async () => {
    await abandonAll();
    daemon.answer(PROBE, (call) => daemon.refuse(call, 88, 'access denied'));
    await clock.advance(WINDOW_MS);
    await settle();
    expect([connection.failure, connection.active]).toEqual([undefined, 0]);
  });

  it('are a reason to give the connection up when the probe is not answered either', async () => {
    await abandonAll();
    const waiting = failure(ask(3_600_000));
    await clock.advance(WINDOW_MS);
    expect((await daemon.next()).procedure).toBe(PROBE);
    await clock.advance(WINDOW_MS);
    const error = await waiting;
    expect(error).toMatchObject({ code: 'UNREACHABLE', details: { address: 'test:1' } });
    expect(error.message).toContain('answers no calls any more');
    expect([wire.client.destroyed, clock.pendingTimers]).toEqual([true, 0]);
  });

  it('leave nothing behind when they are answered in time', async () => {
    const calls = await abandonAll();
    daemon.write(...calls.map(answer));
    await settle();
    expect([connection.active, clock.pendingTimers]).toEqual([0, 0]);
    await clock.advance(WINDOW_MS * 3);
    expect(daemon.received).toHaveLength(2);
  });

  it('are put up with up to a number, then the connection is given up', async () => {
    daemon.answer(PROBE, (call) => daemon.reply(call, (writer) => writer.uint64(9_000_000n)));
    for (let round = 0; round < 16; round += 1) {
      await abandonAll();
      await clock.advance(WINDOW_MS);
    }
    expect(connection.failure).toBeUndefined();
    await abandonAll();
    await clock.advance(WINDOW_MS);
    await settle();
    expect(connection.failure).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('leaves 34 calls unanswered') as string });
  });
});
