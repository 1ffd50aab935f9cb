import type { BootModeName, CallOptions } from '@ferric/core';
import { readPendingBootMode } from './commands/boot-mode.js';
import { readFirmwareVersion, type RibclFirmwareVersion } from './commands/firmware-version.js';
import { readOneTimeBoot } from './commands/one-time-boot.js';
import { readHostPower } from './commands/power.js';
import { readProductName } from './commands/product.js';
import type { RibclClient, RibclResult } from './ribcl-client.js';

/** What is most often asked, in one. */
export interface RibclStatus {
  readonly power: 'power on' | 'power off';
  /** Null for what the controller does not tell. */
  readonly productName: string | null;
  readonly firmware: RibclFirmwareVersion | null;
  readonly oneTimeBoot: string | null;
  /** Also null on hardware that knows no UEFI. */
  readonly pendingBootMode: BootModeName | null;
}

/**
 * Reads power, model, firmware, one-time boot and boot mode with one login instead of five.
 * @throws what {@link RibclClient.readAll} throws, and the error of the power state when there is none.
 */
export async function readStatus(client: RibclClient, options?: CallOptions): Promise<RibclStatus> {
  // What old firmware does not know comes last: some stop there.
  const commands = [readHostPower(), readProductName(), readFirmwareVersion(), readOneTimeBoot(), readPendingBootMode()] as const;
  const [power, productName, firmware, oneTimeBoot, pendingBootMode] = await client.readAll(commands, options);
  if (!power.ok) throw power.error;
  return {
    power: power.value,
    productName: valueOrNull(productName),
    firmware: valueOrNull(firmware),
    oneTimeBoot: valueOrNull(oneTimeBoot),
    pendingBootMode: valueOrNull(pendingBootMode),
  };
}

function valueOrNull<Value>(result: RibclResult<Value>): Value | null {
  return result.ok ? result.value : null;
}
