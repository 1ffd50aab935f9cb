import { createClosing, createDeviceMemory, FerricError, silentLogger, withDeadline } from '@ferric/core';
import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeAmt } from '../test/fake-amt.js';
import { run } from '../test/run.js';
import { createMachine, type AmtMachine } from './amt-machine.js';
import { amtDriverInfo } from './amt-options.js';
import { composeAmtClient } from './client/amt-client.js';

function bench(): { readonly machine: AmtMachine; readonly clock: FakeClock } {
  const clock = createFakeClock();
  const client = composeAmtClient(createFakeAmt().wsman, { clock });
  const machine = createMachine({
    info: amtDriverInfo.parse({ amt_address: '192.0.2.10', amt_username: 'admin', amt_password: 'secret' }),
    clock, logger: silentLogger, memory: createDeviceMemory(), address: '192.0.2.10:16992',
    lease: () => ({ client: () => client, [Symbol.dispose]: () => undefined }),
    guard: createClosing('closed').guard,
    isClosed: () => false,
  });
  return { machine, clock };
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('a call that takes too long', () => {
  test.each([[100, 90], [5000, 4500], [60_000, 59_000]])('of %d ms ends with the error of the client, after %d ms', async (timeoutMs, endsAtMs) => {
    const { machine, clock } = bench();
    const call = machine.perform({ what: 'look', timeoutMs }, undefined, ({ options }) =>
      withDeadline(options, { what: 'the answer', defaultTimeoutMs: 1, details: { step: 'answer', sent: true }, clock }, never),
    );
    await expect(run(clock, call, 10)).rejects.toMatchObject({
      code: 'TIMEOUT', message: `192.0.2.10:16992: the answer did not finish within ${endsAtMs} ms`, details: { step: 'answer', sent: true, address: '192.0.2.10:16992' },
    });
  });

  test('shares its time between the calls of the client', async () => {
    const { machine, clock } = bench();
    const given: (number | undefined)[] = [];
    await machine.perform({ what: 'look', timeoutMs: 30_000 }, undefined, async ({ options }) => {
      given.push(options.timeoutMs);
      await clock.advance(20_000);
      given.push(options.timeoutMs, { ...options }.timeoutMs);
    });
    expect(given).toEqual([29_000, 9000, 9000]);
  });

  test('ends also when its work does not care', async () => {
    const { machine, clock } = bench();
    await expect(run(clock, machine.perform({ what: 'look', timeoutMs: 2 }, undefined, never), 1)).rejects.toMatchObject({
      code: 'TIMEOUT', message: expect.stringContaining("'look' of 192.0.2.10:16992"),
    });
  });
});

test('what the memory cannot give rejects', async () => {
  const { machine } = bench();
  const failure = new FerricError('INTERNAL', 'the memory is broken');
  const broken = (): never => {
    throw failure;
  };
  let call: Promise<never> | undefined;
  expect(() => void (call = machine.recall('read boot device', undefined, broken))).not.toThrow();
  await expect(call).rejects.toBe(failure);
});
