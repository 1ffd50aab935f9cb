import { type BootDevice, type BootDeviceName, FerricError, type PowerOutcome, type PowerReading, type PowerTarget, STATE_AFTER_TARGET } from '@ferric/core';
import { type Mutant, withDevice, withDriver, withPower } from './mutant.js';

const done = (target: PowerTarget): PowerOutcome => ({ status: 'done', reading: { state: STATE_AFTER_TARGET[target], source: 'device', at: new Date() } });
const withBootDevice = (change: (bootDevice: BootDevice) => Partial<BootDevice>): Mutant['mutation'] =>
  withDevice((device) => (device.bootDevice === undefined ? {} : { bootDevice: { ...device.bootDevice, ...change(device.bootDevice) } }));

export const TRUTH_MUTANTS: readonly Mutant[] = [
  {
    name: 'says that the device was asked when it was not', rule: 'power-reading',
    says: /The machine is power off, the reading \(source: device\) says power on/,
    mutation: withPower((power) => {
      let kept: PowerReading | undefined;
      return { read: async (options) => (kept = kept === undefined ? await power.read(options) : { ...kept, at: new Date() }) };
    }),
  },
  {
    name: 'dates its readings with the start of the process', rule: 'power-reading', says: /not dated with the present time/,
    mutation: withPower((power) => ({ read: async (options) => ({ ...(await power.read(options)), at: new Date(0) }) })),
  },
  {
    name: 'knows nothing and does not say why', rule: 'power-reading', says: /does not say why it is unknown/,
    mutation: withPower(() => ({ read: async () => ({ state: 'unknown', source: 'assumed', at: new Date() }) })),
  },
  {
    name: 'has a power state of its own', rule: 'power-reading', says: /its state is not one of/,
    mutation: withPower((power) => ({ read: async (options) => ({ ...(await power.read(options)), state: 'on' as 'power on' }) })),
  },
  {
    name: 'wakes the machine when it reads', rule: 'read-changes-nothing', says: /power\.read changed the power of the machine/,
    mutation: withPower((power) => ({ read: async (options) => (await power.set('power on', options)).reading })),
  },
  {
    name: 'lies after a change', rule: 'set-then-read', says: /is reported as done, but the machine is not/,
    mutation: withPower(() => ({ set: async (target) => done(target) })),
  },
  {
    name: 'calls a guess done', rule: 'set-then-read', says: /reported as done, but its reading is assumed/,
    mutation: withPower((power) => ({
      async set(target, options) {
        const outcome = await power.set(target, options);
        return { ...outcome, reading: { ...outcome.reading, source: 'assumed' } };
      },
    })),
  },
  {
    name: 'asks for a person and does it all the same', rule: 'set-then-read', says: /needs a person, but a command was sent/,
    mutation: withPower((power) => ({ set: async (target, options) => ({ ...(await power.set(target, options)), status: 'manual intervention required' }) })),
  },
  {
    name: 'fails to reboot a machine that is off', rule: 'set-then-read',
    says: /power\.set\(rebooting\) of a machine that is power off failed although nothing is wrong/,
    mutation: withPower((power) => ({
      async set(target, options) {
        if (target === 'rebooting' && (await power.read()).state === 'power off') throw new FerricError('CONFLICT', 'It is off');
        return power.set(target, options);
      },
    })),
  },
  {
    name: 'fails when the machine is in that state already', rule: 'set-is-idempotent', says: /once more failed although nothing is wrong: CONFLICT/,
    mutation: withPower((power) => ({
      async set(target, options) {
        if ((await power.read()).state === target) throw new FerricError('CONFLICT', 'It is so already');
        return power.set(target, options);
      },
    })),
  },
  {
    name: 'says done when the device only said yes', rule: 'wrong-state', says: /reports it as done/,
    mutation: { parts: { confirm: async (_read, wanted) => ({ state: wanted as 'power on', source: 'device', at: new Date() }) } },
  },
  {
    name: 'accepts a target that it cannot do', rule: 'unsupported-target', says: /power\.set\(soft power off\) succeeded/,
    mutation: withPower((power) => ({
      async set(target, options) {
        return power.targets.has(target) ? power.set(target, options) : { status: 'done', reading: await power.read(options) };
      },
    })),
  },
  {
    name: 'does something similar instead', rule: 'unsupported-target', says: /power\.set\(soft power off\) succeeded/,
    mutation: withPower((power) => ({ set: (target, options) => power.set(target === 'soft power off' ? 'power off' : target, options) })),
  },
  {
    name: 'asks the machine before it refuses', rule: 'unsupported-target', says: /Something was sent for a target/,
    mutation: withPower((power) => ({
      async set(target, options) {
        await power.read(options);
        return power.set(target, options);
      },
    })),
  },
  {
    name: 'refuses a boot device as a defect', rule: 'unsupported-target', says: /bootDevice\.set\(wanboot\) failed with .*must be UNSUPPORTED/,
    mutation: withBootDevice((bootDevice) => ({
      async set(name, setting, options) {
        if (!bootDevice.supported.has(name)) throw new FerricError('INTERNAL', name);
        await bootDevice.set(name, setting, options);
      },
    })),
  },
  {
    name: 'only remembers the boot device', rule: 'boot-device', says: /the machine boots from disk/,
    mutation: withBootDevice(() => {
      let kept: { device: BootDeviceName; persistent: boolean } = { device: 'disk', persistent: true };
      return { read: async () => kept, set: async (device, { persistent }) => void (kept = { device, persistent }) };
    }),
  },
  {
    name: 'makes every boot device permanent', rule: 'boot-device', says: /a reading says persistent: true/,
    mutation: withBootDevice((bootDevice) => ({ set: (name, _setting, options) => bootDevice.set(name, { persistent: true }, options) })),
  },
  {
    name: 'reads the boot device as a text', rule: 'capability-reads', says: /bootDevice\.read yields 'disk': it must have device and persistent/,
    mutation: withBootDevice(() => ({ read: async () => 'disk' as never })),
  },
  {
    name: 'mixes up the machines that it reads together', rule: 'read-many', says: /mixed the machines up/,
    mutation: withDriver((driver) => ({ readMany: async (devices, options) => ((await driver.readMany?.(devices, options)) ?? []).toReversed() })),
  },
  {
    name: 'reads no machine when one is dead', rule: 'read-many', says: /readMany with one silent machine/,
    mutation: withDriver(() => ({
      async readMany(devices, options) {
        const readings = await Promise.all(devices.map((device) => device.power.read(options)));
        return readings.map((value) => ({ status: 'fulfilled', value }) as const);
      },
    })),
  },
];
