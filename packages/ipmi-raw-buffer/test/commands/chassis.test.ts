import { describe, expect, test } from 'vitest';
import {
  type ChassisAction, controlChassis, decodeChassisStatus, encodeDisabledButtons, encodeIdentify, getChassisStatus, getPowerOnTime, getPowerRestorePolicies,
  getRestartCause, type IdentifyDuration, identifyChassis, setDisabledButtons, setPowerCycleInterval, setPowerRestorePolicy,
} from '../../src/commands/index.js';
import { bytes, scriptBmc } from './scripted-bmc.js';

describe('chassis status', () => {
  test('on, as ipmi_sim sends it', () => {
    expect(decodeChassisStatus(bytes('01 00 40'))).toMatchObject({ powerOn: true, powerRestorePolicy: 'always off', identify: 'off', frontPanelButtons: null });
  });

  test('off with a fourth byte', () => {
    const none = { power: false, reset: false, nmi: false, standby: false };
    expect(decodeChassisStatus(bytes('00 00 00 00'))).toMatchObject({
      powerOn: false, identify: null, frontPanelButtons: { disabled: none, canBeDisabled: none },
    });
  });

  test('each bit stands for its fact', () => {
    expect(decodeChassisStatus(bytes('21 10 40 00'))).toMatchObject({ powerOn: true, powerRestorePolicy: 'previous', lastPowerEvent: { turnedOnByCommand: true } });
    expect(decodeChassisStatus(bytes('5e 0f 6f 51'))).toEqual({
      powerOn: false,
      powerOverload: true,
      interlock: true,
      powerFault: true,
      powerControlFault: true,
      powerRestorePolicy: 'always on',
      lastPowerEvent: { acFailed: true, overload: true, interlock: true, fault: true, turnedOnByCommand: false },
      intrusion: true,
      frontPanelLocked: true,
      driveFault: true,
      coolingFault: true,
      identify: 'indefinite',
      frontPanelButtons: {
        disabled: { power: true, reset: false, nmi: false, standby: false },
        canBeDisabled: { power: true, reset: false, nmi: true, standby: false },
      },
    });
  });

  test('asks', async () => {
    expect((await getChassisStatus(scriptBmc({ '00/01': '00 01 00 40 00' }))).powerOn).toBe(true);
  });
});

describe('chassis control', () => {
  test.each([
    ['power off', '00', true],
    ['power on', '01', true],
    ['power cycle', '02', false],
    ['hard reset', '03', false],
    ['diagnostic interrupt', '04', false],
    ['soft shutdown', '05', false],
  ] as const)('%s is %s, repeatable: %s', async (action, code, repeatable) => {
    const bmc = scriptBmc(() => '00');
    // A caller cannot make dangerous what is not.
    await controlChassis(bmc, action, { timeoutMs: 1000 });
    expect(bmc.seen).toMatchObject([{ text: `00/02 ${code}`, options: { repeatable, timeoutMs: 1000 } }]);
  });

  test('another action is refused before anything is sent', async () => {
    const bmc = scriptBmc(() => '00');
    await expect(controlChassis(bmc, 'toString' as ChassisAction)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(bmc.seen).toHaveLength(0);
  });

  test('what the state does not allow is a conflict', async () => {
    await expect(controlChassis(scriptBmc({ '00/02 02': 'd5' }), 'power cycle')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('identify', () => {
  test.each([
    [30, '1e'],
    ['indefinite', '00 01'],
    ['off', '00'],
  ] as const)('%s', async (duration, hex) => {
    expect(encodeIdentify(duration)).toEqual(bytes(hex));
    // ipmi_sim follows its completion code with 20 bytes of anything.
    const bmc = scriptBmc({ [`00/04 ${hex}`]: `00${'5a'.repeat(20)}` });
    expect(await identifyChassis(bmc, duration)).toEqual({ duration });
  });

  test.each(['c7', 'c8', 'c9', 'cc'])('a controller that answers the second byte with %s is asked for 255 seconds', async (code) => {
    const bmc = scriptBmc({ '00/04 00 01': code, '00/04 ff': '00' });
    expect(await identifyChassis(bmc, 'indefinite')).toEqual({ duration: 255 });
  });

  test.each([['c1', 'UNSUPPORTED'], ['d4', 'REFUSED']])('%s is not asked again', async (code, kind) => {
    const bmc = scriptBmc(() => code);
    await expect(identifyChassis(bmc, 'indefinite')).rejects.toMatchObject({ code: kind });
    expect(bmc.seen).toHaveLength(1);
  });

  test.each([0, 256, 1.5, Number.NaN, 'on' as unknown as number])('%s seconds are refused', (seconds: IdentifyDuration) => {
    expect(() => encodeIdentify(seconds)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});

describe('chassis settings', () => {
  test('the restore policy is set, and the known ones are told', async () => {
    const bmc = scriptBmc({ '00/06 02': '00 07', '00/06 03': '00 05' });
    expect(await setPowerRestorePolicy(bmc, 'always on')).toEqual(['always off', 'previous', 'always on']);
    expect(await getPowerRestorePolicies(bmc)).toEqual(['always off', 'always on']);
    await expect(setPowerRestorePolicy(bmc, 'unknown' as 'previous')).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  test.each([
    ['04 01', { cause: 'watchdog', code: 4, channel: 1 }],
    ['f1', { cause: 'chassis control', code: 1, channel: null }],
    ['0b 00', { cause: 'real-time clock', code: 11, channel: 0 }],
    ['0c 00', { cause: 'reserved', code: 12, channel: 0 }],
  ])('restart cause %s', async (hex, cause) => {
    expect(await getRestartCause(scriptBmc({ '00/07': `00 ${hex}` }))).toEqual(cause);
  });

  test('power-on time is a product', async () => {
    expect(await getPowerOnTime(scriptBmc({ '00/0f': '00 3c 10 27 00 00' }))).toEqual({ minutesPerCount: 60, counter: 10_000, minutes: 600_000 });
  });

  test('buttons and interval', async () => {
    const bmc = scriptBmc(() => '00');
    await setDisabledButtons(bmc, { power: true, nmi: true });
    await setPowerCycleInterval(bmc, 10);
    expect(bmc.requests).toEqual(['00/0a 05', '00/0b 0a']);
    expect(encodeDisabledButtons({ reset: true, standby: true, power: false })).toEqual(bytes('0a'));
    await expect(setPowerCycleInterval(bmc, 256)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
