import { createFakeClock } from '@ferric/core/testing';
import { FerricError, POWER_TARGETS, STATE_AFTER_TARGET, type Power, type PowerTarget } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createFakeBmc, type FakeBmc, type Fate } from '../test/fake-bmc.js';
import { makeMachine, run } from '../test/make-machine.js';
import { createIpmiPower } from './ipmi-power.js';

const CONTROL = '00/02';

interface Bench {
  readonly bmc: FakeBmc;
  readonly power: Power;
  readonly clock: ReturnType<typeof createFakeClock>;
  /** What had been sent when the machine was about to be switched on. */
  readonly starts: number[];
  set(target: PowerTarget): ReturnType<Power['set']>;
}

function bench(): Bench {
  const bmc = createFakeBmc();
  const clock = createFakeClock();
  const starts: number[] = [];
  const power = createIpmiPower({ machine: makeMachine(bmc, { clock }), beforeStart: async () => void starts.push(bmc.changes.length) });
  return { bmc, power, clock, starts, set: (target) => run(clock, power.set(target)) };
}

test('reads what the chassis says, with its faults', async () => {
  const { bmc, power } = bench();
  expect(await power.read()).toMatchObject({ state: 'power off', source: 'device', at: new Date('2026-01-01T00:00:00Z') });
  bmc.power = 'on';
  expect(await power.read()).not.toHaveProperty('detail');
  bmc.answers.set('00/01', () => [0, 0x1f, 0, 0]);
  expect((await power.read()).detail).toBe('power overload, off because a panel is open, fault of the main power, the controller could not change the power');
});

