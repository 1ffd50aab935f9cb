import { BOOT_MODES, FerricError, printValue, type BootMode, type BootModeName } from '@ferric/core';
import { changeFirmware, currentFirmware, FIRMWARE_MS } from './firmware-change.js';
import type { Machine } from './libvirt-machine.js';

/** BIOS or UEFI of one domain. A change counts when the machine is next switched on, and then starts with fresh firmware variables. */
export function createLibvirtBootMode(machine: Machine): BootMode {
  const supported: ReadonlySet<BootModeName> = new Set(BOOT_MODES);
  return {
    supported,
    read: (options) =>
      machine.perform({ what: 'read boot mode', timeoutMs: FIRMWARE_MS }, options, async (call) => (await currentFirmware(call)).mode),
    async set(mode, options) {
      if (!supported.has(mode)) throw unsupportedMode(mode);
      await machine.perform({ what: 'set boot mode', timeoutMs: FIRMWARE_MS }, options, (call) =>
        changeFirmware(call, (present) => (present.mode === mode ? undefined : { mode, secureBoot: false })),
      );
    },
  };
}

function unsupportedMode(mode: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `A domain has no boot mode ${printValue(mode)}`, {
    details: { field: 'mode', received: printValue(mode), accepted: [...BOOT_MODES] },
    hint: `Use one of: ${BOOT_MODES.join(', ')}.`,
  });
}
