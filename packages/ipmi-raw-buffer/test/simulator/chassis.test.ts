import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createBench, type HandSession } from './hand-console.js';

const control = (session: HandSession, command: number): string => session.say(0x00, 0x02, [command]);
const flags = (session: HandSession): string => session.say(0x00, 0x09, '050000');

describe('power', () => {
  test('on, cycle, reset, soft and off do what they say, and are told', () => {
    const { bmc, session } = createBench();
    const own = session();
    const seen: string[] = [];
    bmc.machine.watch((change) => seen.push(change));
    expect([1, 2, 3, 5, 1, 0].map((command) => control(own, command))).toEqual(['00', '00', '00', '00', '00', '00']);
    expect(seen).toEqual(['on', 'off', 'on', 'reset', 'off', 'on', 'off']);
    expect(bmc.activity.changeCommands).toBe(6);
  });

  test('a machine that is off cannot be cycled, reset, interrupted or shut down', () => {
    const { bmc, session } = createBench();
    const own = session();
    expect([2, 3, 4, 5].map((command) => control(own, command))).toEqual(['d5', 'd5', 'd5', 'd5']);
    expect([control(own, 6), own.say(0x00, 0x02)]).toEqual(['cc', 'c7']);
    expect([bmc.machine.power, bmc.machine.powerCommands]).toEqual(['power off', 0]);
  });

  test('on when on and off when off are no change', () => {
    const { bmc, session } = createBench({ power: 'power on' });
    const own = session();
    const seen: string[] = [];
    bmc.machine.watch((change) => seen.push(change));
    expect([control(own, 1), control(own, 0), control(own, 0)]).toEqual(['00', '00', '00']);
    expect(seen).toEqual(['off']);
  });

  test('an operating system that does not listen stays on', () => {
    const { bmc, session } = createBench({ power: 'power on', obeysSoftShutdown: false });
    expect(control(session(), 5)).toBe('00');
    expect(bmc.machine.power).toBe('power on');
  });

  test('a diagnostic interrupt is counted', () => {
    const { bmc, session } = createBench({ power: 'power on' });
    expect([control(session(), 4), bmc.machine.diagnosticInterrupts]).toEqual(['00', 1]);
  });

  test('happens after the answer where it takes its time', async () => {
    const clock = createFakeClock();
    const { bmc, session } = createBench({ clock, actionDelayMs: 200, cycleOffMs: 1000 });
    const own = session();
    expect([control(own, 1), bmc.machine.power]).toEqual(['00', 'power off']);
    await clock.advance(200);
    expect([bmc.machine.power, control(own, 2)]).toEqual(['power on', '00']);
    await clock.advance(200);
    expect(bmc.machine.power).toBe('power off');
    await clock.advance(1000);
    expect(bmc.machine.power).toBe('power on');
    control(own, 0);
    bmc[Symbol.dispose]();
    expect(clock.pendingTimers).toBe(0);
  });

  test('somebody at the machine can switch it; who listened no more is not told', () => {
    const { bmc, session } = createBench();
    const own = session();
    const seen: string[] = [];
    const watching = bmc.machine.watch((change) => seen.push(change));
    bmc.machine.power = 'power on';
    watching[Symbol.dispose]();
    bmc.machine.power = 'power off';
    bmc.machine.power = 'power on';
    expect(seen).toEqual(['on']);
    expect([own.say(0x00, 0x01), own.say(0x00, 0x07)]).toEqual(['00 210040f0', '00 0301']);
  });
});

test('the status tells power, who switched on, policy, light and buttons', () => {
  const { bmc, session } = createBench();
  const own = session();
  control(own, 1);
  expect([own.say(0x00, 0x01), own.say(0x00, 0x07)]).toEqual(['00 211040f0', '00 0101']);
  expect([own.say(0x00, 0x06, [3]), own.say(0x00, 0x06, [2]), own.say(0x00, 0x06, [4])]).toEqual(['00 07', '00 07', 'cc']);
  expect([bmc.machine.restorePolicy, bmc.activity.changeCommands]).toEqual(['always on', 3]);
  own.say(0x00, 0x0a, [0x05]);
  own.say(0x00, 0x04, [0x00, 0x01]);
  expect(own.say(0x00, 0x01)).toBe('00 411060f5');
});

test('the identify light goes out by itself, unless it is to stay', async () => {
  const clock = createFakeClock();
  const { bmc, session } = createBench({ clock, sessionTimeoutMs: 3_600_000 });
  const own = session();
  const states: unknown[] = [];
  for (const data of [[], [30], [0], [0, 1], [0, 0]]) {
    own.say(0x00, 0x04, data);
    states.push(bmc.machine.identify);
  }
  expect(states).toEqual([15, 30, 'off', 'steady', 'off']);
  own.say(0x00, 0x04, [2]);
  await clock.advance(1500);
  expect([bmc.machine.identify, own.say(0x00, 0x01)]).toEqual([1, '00 200050f0']);
  await clock.advance(500);
  expect(bmc.machine.identify).toBe('off');
});

test('hours of power are counted over all starts', async () => {
  const clock = createFakeClock();
  const { bmc, session } = createBench({ clock, sessionTimeoutMs: 86_400_000 });
  const own = session();
  const hour = 3_600_000;
  bmc.machine.power = 'power on';
  await clock.advance(2 * hour);
  bmc.machine.power = 'power off';
  await clock.advance(5 * hour);
  bmc.machine.power = 'power on';
  await clock.advance(1.5 * hour);
  expect(own.say(0x00, 0x0f)).toBe('00 3c03000000');
});

