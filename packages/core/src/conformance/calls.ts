import type { Capability, Device } from '../device/device.js';
import type { PowerTarget } from '../device/power.js';
import type { CallOptions } from '../time/call-options.js';

/** One asynchronous call of a device, ready to be made. */
export interface DeviceCall {
  readonly name: string;
  readonly run: (options?: CallOptions) => Promise<unknown>;
}

/** Capabilities with a call that reads and changes nothing. */
const READABLE = [
  'power', 'bootDevice', 'bootMode', 'secureBoot', 'virtualMedia', 'httpBoot', 'sensors', 'inventory', 'bios', 'raid', 'firmware', 'eventLog',
] as const satisfies readonly Capability[];

/** All calls of a device that change nothing. */
export function readingCalls(device: Device): readonly DeviceCall[] {
  const { indicators } = device;
  return [
    ...READABLE.flatMap((name) => {
      const capability = device[name];
      return capability === undefined ? [] : [{ name: `${name}.read`, run: (options?: CallOptions) => capability.read(options) }];
    }),
    ...(indicators === undefined ? [] : [{ name: 'indicators.list', run: (options?: CallOptions) => indicators.list(options) }]),
  ];
}

/** The calls that a device answers for itself and for its machine: all that read, and those that change and can be repeated. */
export function allCalls(device: Device): readonly DeviceCall[] {
  const { bootDevice, httpBoot } = device;
  const [bootName] = bootDevice?.supported ?? [];
  return [
    ...readingCalls(device),
    { name: `power.set(${anyTarget(device.power.targets)})`, run: (options) => device.power.set(anyTarget(device.power.targets), options) },
    ...(bootDevice === undefined || bootName === undefined
      ? []
      : [{ name: `bootDevice.set(${bootName})`, run: (options?: CallOptions) => bootDevice.set(bootName, { persistent: true }, options) }]),
    ...(httpBoot === undefined ? [] : [{ name: 'httpBoot.set(null)', run: (options?: CallOptions) => httpBoot.set(null, options) }]),
  ];
}

/** A target to try: power on where the hardware has it. */
export function anyTarget(targets: ReadonlySet<PowerTarget>): PowerTarget {
  const [first] = targets;
  return targets.has('power on') ? 'power on' : (first ?? 'power on');
}

/** The state from which this target has something to change. */
export function stateBefore(target: PowerTarget): 'power on' | 'power off' {
  return target === 'power on' ? 'power off' : 'power on';
}
