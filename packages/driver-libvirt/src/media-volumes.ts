import { randomBytes } from 'node:crypto';
import { errorCode, FerricError, withDeadline } from '@ferric/core';
import type { Domain } from './client/domains.js';
import type { StoragePool, StorageVolume, StorageVolumeInfo } from './client/storage.js';
import { elementText, escapeText } from './domain-xml/edits.js';
import type { Medium } from './domain-xml/media.js';
import { fetchImage, shownUrl, type FetchImage, type ImageDownload } from './image-source.js';
import type { Machine, MachineCall } from './libvirt-machine.js';

/** Time for taking back what was not used. Milliseconds. */
const REMOVE_MS = 10_000;

/** Pause between two lines of the log about one upload. Milliseconds. */
const PROGRESS_MS = 10_000;

/** Volumes that this driver makes for one domain begin like this, so that forgotten ones are found again. */
function volumePrefix(domain: Domain): string {
  return `ferric-${domain.uuid}-`;
}

/** A copy of an image on the hypervisor. */
export interface StoredImage {
  readonly medium: Medium;
  /** Deletes it. Never throws: what is left is found the next time. */
  readonly remove: () => Promise<void>;
}

/** Copies of images in a storage pool of the hypervisor. */
export interface MediaVolumes {
  /**
   * Fetches an image and writes it into a new volume. Takes it back when that fails.
   * @throws NOT_FOUND naming the pool; UNSUPPORTED for a pool whose volumes are no files and no devices; what fetching throws; what the
   * daemon answers.
   */
  store(machine: Machine, call: MachineCall, domain: Domain, url: URL): Promise<StoredImage>;
  /** Deletes what this driver has made for the domain, but the volume with this path. Never throws: what is left is found the next time. */
  sweep(machine: Machine, call: MachineCall, domain: Domain, settings: { readonly keep?: string; readonly also?: string }): Promise<void>;
}

export function createMediaVolumes(poolName: string, fetch: FetchImage): MediaVolumes {
  return {
    async store(machine, call, domain, url) {
      const pool = await findPool(call, poolName);
      return call.hypervisor.uploads.run(
        async (signal) => {
          using image = await fetchImage(url, { fetch, clock: machine.clock, signal });
          const volume = await create(call, pool, domain, image);
          const remove = (): Promise<void> => removeVolume(machine, call, volume);
          try {
            const kind = await kindOf(call, volume);
            await upload(machine, call, volume, { url, image, signal });
            return { medium: { kind, path: await pathOf(call, volume) }, remove };
          } catch (error) {
            await remove();
            throw error;
          }
        },
        { signal: call.deadline.signal },
      );
    },
    async sweep(machine, call, domain, { keep, also }) {
      const { volumes } = call.client.storage;
      try {
        const pool = await findPool(call, poolName);
        const ours = (await call.exchange((options) => volumes.list(pool, options))).filter(({ name }) => name.startsWith(volumePrefix(domain)));
        // In another pool, when libvirt_storage_pool was changed since.
        const elsewhere = also === undefined || also === keep ? [] : await lookUp(call, also);
        const old = [...ours, ...elsewhere.filter(({ name, key }) => name.startsWith(volumePrefix(domain)) && !ours.some((volume) => volume.key === key))];
        for (const volume of old) {
          if ((await pathOf(call, volume)) !== keep) await call.exchange((options) => volumes.delete(volume, options));
        }
      } catch (error) {
        machine.logger.debug({ ...call.details, domain: domain.name, error }, 'Old images were not removed yet');
      }
    },
  };
}

/** The key of a volume is its path only where it is a file. */
async function pathOf(call: MachineCall, volume: StorageVolume): Promise<string> {
  return call.exchange((options) => call.client.storage.volumes.path(volume, options));
}

const KINDS: Readonly<Partial<Record<StorageVolumeInfo['type'], Medium['kind']>>> = { file: 'file', block: 'block device' };

