import { createFakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { createFakeBmc } from '../test/fake-bmc.js';
import { makeMachine, run } from '../test/make-machine.js';

const FACTS = { what: 'ask', timeoutMs: 5000 };
const REQUEST = { netFn: 0x06, command: 0x01 };

test('requests end with the call, whatever time they ask for', async () => {
  const bmc = createFakeBmc();
  const clock = createFakeClock();
  await makeMachine(bmc, { clock }).perform(FACTS, undefined, async ({ bmc: carrier, deadline }) => {
    await carrier.raw(REQUEST);
    await carrier.raw(REQUEST, { timeoutMs: 100 });
    await carrier.raw(REQUEST, { timeoutMs: 60_000, signal: deadline.signal });
  });
  expect(bmc.options.map(({ timeoutMs }) => timeoutMs)).toEqual([5000, 100, 5000]);
});

test('a request can be given up by itself', async () => {
  const bmc = createFakeBmc();
  const reason = new Error('enough of this one');
  const machine = makeMachine(bmc);
  const call = machine.perform(FACTS, undefined, ({ bmc: carrier }) => carrier.raw(REQUEST, { signal: AbortSignal.abort(reason) }));
  await expect(call).rejects.toBe(reason);
  expect(bmc.requests).toEqual([]);
  expect((await machine.perform(FACTS, undefined, ({ bmc: carrier }) => carrier.raw(REQUEST))).completionCode).toBe(0);
});

test('controllers in between are passed, those of the request last', async () => {
  const bmc = createFakeBmc();
  const passed: unknown[] = [];
  const client = { ...bmc.client, raw: (request: { bridge?: unknown }) => (passed.push(request.bridge), bmc.client.raw(REQUEST)) };
  const machine = makeMachine({ ...bmc, client }, { bridge: [{ channel: 7, address: 0x72 }] });
  await machine.perform(FACTS, undefined, async ({ bmc: carrier }) => {
    await carrier.raw(REQUEST);
    await carrier.raw({ ...REQUEST, bridge: [{ channel: 6, address: 0x2c }] });
  });
  expect(passed).toEqual([[{ channel: 7, address: 0x72 }], [{ channel: 7, address: 0x72 }, { channel: 6, address: 0x2c }]]);
});

test('a call has its default time, and errors name it and the address', async () => {
  const bmc = createFakeBmc();
  const clock = createFakeClock();
  const machine = makeMachine({ ...bmc, client: { ...bmc.client, raw: () => new Promise(() => undefined) } }, { clock });
  const call = machine.perform(FACTS, undefined, ({ bmc: carrier }) => carrier.raw(REQUEST));
  await expect(run(clock, call)).rejects.toMatchObject({ code: 'TIMEOUT', details: { address: '192.0.2.10:623', timeoutMs: 5000 } });
  expect(clock.monotonicMs()).toBe(5000);
});

test('a BMC that does not answer is left alone for a while', async () => {
  const bmc = createFakeBmc();
  bmc.fates.set('06/01', Array.from({ length: 9 }, () => 'request lost' as const));
  const machine = makeMachine(bmc);
  const ask = (): Promise<unknown> => machine.perform(FACTS, undefined, ({ bmc: carrier }) => carrier.raw(REQUEST));
  for (let call = 0; call < 5; call += 1) await expect(ask()).rejects.toMatchObject({ code: 'TIMEOUT' });
  await expect(ask()).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(bmc.requests).toHaveLength(5);
});
