import type { CallOptions } from '@ferric/core';
import { findAction, requireAction, runAction } from '../actions/actions.js';
import type { RedfishClient, RedfishReply } from '../client/client-types.js';
import { within } from '../client/within.js';
import { findLink, requireLink } from '../resource/links.js';
import { oem } from '../resource/oem.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';

export interface UpdateService {
  readonly resource: Resource;
  /** False when it is switched off. */
  readonly enabled: boolean;
  /** True when it takes the URL of an image. */
  readonly canFetch: boolean;
  /** Path that takes an uploaded image; undefined when there is none. */
  readonly pushPath: string | undefined;
  readonly progress: UpdateProgress;
}

/** How far an update is, where the vendor tells; services without it give a task, see `waitForTask`. */
export interface UpdateProgress {
  /** `Idle`, `Uploading`, `Verifying`, `Writing`, `Updating`, `Complete`, `Error`, in the words and letters of the controller. */
  readonly state: string | undefined;
  /** 0 to 100. */
  readonly percent: number | undefined;
}

/** @throws UNSUPPORTED when the controller has none */
export async function readUpdateService(client: RedfishClient, options?: CallOptions): Promise<UpdateService> {
  return within(client, options, 'the update service', async (call) =>
    decodeUpdateService(await client.read(requireLink(await client.root(call), 'UpdateService'), call)),
  );
}

export function decodeUpdateService(resource: Resource): UpdateService {
  const fields = reader(resource.body, resource.path);
  return {
    resource,
    enabled: fields.boolean('ServiceEnabled') ?? true,
    canFetch: findAction(resource, 'SimpleUpdate') !== undefined,
    pushPath: fields.text('HttpPushUri'),
    progress: decodeUpdateProgress(resource),
  };
}

export function decodeUpdateProgress({ body, path }: Resource): UpdateProgress {
  const vendor = reader(oem(body), path, 'Oem.');
  const own = reader(body, path);
  return {
    // RIS has an update service of the vendor's, whose properties stand in it directly.
    state: vendor.text('State') ?? own.text('State'),
    percent: vendor.number('FlashProgressPercent') ?? own.number('ProgressPercent'),
  };
}

export interface SimpleUpdateOptions extends CallOptions {
  /** What to write the image to, as paths; all that it fits when left out. */
  readonly targets?: readonly string[];
}

/**
 * Lets the controller fetch an image and write it. The answer may carry a task; an answer without is no more than "begun".
 * @param url http or https, reachable for the controller
 */
export async function startUpdate(client: RedfishClient, { resource }: UpdateService, url: string, options: SimpleUpdateOptions = {}): Promise<RedfishReply> {
  const { targets, ...call } = options;
  const scheme = url.slice(0, Math.max(url.indexOf(':'), 0)).toUpperCase();
  const action = requireAction(resource, 'SimpleUpdate');
  // Said only where the service lists what it takes: many refuse a parameter that they do not know.
  const protocol = action.allowed.get('TransferProtocol')?.includes(scheme) === true ? { TransferProtocol: scheme } : {};
  return runAction(client, action, { ImageURI: url, ...protocol, ...(targets === undefined ? {} : { Targets: targets }) }, call);
}

/** One piece of firmware. */
export interface FirmwareItem {
  readonly id: string | undefined;
  readonly name: string;
  readonly version: string | undefined;
  readonly updateable: boolean | undefined;
}

/** What firmware is installed. @throws UNSUPPORTED when the service keeps no list */
export async function readFirmware(client: RedfishClient, { resource }: UpdateService, options?: CallOptions): Promise<readonly FirmwareItem[]> {
  const items = await readMembers(client, findLink(resource, 'FirmwareInventory') ?? requireLink(resource, 'SoftwareInventory'), options);
  return items.map(({ body, path }) => {
    const fields = reader(body, path);
    return { id: fields.text('Id'), name: fields.text('Name') ?? path, version: fields.text('Version'), updateable: fields.boolean('Updateable') };
  });
}