async function kindOf(call: MachineCall, volume: StorageVolume): Promise<Medium['kind']> {
  const { type } = await call.exchange((options) => call.client.storage.volumes.info(volume, options));
  const kind = KINDS[type];
  if (kind !== undefined) return kind;
  throw new FerricError('UNSUPPORTED', `The storage pool ${volume.pool} has volumes of type ${type}, which a CD-ROM drive cannot read`, {
    details: { ...call.details, pool: volume.pool, received: type },
    hint: 'Name a pool with files (dir, fs, netfs) or with volumes (logical) in libvirt_storage_pool.',
  });
}

async function findPool(call: MachineCall, name: string): Promise<StoragePool> {
  try {
    return await call.exchange((options) => call.client.storage.pools.lookupByName(name, options));
  } catch (error) {
    if (errorCode(error) !== 'NOT_FOUND') throw error;
    throw new FerricError('NOT_FOUND', `The hypervisor has no storage pool ${name} for images`, {
      cause: error,
      details: { ...call.details, pool: name },
      hint: 'Define and start it (`virsh pool-define-as`), or name another one in libvirt_storage_pool.',
    });
  }
}

async function lookUp(call: MachineCall, path: string): Promise<readonly StorageVolume[]> {
  try {
    return [await call.exchange((options) => call.client.storage.volumes.lookupByPath(path, options))];
  } catch (error) {
    if (errorCode(error) === 'NOT_FOUND') return [];
    throw error;
  }
}

async function create(call: MachineCall, pool: StoragePool, domain: Domain, { lengthBytes }: ImageDownload): Promise<StorageVolume> {
  const name = `${volumePrefix(domain)}${randomBytes(6).toString('hex')}.iso`;
  // Without a length the volume begins empty and grows with what is written, as files do.
  const capacity = `<capacity unit='bytes'>${lengthBytes ?? 0}</capacity>`;
  const xml = `<volume><name>${escapeText(name)}</name>${capacity}<target>${elementText('format', { type: 'raw' })}</target></volume>`;
  return call.exchange((options) => call.client.storage.volumes.create(pool, xml, options), Number.POSITIVE_INFINITY);
}

interface UploadParts {
  readonly url: URL;
  readonly image: ImageDownload;
  readonly signal: AbortSignal;
}

async function upload(machine: Machine, call: MachineCall, volume: StorageVolume, { url, image, signal }: UploadParts): Promise<void> {
  const { clock, logger } = machine;
  const facts = { ...call.details, image: shownUrl(url), volume: volume.name, totalBytes: image.lengthBytes ?? null };
  let toldAt = clock.monotonicMs();
  logger.info(facts, 'Copying an image to the hypervisor');
  const sent = await call.client.storage.volumes.upload(volume, image.bytes, {
    signal,
    ...(image.lengthBytes === undefined ? {} : { length: image.lengthBytes }),
    onProgress({ sentBytes }) {
      if (clock.monotonicMs() - toldAt < PROGRESS_MS) return;
      toldAt = clock.monotonicMs();
      logger.info({ ...facts, sentBytes: Number(sentBytes) }, 'Copying an image to the hypervisor');
    },
  });
  if (image.lengthBytes !== undefined && sent !== BigInt(image.lengthBytes)) throw cut(url, image.lengthBytes, sent);
  logger.info({ ...facts, sentBytes: Number(sent) }, 'Copied an image to the hypervisor');
}

async function removeVolume(machine: Machine, call: MachineCall, volume: StorageVolume): Promise<void> {
  try {
    // The call may be over already; what it has made is taken back all the same, in a time of its own.
    const limit = { what: `removing ${volume.name}`, defaultTimeoutMs: REMOVE_MS, details: call.details, clock: machine.clock };
    await withDeadline(undefined, limit, ({ signal }) => call.hypervisor.exchange((options) => call.client.storage.volumes.delete(volume, options), signal));
  } catch (error) {
    machine.logger.debug({ ...call.details, volume: volume.name, error }, 'An image that was not used could not be removed yet');
  }
}

function cut(url: URL, expected: number, received: bigint): FerricError {
  return new FerricError('UNREACHABLE', `The image ${shownUrl(url)} ended after ${received} of ${expected} bytes`, {
    details: { image: shownUrl(url), address: url.host, expected, received: Number(received) },
    hint: 'Try again, and see that the server sends the whole image.',
  });
}
