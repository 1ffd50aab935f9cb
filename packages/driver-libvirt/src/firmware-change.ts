import { errorCode, FerricError, toFerricError } from '@ferric/core';
import { changeDefinition, readLive } from './definition.js';
import { leavesSecureBootOpen, readFirmware, setFirmware, type FirmwareSetting } from './domain-xml/firmware.js';
import type { Located, MachineCall } from './libvirt-machine.js';

/** A few exchanges; the daemon reads the firmware of its host when it is asked first. Milliseconds. */
export const FIRMWARE_MS = 30_000;

/**
 * What firmware the next start gets; where the definition leaves secure boot to the daemon, what the daemon has chosen for the machine that runs. Of
 * one that is off nobody knows: the daemon decides at the start, and until then it is told as without.
 */
export async function currentFirmware(call: MachineCall): Promise<FirmwareSetting> {
  return firmwareOf(call, await call.locate());
}

async function firmwareOf(call: MachineCall, { domain, document }: Located): Promise<FirmwareSetting> {
  const setting = readFirmware(document);
  if (!leavesSecureBootOpen(document)) return setting;
  // Of a machine that is off, this is the definition once more.
  return { ...setting, secureBoot: readFirmware(await readLive(call, domain)).secureBoot };
}

/**
 * Changes the firmware of the next start.
 * @param choose the wanted setting, by the present one; undefined when nothing is to change
 * @throws UNSUPPORTED with the words of the daemon where its host has no such firmware; what `choose` throws.
 */
export async function changeFirmware(call: MachineCall, choose: (present: FirmwareSetting) => FirmwareSetting | undefined): Promise<void> {
  try {
    await changeDefinition(call, async (located) => {
      const present = await firmwareOf(call, located);
      const wanted = choose(present);
      return wanted === undefined ? [] : setFirmware(located.document, wanted, present);
    });
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
