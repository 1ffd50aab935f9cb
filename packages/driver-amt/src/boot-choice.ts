import type { CallOptions, DeviceMemory, Logger } from '@ferric/core';
import type { AmtClient } from './client/amt-client.js';
import { NEXT_BOOT_DEVICES, type NextBoot, type NextBootDevice } from './client/boot/index.js';

/** Ironic's names of what the retired driver kept, in driver_internal_info. Source: ironic-staging-drivers, ironic_staging_drivers/amt/management.py. */
const DEVICE_KEY = 'amt_boot_device';
const PERSISTENT_KEY = 'amt_boot_persistent';
/** Ours: AMT may still hold a choice that no start has used. */
const PENDING_KEY = 'amt_boot_pending';

/** What was chosen. */
export interface ChosenBoot {
  readonly device: NextBootDevice;
  readonly persistent: boolean;
}

/** What counts when nobody has chosen: the firmware boots in its own order, and nothing is sent. Source: as the keys. */
export const DEFAULT_BOOT: ChosenBoot = { device: 'disk', persistent: true };

/** The boot device of one machine. AMT takes a choice for the next boot only, so that it is kept here, and made at AMT right before each start. */
export interface BootChoice {
  read(): ChosenBoot;
  choose(choice: ChosenBoot): void;
  /** Makes the choice at AMT, or takes back one that is left there. Throws what {@link AmtClient.boot} throws; the choice is kept then. */
  apply(client: AmtClient, options: CallOptions): Promise<void>;
  /** The machine has started by it: a choice for one boot is over. */
  used(): void;
}

export interface BootChoiceParts {
  readonly memory: DeviceMemory;
  readonly logger: Logger;
  /** What `uefihttp` boots. */
  readonly httpsBootUrl: string | undefined;
}

export function createBootChoice({ memory, logger, httpsBootUrl }: BootChoiceParts): BootChoice {
  const read = (): ChosenBoot => {
    const device = NEXT_BOOT_DEVICES.find((each) => each === memory.get(DEVICE_KEY));
    return device === undefined ? DEFAULT_BOOT : { device, persistent: memory.get(PERSISTENT_KEY) === true };
  };

  const choose = (choice: ChosenBoot): void => {
    if (isDefault(choice)) {
      memory.delete(DEVICE_KEY);
      memory.delete(PERSISTENT_KEY);
      return;
    }
    memory.set(DEVICE_KEY, choice.device);
    memory.set(PERSISTENT_KEY, choice.persistent);
  };

  return {
    read,
    choose,
    async apply(client, options) {
      const choice = read();
      if (isDefault(choice)) {
        if (memory.get(PENDING_KEY) === undefined) return;
        await client.boot.clear(options);
        memory.delete(PENDING_KEY);
        return;
      }
      // Noted before anything is sent: a call that fails in the middle leaves AMT with something.
      memory.set(PENDING_KEY, choice.device);
      const { settingsChanged } = await client.boot.setNext(nextBoot(choice, httpsBootUrl), options);
      logger.debug({ device: choice.device, settingsChanged }, 'AMT was told what to boot next');
    },
    used() {
      memory.delete(PENDING_KEY);
      if (!read().persistent) choose(DEFAULT_BOOT);
    },
  };
}

function isDefault({ device, persistent }: ChosenBoot): boolean {
  return device === DEFAULT_BOOT.device && persistent;
}

function nextBoot({ device }: ChosenBoot, url: string | undefined): NextBoot {
  // The URL was there when the device was chosen; without it the client says what is missing.
  return device === 'uefihttp' ? { device, url: url ?? '' } : { device };
}
