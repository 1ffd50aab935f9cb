import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { FerricError } from '../errors/ferric-error.js';
import { optionIssues } from '../errors/invalid-options.js';
import { createFakeClock } from '../testing/fake-clock.js';
import { abortable, abortReason, delay, MAXIMUM_TIMEOUT_MS, withDeadline } from './deadline.js';

const settings = { what: 'power on of 192.0.2.1', defaultTimeoutMs: 1000 };
const forEver = (): Promise<never> => new Promise<never>(() => undefined);
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('it was fulfilled'),
    (reason: unknown) => reason,
  );

describe('withDeadline', () => {
  test('yields what the work yields and leaves nothing behind', async () => {
    const clock = createFakeClock();
    const { signal } = new AbortController();
    expect(await withDeadline({ signal }, { ...settings, clock }, async () => 'done')).toBe('done');
    expect([listeners(signal), clock.pendingTimers]).toEqual([0, 0]);
  });

  test('passes on what the work throws, at once or later, and leaves nothing behind', async () => {
    const clock = createFakeClock();
    const { signal } = new AbortController();
    const failure = new FerricError('REFUSED', 'no');
    const now = withDeadline({ signal }, { ...settings, clock }, () => {
      throw failure;
    });
    expect(await rejection(now)).toBe(failure);
    expect(await rejection(withDeadline({ signal }, { ...settings, clock }, () => Promise.reject(failure)))).toBe(failure);
    expect([listeners(signal), clock.pendingTimers]).toEqual([0, 0]);
  });

  test.each([new Error('mine'), 'a text', Symbol('mine'), { any: 'thing' }, 0, false])('rejects with the very reason of the caller: %s', async (reason) => {
    const caller = new AbortController();
    const clock = createFakeClock();
    const call = withDeadline({ signal: caller.signal }, { ...settings, clock }, forEver);
    caller.abort(reason);
    expect(await rejection(call)).toBe(reason);
    expect([listeners(caller.signal), clock.pendingTimers]).toEqual([0, 0]);
  });

  test.each([new Error('mine'), 'a text', 0])('does not start when the caller has left already: %s', async (reason) => {
    let started = false;
    const call = withDeadline({ signal: AbortSignal.abort(reason) }, settings, async () => {
      started = true;
    });
    expect(await rejection(call)).toBe(reason);
    expect(started).toBe(false);
  });

  test.each(['before', 'after'])('a caller who leaves %s the start without a reason gets ABORTED', async (moment) => {
    const caller = new AbortController();
    if (moment === 'before') caller.abort(null);
    const call = withDeadline({ signal: caller.signal }, settings, forEver);
    caller.abort(null);
    expect(await rejection(call)).toMatchObject({ code: 'ABORTED' });
  });

  test('work is told by its signal, with the reason of the caller', async () => {
    const caller = new AbortController();
    const seen: unknown[] = [];
    const call = withDeadline({ signal: caller.signal }, settings, async ({ signal }) => {
      signal.addEventListener('abort', () => seen.push(signal.reason));
      await forEver();
    });
    caller.abort('left');
    await rejection(call);
    expect(seen).toEqual(['left']);
  });

  test('ends with TIMEOUT when the time is over, even when the work ignores its signal', async () => {
    const clock = createFakeClock();
    const call = rejection(withDeadline(undefined, { ...settings, clock, details: { address: '192.0.2.1' } }, forEver));
    let settled = false;
    void call.then(() => (settled = true));
    await clock.advance(999);
    expect(settled).toBe(false);
    await clock.advance(1);
    const error = await call;
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: true, details: { address: '192.0.2.1', timeoutMs: 1000 } });
    expect((error as Error).message).toBe('power on of 192.0.2.1 did not finish within 1000 ms');
  });

  test("the caller's time replaces the default", async () => {
    const clock = createFakeClock();
    const call = rejection(withDeadline({ timeoutMs: 50 }, { ...settings, clock }, forEver));
    await clock.advance(50);
    expect(await call).toMatchObject({ details: { timeoutMs: 50 } });
  });

  test('tells how much time is left, never below 0', async () => {
    const clock = createFakeClock();
    const left: number[] = [];
    const call = rejection(
      withDeadline({ timeoutMs: 100 }, { ...settings, clock }, async (deadline) => {
        for (;;) {
          left.push(deadline.remainingMs());
          await delay(60, { clock });
        }
      }),
    );
    await clock.advance(200);
    await call;
    expect(left).toEqual([100, 40, 0, 0]);
  });

  test('a late failure of abandoned work disturbs nobody', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const caller = new AbortController();
      const work = Promise.withResolvers<never>();
      const call = withDeadline({ signal: caller.signal }, settings, () => work.promise);
      caller.abort('left');
      await rejection(call);
      work.reject(new Error('too late'));
      await new Promise((resolve) => void setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  test.each([0, -5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, MAXIMUM_TIMEOUT_MS + 1, '100' as unknown as number])('refuses a timeoutMs of %s before it starts', async (timeoutMs) => {
    let started = false;
    const error = await rejection(
      withDeadline({ timeoutMs }, settings, async () => {
        started = true;
      }),
    );
    expect(optionIssues(error)).toMatchObject([{ field: 'timeoutMs', problem: 'invalid' }]);
    expect(started).toBe(false);
  });

  test.each([1, MAXIMUM_TIMEOUT_MS])('takes a timeoutMs of %s', async (timeoutMs) => {
    expect(await withDeadline({ timeoutMs }, { ...settings, clock: createFakeClock() }, async () => 'ok')).toBe('ok');
  });
});

describe('abortable', () => {
  test('is the promise itself without a signal, and leaves no listener with one', async () => {
    const { signal } = new AbortController();
    expect(await abortable(undefined, Promise.resolve(1))).toBe(1);
    expect(await abortable(signal, Promise.resolve(2))).toBe(2);
    expect(await rejection(abortable(signal, Promise.reject(new Error('x'))))).toMatchObject({ message: 'x' });
    await Promise.resolve();
    expect(listeners(signal)).toBe(0);
  });

  test('rejects at once when the signal aborts', async () => {
    const controller = new AbortController();
    const waiting = abortable(controller.signal, forEver());
    controller.abort('left');
    expect(await rejection(waiting)).toBe('left');
    expect(await rejection(abortable(controller.signal, forEver()))).toBe('left');
    expect(await rejection(abortable(AbortSignal.abort(null), forEver()))).toMatchObject({ code: 'ABORTED' });
    expect(listeners(controller.signal)).toBe(0);
  });
});

describe('delay', () => {
  test('waits that long and cancels its timer when it is aborted', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const waiting = rejection(delay(100, { clock, signal: controller.signal }));
    expect(clock.pendingTimers).toBe(1);
    controller.abort('left');
    expect(await waiting).toBe('left');
    expect(clock.pendingTimers).toBe(0);
  });
});

test('abortReason gives every reason back, and ABORTED for none', () => {
  expect(abortReason(AbortSignal.abort('x'))).toBe('x');
  expect(abortReason(AbortSignal.abort(null))).toMatchObject({ code: 'ABORTED' });
  expect(abortReason(AbortSignal.abort())).toBeInstanceOf(DOMException);
});
