import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { GENERATIONS } from '../../src/simulator/index.js';
import { clientOf, failure, startBench } from './bench.js';

const NEXT = new Secret('an0ther-Passw0rd');

describe.each(GENERATIONS)('%s', (generation) => {
  test('an answer to the change that got lost is found out: the new one counts', async () => {
    const { ilo, client } = await startBench({ generation });
    await client.power.read();
    const change = ilo.machine.accounts.changePassword.bind(ilo.machine.accounts);
    let isLost = false;
    ilo.machine.accounts.changePassword = (...args) => {
      const outcome = change(...args);
      if (!isLost) void ilo.unplug().then(() => ilo.plugIn());
      isLost = true;
      return outcome;
    };
    await client.accounts.changePassword(NEXT);
    expect(isLost).toBe(true);
    expect((await client.power.read()).state).toBe('power off');
    expect((await clientOf(ilo, { password: NEXT }).power.read()).state).toBe('power off');
    expect(ilo.activity.operations['change password']).toBe(1);
  });

  test('a change that was lost before it was made leaves the former one', async () => {
    const { ilo, client } = await startBench({ generation });
    await client.power.read();
    let isLost = false;
    const change = ilo.machine.accounts.changePassword.bind(ilo.machine.accounts);
    ilo.machine.accounts.changePassword = (...args) => {
      if (isLost) return change(...args);
      isLost = true;
      void ilo.unplug().then(() => ilo.plugIn());
      return undefined;
    };
    const error = await failure(client.accounts.changePassword(NEXT));
    expect(error.code).toBe('UNREACHABLE');
    expect(error.details['undecided']).toBeUndefined();
    expect((await client.power.read()).state).toBe('power off');
    await client.accounts.changePassword(NEXT);
    expect((await clientOf(ilo, { password: NEXT }).power.read()).state).toBe('power off');
  });

  test('what cannot be a password is refused before anything is sent', async () => {
    const { ilo, client } = await startBench({ generation });
    for (const wrong of [new Secret(''), new Secret('x'.repeat(300)), 'clear' as unknown as Secret]) {
      const error = await failure(client.accounts.changePassword(wrong));
      expect(error.code).toBe('INVALID_OPTIONS');
      expect(error.message).not.toContain('clear');
    }
    expect(ilo.activity.requests).toBe(0);
  });
});
