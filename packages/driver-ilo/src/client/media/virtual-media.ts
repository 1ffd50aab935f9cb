import { errorCode, type FerricErrorCode, invalidOptions, printValue } from '@ferric/core';
import {
  decodeBootOverride, ejectMedia, findDrive, insertMedia, readVirtualMedia as readDrives, setBootOnNextReset, setBootOverride, type VirtualMediaDrive,
} from '@ferric/redfish';
import { ILO_MEDIA_TYPES, type IloMediaType, type IloVirtualMedia } from '../ilo-client.js';
import type { Perform, RestCall, RibclCall } from '../operations/perform.js';
import {
  ejectVirtualMedia, insertVirtualMedia, readOneTimeBoot, readVirtualMedia, type RibclVirtualMediaDevice, setOneTimeBoot, setVirtualMedia,
} from '../ribcl/index.js';
import { checkHttpUrl } from './http-url.js';

/** Source: schema VirtualMedia, MediaTypes. */
const REST_TYPES: Readonly<Record<IloMediaType, readonly string[]>> = { cdrom: ['CD', 'DVD'], floppy: ['Floppy', 'USBStick'] };
const RIBCL_DEVICES: Readonly<Record<IloMediaType, RibclVirtualMediaDevice>> = { cdrom: 'CDROM', floppy: 'FLOPPY' };

/** The controller's word that it did not do it. */
const DECLINED: ReadonlySet<FerricErrorCode> = new Set(['REFUSED', 'CONFLICT']);

interface Inserted {
  readonly type: IloMediaType;
  readonly url: string;
}

export function createVirtualMedia(perform: Perform): IloVirtualMedia {
  return {
    read: (options) => perform('virtual media', { rest: readRest, ribcl: readRibcl }, options),
    async insert(type, url, options) {
      checkType(type);
      checkHttpUrl('Virtual media', url);
      await perform('virtual media', {
        rest: (call) => call.lookingAgain(() => insertRest(call, type, url)),
        ribcl: (call) => call.lookingAgain(() => insertRibcl(call, RIBCL_DEVICES[type], url)),
      }, options);
    },
    async eject(type, options) {
      checkType(type);
      await perform('virtual media', {
        rest: (call) => call.lookingAgain(() => ejectRest(call, type)),
        ribcl: (call) => call.lookingAgain(() => ejectRibcl(call, RIBCL_DEVICES[type])),
      }, options);
    },
    bootOnce: (options) =>
      perform('boot once from virtual media', {
        rest: (call) => call.lookingAgain(() => bootOnceRest(call)),
        ribcl: (call) => call.lookingAgain(async () => {
          if ((await call.run(readOneTimeBoot())) !== 'CDROM') await call.run(setOneTimeBoot('CDROM'));
        }),
      }, options),
  };
}

function checkType(type: unknown): void {
  if ((ILO_MEDIA_TYPES as readonly unknown[]).includes(type)) return;
  throw invalidOptions('Virtual media', [{ field: 'type', problem: 'invalid', expected: ILO_MEDIA_TYPES.join(' or '), received: printValue(type) }]);
}

async function restDrives({ client, manager, options }: RestCall): Promise<readonly VirtualMediaDrive[]> {
  return readDrives(client, await manager(), options);
}

/** There may be several of a type, and an operator may have filled any of them. */
function drivesFor(drives: readonly VirtualMediaDrive[], type: IloMediaType): readonly VirtualMediaDrive[] {
  return drives.filter(({ mediaTypes }) => mediaTypes.some((each) => REST_TYPES[type].includes(each)));
}

/** @throws UNSUPPORTED when there is none */
function firstOf(drives: readonly VirtualMediaDrive[], type: IloMediaType): VirtualMediaDrive {
  return findDrive(drives, REST_TYPES[type]);
}

function isFull({ inserted, image }: VirtualMediaDrive): boolean {
  return inserted || image !== undefined;
}

async function readRest(call: RestCall): Promise<readonly Inserted[]> {
  const drives = await restDrives(call);
  return ILO_MEDIA_TYPES.flatMap((type) => drivesFor(drives, type).flatMap(({ image }) => (image === undefined ? [] : [{ type, url: image }])));
}

/** One that is in already stays: it is what was asked for. */
async function insertRest(call: RestCall, type: IloMediaType, { href }: URL): Promise<void> {
  const drive = firstOf(await restDrives(call), type);
  if (holds(drive, href)) return;
  const isInNow = async (): Promise<boolean> => holds(firstOf(await restDrives(call), type), href);
  await unlessIn(() => insertMedia(call.client, drive, href, {}, call.options), isInNow);
}

function holds({ inserted, image }: VirtualMediaDrive, href: string): boolean {
  return inserted && image === href;
}

/** A first try whose answer got lost may go through after the look of the second, which is refused then: what was asked for is there. */
async function unlessIn(insert: () => Promise<void>, isInNow: () => Promise<boolean>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (!DECLINED.has(errorCode(error)) || !(await isInNow().catch(() => false))) throw error;
  }
}

async function ejectRest(call: RestCall, type: IloMediaType): Promise<void> {
  const drives = await restDrives(call);
  firstOf(drives, type);
  for (const drive of drivesFor(drives, type).filter(isFull)) await ejectMedia(call.client, drive, call.options);
}

async function bootOnceRest(call: RestCall): Promise<void> {
  const drives = await restDrives(call);
  const drive = drivesFor(drives, 'cdrom').find(isFull) ?? firstOf(drives, 'cdrom');
  if (drive.bootOnNextReset === true) return;
  if (drive.bootOnNextReset === false) {
    await setBootOnNextReset(call.client, drive, true, call.options);
    return;
  }
  await call.whenReady('boot device', async () => {
    const system = await call.system();
    const { enabled, target } = decodeBootOverride(system);
    if (enabled !== 'Once' || target !== 'Cd') await setBootOverride(call.client, system, { enabled: 'Once', target: 'Cd' }, call.options);
  });
}

async function readRibcl({ run }: RibclCall): Promise<readonly Inserted[]> {
  const found: Inserted[] = [];
  for (const type of ILO_MEDIA_TYPES) {
    const { imageInserted, imageUrl } = await run(readVirtualMedia(RIBCL_DEVICES[type]));
    if (imageInserted) found.push({ type, url: imageUrl ?? '' });
  }
  return found;
}

/** The server sees the image only when the drive was connected too. Source: HPE iLO 4 Scripting and Command Line Guide, SET_VM_STATUS. */
async function insertRibcl({ run }: RibclCall, device: RibclVirtualMediaDevice, url: URL): Promise<void> {
  const { imageInserted, imageUrl, appletConnected, bootOption } = await run(readVirtualMedia(device));
  const isIn = imageInserted && imageUrl === url.href;
  const isInNow = async (): Promise<boolean> => {
    const now = await run(readVirtualMedia(device));
    return now.imageInserted && now.imageUrl === url.href;
  };
  if (!isIn) await unlessIn(async () => void (await run(insertVirtualMedia(device, url))), isInNow);
  const isConnected = isIn && (bootOption === 'CONNECT' || appletConnected);
  if (!isConnected) await run(setVirtualMedia(device, { bootOption: 'CONNECT' }));
}

async function ejectRibcl({ run }: RibclCall, device: RibclVirtualMediaDevice): Promise<void> {
  if ((await run(readVirtualMedia(device))).imageInserted) await run(ejectVirtualMedia(device));
}
