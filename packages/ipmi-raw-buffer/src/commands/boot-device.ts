import { type CallOptions, FerricError } from '@ferric/core';
import { carryOut } from '../message/carry-out.js';
import type { RequestCarrier } from '../message/request.js';
import { carryOutAndDecode } from './answer.js';
import { type BootFlags, type BootTarget, decodeBootFlags, encodeBootFlags, type ReadBootFlags } from './boot-flags.js';
import { BOOT_PARAMETERS, bootParameterRequest, decodeBootParameter, encodeGetBootParameter } from './boot-parameters.js';
import { declined, severalRequests, type Share, whileInProgress } from './several-requests.js';

const READ_STEP = 'Get System Boot Options (boot flags)';

/** Boot flags that the firmware shall obey. */
export interface BootDeviceRequest extends Partial<Omit<BootFlags, 'valid'>> {
  /** `none`: no choice is made, and one that was made before is taken back. */
  readonly device: BootTarget;
}

export interface SetBootDeviceOptions extends CallOptions {
  /**
   * Whether the choice outlives 60 seconds without a start by command. Default true. Without it the controller forgets a choice for which the
   * machine is not started within a minute.
   */
  readonly disableTimeout?: boolean;
}

/** What differs between what was asked for and what the controller keeps. */
export type BootFlagDifference = 'valid' | 'persistent' | 'efi';

export interface BootDeviceOutcome {
  /** As read back; null when the controller cannot tell. */
  readonly kept: ReadBootFlags | null;
  /** Flags that the controller did not keep although it took them. Some forget all but the device, and some make one start out of all starts. */
  readonly differences: readonly BootFlagDifference[];
}

/** Data of parameter 3: do not forget the choice when 60 s have passed. Source: IPMI 2.0, table 28-14. */
const KEEP_AFTER_TIMEOUT = 0x08;

/** Data of parameter 4: firmware has not handled the boot information yet (bit 0), and only this is said (mask). */
const NOT_HANDLED = Uint8Array.of(0x01, 0x01);

/**
 * Chooses what the machine starts from. Idempotent. Parameters that only help (no timeout, set in progress, not handled yet) may be unknown to the
 * controller; the boot flags themselves have to be taken, and the device has to be what is read back.
 * @throws INVALID_OPTIONS for flags that cannot be encoded; REFUSED when another device is read back; what `carryOut` throws.
 * All requests together have 30 s unless the caller says otherwise.
 */
export async function setBootDevice(bmc: RequestCarrier, request: BootDeviceRequest, options: SetBootDeviceOptions = {}): Promise<BootDeviceOutcome> {
  const { disableTimeout = true, ...call } = options;
  const flags = encodeBootFlags({ ...request, valid: true });
  return severalRequests(bmc, `Boot device ${request.device}`, call, async (share) => {
    const write = async (parameter: number, data: Uint8Array, step: string, writeOptions = share()): Promise<number> =>
      (await bmc.raw(bootParameterRequest(parameter, data), { step: `Set System Boot Options (${step})`, ...writeOptions })).completionCode;
    if (disableTimeout) await write(BOOT_PARAMETERS.validBitClearing, Uint8Array.of(KEEP_AFTER_TIMEOUT), 'no timeout');
    await whileInProgress(
      share,
      (value, writeOptions) => write(BOOT_PARAMETERS.setInProgress, Uint8Array.of(value), 'set in progress', writeOptions),
      async () => {
        await write(BOOT_PARAMETERS.bootInfoAcknowledge, NOT_HANDLED, 'not handled yet');
        await carryOut(bmc, 'Set System Boot Options (boot flags)', bootParameterRequest(BOOT_PARAMETERS.bootFlags, flags), share());
      },
    );
    return compare(bmc, flags, share);
  });
}

async function compare(bmc: RequestCarrier, flags: Uint8Array, share: Share): Promise<BootDeviceOutcome> {
  const answer = await declined(readBootFlags(bmc, share()));
  if (!('value' in answer)) return { kept: null, differences: [] };
  const { value: kept } = answer;
  const wanted = decodeBootFlags(flags);
  if (kept.deviceCode !== wanted.deviceCode) throw notKept(bmc, wanted, kept);
  return { kept, differences: (['valid', 'persistent', 'efi'] as const).filter((name) => kept[name] !== wanted[name]) };
}

function notKept(bmc: RequestCarrier, wanted: ReadBootFlags, kept: ReadBootFlags): FerricError {
  const name = kept.device === 'reserved' ? `number ${kept.deviceCode}` : kept.device;
  return new FerricError('REFUSED', `The controller at ${bmc.address} took boot device ${wanted.device} but keeps ${name}`, {
    details: { address: bmc.address, step: `Boot device ${wanted.device}`, expected: wanted.device, received: name },
    hint: 'Some controllers take no boot device while the machine starts, or only in another boot mode: try again when it is off.',
  });
}

/**
 * The boot flags as the controller keeps them. Idempotent. Flags that are not `valid` mean nothing to the firmware; it takes `valid` away after
 * a start that was to happen once.
 */
export async function readBootFlags(bmc: RequestCarrier, options?: CallOptions): Promise<ReadBootFlags> {
  const { bootFlags } = BOOT_PARAMETERS;
  const request = { netFn: 0x00, command: 0x09, data: encodeGetBootParameter(bootFlags) };
  return carryOutAndDecode(bmc, READ_STEP, request, (data) => decodeBootFlags(decodeBootParameter(data, bootFlags).data), options);
}
