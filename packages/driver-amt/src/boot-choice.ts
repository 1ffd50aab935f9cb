import { FerricError, invalidOptions, type CallOptions, type DeviceMemory, type Logger } from '@ferric/core';
import type { AmtClient } from './client/amt-client.js';
import { NEXT_BOOT_DEVICES, type NextBoot, type NextBootDevice } from './client/boot/index.js';
import type { AmtPowerStatus, BootProgress } from './client/power/index.js';

/** Ironic's names of what the retired driver kept, in driver_internal_info. Source: ironic-staging-drivers, ironic_staging_drivers/amt/management.py. */
const DEVICE_KEY = 'amt_boot_device';
const PERSISTENT_KEY = 'amt_boot_persistent';
/** Ours: AMT may still hold a choice that no start has used. */
const PENDING_KEY = 'amt_boot_pending';
/** Ours: a start by the choice was asked for, and whether it was carried out is not known. The state of the machine before it. */
const ASKED_KEY = 'amt_boot_asked';
/** Ours: why AMT did not take the choice. */
const REFUSAL_KEY = 'amt_boot_refusal';

/** What was chosen. */
export interface ChosenBoot {
  readonly device: NextBootDevice;
  readonly persistent: boolean;
}

/** A choice as it is kept. */
export interface KeptBoot extends ChosenBoot {
  /** True: a start by it was asked for, and it is not known whether it was carried out. */
  readonly isInDoubt: boolean;
  /** Why AMT refused it when it was last made there, for people; undefined when it did not. */
  readonly refusal?: string;
}

/** What counts when nobody has chosen: the firmware boots in its own order, and nothing is sent. Source: as the keys. */
export const DEFAULT_BOOT: ChosenBoot = { device: 'disk', persistent: true };

/** The boot device of one machine. AMT takes a choice for the next boot only, so that it is kept here, and made at AMT right before each start. */
export interface BootChoice {
  read(): KeptBoot;
  choose(choice: ChosenBoot): void;
  /**
   * Looks whether {@link BootChoice.apply} would be let in, for a machine that is stopped first: the choice is not made yet, for its user may restart it
   * instead. One that is left at AMT is taken back.
   */
  check(client: AmtClient, options: CallOptions): Promise<void>;
  /** Makes the choice at AMT, or takes back one that is left there. Throws what {@link AmtClient.boot} throws; the choice is kept then. */
  apply(client: AmtClient, options: CallOptions): Promise<void>;
  /** How far a start by it has come. A choice for one boot is over when it has begun. */
  progress(progress: BootProgress, before: AmtPowerStatus): void;
  /** What a look at the machine showed: one that was off and is on has started by what AMT held. */
  seen(status: AmtPowerStatus): void;
  /** The user in front of the machine has agreed, or need not: a refusal for that reason is over. */
  consented(): void;
}

export interface BootChoiceParts {
  readonly memory: DeviceMemory;
  readonly logger: Logger;
  /** What `uefihttp` boots. */
  readonly httpsBootUrl: string | undefined;
}

export function createBootChoice({ memory, logger, httpsBootUrl }: BootChoiceParts): BootChoice {
  const read = (): KeptBoot => readKeptBoot(memory);

  const choose = (choice: ChosenBoot): void => {
    memory.delete(ASKED_KEY);
    memory.delete(REFUSAL_KEY);
    if (isDefault(choice)) {
      memory.delete(DEVICE_KEY);
      memory.delete(PERSISTENT_KEY);
      return;
    }
    memory.set(DEVICE_KEY, choice.device);
    memory.set(PERSISTENT_KEY, choice.persistent);
  };

  const used = (): void => {
    memory.delete(PENDING_KEY);
    memory.delete(ASKED_KEY);
    if (!read().persistent) choose(DEFAULT_BOOT);
  };

  const takeBack = async (client: AmtClient, options: CallOptions): Promise<void> => {
    if (memory.get(PENDING_KEY) === undefined) return;
    await client.boot.clear(options);
    memory.delete(PENDING_KEY);
  };

  /** Keeps what AMT said of the choice. */
  const learning = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const result = await work;
      memory.delete(REFUSAL_KEY);
      return result;
    } catch (error) {
      if (FerricError.is(error) && saysNo(error)) memory.set(REFUSAL_KEY, { step: error.details['step'] ?? null, reason: wordsOf(error) });
      throw error;
    }
  };

  return {
    read,
    choose,
    async check(client, options) {
      const choice = read();
      await (isDefault(choice) ? takeBack(client, options) : learning(client.boot.checkNext(nextBoot(choice, httpsBootUrl), options)));
    },
    async apply(client, options) {
      const choice = read();
      if (isDefault(choice)) {
        await takeBack(client, options);
        return;
      }
      const onChange = (): void => memory.set(PENDING_KEY, choice.device);
      const { settingsChanged } = await learning(client.boot.setNext(nextBoot(choice, httpsBootUrl), { ...options, onChange }));
      logger.debug({ device: choice.device, settingsChanged }, 'AMT was told what to boot next');
    },
    progress(progress, before) {
      if (progress === 'begun') used();
      else if (progress === 'declined') memory.delete(ASKED_KEY);
      else if (memory.get(PENDING_KEY) !== undefined) memory.set(ASKED_KEY, before.state);
    },
    seen({ state }) {
      if (state === 'power on' && memory.get(ASKED_KEY) === 'power off') used();
    },
    consented() {
      const refusal = memory.get(REFUSAL_KEY);
      if (isRefusal(refusal) && refusal.step === 'user consent') memory.delete(REFUSAL_KEY);
    },
  };
}

/** The choice that a memory holds. */
export function readKeptBoot(memory: DeviceMemory): KeptBoot {
  const device = NEXT_BOOT_DEVICES.find((each) => each === memory.get(DEVICE_KEY));
  if (device === undefined) return { ...DEFAULT_BOOT, isInDoubt: false };
  const refusal = memory.get(REFUSAL_KEY);
  return {
    device,
    persistent: memory.get(PERSISTENT_KEY) === true,
    isInDoubt: memory.get(ASKED_KEY) !== undefined,
    ...(isRefusal(refusal) ? { refusal: refusal.reason } : {}),
  };
}

/** Whether AMT says no for a reason that lasts. */
function saysNo({ code, retryable }: FerricError): boolean {
  return (code === 'REFUSED' || code === 'UNSUPPORTED') && !retryable;
}

interface Refusal {
  readonly step: unknown;
  readonly reason: string;
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'reason' in value && typeof value.reason === 'string' && 'step' in value;
}

function wordsOf({ message, hint }: FerricError): string {
  return hint === undefined ? message : `${message}. ${hint}`;
}

function isDefault({ device, persistent }: ChosenBoot): boolean {
  return device === DEFAULT_BOOT.device && persistent;
}

function nextBoot({ device }: ChosenBoot, url: string | undefined): NextBoot {
  if (device !== 'uefihttp') return { device };
  if (url === undefined) throw missingBootUrl();
  return { device, url };
}

/** The error for a choice of `uefihttp` of which the URL was taken away since. */
export function missingBootUrl(): FerricError {
  return invalidOptions('Boot device uefihttp', [{ field: 'amt_https_boot_url', problem: 'missing', expected: 'what is to be booted' }]);
}
