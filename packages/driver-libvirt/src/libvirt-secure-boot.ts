import { FerricError, type SecureBoot } from '@ferric/core';
import { changeFirmware, currentFirmware, FIRMWARE_MS } from './firmware-change.js';
import type { Machine } from './libvirt-machine.js';

/**
 * Secure boot of one domain with UEFI. A change counts when the machine is next switched on, and then starts with fresh firmware variables. A
 * definition that says neither with nor without leaves it to the daemon, which chooses at each start: `read` tells what the machine runs with, and
 * false while it is off; `set` writes it down.
 */
export function createLibvirtSecureBoot(machine: Machine): SecureBoot {
  return {
    read: (options) =>
      machine.perform({ what: 'read secure boot', timeoutMs: FIRMWARE_MS }, options, async (call) => (await currentFirmware(call)).secureBoot),
    set: (enabled, options) =>
      machine.perform({ what: 'set secure boot', timeoutMs: FIRMWARE_MS }, options, (call) =>
        changeFirmware(call, (present) => {
          if (enabled && present.mode === 'bios') throw needsUefi(call.details);
          return { ...present, secureBoot: enabled };
        }),
      ),
  };
}

function needsUefi(details: FerricError['details']): FerricError {
  return new FerricError('CONFLICT', 'Secure boot needs UEFI, and the machine boots by BIOS', { details, hint: "Set the boot mode to 'uefi' first." });
}
