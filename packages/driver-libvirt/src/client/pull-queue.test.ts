import { describe, expect, it } from 'vitest';
import { PullQueue } from './pull-queue.js';

describe('PullQueue', () => {
  it('gives what was pushed before and after it was asked, in order', async () => {
    const queue = new PullQueue<number>();
    queue.push(1);
    const [first, second, third] = [queue.next(), queue.next(), queue.next()];
    queue.push(2);
    queue.push(3);
    expect(await Promise.all([first, second, third])).toEqual([1, 2, 3].map((value) => ({ done: false, value })));
  });

  it('keeps the order of many that come and go', async () => {
    const queue = new PullQueue<number>();
    let read = 0;
    for (let pushed = 0; pushed < 1000; pushed += 1) {
      queue.push(pushed);
      if (pushed % 3 === 0) expect((await queue.next()).value).toBe(read++);
    }
    expect(queue.size).toBe(1000 - read);
    while (queue.size > 0) expect((await queue.next()).value).toBe(read++);
    expect(read).toBe(1000);
  });

  it('ends behind what is there, for all who wait', async () => {
    const queue = new PullQueue<number>();
    queue.push(1);
    queue.end();
    queue.push(2);
    expect(await queue.next()).toEqual({ done: false, value: 1 });
    expect(await Promise.all([queue.next(), queue.next()])).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('throws its failure once, behind what is there', async () => {
    const queue = new PullQueue<number>();
    queue.push(1);
    queue.fail(new Error('broken'));
    queue.fail(new Error('later'));
    expect((await queue.next()).value).toBe(1);
    await expect(queue.next()).rejects.toThrow('broken');
    expect((await queue.next()).done).toBe(true);
  });

  it('ends at once for a reader that leaves, also one that is waiting, and says so', async () => {
    let left = 0;
    const queue = new PullQueue<number>({ left: () => (left += 1) });
    const waiting = queue.next();
    await queue.return();
    expect([(await waiting).done, left, queue.closed]).toEqual([true, 1, true]);
    const failed = new PullQueue<number>();
    failed.fail(new Error('nobody reads this'));
    await failed.return();
    expect((await failed.next()).done).toBe(true);
  });
});
