import { expectTypeOf, test } from 'vitest';
import type { Capability, Device, OPTIONAL_CAPABILITIES } from './device.js';
import type { PowerState, PowerTarget } from './power.js';

test('the list of capabilities is complete', () => {
  expectTypeOf<(typeof OPTIONAL_CAPABILITIES)[number]>().toEqualTypeOf<Exclude<keyof Device, 'power' | typeof Symbol.asyncDispose>>();
  expectTypeOf<Capability>().toEqualTypeOf<Exclude<keyof Device, typeof Symbol.asyncDispose>>();
});

test('an absent capability must be asked for before it is used', () => {
  const device = {} as Device;
  // @ts-expect-error this hardware may have no boot device
  void device.bootDevice.read;
  expectTypeOf(device.power.targets).toEqualTypeOf<ReadonlySet<PowerTarget>>();
});

test('what can be asked for is not what can be known', () => {
  expectTypeOf<'rebooting'>().toExtend<PowerTarget>();
  expectTypeOf<'rebooting'>().not.toExtend<PowerState>();
});
