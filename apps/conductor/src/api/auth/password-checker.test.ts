import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { Secret } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createPasswordChecker } from './password-checker.js';

const secret = (text: string): Secret => new Secret(text);

/** Made by crypt(3) of libxcrypt for the password "secret": as $2y$, as Apache writes it, and as $2b$. */
const HASH_2Y = secret('$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW');
const HASH_2B = secret('$2b$04$jCZk9EcH7SAZn3JKtIXfOORPrreEeZWyHJunThVHloEmpnPQSj2KO');

describe('the password checker', () => {
  test('agrees with another implementation', async () => {
    await using checker = createPasswordChecker();
    for (const hash of [HASH_2Y, HASH_2B]) {
      expect(await checker.matches(secret('secret'), hash)).toBe(true);
      expect(await checker.matches(secret('Secret'), hash)).toBe(false);
      expect(await checker.matches(secret(''), hash)).toBe(false);
    }
  });

  test('does not hold the event loop while it works', async () => {
    await using checker = createPasswordChecker();
    await checker.matches(secret('warm'), HASH_2Y);
    // Cost 10: some 60 ms of computing.
    const check = checker.matches(secret('secret'), secret(HASH_2Y.reveal().replace('$04$', '$10$')));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await check;
    clearImmediate(next);
    expect(turns).toBeGreaterThan(20);
  });

  test('refuses as busy when too many wait, and serves all who do', async () => {
    await using checker = createPasswordChecker({ queueLimit: 2 });
    const checks = Array.from({ length: 4 }, () => checker.matches(secret('secret'), HASH_2Y));
    const ends = await Promise.allSettled(checks);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    await expect(checks[3]).rejects.toMatchObject({ code: 'BUSY', retryable: true });
  });

  test('whose turn does not come in time is told the same, and who leaves gets the own reason', async () => {
    const clock = createFakeClock();
    await using checker = createPasswordChecker({ clock });
    const slow = checker.matches(secret('secret'), HASH_2Y);
    const late = checker.matches(secret('secret'), HASH_2Y, { timeoutMs: 1 });
    const caller = new AbortController();
    const left = checker.matches(secret('secret'), HASH_2Y, { signal: caller.signal });
    const reason = new Error('mine');
    caller.abort(reason);
    await Promise.all([expect(late).rejects.toMatchObject({ code: 'BUSY' }), expect(left).rejects.toBe(reason), clock.advance(1)]);
    expect(await slow).toBe(true);
  });

  test('a thread that fails is replaced, and its failure holds no password', async () => {
    await using checker = createPasswordChecker();
    const failing = checker.matches(secret('hunter2-planted'), { reveal: () => 5 } as unknown as Secret);
    const error = await failing.catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect(`${String(error)} ${String((error as Error).cause)} ${String(((error as Error).cause as Error).stack)}`).not.toContain('hunter2-planted');
    expect(await checker.matches(secret('secret'), HASH_2Y)).toBe(true);
  });

  test('a thread that ended, after some silence or for no reason, is started again', async () => {
    const clock = createFakeClock();
    await using checker = createPasswordChecker({ clock, idleMs: 1000 });
    const threads: Worker[] = [];
    const note = (thread: Worker): void => void threads.push(thread);
    process.on('worker', note);
    try {
      for (const _check of [1, 2]) expect(await checker.matches(secret('secret'), HASH_2Y)).toBe(true);
      expect(threads).toHaveLength(1);
      const ended = once(threads[0] as Worker, 'exit');
      await clock.advance(1000);
      await ended;
      expect(clock.pendingTimers).toBe(0);
      expect(await checker.matches(secret('secret'), HASH_2Y)).toBe(true);
      expect(threads).toHaveLength(2);
      await threads[1]?.terminate();
      expect(await checker.matches(secret('secret'), HASH_2Y)).toBe(true);
      expect(threads).toHaveLength(3);
    } finally {
      process.off('worker', note);
    }
  });

  test('closing ends what runs and what waits, again and again', async () => {
    const checker = createPasswordChecker();
    const checks = Array.from({ length: 3 }, () => checker.matches(secret('secret'), secret(HASH_2Y.reveal().replace('$04$', '$12$'))));
    const ends = Promise.allSettled(checks);
    await checker[Symbol.asyncDispose]();
    await checker[Symbol.asyncDispose]();
    expect((await ends).map((end) => (end.status === 'rejected' ? (end.reason as { code: string }).code : 'answered'))).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
    await expect(checker.matches(secret('secret'), HASH_2Y)).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
