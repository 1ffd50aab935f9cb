import { FerricError, printValue, type BootDevice, type BootDeviceName, type BootDeviceSetting } from '@ferric/core';
import type { AmtMachine } from './amt-machine.js';
import { DEFAULT_BOOT, type BootChoice, type KeptBoot } from './boot-choice.js';
import { NEXT_BOOT_DEVICES } from './client/boot/index.js';

/**
 * What one machine boots from. A choice is kept and nothing is sent: it is made at AMT right before each start that comes through this driver.
 * Source: ironic-staging-drivers, ironic_staging_drivers/amt/management.py.
 */
export function createAmtBootDevice(machine: AmtMachine, choice: BootChoice): BootDevice {
  const devices = NEXT_BOOT_DEVICES.filter((device) => device !== 'uefihttp' || machine.info.amt_https_boot_url !== undefined);
  const supported: ReadonlySet<BootDeviceName> = new Set(devices);
  return {
    supported,
    read: (options) => machine.recall('read boot device', options, () => describeChoice(choice.read())),
    set(device, { persistent }, options) {
      const known = devices.find((each) => each === device);
      if (known === undefined) return Promise.reject(unsupportedDevice(machine, device, devices));
      return machine.recall('set boot device', options, () => choice.choose({ device: known, persistent }));
    },
  };
}

function describeChoice(choice: KeptBoot): BootDeviceSetting {
  const { device, persistent } = choice;
  return { device, persistent, detail: detailOf(choice) };
}

function detailOf({ device, persistent, isInDoubt }: KeptBoot): string {
  if (isInDoubt && !persistent) return 'A start by it was asked for, and it is not known whether it was carried out: until it is, the next start through Ferric goes by it again';
  if (!persistent) return 'Made at AMT when the machine is next started or reset through Ferric';
  if (device === DEFAULT_BOOT.device) return 'Nothing is made at AMT: the firmware boots in its own order';
  return 'Made at AMT anew whenever the machine is started or reset through Ferric; not when somebody else restarts it';
}

function unsupportedDevice({ address }: AmtMachine, device: unknown, accepted: readonly BootDeviceName[]): FerricError {
  const hint = device === 'uefihttp' ? 'Set amt_https_boot_url to what is to be booted.' : `Use one of: ${accepted.join(', ')}.`;
  return new FerricError('UNSUPPORTED', `A machine with AMT cannot boot from ${printValue(device)}`, {
    details: { address, field: 'device', received: printValue(device), accepted: [...accepted] },
    hint,
  });
}
