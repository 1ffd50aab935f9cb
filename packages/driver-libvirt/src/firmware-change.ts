import { errorCode, FerricError, toFerricError } from '@ferric/core';
import { changeDefinition } from './definition.js';
import { readFirmware, setFirmware, type FirmwareSetting } from './domain-xml/firmware.js';
import type { MachineCall } from './libvirt-machine.js';

/** A few exchanges; the daemon reads the firmware of its host when it is asked first. Milliseconds. */
export const FIRMWARE_MS = 30_000;

/** What firmware the next start gets. */
export async function currentFirmware(call: MachineCall): Promise<FirmwareSetting> {
  const { document } = await call.locate();
  return readFirmware(document);
}

/**
 * Changes the firmware of the next start.
 * @param choose the wanted setting, by the present one
 * @throws UNSUPPORTED with the words of the daemon where its host has no such firmware; what `choose` throws.
 */
export async function changeFirmware(call: MachineCall, choose: (present: FirmwareSetting) => FirmwareSetting): Promise<void> {
  try {
    await changeDefinition(call, async ({ document }) => setFirmware(document, choose(readFirmware(document))));
  } catch (error) {
    if (errorCode(error) !== 'REFUSED') throw error;
    const refusal = toFerricError(error);
    throw new FerricError('UNSUPPORTED', `The hypervisor cannot give this machine that firmware: ${refusal.message}`, {
      cause: refusal,
      details: { ...refusal.details, step: 'change firmware' },
      hint: 'See which firmware the host has with `virsh domcapabilities`, and install it there (ovmf, edk2).',
    });
  }
}
