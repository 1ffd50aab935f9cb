import type { JsonObject } from '@ferric/core';
import type { VirtualDrive } from '../machine/media.js';
import { ejectMedia, insertMedia } from '../rest/media-operation.js';
import { asObject, asText, type Resource, type RestContext } from '../rest/resource.js';
import { collection, oem, resource } from './build.js';
import { hasStandardMedia } from './managers.js';

const COLLECTION = 'Managers/1/VirtualMedia';
const IDS = { 1: 'floppy', 2: 'cdrom' } as const;

/** The drive with this number. */
function driveOf({ machine }: RestContext, id: string): VirtualDrive | undefined {
  const kind = id === '1' || id === '2' ? IDS[id] : undefined;
  return kind === undefined ? undefined : machine.media[kind];
}

function readDrive(context: RestContext, id: string): JsonObject | undefined {
  const drive = driveOf(context, id);
  if (drive === undefined) return undefined;
  const path = `${COLLECTION}/${id}`;
  const isInserted = drive.image !== undefined;
  return resource(context, path, 'VirtualMedia', {
    Name: 'VirtualMedia',
    Description: 'Virtual Removable Media',
    ...(hasStandardMedia(context)
      ? {
          Actions: {
            '#VirtualMedia.EjectMedia': { target: context.href(`${path}/Actions/VirtualMedia.EjectMedia`) },
            '#VirtualMedia.InsertMedia': { target: context.href(`${path}/Actions/VirtualMedia.InsertMedia`) },
          },
        }
      : {}),
    ConnectedVia: isInserted ? 'URI' : 'NotConnected',
    Image: drive.image ?? '',
    ...(isInserted ? { ImageName: drive.image?.split('/').at(-1) ?? '' } : {}),
    Inserted: isInserted,
    MediaTypes: drive.kind === 'cdrom' ? ['CD', 'DVD'] : ['Floppy', 'USBStick'],
    Oem: oem(context, 'HpeiLOVirtualMedia', {
      Actions: {
        '#HpeiLOVirtualMedia.EjectVirtualMedia': { target: context.href(`${path}/Actions/Oem/Hpe/HpeiLOVirtualMedia.EjectVirtualMedia`) },
        '#HpeiLOVirtualMedia.InsertVirtualMedia': { target: context.href(`${path}/Actions/Oem/Hpe/HpeiLOVirtualMedia.InsertVirtualMedia`) },
      },
      ...(drive.kind === 'cdrom' ? { BootOnNextServerReset: drive.bootsNext } : {}),
    }),
    WriteProtected: drive.isWriteProtected,
  });
}

const insert = (context: RestContext, body: JsonObject, id: string): ReturnType<typeof insertMedia> => insertMedia(context, driveOf(context, id), body);
const eject = (context: RestContext, _body: JsonObject, id: string): ReturnType<typeof ejectMedia> => ejectMedia(context, driveOf(context, id));

export const VIRTUAL_MEDIA_RESOURCES: readonly Resource[] = [
  { path: COLLECTION, read: (context) => collection(context, COLLECTION, 'VirtualMediaCollection', [`${COLLECTION}/1`, `${COLLECTION}/2`]) },
  {
    path: `${COLLECTION}/{}`,
    read: readDrive,
    writable: ['Image', 'Oem.Hpe.BootOnNextServerReset'],
    patch(context, body, id) {
      const drive = driveOf(context, id);
      const bootsNext = asObject(asObject(body['Oem'])['Hpe'])['BootOnNextServerReset'];
      if (bootsNext !== undefined && drive !== undefined) {
        return context.caller.perform('set media', () => {
          drive.bootsNext = bootsNext === true;
          return undefined;
        });
      }
      return asText(body['Image']) === undefined ? ejectMedia(context, drive) : insertMedia(context, drive, body);
    },
  },
  { path: `${COLLECTION}/{}/Actions/VirtualMedia.InsertMedia`, exists: hasStandardMedia, post: insert },
  { path: `${COLLECTION}/{}/Actions/VirtualMedia.EjectMedia`, exists: hasStandardMedia, post: eject },
  { path: `${COLLECTION}/{}/Actions/Oem/Hpe/HpeiLOVirtualMedia.InsertVirtualMedia`, post: insert },
  { path: `${COLLECTION}/{}/Actions/Oem/Hpe/HpeiLOVirtualMedia.EjectVirtualMedia`, post: eject },
];

