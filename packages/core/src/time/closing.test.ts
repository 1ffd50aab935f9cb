import { describe, expect, test } from 'vitest';
import { createClosing } from './closing.js';
import { abortable } from './deadline.js';

const forever = (signal: AbortSignal | undefined): Promise<never> => abortable(signal, new Promise<never>(() => undefined));

describe('createClosing', () => {
  test('ends running calls with ABORTED, waits for their ends, and refuses new ones', async () => {
    const closing = createClosing('The device was closed');
    const ends: string[] = [];
    const call = closing.guard(undefined, ({ signal }) => forever(signal).finally(() => ends.push('cleaned up')));
    await Promise.all([expect(call).rejects.toMatchObject({ code: 'ABORTED', message: 'The device was closed' }), closing[Symbol.asyncDispose]()]);
    expect(ends).toEqual(['cleaned up']);
    await expect(closing.guard(undefined, async () => ends.push('ran'))).rejects.toMatchObject({ code: 'ABORTED' });
    expect(ends).toEqual(['cleaned up']);
    await closing[Symbol.asyncDispose]();
  });

  test("a caller's own signal keeps its reason, and options reach the work", async () => {
    await using closing = createClosing('closed');
    const caller = new AbortController();
    const call = closing.guard({ signal: caller.signal, timeoutMs: 7 }, ({ signal, timeoutMs }) => {
      expect(timeoutMs).toBe(7);
      return forever(signal);
    });
    const reason = new Error('changed my mind');
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
});
