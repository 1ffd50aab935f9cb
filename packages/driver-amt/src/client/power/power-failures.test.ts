import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createPowerBench as bench, POWER_REQUEST, requests } from '../../../test/power-bench.js';
import { run } from '../../../test/run.js';
import type { AmtPowerTarget } from './index.js';

describe('an answer that is lost', () => {
  test.each<[AmtPowerTarget, number, string[]]>([['power on', 8, ['2']], ['power off', 2, ['8']], ['soft power off', 2, ['12']]])(
    'of %s from %d that was carried out: it is not sent again', async (target, from, asked) => {
      const b = bench(from);
      b.amt.looksUntilChange = 2;
      b.amt.fates.set(POWER_REQUEST, ['answer lost']);
      await b.change(target);
      expect(requests(b)).toEqual(asked);
    },
  );

  test('of a request that was not carried out: it is sent again after looks that showed nothing of it', async () => {
    const b = bench();
    b.amt.fates.set(POWER_REQUEST, ['request lost']);
    await b.change('power on');
    expect(requests(b)).toEqual(['2', '2']);
    const [first = 0, second = 0] = b.times;
    expect(second - first).toBeGreaterThanOrEqual(10_000);
    const between = b.amt.calls.slice(b.amt.calls.indexOf('invoke RequestPowerStateChange 2') + 1, b.amt.calls.lastIndexOf('invoke RequestPowerStateChange 2'));
    expect(between.filter((call) => call.startsWith('get')).length).toBeGreaterThanOrEqual(2);
  });

  test('of a device that is away afterwards: nothing is sent until it was looked at', async () => {
    const b = bench();
    b.amt.fates.set(POWER_REQUEST, ['request lost']);
    const away = Array.from({ length: 12 }, () => 'request lost' as const);
    b.amt.fates.set('CIM_AssociatedPowerManagementService', ['answered', ...away]);
    await b.change('power on');
    const [first = 0, second = 0] = b.times;
    expect(requests(b)).toEqual(['2', '2']);
    expect(second - first).toBeGreaterThanOrEqual(24_000);
  });

  test('each time: it is given up after three', async () => {
    const b = bench();
    b.amt.fates.set(POWER_REQUEST, Array.from({ length: 9 }, () => 'request lost' as const));
    await expect(b.change('power on')).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(requests(b)).toEqual(['2', '2', '2']);
  });

  test('of a reset: it is never sent again, and the error says that nobody can tell', async () => {
    const b = bench(2);
    b.amt.fates.set(POWER_REQUEST, ['request lost']);
    await expect(b.change('rebooting')).rejects.toMatchObject({
      code: 'UNREACHABLE', retryable: false, message: expect.stringContaining("The answer to 'reset' was lost, and nothing tells whether it was carried out"),
    });
    expect(requests(b)).toEqual(['10']);
  });

  test('of a reset that is seen to go on: it is done', async () => {
    const b = bench(2);
    b.amt.transient = [10];
    b.amt.fates.set(POWER_REQUEST, ['answer lost']);
    expect(await b.change('rebooting')).toMatchObject({ status: { condition: 'on' }, requests: ['reset'] });
    expect(requests(b)).toEqual(['10']);
  });

  test('that the device says it cannot vouch for is none', async () => {
    const b = bench(2);
    b.amt.fates.set(POWER_REQUEST, [new FerricError('BUSY', 'it took too long', { details: { subcode: 'TimedOut', sent: true } })]);
    await expect(b.change('rebooting')).rejects.toMatchObject({ code: 'BUSY', retryable: false, message: expect.stringContaining('nothing tells') });
    expect(requests(b)).toEqual(['10']);
  });

  test('because the request never left: it is sent again, also a reset', async () => {
    const b = bench(2);
    b.amt.fates.set(POWER_REQUEST, [new FerricError('UNREACHABLE', 'refused', { details: { sent: false } })]);
    expect(await b.change('rebooting')).toMatchObject({ requests: ['reset'] });
    expect(requests(b)).toEqual(['10', '10']);
  });

  test('of a graceful request: it is never sent again', async () => {
    const b = bench(2);
    b.amt.fates.set(POWER_REQUEST, ['request lost']);
    await expect(b.change('soft power off', { timeoutMs: 60_000 })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(requests(b)).toEqual(['12']);
  });
});

describe('a device that declines', () => {
  test('for a moment is asked again', async () => {
    for (const returnValue of [2, 3, 4, 6, 4097, 4099]) {
      const b = bench(2);
      b.amt.fates.set(POWER_REQUEST, [{ returnValue }]);
      expect((await b.change('power off')).status.state).toBe('power off');
      expect(requests(b)).toEqual(['8', '8']);
    }
  });

  test.each([
    [1, 'UNSUPPORTED', 'not supported'], [2, 'REFUSED', 'unknown or unspecified error'], [4, 'REFUSED', 'failed'], [5, 'UNSUPPORTED', 'invalid parameter'],
    [6, 'BUSY', 'in use'], [4097, 'CONFLICT', 'invalid state transition'], [4099, 'BUSY', 'busy'], [0x8000 + 0x10, 'REFUSED', 'not permitted'],
  ] as const)('with %d for good is told of as %s', async (returnValue, code, reason) => {
    const b = bench(2);
    b.amt.fates.set(POWER_REQUEST, Array.from({ length: 9 }, () => ({ returnValue })));
    await expect(b.change('power off')).rejects.toMatchObject({
      code, message: `The device declined 'power off': ${reason} (ReturnValue ${returnValue})`, details: { returnValue, step: "request 'power off'" },
    });
    expect(requests(b)).toHaveLength(code === 'UNSUPPORTED' ? 1 : 3);
  });

  test.each(['rebooting', 'power cycle'] as const)('%s without a reason is told of at once: it may have done it all the same', async (target) => {
    for (const returnValue of [2, 3, 4, 4097]) {
      const b = bench(2);
      b.amt.fates.set(POWER_REQUEST, [{ returnValue }, { returnValue }]);
      await expect(b.change(target)).rejects.toMatchObject({ details: { returnValue } });
      expect(requests(b)).toHaveLength(1);
    }
  });

  test('a restart because it is busy is asked again, as often as allowed', async () => {
    for (const busy of [{ returnValue: 6 }, { returnValue: 4099 }, new FerricError('BUSY', 'full')]) {
      const b = bench(2);
      b.amt.fates.set(POWER_REQUEST, [busy]);
      expect(await b.change('rebooting')).toMatchObject({ requests: ['reset'] });
      expect(requests(b)).toEqual(['10', '10']);
      b.amt.fates.set(POWER_REQUEST, Array.from({ length: 9 }, () => busy));
      await expect(b.change('rebooting')).rejects.toMatchObject({ code: 'BUSY' });
      expect(requests(b)).toHaveLength(5);
    }
  });

  test('a restart while another is under way does not take that one for its own', async () => {
    const b = bench(2);
    let looks = 0;
    b.amt.fates.set(POWER_REQUEST, [{ returnValue: 4099 }]);
    b.amt.before = (call) => {
      if (call !== 'get CIM_AssociatedPowerManagementService' || (looks += 1) > 4) return;
      b.amt.powerState = looks === 2 ? 10 : 2;
    };
    await b.change('rebooting');
    expect(requests(b)).toEqual(['10', '10']);
  });

  test('but is there anyway: it is done', async () => {
    const b = bench(2);
    b.amt.fates.set(POWER_REQUEST, [{ returnValue: 2 }]);
    b.amt.before = (call) => {
      if (call.startsWith(`invoke ${POWER_REQUEST}`)) b.amt.powerState = 8;
    };
    expect((await b.change('power off')).status.state).toBe('power off');
    expect(requests(b)).toEqual(['8']);
  });

  test('because a session is open says which one, and is not asked again', async () => {
    const b = bench(2);
    b.amt.instances.set('IPS_KvmSessionUsingPort', [{ Antecedent: 'a port' }]);
    b.amt.instances.set('IPS_SolSessionUsingPort', []);
    b.amt.fates.set(POWER_REQUEST, [{ returnValue: 2 }, { returnValue: 2 }]);
    await expect(b.change('power off')).rejects.toMatchObject({
      code: 'CONFLICT', message: "The device declined 'power off' because a session is open: KVM", details: { openSessions: ['KVM'] },
      hint: expect.stringContaining("'rebooting' works while it is open"),
    });
    expect(requests(b)).toEqual(['8']);
  });

  test('and does not tell of sessions gets the hint that one may be open', async () => {
    const b = bench(2);
    b.amt.fates.set(POWER_REQUEST, Array.from({ length: 3 }, () => ({ returnValue: 2 })));
    await expect(b.change('power off')).rejects.toMatchObject({ code: 'REFUSED', hint: expect.stringContaining('serial over LAN') });
  });

  test('a graceful request is believed at once', async () => {
    const b = bench(2);
    b.amt.fates.set(POWER_REQUEST, [{ returnValue: 2 }]);
    await expect(b.change('soft power off')).rejects.toMatchObject({ code: 'REFUSED' });
    expect(requests(b)).toEqual(['12']);
  });

  test('because this user may not is told of at once', async () => {
    const b = bench();
    b.amt.fates.set(POWER_REQUEST, [new FerricError('REFUSED', 'access denied')]);
    await expect(b.change('power on')).rejects.toMatchObject({ code: 'REFUSED', message: 'access denied' });
    expect(requests(b)).toEqual(['2']);
  });
});

describe('a machine that does not follow', () => {
  test('is asked again as often as allowed, and is not reported as done', async () => {
    const b = bench();
    b.amt.fates.set(POWER_REQUEST, Array.from({ length: 9 }, () => 'ignored' as const));
    await expect(b.change('power on', { attempts: 2 })).rejects.toMatchObject({
      code: 'TIMEOUT', message: "The device accepted 'power on', but the machine still reads 'power off'", details: { step: 'wait for the machine', received: 'power off' },
    });
    expect(requests(b)).toEqual(['2', '2']);
  });

  test('whose operating system takes its time gets it', async () => {
    const b = bench(2);
    b.amt.looksUntilChange = 200;
    expect((await b.change('soft power off')).status.state).toBe('power off');
    expect(requests(b)).toEqual(['12']);
    expect(b.clock.monotonicMs()).toBeGreaterThan(400_000);
  });

  test('after the first half of a restart is told to be off', async () => {
    const b = bench(4);
    b.amt.fates.set(POWER_REQUEST, ['answered', ...Array.from({ length: 9 }, () => ({ returnValue: 2 }))]);
    await expect(b.change('rebooting')).rejects.toMatchObject({
      code: 'REFUSED', message: expect.stringMatching(/The restart had switched the machine off/), hint: expect.stringMatching(/^Switch the machine on\./),
    });
    expect(b.amt.powerState).toBe(8);
  });

  test('is given up with the reason of the caller, whatever it waits for', async () => {
    const b = bench();
    b.amt.fates.set(POWER_REQUEST, ['ignored']);
    const caller = new AbortController();
    const call = b.power.change('power on', { signal: caller.signal });
    await b.clock.advance(3000);
    caller.abort('left');
    await expect(run(b.clock, call)).rejects.toBe('left');
    expect(b.clock.pendingTimers).toBe(0);
  });
});
