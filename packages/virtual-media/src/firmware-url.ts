import { errorCode, invalidOptions, type Device, type HttpBoot, type Task } from '@ferric/core';
import type { Delivery, MediaAddresses } from './delivery.js';

const TITLE = 'UEFI boot over HTTPS';

/**
 * The machine's firmware loads the image by itself, from an https address that it is told, if it trusts the certificate there.
 * Source: Ironic, ironic/drivers/modules/ilo/boot.py (IloUefiHttpsBoot), ironic/drivers/modules/ilo/common.py (setup_uefi_https, add_certificates).
 */
export const FIRMWARE_URL: Delivery = {
  name: 'uefi-https',
  title: TITLE,
  bootDevice: 'uefihttp',
  mode: 'uefi',
  needsHttps: true,
  parameters: {},
  check: (device) => void requireHttpBoot(device),
  takesParameters: () => false,
  async put(task, { boot }: MediaAddresses) {
    const httpBoot = requireHttpBoot(task.device);
    const { signal } = task;
    await makeTrusted(task, httpBoot);
    task.progress('Telling the firmware the https address that it boots from');
    await httpBoot.set(new URL(boot), { signal });
  },
  takeOut: forgetUrl,
};

/** @throws INVALID_OPTIONS when the firmware cannot be told an address, or the machine not to boot from it. */
function requireHttpBoot({ httpBoot, bootDevice }: Device): HttpBoot {
  if (httpBoot !== undefined && bootDevice?.supported.has('uefihttp') === true) return httpBoot;
  const lacking = httpBoot === undefined ? 'cannot be told an address to boot from' : 'cannot be told to boot over HTTPS';
  throw invalidOptions(TITLE, [
    { field: 'boot_interface', problem: 'invalid', expected: `another one, such as virtual-media: the firmware of this machine, as its management interface knows it, ${lacking}` },
  ]);
}

/** What the firmware trusts from now on is told: it stays there when the work is over. */
async function makeTrusted(task: Task, httpBoot: HttpBoot): Promise<void> {
  if (httpBoot.trust === undefined) return;
  const authorities = await task.services.media.authorities();
  const added = authorities.length === 0 ? 0 : await httpBoot.trust(authorities, { signal: task.signal });
  if (added > 0) task.progress(`The firmware trusts ${added} more ${added === 1 ? 'certificate' : 'certificates'} from its next start on, so that it may load from the conductor`);
}

async function forgetUrl({ device, signal }: Task): Promise<void> {
  try {
    await device.httpBoot?.set(null, { signal });
  } catch (error) {
    // Firmware in BIOS mode boots from no address.
    if (errorCode(error) !== 'UNSUPPORTED') throw error;
  }
}
