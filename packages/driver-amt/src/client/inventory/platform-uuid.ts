import { FerricError, printValue } from '@ferric/core';

const DIGITS = /^[\dA-F]{32}$/i;

/**
 * The UUID of a machine as its own software shows it, in lower case with dashes: the first three groups of CIM_ComputerSystemPackage.PlatformGUID
 * have their bytes in the order of SMBIOS. Source: DSP0134, section 7.2.1.
 * @throws PROTOCOL_FAULT when it is not 32 hex digits.
 */
export function platformUuid(platformGuid: string): string {
  const digits = platformGuid.trim();
  if (!DIGITS.test(digits)) {
    throw new FerricError('PROTOCOL_FAULT', `CIM_ComputerSystemPackage.PlatformGUID is not 32 hex digits: ${printValue(platformGuid)}`, {
      details: { class: 'CIM_ComputerSystemPackage', field: 'PlatformGUID' },
    });
  }
  const bytes = Buffer.from(digits, 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
