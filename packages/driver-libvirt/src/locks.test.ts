import { errorCode } from '@ferric/core';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLocks } from './locks.js';

const never = new AbortController().signal;

test('one at a time for each key, in order; other keys do not wait', async () => {
  const locks = createLocks();
  const order: string[] = [];
  const gates = new Map(['a1', 'a2', 'b1'].map((name) => [name, Promise.withResolvers<void>()]));
  const start = (name: string): Promise<void> =>
    locks.run(name.charAt(0), never, async () => {
      order.push(`${name} starts`);
      await gates.get(name)?.promise;
      order.push(`${name} ends`);
    });
  const all = ['a1', 'a2', 'b1'].map(start);
  await nextTurn();
  expect(order).toEqual(['a1 starts', 'b1 starts']);
  for (const name of ['a2', 'b1', 'a1']) gates.get(name)?.resolve();
  await Promise.all(all);
  expect(order).toEqual(['a1 starts', 'b1 starts', 'b1 ends', 'a1 ends', 'a2 starts', 'a2 ends']);
});

test('who gives up waiting is answered at once, and the others go on in their order', async () => {
  const locks = createLocks();
  const first = Promise.withResolvers<string>();
  const caller = new AbortController();
  const running = locks.run('a', never, () => first.promise);
  const given = locks.run('a', caller.signal, async () => 'never').catch((error: unknown) => error);
  const next = locks.run('a', never, async () => 'next');
  caller.abort('left');
  expect(await given).toBe('left');
  let done = false;
  void next.then(() => (done = true));
  await nextTurn();
  expect(done).toBe(false);
  first.resolve('first');
  expect([await running, await next]).toEqual(['first', 'next']);
});

test('a failure ends only its own turn', async () => {
  const locks = createLocks();
  const failed = locks.run('a', never, async () => {
    throw new Error('no');
  });
  const next = locks.run('a', never, async () => 'next');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('next');
});

test('a crowd is refused', async () => {
  const locks = createLocks();
  const first = Promise.withResolvers<void>();
  const crowd = Array.from({ length: 70 }, () => locks.run('a', never, () => first.promise).then(() => 'done', errorCode));
  first.resolve();
  const outcomes = await Promise.all(crowd);
  expect(outcomes.filter((outcome) => outcome === 'BUSY').length).toBe(5);
  expect(outcomes.slice(0, 65).every((outcome) => outcome === 'done')).toBe(true);
});
