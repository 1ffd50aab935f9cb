import { delay, FerricError, invalidOptions, type Device, type Task, type VirtualMedia, type VirtualMediaType } from '@ferric/core';
import type { Delivery, MediaAddresses } from './delivery.js';

/** Drives that the strategy uses, and so empties. */
const OUR_DRIVES: readonly VirtualMediaType[] = ['cdrom', 'floppy'];
/** How long a controller may take until a drive shows what it was given. Milliseconds. */
const SHOWN_WAIT_MS = 30_000;
const LOOK_PAUSE_MS = 1000;

const TITLE = 'Virtual media';

/**
 * Images in drives that the controller shows to the machine.
 * Source: Ironic, ironic/drivers/modules/ilo/boot.py (IloVirtualMediaBoot), ironic/drivers/modules/redfish/boot.py (RedfishVirtualMediaBoot).
 */
export const DRIVES: Delivery = {
  name: 'virtual-media',
  title: TITLE,
  bootDevice: 'cdrom',
  needsHttps: false,
  // Tells the agent that it may have a floppy. Source: Ironic, ironic/drivers/modules/ilo/boot.py (IloVirtualMediaBoot.prepare_ramdisk).
  parameters: { boot_method: 'vmedia' },
  check: (device) => void requireDrives(device),
  takesParameters: ({ virtualMedia }) => virtualMedia?.supported.has('floppy') === true,
  put: fillDrives,
  takeOut: emptyDrives,
};

/** @throws INVALID_OPTIONS when the machine has no virtual CD-ROM drive, or cannot be told to boot from it. */
function requireDrives({ virtualMedia, bootDevice }: Device): VirtualMedia {
  const hasDrive = virtualMedia?.supported.has('cdrom') === true;
  if (hasDrive && bootDevice?.supported.has('cdrom') === true) return virtualMedia;
  const lacking = hasDrive ? 'be told to boot from its CD-ROM drive' : 'take virtual media';
  throw invalidOptions(TITLE, [
    { field: 'boot_interface', problem: 'invalid', expected: `another one, such as ipxe: the controller of this machine, as its management interface knows it, cannot ${lacking}` },
  ]);
}

/** Takes out whatever is in the drives that the strategy uses. */
async function emptyDrives({ device, signal }: Task): Promise<void> {
  const { virtualMedia } = device;
  if (virtualMedia === undefined) return;
  const inside = new Set((await virtualMedia.read({ signal })).map(({ type }) => type));
  for (const type of OUR_DRIVES) if (inside.has(type)) await virtualMedia.eject(type, { signal });
}

/**
 * Puts these media into their drives, and nothing else. Media of an earlier try, or of one before the controller was reset, are not trusted.
 * @throws CONFLICT when the controller says yes and the drive stays empty; what the device throws.
 */
async function fillDrives(task: Task, { boot, parameters }: MediaAddresses): Promise<void> {
  const virtualMedia = requireDrives(task.device);
  const insertions: readonly (readonly [VirtualMediaType, string])[] = [...(parameters === undefined ? [] : [['floppy', parameters] as const]), ['cdrom', boot]];
  await emptyDrives(task);
  for (const [type, address] of insertions) {
    task.progress(`Inserting the virtual ${type}`);
    await virtualMedia.insert(type, new URL(address), { signal: task.signal });
  }
  for (const [type] of insertions) await waitUntilShown(task, virtualMedia, type);
}

async function waitUntilShown(task: Task, virtualMedia: VirtualMedia, type: VirtualMediaType): Promise<void> {
  const { clock, signal } = task;
  for (const endsAt = clock.monotonicMs() + SHOWN_WAIT_MS; ; ) {
    if ((await virtualMedia.read({ signal })).some((medium) => medium.type === type)) return;
    if (clock.monotonicMs() >= endsAt) throw staysEmpty(task, type);
    await delay(LOOK_PAUSE_MS, { signal, clock });
  }
}

function staysEmpty({ node }: Task, type: VirtualMediaType): FerricError {
  return new FerricError('CONFLICT', `The controller accepted the virtual ${type}, but its drive is still empty ${SHOWN_WAIT_MS / 1000} s later`, {
    details: { node: node.uuid, drive: type, step: 'insert virtual media' },
    hint: 'See whether the controller reaches the address of the image: --media-endpoint, or driver_info external_http_url, must name the conductor as the controller sees it.',
  });
}
