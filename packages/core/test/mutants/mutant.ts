import type { AnyDriver, CallOptions, Device, Power } from '@ferric/core';
import { checkDriver } from '@ferric/core/conformance/check';
import { describe, expect, test } from 'vitest';
import { lineSubject, type Mutation } from '../reference-driver/subject.js';

/** One deliberately wrong driver: the reference driver with one thing changed. */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  /** The rule that must find it. */
  readonly rule: string;
  /** What the rule must say, so that it fails for the right reason. */
  readonly says: RegExp;
  readonly mutation: Mutation;
}

/** Registers one test a mutant. */
export function testMutants(theme: string, mutants: readonly Mutant[]): void {
  describe(`mutants: ${theme}`, () => {
    const rows = mutants.map((mutant) => [mutant.rule, mutant.name, mutant] as const);
    test.each(rows)('%s finds a driver that %s', { timeout: 30_000 }, async (rule, _name, mutant) => {
      const report = await checkDriver(lineSubject(mutant.mutation), { only: [rule] });
      expect(report.rules.map(({ status, error }) => [status, error?.message])).toEqual([['failed', expect.stringMatching(mutant.says)]]);
    });
  });
}

/** Replaces parts of the power of every device. */
export function withPower(change: (power: Power, device: Device, driver: AnyDriver, info: unknown) => Partial<Power>): Mutation {
  return { device: (device, driver, info) => ({ ...device, power: { ...device.power, ...change(device.power, device, driver, info) } }) };
}

/** A mutation of what a device is besides its calls. */
export function withDevice(change: (device: Device) => Partial<Device>): Mutation {
  return { device: (device) => ({ ...device, ...change(device) }) };
}

export function withDriver(change: (driver: AnyDriver) => Partial<AnyDriver>): Mutation {
  return { driver: (driver) => ({ ...driver, ...change(driver) }) };
}

/** Options without the signal, as a driver has them that forgets about it. */
export function deaf(options: CallOptions | undefined): CallOptions {
  return { timeoutMs: options?.timeoutMs };
}
