import { delay, FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createPowerBench as bench, POWER_REQUEST, requests, WITH_AGENT } from '../../../test/power-bench.js';
import { run } from '../../../test/run.js';
import type { PowerChangeOptions } from './power-change.js';
import type { AmtPowerTarget } from './index.js';

describe('a change', () => {
  test.each<[AmtPowerTarget, number, string[], string]>([
    ['power on', 8, ['2'], 'power on'],
    ['power on', 2, [], 'power on'],
    ['power on', 4, ['2'], 'power on'],
    ['power on', 7, ['2'], 'power on'],
    ['power off', 2, ['8'], 'power off'],
    ['power off', 8, [], 'power off'],
    ['rebooting', 2, ['10'], 'power on'],
    ['rebooting', 8, ['2'], 'power on'],
    ['rebooting', 4, ['8', '2'], 'power on'],
    ['power cycle', 2, ['5'], 'power on'],
    ['soft power off', 2, ['12'], 'power off'],
    ['soft rebooting', 2, ['12', '2'], 'power on'],
    ['sleep', 2, ['4'], 'power on'],
    ['hibernate', 2, ['7'], 'power off'],
  ])('to %s from %d asks for %j and ends in %s', async (target, from, asked, state) => {
    const b = bench(from);
    b.amt.looksUntilChange = 2;
    const { status } = await b.change(target);
    expect(status.state).toBe(state);
    expect(requests(b)).toEqual(asked);
    expect(b.amt.calls[0]).toBe('get CIM_AssociatedPowerManagementService');
  });

  test('names what was asked for, and what the machine is in', async () => {
    const b = bench(2);
    b.amt.accepted = WITH_AGENT;
    expect(await b.change('sleep')).toMatchObject({ requests: ['sleep'], status: { condition: 'deep sleep', detail: 'in deep sleep (S3)', accepted: WITH_AGENT } });
    expect(await b.change('sleep')).toMatchObject({ requests: [] });
  });

  test('is looked at every 2 s, not faster', async () => {
    const b = bench();
    const looks: number[] = [];
    b.amt.looksUntilChange = 3;
    b.amt.before = (call) => {
      if (call === 'get CIM_AssociatedPowerManagementService') looks.push(b.clock.monotonicMs());
    };
    await b.change('power on');
    const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    expect(pauses.length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5000);
  });

  test('leaves 10 s between two requests, also of two changes, and of one that failed', async () => {
    const b = bench(4);
    await b.change('rebooting');
    b.amt.fates.set(POWER_REQUEST, [{ returnValue: 1 }]);
    await expect(b.change('power off')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await b.change('power off');
    const pauses = b.times.slice(1).map((at, index) => at - (b.times[index] ?? 0));
    expect(pauses).toHaveLength(3);
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(10_000);
  });

  test('counts them from the end of the request before', async () => {
    const b = bench(2);
    const ends: number[] = [];
    b.amt.before = async (call) => {
      if (!call.startsWith(`invoke ${POWER_REQUEST}`)) return;
      b.times.push(b.clock.monotonicMs());
      await delay(7000, { clock: b.clock });
      ends.push(b.clock.monotonicMs());
    };
    await b.change('power off');
    await b.change('power on');
    expect((b.times[1] ?? 0) - (ends[0] ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  test('is not asked for again while the machine goes through states that pass', async () => {
    const b = bench();
    b.amt.transient = Array.from({ length: 12 }, () => 9);
    expect((await b.change('power on')).status.state).toBe('power on');
    expect(requests(b)).toEqual(['2']);
    expect(b.clock.monotonicMs()).toBeGreaterThan(20_000);
  });

  test('waits for a machine that is changing already', async () => {
    const b = bench(9);
    let looks = 0;
    b.amt.before = (call) => {
      if (call === 'get CIM_AssociatedPowerManagementService' && (looks += 1) === 3) b.amt.powerState = 8;
    };
    expect((await b.change('power on')).status.state).toBe('power on');
    expect(requests(b)).toEqual(['2']);
    expect(b.clock.monotonicMs()).toBeGreaterThanOrEqual(4000);
  });

  test('goes through states that pass', async () => {
    const b = bench(2);
    b.amt.transient = [10, 10];
    expect((await b.change('rebooting')).status.condition).toBe('on');
    expect(requests(b)).toEqual(['10']);
  });
});

describe('standby', () => {
  test('is left by the call of the operating system, not by a power request', async () => {
    const b = bench(2);
    b.amt.osSaving = 3;
    expect(await b.power.read()).toMatchObject({ state: 'power on', condition: 'connected standby', detail: 'in connected standby' });
    expect(await b.change('power on')).toMatchObject({ requests: ['leave standby'], status: { condition: 'on' } });
    expect(b.amt.changes).toEqual(['invoke RequestOSPowerSavingStateChange OSPowerSavingState=2']);
  });

  test('into which a machine wakes is left too', async () => {
    const b = bench(4);
    b.amt.osSaving = 3;
    expect(await b.change('power on')).toMatchObject({ requests: ['power on', 'leave standby'], status: { condition: 'on' } });
  });

  test('that is not left is not reported as done; it is asked again only after a while', async () => {
    const b = bench(2);
    const times: number[] = [];
    b.amt.osSaving = 3;
    b.amt.fates.set('RequestOSPowerSavingStateChange', Array.from({ length: 9 }, () => 'ignored' as const));
    b.amt.before = (call) => {
      if (call.startsWith('invoke')) times.push(b.clock.monotonicMs());
    };
    await expect(b.change('power on')).rejects.toMatchObject({ code: 'TIMEOUT', details: { target: 'power on', received: 'power on: in connected standby' } });
    expect(times).toHaveLength(3);
    for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  test('is asked about once an hour where the machine does not have it, and not at all while it is off', async () => {
    for (const osSaving of [undefined, 1]) {
      const b = bench(8);
      b.amt.osSaving = osSaving;
      await b.power.read();
      expect(b.amt.calls).not.toContain('get IPS_PowerManagementService');
      b.amt.powerState = 2;
      await b.power.read();
      await b.clock.advance(3_599_999);
      await b.power.read();
      expect(b.amt.calls.filter((call) => call === 'get IPS_PowerManagementService')).toHaveLength(1);
      b.amt.osSaving = 3;
      await b.clock.advance(1);
      expect((await b.power.read()).condition).toBe('connected standby');
    }
  });

  test('is asked about each time where the machine has it', async () => {
    const b = bench(2);
    b.amt.osSaving = 2;
    expect((await b.power.read()).condition).toBe('on');
    b.amt.osSaving = 3;
    expect((await b.power.read()).condition).toBe('connected standby');
  });
});

describe('what the next boot does', () => {
  const watched = (): { readonly events: string[]; readonly options: PowerChangeOptions } => {
    const events: string[] = [];
    return {
      events,
      options: {
        checkBoot: async () => void events.push('check'),
        beforeBoot: async () => void events.push('before'),
        onBoot: (progress, { state }) => void events.push(progress === 'asked' ? `asked from ${state}` : progress),
      },
    };
  };
  const START = ['before', 'asked from power off', 'begun'];
  const RESTART = ['before', 'asked from power on', 'begun'];

  test.each<[AmtPowerTarget, number, string[]]>([
    ['power on', 8, START],
    ['power on', 7, START],
    ['power on', 4, []],
    ['power on', 2, []],
    ['power off', 2, []],
    ['rebooting', 2, RESTART],
    ['rebooting', 4, ['check', ...START]],
    ['soft rebooting', 2, ['check', ...START]],
    ['power cycle', 2, RESTART],
    ['power cycle', 4, ['check', ...START]],
    ['sleep', 2, []],
  ])('is seen to before a start, and only then: %s from %d', async (target, from, expected) => {
    const b = bench(from);
    const { events, options } = watched();
    await b.change(target, options);
    expect(events).toEqual(expected);
  });

  test('is not used when it could not be prepared: nothing is requested', async () => {
    const b = bench();
    const { events, options } = watched();
    const failure = new FerricError('REFUSED', 'user consent');
    await expect(b.change('power on', { ...options, beforeBoot: () => Promise.reject(failure) })).rejects.toBe(failure);
    expect([events, requests(b)]).toEqual([[], []]);
  });

  test.each<[AmtPowerTarget, number]>([['soft rebooting', 2], ['rebooting', 4]])('cannot be prepared: %s from %d does not stop the machine', async (target, from) => {
    const b = bench(from);
    const { events, options } = watched();
    const failure = new FerricError('REFUSED', 'user consent');
    await expect(b.change(target, { ...options, checkBoot: () => Promise.reject(failure) })).rejects.toBe(failure);
    expect([events, requests(b), b.amt.powerState]).toEqual([[], [], from]);
  });

  test('is prepared once, however often a start goes out', async () => {
    const b = bench();
    const { events, options } = watched();
    b.amt.fates.set(POWER_REQUEST, [{ returnValue: 2 }, 'ignored']);
    await b.change('power on', options);
    expect([events, requests(b)]).toEqual([['before', ...Array.from({ length: 3 }, () => 'asked from power off'), 'begun'], ['2', '2', '2']]);
  });

  test('is prepared anew before a restart that goes out again', async () => {
    const b = bench(2);
    const { events, options } = watched();
    b.amt.fates.set(POWER_REQUEST, [{ returnValue: 4099 }]);
    await b.change('rebooting', options);
    expect([events, requests(b)]).toEqual([['before', 'asked from power on', 'before', 'asked from power on', 'begun'], ['10', '10']]);
  });

  test('is not known to be used by a machine that stays off', async () => {
    const b = bench();
    const { events, options } = watched();
    b.amt.fates.set(POWER_REQUEST, Array.from({ length: 9 }, () => 'ignored' as const));
    await expect(b.change('power on', options)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(events).toEqual(['before', ...Array.from({ length: 3 }, () => 'asked from power off')]);
  });

  test('is certainly not used by a request that was declined, each time', async () => {
    for (const fate of [{ returnValue: 2 }, new FerricError('UNREACHABLE', 'refused', { details: { sent: false } })]) {
      const b = bench();
      const { events, options } = watched();
      b.amt.fates.set(POWER_REQUEST, Array.from({ length: 9 }, () => fate));
      await expect(b.change('power on', options)).rejects.toBeInstanceOf(FerricError);
      expect(events.slice(-2)).toEqual(['asked from power off', 'declined']);
    }
  });

  test('is in doubt when a request was declined after another was lost', async () => {
    const b = bench();
    const { events, options } = watched();
    b.amt.fates.set(POWER_REQUEST, ['request lost', ...Array.from({ length: 9 }, () => ({ returnValue: 2 }))]);
    await expect(b.change('power on', options)).rejects.toMatchObject({ code: 'REFUSED' });
    expect(events.at(-1)).toBe('asked from power off');
  });

  test('is in doubt when the caller leaves while the request is on its way: that is told before', async () => {
    const b = bench();
    const { events, options } = watched();
    const caller = new AbortController();
    b.amt.before = (call) => {
      if (!call.startsWith(`invoke ${POWER_REQUEST}`)) return undefined;
      caller.abort('left');
      return new Promise<never>(() => undefined);
    };
    await expect(b.change('power on', { ...options, signal: caller.signal })).rejects.toBe('left');
    expect(events).toEqual(['before', 'asked from power off']);
  });

  test('is used by a machine that started and was not seen again', async () => {
    const b = bench();
    const { events, options } = watched();
    b.amt.fates.set('CIM_AssociatedPowerManagementService', ['answered', ...Array.from({ length: 200 }, () => 'request lost' as const)]);
    await expect(b.change('power on', options)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(events).toEqual(START);
  });

  test('is used by a machine that was seen starting, although every answer was lost', async () => {
    const b = bench(2);
    const { events, options } = watched();
    b.amt.transient = [10];
    b.amt.fates.set(POWER_REQUEST, ['answer lost']);
    b.amt.fates.set('CIM_AssociatedPowerManagementService', ['answered', 'answered', ...Array.from({ length: 200 }, () => 'request lost' as const)]);
    await expect(b.change('rebooting', options)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(events).toEqual(RESTART);
  });

  test('is used by a reset that was accepted, and not known to be by one whose answer was lost', async () => {
    const away = ['answered', ...Array.from({ length: 200 }, () => 'request lost' as const)] as const;
    for (const [fate, expected] of [['answered', RESTART], ['request lost', RESTART.slice(0, 2)]] as const) {
      const b = bench(2);
      const { events, options } = watched();
      b.amt.fates.set(POWER_REQUEST, [fate]);
      b.amt.fates.set('CIM_AssociatedPowerManagementService', [...away]);
      await expect(b.change('rebooting', options)).rejects.toMatchObject({ code: 'UNREACHABLE' });
      expect(events).toEqual(expected);
    }
  });
});

test('every look is told', async () => {
  const b = bench();
  const seen: string[] = [];
  b.amt.looksUntilChange = 1;
  await b.change('power on', { onLook: ({ state }) => void seen.push(state) });
  expect(seen).toEqual(['power off', 'power off', 'power on']);
});

describe('a machine that is reset although it sleeps', () => {
  test('is on again when it is awake, not at the first look', async () => {
    const b = bench(4);
    b.amt.accepted = [8, 10];
    b.amt.looksUntilChange = 2;
    expect(await b.change('rebooting')).toMatchObject({ requests: ['reset'], status: { condition: 'on' } });
  });

  test('and does not wake up is not reported as done', async () => {
    const b = bench(4);
    b.amt.accepted = [8, 10];
    b.amt.fates.set(POWER_REQUEST, ['ignored']);
    await expect(b.change('rebooting')).rejects.toMatchObject({ code: 'TIMEOUT', details: { received: 'power on: in deep sleep (S3)' } });
    expect(requests(b)).toEqual(['10']);
  });
});

describe('one request', () => {
  test('is sent and not looked after', async () => {
    const b = bench(2);
    await run(b.clock, b.power.request('power off'));
    expect(b.amt.calls).toEqual(['invoke RequestPowerStateChange 8']);
  });

  test('that is declined tells why', async () => {
    const b = bench(2);
    b.amt.fates.set(POWER_REQUEST, [{ returnValue: 4097 }]);
    await expect(run(b.clock, b.power.request('reset'))).rejects.toMatchObject({ code: 'CONFLICT', details: { returnValue: 4097 } });
  });

  test('a device says which ones it knows', async () => {
    expect(await bench().power.requests()).toEqual(['power on', 'power cycle', 'power off', 'reset', 'interrupt']);
  });
});

describe('an interrupt', () => {
  test('is sent once to a machine that runs and offers it', async () => {
    for (const accepted of [undefined, WITH_AGENT]) {
      const b = bench(2);
      b.amt.accepted = accepted;
      await run(b.clock, b.power.interrupt());
      expect(requests(b)).toEqual(['11']);
    }
  });

  test.each([[8, 'off'], [7, 'hibernated (S4)'], [4, 'in deep sleep (S3)']])('finds nothing to interrupt in state %d', async (powerState, word) => {
    const b = bench(powerState);
    await expect(run(b.clock, b.power.interrupt())).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(word) });
    expect(requests(b)).toEqual([]);
  });

  test('is refused where the machine does not offer it', async () => {
    const b = bench(2);
    b.amt.accepted = [8, 10];
    await expect(run(b.clock, b.power.interrupt())).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(requests(b)).toEqual([]);
  });
});

describe('firmware that does not give the instance', () => {
  test('is asked for all of them from then on', async () => {
    const b = bench(2);
    b.amt.fates.set('CIM_AssociatedPowerManagementService', [new FerricError('INTERNAL', 'invalid selectors', { details: { subcode: 'InvalidSelectors' } })]);
    expect((await b.power.read()).state).toBe('power on');
    expect((await b.power.read()).state).toBe('power on');
    expect(b.amt.calls.filter((call) => call.includes('CIM_Associated')).map((call) => call.split(' ')[0])).toEqual(['get', 'enumerate', 'enumerate']);
  });

  test('and is only away is asked in the same way again', async () => {
    const b = bench(2);
    b.amt.fates.set('CIM_AssociatedPowerManagementService', ['request lost']);
    await expect(b.power.read()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await b.power.read();
    expect(b.amt.calls.filter((call) => call.startsWith('enumerate'))).toEqual([]);
  });
});
