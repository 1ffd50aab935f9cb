import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { whileBusy } from './while-busy.js';

const post = new FerricError('BUSY', 'in POST');
const state = new FerricError('CONFLICT', 'busy with the last one', { retryable: true });

test('repeats what was declined for a reason that passes', async () => {
  const clock = createFakeClock();
  const errors = [post, state];
  const call = whileBusy(undefined, { what: 'boot override', clock }, async () => {
    const error = errors.shift();
    if (error !== undefined) throw error;
    return 'done';
  });
  await clock.advance(9999);
  expect(errors).toHaveLength(1);
  await clock.advance(1);
  await clock.advance(10_000);
  expect(await call).toBe('done');
  expect(clock.pendingTimers).toBe(0);
});

test('ends with the refusal, not with TIMEOUT, and does not wait for nothing', async () => {
  const clock = createFakeClock();
  let tries = 0;
  const call = failure(
    whileBusy({ timeoutMs: 25_000 }, { what: 'x', clock }, async () => {
      tries += 1;
      throw post;
    }),
  );
  await clock.advance(20_000);
  expect(await call).toBe(post);
  expect(tries).toBe(3);
});

test('waits as long as the controller asks, within reason', async () => {
  const clock = createFakeClock();
  for (const [seconds, pauseMs] of [[1, 10_000], [30, 30_000], [100_000, 60_000]] as const) {
    let tries = 0;
    const call = whileBusy(undefined, { what: 'x', clock }, async () => {
      tries += 1;
      if (tries === 1) throw new FerricError('BUSY', 'x', { details: { retryAfterSeconds: seconds } });
      return seconds;
    });
    await clock.advance(pauseMs - 1);
    expect([seconds, tries]).toEqual([seconds, 1]);
    await clock.advance(1);
    expect(await call).toBe(seconds);
  }
});

test.each([
  new FerricError('REFUSED', 'no'),
  new FerricError('CONFLICT', 'changed by somebody'),
  new FerricError('UNREACHABLE', 'lost: nobody knows whether it was done'),
  new FerricError('TIMEOUT', 'as well'),
  new Error('other'),
])('does not repeat %s', async (error) => {
  let tries = 0;
  const call = whileBusy(undefined, { what: 'x' }, async () => {
    tries += 1;
    throw error;
  });
  expect(await failure(call)).toBe(error);
  expect(tries).toBe(1);
});

test('a caller who leaves in the pause gets the own reason; work that hangs ends with TIMEOUT', async () => {
  const clock = createFakeClock();
  const caller = new AbortController();
  const waiting = failure(whileBusy({ signal: caller.signal }, { what: 'x', clock }, async () => Promise.reject(post)));
  await clock.advance(5000);
  caller.abort('left');
  expect(await waiting).toBe('left');
  const hanging = failure(whileBusy({ timeoutMs: 1000 }, { what: 'boot override of a', clock }, async () => new Promise(() => undefined)));
  await clock.advance(1000);
  // Nobody knows what the work has done by then.
  expect(await hanging).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { sent: true }, message: 'boot override of a did not finish within 1000 ms' });
});
