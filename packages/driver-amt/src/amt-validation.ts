import { FerricError, type DeviceContext, type DeviceInterfaceName } from '@ferric/core';
import type { AmtDriverInfo } from './amt-options.js';
import { missingBootUrl, readKeptBoot } from './boot-choice.js';

/**
 * Tells of a boot device that is chosen and cannot be made at AMT: from driver_info, and from what AMT answered when it was last made there. Only its
 * management interface is not usable then; power is. No I/O.
 * @throws INVALID_OPTIONS
 */
export function validateKeptBoot(info: AmtDriverInfo, { memory }: DeviceContext = {}, interfaceName?: DeviceInterfaceName): void {
  if (memory === undefined || (interfaceName !== undefined && interfaceName !== 'management')) return;
  const { device, refusal } = readKeptBoot(memory);
  if (device === 'uefihttp' && info.amt_https_boot_url === undefined) throw missingBootUrl();
  if (refusal === undefined) return;
  throw new FerricError('INVALID_OPTIONS', `Boot device ${device}: AMT refused it when the machine was last to be started: ${refusal}`, {
    details: { issues: [{ field: 'boot_device', problem: 'invalid', expected: 'one that AMT takes', received: device }] },
    hint: 'Do what the reason says and start the machine again, or choose another boot device.',
  });
}
