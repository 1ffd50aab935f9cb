import { type CallOptions, FerricError, maskText } from '@ferric/core';
import { findAction, type RedfishAction, runAction } from '../actions/actions.js';
import type { RedfishClient, RedfishReply, RequestBody } from '../client/client-types.js';
import { withinChange } from '../client/within.js';
import { requireLink } from '../resource/links.js';
import { oem, oemKey } from '../resource/oem.js';
import { reader, valueOf } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';

/** A drive that the controller shows to the system. */
export interface VirtualMediaDrive {
  readonly resource: Resource;
  /** `CD`, `DVD`, `Floppy`, `USBStick`. */
  readonly mediaTypes: readonly string[];
  /** URL of what is in it; undefined when nothing is. */
  readonly image: string | undefined;
  readonly inserted: boolean;
  /** `NotConnected`, `URI`, `Applet`, `Oem`. */
  readonly connectedVia: string | undefined;
  readonly writeProtected: boolean | undefined;
  /** Whether the next reset boots from it, where the vendor tells. */
  readonly bootOnNextReset: boolean | undefined;
}

/** The drives of a manager or a system. Choose among them by media type: their numbers mean nothing. @throws UNSUPPORTED */
export async function readVirtualMedia(client: RedfishClient, owner: Resource, options?: CallOptions): Promise<readonly VirtualMediaDrive[]> {
  return (await readMembers(client, requireLink(owner, 'VirtualMedia'), options)).map(decodeVirtualMedia);
}

export function decodeVirtualMedia(resource: Resource): VirtualMediaDrive {
  const fields = reader(resource.body, resource.path);
  const image = fields.text('Image');
  return {
    resource,
    mediaTypes: fields.texts('MediaTypes'),
    image,
    inserted: fields.boolean('Inserted') ?? image !== undefined,
    connectedVia: fields.text('ConnectedVia'),
    writeProtected: fields.boolean('WriteProtected'),
    bootOnNextReset: reader(oem(resource.body), resource.path, 'Oem.').boolean('BootOnNextServerReset'),
  };
}

/** The first drive that takes one of the types, in any case of letters. @throws UNSUPPORTED */
export function findDrive(drives: readonly VirtualMediaDrive[], mediaTypes: readonly string[]): VirtualMediaDrive {
  const wanted = new Set(mediaTypes.map((type) => type.toLowerCase()));
  const found = drives.find((drive) => drive.mediaTypes.some((type) => wanted.has(type.toLowerCase())));
  if (found !== undefined) return found;
  throw new FerricError('UNSUPPORTED', `The controller has no virtual drive for ${mediaTypes.join(' or ')}`, {
    details: { mediaTypes: [...mediaTypes], drives: drives.flatMap((drive) => drive.mediaTypes) },
  });
}

/** How a drive is told what to do: the action of the standard, that of the vendor, or by changing its property Image. */
interface Style {
  readonly insert: RedfishAction | undefined;
  readonly eject: RedfishAction | undefined;
}

function styleOf({ resource }: VirtualMediaDrive): Style {
  const standard = { insert: findAction(resource, 'InsertMedia'), eject: findAction(resource, 'EjectMedia') };
  if (standard.insert !== undefined || standard.eject !== undefined) return standard;
  return { insert: findAction(resource, 'InsertVirtualMedia', 'vendor'), eject: findAction(resource, 'EjectVirtualMedia', 'vendor') };
}

/**
 * Inserts an image; one that is in the drive is ejected first, since services refuse a second one: it stays out when the new one is refused then, and the
 * error tells it as `details.ejected`. Does nothing when this very image is in already.
 * @param url that the controller can reach; many refuse one with user and password in it
 * @param parameters besides the image, for services that take them, such as `{ Inserted: true, WriteProtected: true }`; iLO 4 refuses all of them
 * @throws REFUSED with the controller's words when its licence does not cover virtual media, or it cannot reach the image
 */
export async function insertMedia(client: RedfishClient, drive: VirtualMediaDrive, url: string, parameters: RequestBody = {}, options?: CallOptions): Promise<void> {
  await withinChange(client, options, 'virtual media', async (call) => {
    const present = decodeVirtualMedia(await client.read(drive.resource.path, call));
    if (present.inserted && present.image === url) return;
    const body = { Image: url, ...parameters };
    if (!present.inserted) return insert(client, present, body, call);
    await eject(client, present, call);
    try {
      await insert(client, await asItIsNow(client, present, call), body, call);
    } catch (error) {
      throw call.signal?.aborted === true ? error : withEjected(error, present.image);
    }
  });
}

/** Only what is changed by its properties has to be read again, for its ETag. */
async function asItIsNow(client: RedfishClient, drive: VirtualMediaDrive, call: CallOptions): Promise<VirtualMediaDrive> {
  return styleOf(drive).insert === undefined ? decodeVirtualMedia(await client.read(drive.resource.path, call)) : drive;
}

async function insert(client: RedfishClient, drive: VirtualMediaDrive, body: RequestBody, call: CallOptions): Promise<void> {
  const { insert: action } = styleOf(drive);
  await (action === undefined ? client.change(drive.resource, body, call) : runAction(client, action, body, call));
}

/** What the drive has lost, so that it can be put back. */
function withEjected(error: unknown, image: string | undefined): unknown {
  if (!FerricError.is(error) || image === undefined) return error;
  const { code, message, details, retryable, hint } = error;
  return new FerricError(code, message, {
    cause: error,
    details: { ...details, ejected: maskText(image) },
    retryable,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Empties the drive. Does nothing when it is empty. */
export async function ejectMedia(client: RedfishClient, drive: VirtualMediaDrive, options?: CallOptions): Promise<void> {
  await withinChange(client, options, 'virtual media', async (call) => {
    const present = decodeVirtualMedia(await client.read(drive.resource.path, call));
    if (present.inserted || present.image !== undefined) await eject(client, present, call);
  });
}

async function eject(client: RedfishClient, drive: VirtualMediaDrive, call: CallOptions): Promise<RedfishReply> {
  const { eject: action } = styleOf(drive);
  return action === undefined ? client.change(drive.resource, { Image: null }, call) : runAction(client, action, {}, call);
}

/** The next reset boots from the drive, or does not. @throws UNSUPPORTED when the vendor has no such property: then the boot override may do */
export async function setBootOnNextReset(client: RedfishClient, drive: VirtualMediaDrive, boot: boolean, options?: CallOptions): Promise<RedfishReply> {
  const { body, path } = drive.resource;
  const key = oemKey(body);
  if (key === undefined || valueOf(oem(body), 'BootOnNextServerReset') === undefined) {
    throw new FerricError('UNSUPPORTED', `${path} cannot be booted from with the next reset only`, { details: { resource: path } });
  }
  return client.change(drive.resource, { Oem: { [key]: { BootOnNextServerReset: boot } } }, options);
}
