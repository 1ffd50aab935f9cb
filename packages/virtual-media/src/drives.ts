import { delay, FerricError, invalidOptions, type BootDevice, type BootDeviceName, type Device, type Task, type VirtualMedia, type VirtualMediaType } from '@ferric/core';
import { BOOT_DEVICE_PERSISTENCE, readPersistence } from '@ferric/ipxe-config';

/** What a machine needs to be booted by virtual media. */
export interface MediaDevice {
  readonly virtualMedia: VirtualMedia;
  readonly bootDevice: BootDevice;
}

/** A medium and the drive it belongs into. */
export interface Insertion {
  readonly type: VirtualMediaType;
  /** As the controller is told; it may hold a secret. */
  readonly address: string;
}

/** Drives that the strategy uses, and so empties. */
const OUR_DRIVES: readonly VirtualMediaType[] = ['cdrom', 'floppy'];
/** How long a controller may take until a drive shows what it was given. Milliseconds. */
const SHOWN_WAIT_MS = 30_000;
const LOOK_PAUSE_MS = 1000;

/** @throws INVALID_OPTIONS when the machine has no virtual CD-ROM drive, or cannot be told to boot from it. */
export function requireDrives({ virtualMedia, bootDevice }: Device): MediaDevice {
  if (virtualMedia?.supported.has('cdrom') === true && bootDevice?.supported.has('cdrom') === true) return { virtualMedia, bootDevice };
  const lacking = virtualMedia?.supported.has('cdrom') === true ? 'be told to boot from its CD-ROM drive' : 'take virtual media';
  throw invalidOptions('Virtual media', [
    { field: 'boot_interface', problem: 'invalid', expected: `another one, such as ipxe: the controller of this machine, as its management interface knows it, cannot ${lacking}` },
  ]);
}

/** Whether the machine has a drive from which a ready-made deploy ISO reads its parameters. */
export function hasFloppy({ virtualMedia }: Device): boolean {
  return virtualMedia?.supported.has('floppy') === true;
}

/** Takes out whatever is in the drives that the strategy uses. */
export async function emptyDrives({ device, signal }: Task): Promise<void> {
  const { virtualMedia } = device;
  if (virtualMedia === undefined) return;
  const inside = new Set((await virtualMedia.read({ signal })).map(({ type }) => type));
  for (const type of OUR_DRIVES) if (inside.has(type)) await virtualMedia.eject(type, { signal });
}

/**
 * Puts these media into their drives, and nothing else. Media of an earlier try, or of one before the controller was reset, are not trusted.
 * @throws CONFLICT when the controller says yes and the drive stays empty; what the device throws.
 */
export async function fillDrives(task: Task, { virtualMedia }: MediaDevice, insertions: readonly Insertion[]): Promise<void> {
  await emptyDrives(task);
  for (const { type, address } of insertions) {
    task.progress(`Inserting the virtual ${type}`);
    await virtualMedia.insert(type, new URL(address), { signal: task.signal });
  }
  for (const { type } of insertions) await waitUntilShown(task, virtualMedia, type);
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

/** What the next boot, or every boot from now on, is from; how long it counts is up to `driver_info.force_persistent_boot_device`. */
export async function setBootDevice({ node, device, signal }: Task, name: BootDeviceName, boots: 'ramdisk' | 'instance'): Promise<void> {
  const persistent = BOOT_DEVICE_PERSISTENCE[readPersistence(node)][boots];
  if (device.bootDevice?.supported.has(name) === true) await device.bootDevice.set(name, { persistent }, { signal });
}
