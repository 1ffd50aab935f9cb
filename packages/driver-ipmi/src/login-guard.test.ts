import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import type { IpmiClient } from '@ferric/ipmi-raw-buffer';
import { expect, test } from 'vitest';
import { createFakeBmc } from '../test/fake-bmc.js';
import { guardLogins, HOLD_OFF_MS } from './login-guard.js';

interface Bench {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly client: IpmiClient;
  /** What the BMC says to the next login. */
  answer: 'yes' | 'AUTH_FAILED' | 'TIMEOUT' | 'silence at the password';
  tried: number;
}

function bench(): Bench {
  const clock = createFakeClock();
  const { client } = createFakeBmc();
  const login = async (): Promise<void> => {
    run.tried += 1;
    if (run.answer === 'silence at the password') throw new FerricError('TIMEOUT', 'Activate Session: no answer', { retryable: false });
    if (run.answer !== 'yes') throw new FerricError(run.answer, 'RAKP 2 at 192.0.2.10:623: wrong password', { details: { address: '192.0.2.10:623' } });
  };
  const inner: IpmiClient = {
    ...client,
    raw: async (request, options) => login().then(() => client.raw(request, options)),
    session: async (options) => login().then(() => client.session(options)),
  };
  const run: Bench = { clock, client: guardLogins(inner, clock), answer: 'AUTH_FAILED', tried: 0 };
  return run;
}

const REQUEST = { netFn: 0x06, command: 0x01 };

test('credentials that were refused are left alone for a while, whatever the call', async () => {
  const run = bench();
  await expect(run.client.raw(REQUEST)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  run.answer = 'yes';
  await run.clock.advance(HOLD_OFF_MS - 1);
  const calls = [() => run.client.raw(REQUEST), () => run.client.session(), () => run.client.openPayload(1, { receive: () => undefined, ended: () => undefined })];
  for (const call of calls) {
    await expect(call()).rejects.toMatchObject({
      code: 'AUTH_FAILED', retryable: false, details: { address: '192.0.2.10:623' }, message: expect.stringContaining('wrong password'),
    });
  }
  expect(run.tried).toBe(1);
  await run.clock.advance(1);
  expect(await run.client.session()).toMatchObject({ protocol: '2.0' });
  expect([(await run.client.raw(REQUEST)).completionCode, run.tried]).toEqual([0, 3]);
});

test('other failures keep nobody from trying', async () => {
  const run = bench();
  run.answer = 'TIMEOUT';
  await expect(run.client.raw(REQUEST)).rejects.toMatchObject({ code: 'TIMEOUT' });
  run.answer = 'yes';
  expect([(await run.client.raw(REQUEST)).completionCode, run.tried]).toEqual([0, 2]);
});

test('silence that may mean a wrong password is a refusal too', async () => {
  const run = bench();
  run.answer = 'silence at the password';
  for (const _time of [1, 2]) await expect(run.client.raw(REQUEST)).rejects.toMatchObject({ code: 'TIMEOUT', retryable: false });
  expect(run.tried).toBe(1);
});
