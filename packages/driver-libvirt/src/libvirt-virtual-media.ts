import { FerricError, printValue, type VirtualMedia, type VirtualMediaType } from '@ferric/core';
import type { Domain } from './client/domains.js';
import { domainProcedures } from './client/wire/procedures/domain.js';
import { define, readLive, withDefinition } from './definition.js';
import { parseXml, type XmlDocument } from './domain-xml/document.js';
import { applyEdits, type Edit } from './domain-xml/edits.js';
import { readMarks, setMarks } from './domain-xml/marks.js';
import { addDrive, cdromDrives, emptyDrive, fillDrive, removeDrive, type CdromDrive, type Medium } from './domain-xml/media.js';
import { imagePlace, shownUrl, type ImagePlace } from './image-source.js';
import { runningId, type Located, type Machine, type MachineCall } from './libvirt-machine.js';
import type { MediaVolumes } from './media-volumes.js';

/** A few exchanges, and the domain may have to be found first. Milliseconds. */
const CALL_MS = 30_000;

/** An image of some gigabytes over a slow line. Milliseconds. */
const INSERT_MS = 60 * 60 * 1000;

/**
 * Changes what runs now, also while the guest holds the tray shut: the medium belongs to whoever manages the machine.
 * Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, VIR_DOMAIN_AFFECT_LIVE and VIR_DOMAIN_DEVICE_MODIFY_FORCE.
 */
const LIVE_BY_FORCE = 1 | 4;

/** The CD-ROM drive of one domain. Images from the web are copied into a storage pool of the hypervisor; `file:` names a file that lies there. */
export function createLibvirtVirtualMedia(machine: Machine, volumes: MediaVolumes): VirtualMedia {
  const supported: ReadonlySet<VirtualMediaType> = new Set(['cdrom']);
  const check = (type: VirtualMediaType): void => {
    if (!supported.has(type)) throw unsupportedType(type);
  };
  return {
    supported,
    read: (options) => machine.perform({ what: 'read virtual media', timeoutMs: CALL_MS }, options, readMedia),
    async insert(type, url, options) {
      check(type);
      const place = imagePlace(url);
      await machine.perform({ what: 'insert virtual media', timeoutMs: INSERT_MS }, options, (call) =>
        insert(machine, call, volumes, { place, shown: shownUrl(url) }),
      );
    },
    async eject(type, options) {
      check(type);
      await machine.perform({ what: 'eject virtual media', timeoutMs: CALL_MS }, options, async (call) => {
        const { domain, file } = await takeOut(call);
        await volumes.sweep(machine, call, domain, file === undefined ? {} : { also: file });
      });
    },
  };
}

async function readMedia(call: MachineCall): Promise<readonly { readonly type: VirtualMediaType; readonly url: string }[]> {
  const { domain, document } = await call.locate();
  const { media } = readMarks(document);
  const isRunning = (await runningId(call, domain)) !== -1;
  const drives = new Map(cdromDrives(document).map((drive) => [drive.target, drive]));
  // What runs has its own say; a drive that only the next start has is shown as it will be.
  for (const drive of isRunning ? cdromDrives(await readLive(call, domain)) : []) drives.set(drive.target, drive);
  return [...drives.values()].flatMap((drive) => {
    const url = media?.target === drive.target && media.file === drive.path ? media.url : drive.url;
    return url === undefined ? [] : [{ type: 'cdrom' as const, url }];
  });
}

interface Image {
  readonly place: ImagePlace;
  /** The URL as it may be kept. */
  readonly shown: string;
}

async function insert(machine: Machine, call: MachineCall, volumes: MediaVolumes, { place, shown }: Image): Promise<void> {
  const { medium, remove } =
    place.kind === 'web'
      ? await volumes.store(machine, call, (await call.locate()).domain, place.url)
      : { medium: mediumAt(place.path), remove: async () => undefined };
  let before: Changed;
  try {
    before = await putIn(call, medium, shown);
  } catch (error) {
    await remove();
    throw error;
  }
  await volumes.sweep(machine, call, before.domain, { keep: medium.path, ...(before.file === undefined ? {} : { also: before.file }) });
}

