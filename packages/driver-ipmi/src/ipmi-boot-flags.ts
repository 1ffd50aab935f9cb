import { readBootFlags, setBootDevice, type ReadBootFlags } from '@ferric/ipmi-raw-buffer';
import type { IpmiBootDevice } from './boot-devices.js';
import type { BootMemory } from './boot-memory.js';
import { isDeclined, partOf } from './ipmi-answers.js';
import type { IpmiCall, IpmiMachine } from './ipmi-machine.js';

/** A few exchanges, opening a session included. Milliseconds. */
export const BOOT_FLAGS_MS = 30_000;

/** What the choices of boot device and boot mode share, for they are written together. */
export interface BootFlagsKeeper {
  readonly memory: BootMemory;
  /** As the controller keeps them; null when it does not tell. */
  read(call: IpmiCall): Promise<ReadBootFlags | null>;
  /** Writes them with the firmware mode that counts for the machine. */
  write(call: IpmiCall, device: IpmiBootDevice, persistent: boolean): Promise<void>;
}

export interface BootFlagsSettings {
  readonly memory: BootMemory;
  readonly disableTimeout: boolean;
}

export function createBootFlagsKeeper(machine: IpmiMachine, { memory, disableTimeout }: BootFlagsSettings): BootFlagsKeeper {
  const read = async (call: IpmiCall): Promise<ReadBootFlags | null> => {
    try {
      return await readBootFlags(call.bmc, partOf(call));
    } catch (error) {
      if (isDeclined(error)) return null;
      throw error;
    }
  };

  /** As long as nobody said otherwise, machines start in EFI mode. Source: Ironic, option [deploy]default_boot_mode, default uefi. */
  const startsInEfiMode = async (call: IpmiCall): Promise<boolean> => {
    if (memory.mode !== undefined) return memory.mode === 'uefi';
    const flags = await read(call);
    return flags?.valid === true ? flags.efi : true;
  };

  return {
    memory,
    read,
    async write(call, device, persistent) {
      const efi = await startsInEfiMode(call);
      const { differences } = await setBootDevice(call.bmc, { device, persistent, efi }, { ...partOf(call), disableTimeout });
      if (differences.length === 0) return;
      machine.logger.info({ address: machine.address, device, persistent, efi, differences }, 'The controller took the boot device but not all that was said of it');
    },
  };
}
