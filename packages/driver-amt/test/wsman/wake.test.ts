import { EventEmitter } from 'node:events';
import { errorCode } from '@ferric/core';
import { createFakeClock, systemError, watchTimers } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { type BeginConnection, createWaker, type Waker } from '../../src/client/wsman/wake.js';
import { startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { startRawDevice } from './support/raw-device.js';

/** How an attempt ends: by an event, or (undefined) not at all. */
type End = 'connect' | string | undefined;

/** A waker whose attempts end as the script says, in its order, `afterMs` after they began. */
function bench(script: readonly End[], afterMs = 10, awakeIntervalMs = 60_000) {
  const clock = createFakeClock();
  const startedAt: number[] = [];
  let open = 0;
  const connect: BeginConnection = () => {
    const end = script[startedAt.length];
    startedAt.push(clock.monotonicMs());
    open += 1;
    const socket = Object.assign(new EventEmitter(), {
      destroy() {
        open -= 1;
      },
    });
    if (end !== undefined) clock.after(afterMs, () => (end === 'connect' ? socket.emit('connect') : socket.emit('error', systemError(end, 'connect'))));
    return socket as unknown as ReturnType<BeginConnection>;
  };
  const waker = createWaker({ host: '192.0.2.1', port: 16_992, address: '192.0.2.1:16992', awakeIntervalMs, clock }, connect);
  return { clock, waker, startedAt, open: () => open };
}

/** Wakes and lets `ms` pass; tells how it ended. */
async function wake({ clock, waker }: { readonly clock: ReturnType<typeof createFakeClock>; readonly waker: Waker }, ms: number, signal = new AbortController().signal): Promise<string> {
  let ended = 'still waiting';
  waker.wake(signal).then(
    () => (ended = 'awake'),
    (error: unknown) => (ended = errorCode(error)),
  );
  await clock.advance(ms);
  return ended;
}

describe('waking', () => {
  test.each(['connect', 'ECONNREFUSED', 'ECONNRESET'])('an engine that is awake, and answers by %s, takes one attempt', async (end) => {
    const one = bench([end]);
    expect(await wake(one, 10)).toBe('awake');
    expect([one.waker.wakeAttempts, one.open(), one.clock.pendingTimers]).toEqual([1, 0, 0]);
  });

  test('an engine that loses the first packets is tried again, with more time each time', async () => {
    const one = bench([undefined, undefined, undefined, 'connect']);
    expect(await wake(one, 7010)).toBe('awake');
    expect(one.startedAt).toEqual([0, 1000, 3000, 7000]);
  });

  test('five attempts without an answer are enough', async () => {
    const one = bench([]);
    expect(await wake(one, 14_999)).toBe('still waiting');
    const two = bench([]);
    expect(await wake(two, 15_000)).toBe('UNREACHABLE');
    expect([two.startedAt, two.waker.wakeAttempts, two.open(), two.clock.pendingTimers]).toEqual([[0, 1000, 3000, 7000, 11_000], 5, 0, 0]);
  });

  test.each(['EHOSTUNREACH', 'ETIMEDOUT'])('%s says that nobody answered yet: the attempt takes its time all the same', async (end) => {
    const one = bench([end, end, 'connect']);
    expect(await wake(one, 3010)).toBe('awake');
    expect(one.startedAt).toEqual([0, 1000, 3000]);
  });

  test.each(['ENETUNREACH', 'ENOTFOUND'])('%s comes from here: no attempt follows', async (end) => {
    const one = bench([end]);
    expect(await wake(one, 10)).toBe('UNREACHABLE');
    expect([one.waker.wakeAttempts, one.open(), one.clock.pendingTimers]).toEqual([1, 0, 0]);
  });

  test('is left out while the engine was heard of, and done again after awakeIntervalMs of silence', async () => {
    const one = bench(['connect', 'connect', 'connect']);
    one.waker.answered();
    expect(await wake(one, 0)).toBe('awake');
    await one.clock.advance(59_999);
    expect(await wake(one, 0)).toBe('awake');
    expect(one.waker.wakeAttempts).toBe(0);
    await one.clock.advance(1);
    expect(await wake(one, 10)).toBe('awake');
    expect(one.waker.wakeAttempts).toBe(1);
  });

  test('is never done when awakeIntervalMs is 0', async () => {
    const one = bench([], 10, 0);
    await one.clock.advance(1e9);
    expect(await wake(one, 0)).toBe('awake');
    expect(one.waker.wakeAttempts).toBe(0);
  });

  test.each([0, 500, 1000, 3500])('ends with the caller, %i ms after it began', async (ms) => {
    const controller = new AbortController();
    const one = bench([undefined, 'EHOSTUNREACH']);
    const reason = new Error('I left');
    const waking = rejection(one.waker.wake(controller.signal));
    await one.clock.advance(ms);
    controller.abort(reason);
    expect(await waking).toBe(reason);
    expect([one.open(), one.clock.pendingTimers]).toEqual([0, ms < 1000 || ms >= 3000 ? 0 : 1]);
  });

  test('keeps the process alive while it waits, and no longer', async () => {
    using timers = watchTimers();
    const one = bench(['EHOSTUNREACH', 'connect']);
    const waking = timers.run(() => one.waker.wake(new AbortController().signal));
    // The first attempt has ended: nothing but its pause is left.
    await one.clock.advance(500);
    expect([one.open(), timers.held()]).toEqual([0, 1]);
    await one.clock.advance(510);
    await waking;
    await expect.poll(timers.held).toBe(0);
  });

  test('does not begin for a caller who has left', async () => {
    const one = bench(['connect']);
    expect(await rejection(one.waker.wake(AbortSignal.abort('gone')))).toBe('gone');
    expect(one.startedAt).toEqual([]);
  });
});

describe('a client', () => {
  test('wakes before the first request, and not again while it is answered', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device, { awakeIntervalMs: 60_000 });
    await client.get('CIM_Card');
    await client.get('CIM_Chip');
    expect(client.counters.wakeAttempts).toBe(1);
    expect(device.connections).toBe(3);
    expect(client.counters.connections).toBe(2);
  });

  test('wakes again after silence, and counts a fault as an answer', async () => {
    let nowMs = 0;
    const clock = { now: () => new Date(0), monotonicMs: () => nowMs, after: () => ({ [Symbol.dispose]: () => undefined }) };
    await using device = await startDigestDevice();
    await using client = makeClient(device, { awakeIntervalMs: 1000, clock });
    for (const pauseMs of [0, 999, 999, 1000, 1]) {
      nowMs += pauseMs;
      await client.get('CIM_Card');
    }
    expect(client.counters.wakeAttempts).toBe(2);
  });

  test('is told when the name is not known, and when nobody listens', async () => {
    await using nameless = makeClient({ port: 1 }, { host: 'no-such-host.invalid', awakeIntervalMs: 1000 });
    expect(await rejection(nameless.get('CIM_Card'))).toMatchObject({ code: 'UNREACHABLE', details: { step: 'wake', sent: false } });
    const device = await startRawDevice(() => undefined);
    await device[Symbol.asyncDispose]();
    await using client = makeClient(device, { awakeIntervalMs: 1000 });
    expect(await rejection(client.get('CIM_Card'))).toMatchObject({ code: 'UNREACHABLE', details: { step: 'connect', systemCode: 'ECONNREFUSED' } });
  });
});