function mediumAt(path: string): Medium {
  return { kind: path.startsWith('/dev/') ? 'block device' : 'file', path };
}

interface Changed {
  readonly domain: Domain;
  /** What was in the drive before, if it was put there by this driver. */
  readonly file: string | undefined;
}

async function putIn(call: MachineCall, medium: Medium, url: string): Promise<Changed> {
  return withDefinition(call, async ({ domain, document }) => {
    const { media } = readMarks(document);
    const drives = cdromDrives(document);
    const drive = drives.find(({ target }) => target === media?.target) ?? drives.find((each) => each.url === undefined) ?? drives[0];
    const filled = drive === undefined ? addDrive(document, medium) : { target: drive.target, edits: fillDrive(document, drive, medium) };
    const added = drive === undefined || (media?.target === drive.target && media.added !== undefined) ? { added: 'yes' } : {};
    const edits = [...filled.edits, ...setMarks(document, { media: { target: filled.target, url, file: medium.path, ...added } })];
    await changeBoth(call, { domain, document }, { target: filled.target, live: (live, found) => fillDrive(live, found, medium), edits });
    return { domain, file: media?.file };
  });
}

async function takeOut(call: MachineCall): Promise<Changed> {
  return withDefinition(call, async ({ domain, document }) => {
    const { media } = readMarks(document);
    const drives = cdromDrives(document);
    const drive = drives.find(({ target }) => target === media?.target) ?? drives.find((each) => each.url !== undefined) ?? drives[0];
    const isOurs = drive !== undefined && drive.target === media?.target && media.added !== undefined;
    const edits = drive === undefined ? [] : isOurs ? [removeDrive(document, drive)] : emptyDrive(document, drive);
    const change: DriveChange = { target: drive?.target ?? '', live: emptyDrive, edits: [...edits, ...setMarks(document, { media: null })] };
    await changeBoth(call, { domain, document }, change);
    return { domain, file: media?.file };
  });
}

interface DriveChange {
  readonly target: string;
  /** The change to the drive of the machine that runs, if it has it. */
  readonly live: (document: XmlDocument, drive: CdromDrive) => readonly Edit[];
  /** The change to the definition. */
  readonly edits: readonly Edit[];
}

/** Changes the machine that runs, and the definition; the machine is changed back when the definition cannot be. */
async function changeBoth(call: MachineCall, located: Located, change: DriveChange): Promise<void> {
  const { domain } = located;
  const undo = (await runningId(call, domain)) === -1 ? undefined : await changeLive(call, domain, change);
  try {
    await define(call, located, change.edits);
  } catch (error) {
    await undo?.();
    throw error;
  }
}

/** @returns how to undo it; undefined when the machine has no such drive, or nothing to change in it. */
async function changeLive(call: MachineCall, domain: Domain, { target, live }: DriveChange): Promise<(() => Promise<void>) | undefined> {
  const before = await readLive(call, domain);
  const drive = cdromDrives(before).find((each) => each.target === target);
  if (drive === undefined) return undefined;
  const after = applyEdits(before, live(before, drive));
  if (after === before.text) return undefined;
  await updateDrive(call, domain, parseXml(after), target);
  return async () => {
    try {
      await updateDrive(call, domain, before, target);
    } catch {
      // The error of the definition, which is what is told, comes first.
    }
  };
}

async function updateDrive(call: MachineCall, domain: Domain, document: XmlDocument, target: string): Promise<void> {
  const element = cdromDrives(document).find((drive) => drive.target === target)?.element;
  if (element === undefined) return;
  const xml = document.text.slice(element.start, element.end);
  await call.exchange((options) => call.client.call(domainProcedures.updateDeviceFlags, { domain, xml, flags: LIVE_BY_FORCE }, options));
}

function unsupportedType(type: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `A domain takes no virtual media of type ${printValue(type)}`, {
    details: { field: 'type', received: printValue(type), accepted: ['cdrom'] },
    hint: 'Use cdrom.',
  });
}
