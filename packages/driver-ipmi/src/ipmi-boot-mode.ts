import { BOOT_MODES, FerricError, printValue, type BootMode, type BootModeName } from '@ferric/core';
import { bootDeviceOf } from './boot-devices.js';
import { BOOT_FLAGS_MS, type BootFlagsKeeper } from './ipmi-boot-flags.js';
import type { IpmiCall, IpmiMachine } from './ipmi-machine.js';

/**
 * Firmware mode of one machine. The protocol knows it only as a part of the boot device, so that a choice is remembered and written with
 * each boot device that is chosen later.
 */
export function createIpmiBootMode(machine: IpmiMachine, keeper: BootFlagsKeeper): BootMode {
  const supported: ReadonlySet<BootModeName> = new Set(BOOT_MODES);

  const read = async (call: IpmiCall): Promise<BootModeName> => {
    if (keeper.memory.mode !== undefined) return keeper.memory.mode;
    const flags = await keeper.read(call);
    if (flags?.valid === true) return flags.efi ? 'uefi' : 'bios';
    throw new FerricError('CONFLICT', `The controller at ${machine.address} does not tell the firmware mode as long as no boot device is chosen`, {
      details: call.details,
      hint: 'Choose the firmware mode, or a boot device.',
    });
  };

  const choose = async (call: IpmiCall, mode: BootModeName): Promise<void> => {
    const flags = await keeper.read(call);
    const device = flags?.valid === true ? bootDeviceOf(flags.device) : null;
    const before = keeper.memory.mode;
    keeper.memory.mode = mode;
    if (flags === null || device === null || flags.efi === (mode === 'uefi')) return;
    try {
      await keeper.write(call, device, flags.persistent);
    } catch (error) {
      keeper.memory.mode = before;
      throw error;
    }
  };

  return {
    supported,
    read: (options) => machine.perform({ what: 'read boot mode', timeoutMs: BOOT_FLAGS_MS }, options, read),
    async set(mode, options) {
      if (!supported.has(mode)) throw unsupportedMode(mode);
      await machine.perform({ what: 'set boot mode', timeoutMs: BOOT_FLAGS_MS }, options, (call) => choose(call, mode));
    },
  };
}

function unsupportedMode(mode: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `A machine with IPMI has no boot mode ${printValue(mode)}`, {
    details: { field: 'mode', received: printValue(mode), accepted: [...BOOT_MODES] },
    hint: `Use one of: ${BOOT_MODES.join(', ')}.`,
  });
}