describe('each target', () => {
  test.each([
    ['power on', 'off', ['00/02 01']],
    ['power on', 'on', []],
    ['power off', 'on', ['00/02 00']],
    ['power off', 'off', []],
    ['rebooting', 'on', ['00/02 00', '00/02 01']],
    ['rebooting', 'off', ['00/02 01']],
    ['soft power off', 'on', ['00/02 05']],
    ['soft power off', 'off', []],
    ['soft rebooting', 'on', ['00/02 05', '00/02 01']],
    ['soft rebooting', 'off', ['00/02 01']],
  ] as const)('%s of a machine that is %s', async (target, from, sent) => {
    const { bmc, set } = bench();
    bmc.power = from;
    bmc.looksUntilChange = 3;
    const outcome = await set(target);
    expect(outcome).toMatchObject({ status: 'done', reading: { state: STATE_AFTER_TARGET[target], source: 'device' } });
    expect(bmc.changes).toEqual(sent);
    expect(bmc.requests[0]).toBe('00/01');
  });

  test('what is not one is refused before anything is sent', async () => {
    const { bmc, power } = bench();
    expect([...power.targets].toSorted()).toEqual([...POWER_TARGETS].toSorted());
    await expect(power.set('hibernate' as PowerTarget)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(bmc.requests).toEqual([]);
  });
});

test('right before each start, and only then, the boot device is seen to', async () => {
  const { bmc, starts, set } = bench();
  await set('power on');
  await set('power on');
  await set('power off');
  expect(starts).toEqual([0]);
  bmc.power = 'on';
  await set('rebooting');
  expect(bmc.changes.slice(2)).toEqual(['00/02 00', '00/02 01']);
  expect(starts).toEqual([0, 3]);
});

test('no command is one that the client may repeat by itself', async () => {
  const { bmc, set } = bench();
  await set('power on');
  await set('soft rebooting');
  const commands = bmc.requests.flatMap((request, index) => (request.startsWith(CONTROL) ? [bmc.options[index]?.repeatable] : []));
  expect(commands).toEqual([false, false, false]);
});

describe('a command whose answer is lost', () => {
  test.each(['power on', 'power off', 'soft power off'] as const)('was carried out: %s is done and not sent again', async (target) => {
    const { bmc, set } = bench();
    bmc.power = target === 'power on' ? 'off' : 'on';
    bmc.fates.set(CONTROL, ['answer lost']);
    expect(await set(target)).toMatchObject({ status: 'done' });
    expect(bmc.changes).toHaveLength(1);
  });

  test('was not carried out: it is sent again after a while in which the machine showed nothing of it', async () => {
    const { bmc, clock, set } = bench();
    bmc.fates.set(CONTROL, ['request lost']);
    expect(await set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(bmc.changes).toEqual(['00/02 01', '00/02 01']);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(8000);
  });

  test('never arrives: it is given up after three times', async () => {
    const { bmc, set } = bench();
    bmc.fates.set(CONTROL, Array.from({ length: 9 }, () => 'request lost' as const));
    await expect(set('power on')).rejects.toMatchObject({ code: 'TIMEOUT', details: { step: 'Chassis Control (power on)' } });
    expect(bmc.changes).toHaveLength(3);
  });

  test('a soft shutdown is never sent again', async () => {
    const { bmc, set } = bench();
    bmc.power = 'on';
    bmc.fates.set(CONTROL, ['request lost']);
    await expect(set('soft power off')).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(bmc.changes).toEqual(['00/02 05']);
  });
});

describe('a controller that declines', () => {
  test('because it is busy: it is asked again', async () => {
    const { bmc, set } = bench();
    bmc.fates.set(CONTROL, [{ completionCode: 0xc0 }, { completionCode: 0xc0 }]);
    expect(await set('power on')).toMatchObject({ status: 'done' });
    expect(bmc.changes).toHaveLength(3);
  });

  test('because it has no room for a session: a restart goes on when it has', async () => {
    const { bmc, set } = bench();
    bmc.power = 'on';
    bmc.fates.set(CONTROL, ['answered', 'no session', 'no session']);
    expect(await set('rebooting')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
  });

  test('because it is busy right before a start: a restart goes on when it is not', async () => {
    const bmc = createFakeBmc();
    const clock = createFakeClock();
    bmc.power = 'on';
    let tried = 0;
    const beforeStart = async (): Promise<void> => {
      tried += 1;
      if (tried < 3) throw new FerricError('BUSY', 'another party is setting parameters');
    };
    const power = createIpmiPower({ machine: makeMachine(bmc, { clock }), beforeStart });
    expect(await run(clock, power.set('rebooting'))).toMatchObject({ status: 'done', reading: { state: 'power on' } });
  });

  test('because it stays busy: told when the time is over', async () => {
    const { bmc, clock, set } = bench();
    bmc.fates.set(CONTROL, Array.from({ length: 200 }, () => 'no session' as const));
    await expect(set('power on')).rejects.toMatchObject({ code: 'BUSY' });
    expect([bmc.power, clock.monotonicMs() > 50_000]).toEqual(['off', true]);
  });

  test('because of its state, which passes: it is asked again', async () => {
    const { bmc, set } = bench();
    bmc.fates.set(CONTROL, [{ completionCode: 0xd5 }]);
    expect(await set('power on')).toMatchObject({ status: 'done' });
    expect(bmc.changes).toHaveLength(2);
  });

  test('because of its state, which stays', async () => {
    const { bmc, set } = bench();
    bmc.fates.set(CONTROL, Array.from({ length: 9 }, () => ({ completionCode: 0xd5 })));
    await expect(set('power on')).rejects.toMatchObject({ code: 'CONFLICT', details: { completionCode: '0xd5', address: '192.0.2.10:623' } });
  });

  test('because it does not know the command, or the user may not', async () => {
    for (const [completionCode, code] of [[0xcc, 'REFUSED'], [0xd4, 'REFUSED'], [0xc1, 'UNSUPPORTED']] as const) {
      const { bmc, set } = bench();
      bmc.power = 'on';
      bmc.fates.set(CONTROL, [{ completionCode }]);
      await expect(set('soft power off')).rejects.toMatchObject({ code });
      expect(bmc.changes).toHaveLength(1);
    }
  });
});

describe('a machine that does not follow', () => {
  test('is not reported as done', async () => {
    const { bmc, clock, set } = bench();
    bmc.looksUntilChange = 1_000_000;
    await expect(set('power on')).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(bmc.changes).toEqual(['00/02 01']);
    expect(clock.monotonicMs()).toBeLessThanOrEqual(61_000);
  });

  test('an operating system that ignores its button gets the time of the caller, and a hint', async () => {
    const { bmc, clock, power } = bench();
    bmc.power = 'on';
    bmc.obeys = false;
    const call = power.set('soft power off', { timeoutMs: 20_000 });
    await expect(run(clock, call, 100)).rejects.toMatchObject({
      code: 'TIMEOUT', details: { expected: 'power off', received: 'power on' }, hint: expect.stringContaining('ACPI'),
    });
    expect(bmc.changes).toEqual(['00/02 05']);
  });

  test('a controller that is away while power changes is waited for', async () => {
    const { bmc, set } = bench();
    const looks: Fate[] = ['answered', 'request lost', { completionCode: 0xc0 }, { completionCode: 0xd2 }, 'answer lost'];
    bmc.fates.set('00/01', looks);
    expect(await set('power on')).toMatchObject({ status: 'done' });
    expect(looks).toEqual([]);
  });
});

test('pauses between looks grow, but not for ever', async () => {
  const { bmc, set } = bench();
  bmc.looksUntilChange = 12;
  await set('power on');
  expect(bmc.requests.filter((request) => request === '00/01')).toHaveLength(14);
});