describe('boot flags', () => {
  test('are kept whole, and the machine boots from what they say', () => {
    const { bmc, session } = createBench();
    const own = session();
    expect(own.say(0x00, 0x08, '05 e0 04 00 00 11')).toBe('00');
    expect(flags(own)).toBe('00 0105e004000011');
    expect(bmc.machine.bootChoice).toEqual({ device: 'pxe', efi: true, persistent: true });
    control(own, 1);
    expect(bmc.machine.lastBoot).toEqual({ device: 'pxe', efi: true, persistent: true });
    expect(flags(own)).toBe('00 0105e004000011');
    expect(bmc.activity.changeCommands).toBe(2);
  });

  test.each([
    ['on', 1], ['cycle', 2], ['reset', 3],
  ] as const)('for one time are used up by %s', (_name, command) => {
    const { bmc, session } = createBench({ power: command === 1 ? 'power off' : 'power on' });
    const own = session();
    own.say(0x00, 0x08, '05 80 14 00 00 00');
    control(own, command);
    expect(bmc.machine.lastBoot).toEqual({ device: 'cdrom', efi: false, persistent: false });
    expect([flags(own), bmc.machine.bootChoice]).toEqual(['00 01050014000000', undefined]);
    control(own, 3);
    expect(bmc.machine.lastBoot).toMatchObject({ device: 'none' });
  });

  test('lose their validity after a minute, unless parameter 3 says otherwise', async () => {
    const clock = createFakeClock();
    const { session } = createBench({ clock, sessionTimeoutMs: 3_600_000 });
    const own = session();
    own.say(0x00, 0x08, '05 c0 08 00 00 00');
    await clock.advance(59_999);
    expect(flags(own)).toBe('00 0105c008000000');
    await clock.advance(1);
    expect(flags(own)).toBe('00 01054008000000');
    own.say(0x00, 0x08, '03 08');
    own.say(0x00, 0x08, '05 c0 08 00 00 00');
    await clock.advance(600_000);
    expect([flags(own), own.say(0x00, 0x09, '030000')]).toEqual(['00 0105c008000000', '00 010308']);
  });

  test('that hold for all starts hold after one, however long it takes', async () => {
    const clock = createFakeClock();
    const { session } = createBench({ clock, sessionTimeoutMs: 3_600_000 });
    const own = session();
    own.say(0x00, 0x08, '05 c0 08 00 00 00');
    control(own, 1);
    await clock.advance(600_000);
    expect(flags(own)).toBe('00 0105c008000000');
  });

  test('for one time are forgotten when somebody presses the button, unless parameter 3 says otherwise', () => {
    const { bmc, session } = createBench();
    const own = session();
    own.say(0x00, 0x08, '05 80 04 00 00 00');
    bmc.machine.power = 'power on';
    expect([bmc.machine.lastBoot?.device, flags(own)]).toEqual(['none', '00 01050004000000']);
    bmc.machine.power = 'power off';
    own.say(0x00, 0x08, '03 01');
    own.say(0x00, 0x08, '05 80 04 00 00 00');
    bmc.machine.power = 'power on';
    expect(bmc.machine.lastBoot?.device).toBe('pxe');
  });

  test('can be set at the machine, and cleared', () => {
    const { bmc, session } = createBench();
    const own = session();
    bmc.machine.bootChoice = { device: 'remote disk', efi: true, persistent: false };
    expect(flags(own)).toBe('00 0105a02c000000');
    bmc.machine.bootChoice = undefined;
    expect([flags(own), bmc.machine.bootChoice]).toEqual(['00 01050000000000', undefined]);
  });

  test('with a reserved device choose nothing', () => {
    const { bmc, session } = createBench();
    session().say(0x00, 0x08, '05 80 28 00 00 00');
    expect(bmc.machine.bootChoice).toBeUndefined();
  });
});

test('other boot parameters', () => {
  const own = createBench().session();
  const set = (data: string): string => own.say(0x00, 0x08, data);
  const get = (parameter: string, block = '00'): string => own.say(0x00, 0x09, `${parameter}00${block}`);
  expect([set('0001'), set('0001'), get('00'), set('0002'), get('00'), set('0003')]).toEqual(['00', '81', '00 010001', '00', '00 010000', 'cc']);
  expect([get('04'), set('04 ffff'), set('04 0100'), get('04')]).toEqual(['00 01040000', '00', '00', '00 010400fe']);
  expect([set('06 01 02000000 03000000'), get('06')]).toEqual(['00', '00 0106010200000003000000']);
  expect([set(`07 01 ${'ab'.repeat(16)}`), get('07', '01'), get('07', '00'), get('07', '05'), set('07 05 00')]).toEqual([
    '00', `00 010701${'ab'.repeat(16)}`, `00 010700${'00'.repeat(16)}`, 'c9', 'c9',
  ]);
  expect([set('85'), get('05'), set('05'), get('05')]).toEqual(['00', '00 01850000000000', '00', '00 01050000000000']);
  expect([set('01 00'), get('60'), set('05 80'), own.say(0x00, 0x09, '05')]).toEqual(['80', '80', 'c7', 'c7']);
});
