import { FerricError, printValue, type BootDevice, type BootDeviceName, type BootDeviceSetting } from '@ferric/core';
import { bootDeviceOf, IPMI_BOOT_DEVICES, type IpmiBootDevice } from './boot-devices.js';
import { BOOT_FLAGS_MS, type BootFlagsKeeper } from './ipmi-boot-flags.js';
import type { IpmiCall, IpmiMachine } from './ipmi-machine.js';

/** The boot device of one machine, and what has to be done about it before each start. */
export interface IpmiBootDeviceParts {
  readonly bootDevice: BootDevice;
  /** Chooses the device anew where the controller forgets it. Called right before the machine is switched on. */
  readonly beforeStart: (call: IpmiCall) => Promise<void>;
}

/**
 * @param forced the device for all boots is kept in memory and chosen for one boot before each start.
 * Source: Ironic, ironic/drivers/utils.py (force_persistent_boot, ensure_next_boot_device).
 */
export function createIpmiBootDevice(machine: IpmiMachine, keeper: BootFlagsKeeper, forced: boolean): IpmiBootDeviceParts {
  const supported: ReadonlySet<BootDeviceName> = new Set(IPMI_BOOT_DEVICES);
  const { memory } = keeper;

  const read = async (call: IpmiCall): Promise<BootDeviceSetting> => {
    const device = memory.persistentDevice;
    if (forced && device !== undefined && !memory.bootsOnce) return { device, persistent: true, detail: 'Chosen anew each time the machine is switched on' };
    return settingOf(await keeper.read(call));
  };

  const choose = async (call: IpmiCall, device: IpmiBootDevice, persistent: boolean): Promise<void> => {
    await keeper.write(call, device, persistent && !forced);
    if (!forced) return;
    if (persistent) memory.persistentDevice = device;
    memory.bootsOnce = !persistent;
  };

  return {
    bootDevice: {
      supported,
      read: (options) => machine.perform({ what: 'read boot device', timeoutMs: BOOT_FLAGS_MS }, options, read),
      async set(device, { persistent }, options) {
        const known = IPMI_BOOT_DEVICES.find((each) => each === device);
        if (known === undefined) throw unsupportedDevice(device);
        await machine.perform({ what: 'set boot device', timeoutMs: BOOT_FLAGS_MS }, options, (call) => choose(call, known, persistent));
      },
    },
    async beforeStart(call) {
      const device = IPMI_BOOT_DEVICES.find((each) => each === memory.persistentDevice);
      if (!forced || device === undefined) return;
      if (!memory.bootsOnce) await keeper.write(call, device, false);
      memory.bootsOnce = false;
    },
  };
}

function settingOf(flags: Awaited<ReturnType<BootFlagsKeeper['read']>>): BootDeviceSetting {
  if (flags === null) return { device: null, persistent: null, detail: 'The controller does not tell' };
  if (!flags.valid) {
    const named = flags.device === 'none' ? 'none' : `${flags.device}, which does not count any more`;
    return { device: null, persistent: null, detail: `The firmware decides: the controller has no choice for it (it names ${named})` };
  }
  if (flags.device === 'none') return { device: null, persistent: flags.persistent, detail: 'The firmware decides: no device is chosen' };
  const device = bootDeviceOf(flags.device);
  return device === flags.device ? { device, persistent: flags.persistent } : { device, persistent: flags.persistent, detail: `The controller names ${flags.device}` };
}

function unsupportedDevice(device: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `A machine with IPMI cannot boot from ${printValue(device)}`, {
    details: { field: 'device', received: printValue(device), accepted: [...IPMI_BOOT_DEVICES] },
    hint: `Use one of: ${IPMI_BOOT_DEVICES.join(', ')}.`,
  });
}
