import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BOOT_TARGETS, type BootFlags, type BootTarget, decodeBootFlags, decodeBootParameter, encodeBootFlags } from '../../src/commands/index.js';
import { bytes } from './scripted-bmc.js';

interface SetCase {
  readonly id: string;
  readonly kind: 'set';
  readonly device: BootTarget;
  readonly persistent: boolean;
  readonly efi: boolean;
  readonly expect_set_request: string;
}

interface GetCase {
  readonly id: string;
  readonly kind: 'get';
  readonly reply: string;
  readonly expect: Readonly<Record<string, boolean | number | string>>;
}

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/boot-options.json', import.meta.url), 'utf8')) as { cases: readonly (SetCase | GetCase)[] };
const setCases = cases.filter((entry): entry is SetCase => entry.kind === 'set');
const getCases = cases.filter((entry): entry is GetCase => entry.kind === 'get');

test('the fixture has cases of both kinds', () => {
  expect([setCases.length, getCases.length]).toEqual([23, 26]);
});

describe('what ipmitool writes', () => {
  test.each(setCases)('$id', ({ device, persistent, efi, expect_set_request: request }) => {
    expect(Uint8Array.of(5, ...encodeBootFlags({ valid: true, device, persistent, efi }))).toEqual(bytes(request));
  });
});

describe('what ipmitool reads', () => {
  test.each(getCases)('$id', ({ reply, expect: facts }) => {
    const parameter = decodeBootParameter(bytes(reply).subarray(1), 5);
    expect(parameter).toMatchObject({ parameter: 5, version: 1, invalid: false });
    const flags = decodeBootFlags(parameter.data);
    expect({
      valid: flags.valid,
      persistent: flags.persistent,
      efi: flags.efi,
      device: flags.deviceCode,
      device_name: flags.device,
      clear_cmos: flags.clearCmos,
      lock_keyboard: flags.lockKeyboard,
      screen_blank: flags.blankScreen,
      lock_reset: flags.lockResetButton,
      lock_power: flags.lockPowerButton,
      verbosity: flags.verbosity,
      progress_traps: flags.progressTraps,
      password_bypass: flags.bypassPassword,
      lock_sleep: flags.lockSleepButton,
      console_redirection: flags.consoleRedirection,
      shared_mode_override: flags.sharedModeOverride,
      mux_override: flags.muxOverride,
      device_instance: flags.deviceInstance,
    }).toEqual(facts);
  });
});

const anyFlags: fc.Arbitrary<BootFlags> = fc.record({
  valid: fc.boolean(),
  persistent: fc.boolean(),
  efi: fc.boolean(),
  device: fc.constantFrom(...(Object.keys(BOOT_TARGETS) as BootTarget[])),
  clearCmos: fc.boolean(),
  lockKeyboard: fc.boolean(),
  blankScreen: fc.boolean(),
  lockResetButton: fc.boolean(),
  lockPowerButton: fc.boolean(),
  lockSleepButton: fc.boolean(),
  verbosity: fc.integer({ min: 0, max: 3 }),
  progressTraps: fc.boolean(),
  bypassPassword: fc.boolean(),
  consoleRedirection: fc.integer({ min: 0, max: 3 }),
  sharedModeOverride: fc.boolean(),
  muxOverride: fc.integer({ min: 0, max: 7 }),
  deviceInstance: fc.integer({ min: 0, max: 31 }),
});

test('what is encoded is read back', () => {
  fc.assert(
    fc.property(anyFlags, (flags) => {
      expect(decodeBootFlags(encodeBootFlags(flags))).toEqual({ ...flags, deviceCode: BOOT_TARGETS[flags.device] });
    }),
  );
});

test('nothing asked for is nothing set', () => {
  expect(encodeBootFlags({})).toEqual(new Uint8Array(5));
});

test.each([
  [{ device: 'usb' as BootTarget }, 'device'],
  [{ verbosity: 4 }, 'verbosity'],
  [{ deviceInstance: 32 }, 'deviceInstance'],
  [{ muxOverride: -1 }, 'muxOverride'],
  [{ efi: 'yes' as unknown as boolean }, 'efi'],
])('%j is refused naming %s', (flags, field) => {
  expect(() => encodeBootFlags(flags)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(field) }));
});

test('bytes that are missing at the end count as 0', () => {
  expect(decodeBootFlags(bytes('e0 04'))).toEqual(decodeBootFlags(bytes('e0 04 00 00 00')));
  expect(() => decodeBootFlags(bytes('e0'))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
});

test('a parameter that is marked invalid is told, and another one is refused', () => {
  expect(decodeBootParameter(bytes('01 85 e0 04 00 00 00'), 5)).toMatchObject({ parameter: 5, invalid: true });
  expect(() => decodeBootParameter(bytes('01 06 00'), 5)).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
  expect(decodeBootParameter(bytes('01 06 00')).parameter).toBe(6);
});
