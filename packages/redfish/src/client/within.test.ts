import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { startService } from '../../test/support/scripted-service.js';
import { whileBusy } from '../errors/while-busy.js';
import { createRedfishClient } from './redfish-client.js';
import { within, withinChange } from './within.js';

const HOUR_MS = 3_600_000;

async function bench(): Promise<AsyncDisposable & { readonly clock: ReturnType<typeof createFakeClock>; readonly client: ReturnType<typeof createRedfishClient> }> {
  const service = await startService(() => ({ body: {} }));
  const clock = createFakeClock();
  const client = createRedfishClient({ url: service.url, clock });
  return {
    clock,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

const never = async (): Promise<never> => new Promise(() => undefined);
const settled = (promise: Promise<unknown>): (() => boolean) => {
  let done = false;
  void promise.finally(() => (done = true));
  return () => done;
};

test('a job has five minutes when the caller names no time', async () => {
  await using room = await bench();
  const call = failure(within(room.client, undefined, 'sensors', never));
  await room.clock.advance(300_000);
  expect(await call).toMatchObject({ code: 'TIMEOUT', retryable: true, details: { timeoutMs: 300_000 } });
});

test.each([
  ['a job', within],
  ['whileBusy', async (client: Parameters<typeof within>[0], options: Parameters<typeof within>[1], what: string, work: Parameters<typeof within>[3]) => whileBusy(options, { what, clock: client.clock }, work)],
] as const)('a job inside of %s has the time that the caller named, however long', async (_what, outer) => {
  await using room = await bench();
  const call = failure(outer(room.client, { timeoutMs: HOUR_MS }, 'outer', async (job) => within(room.client, job, 'inner', async (inner) => within(room.client, { ...inner }, 'innermost', never))));
  const isOver = settled(call);
  await room.clock.advance(HOUR_MS - 1);
  expect(isOver()).toBe(false);
  await room.clock.advance(1);
  expect(await call).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('outer') as string, details: { timeoutMs: HOUR_MS } });
});

test('whileBusy inside of a job tries as long as that goes on', async () => {
  await using room = await bench();
  const busy = new FerricError('BUSY', 'in POST');
  let tries = 0;
  const call = failure(within(room.client, { timeoutMs: HOUR_MS }, 'outer', async (job) => whileBusy(job, { what: 'x', intervalMs: 600_000, clock: room.clock }, async () => {
    tries += 1;
    throw busy;
  })));
  for (let pause = 0; pause < 5; pause += 1) await room.clock.advance(600_000);
  expect([await call, tries]).toEqual([busy, 6]);
});

test('an own time inside of a job counts', async () => {
  await using room = await bench();
  const call = failure(within(room.client, { timeoutMs: HOUR_MS }, 'outer', async (job) => within(room.client, { ...job, timeoutMs: 1000 }, 'inner', never)));
  await room.clock.advance(1000);
  expect(await call).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('inner') as string });
});

test('the time of a change that is over leaves open what was done; what the work throws, and the reason of the caller, stay what they are', async () => {
  await using room = await bench();
  const over = failure(withinChange(room.client, { timeoutMs: 1000 }, 'the password', never));
  await room.clock.advance(1000);
  expect(await over).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { sent: true, timeoutMs: 1000 } });
  const read = new FerricError('TIMEOUT', 'a read took too long');
  expect(await failure(withinChange(room.client, undefined, 'x', async () => Promise.reject(read)))).toBe(read);
  const caller = new AbortController();
  const left = failure(withinChange(room.client, { signal: caller.signal }, 'x', never));
  caller.abort(read);
  expect(await left).toBe(read);
});
