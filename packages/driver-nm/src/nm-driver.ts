import type { Driver } from '@ferric/core';
import { createIpmiDriver, type IpmiDriverInfo, type IpmiDriverSettings } from '@ferric/driver-ipmi';
import { createNmVendorMethods } from './nm-vendor-methods.js';

/** The driver's name, which is the name of the vendor interface in ironic-staging-drivers. */
export const NM_DRIVER_NAME = 'staging-nm';

/** What all devices of a driver get; the settings of `@ferric/driver-ipmi`. Everything has a default. */
export type NmDriverSettings = IpmiDriverSettings;

/**
 * Makes the driver `staging-nm`: that of IPMI, whose devices have the eleven methods of Node Manager besides `send_raw` and `bmc_reset`.
 * @throws INVALID_OPTIONS for an `idleMs` that is no time
 */
export function createNmDriver(settings: NmDriverSettings = {}): Driver<IpmiDriverInfo> {
  return createIpmiDriver(settings, { name: NM_DRIVER_NAME, vendorMethods: createNmVendorMethods });
}
