import { invalidOptions, printValue } from '@ferric/core';
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
        rest: async (call) => insertMedia(call.client, await restDrive(call, type), url.href, {}, call.options),
        ribcl: (call) => insertRibcl(call, RIBCL_DEVICES[type], url),
      }, options);
    },
    async eject(type, options) {
      checkType(type);
      await perform('virtual media', {
        rest: async (call) => ejectMedia(call.client, await restDrive(call, type), call.options),
        ribcl: (call) => ejectRibcl(call, RIBCL_DEVICES[type]),
      }, options);
    },
    bootOnce: (options) =>
      perform('boot once from virtual media', {
        rest: bootOnceRest,
        async ribcl({ run }) {
          if ((await run(readOneTimeBoot())) !== 'CDROM') await run(setOneTimeBoot('CDROM'));
        },
      }, options),
  };
}

function checkType(type: unknown): void {
  if ((ILO_MEDIA_TYPES as readonly unknown[]).includes(type)) return;
  throw invalidOptions('Virtual media', [{ field: 'type', problem: 'invalid', expected: ILO_MEDIA_TYPES.join(' or '), received: printValue(type) }]);
}

async function readRest({ client, manager, options }: RestCall): Promise<readonly Inserted[]> {
  const drives = await readDrives(client, await manager(), options);
  return ILO_MEDIA_TYPES.flatMap((type) => {
    const own = drives.filter(({ mediaTypes }) => mediaTypes.some((each) => REST_TYPES[type].includes(each)));
    return own.flatMap(({ image }) => (image === undefined ? [] : [{ type, url: image }]));
  });
}

async function restDrive({ client, manager, options }: RestCall, type: IloMediaType): Promise<VirtualMediaDrive> {
  return findDrive(await readDrives(client, await manager(), options), REST_TYPES[type]);
}

async function bootOnceRest(call: RestCall): Promise<void> {
  const drive = await restDrive(call, 'cdrom');
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
  if (!isIn) await run(insertVirtualMedia(device, url));
  const isConnected = isIn && (bootOption === 'CONNECT' || appletConnected);
  if (!isConnected) await run(setVirtualMedia(device, { bootOption: 'CONNECT' }));
}

async function ejectRibcl({ run }: RibclCall, device: RibclVirtualMediaDevice): Promise<void> {
  if ((await run(readVirtualMedia(device))).imageInserted) await run(ejectVirtualMedia(device));
}
