import type { CallOptions } from '@ferric/core';
import { requireAction, runAction } from '../actions/actions.js';
import type { RedfishClient, RedfishReply } from '../client/client-types.js';
import { within } from '../client/within.js';
import { findLink, requireLink } from '../resource/links.js';
import { oem } from '../resource/oem.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';

/** The management controller of a system: the one that the system names, else the first of the service. @throws UNSUPPORTED */
export async function findManager(client: RedfishClient, system: Resource | undefined, options?: CallOptions): Promise<Resource> {
  return within(client, options, 'the manager', async (call) => {
    const path = system === undefined ? undefined : findLink(system, 'ManagedBy');
    if (path !== undefined) return client.read(path, call);
    const collection = requireLink(await client.root(call), 'Managers');
    const [first] = await readMembers(client, collection, { ...call, limit: 1 });
    return first ?? client.read(collection, call);
  });
}

export interface ManagerFacts {
  readonly model: string | undefined;
  /** `iLO 5 v1.15`, as the controller writes it. */
  readonly firmwareVersion: string | undefined;
  readonly type: string | undefined;
  /** Name of the licence, where the vendor has them. */
  readonly licence: string | undefined;
}

export function decodeManagerFacts({ body, path }: Resource): ManagerFacts {
  const manager = reader(body, path);
  const vendor = reader(oem(body), path, 'Oem.');
  // RIS keeps it below Firmware, and the vendor's part may differ from it.
  const firmware = [manager, vendor].map((part) => part.child('Firmware').child('Current').text('VersionString'));
  return {
    model: manager.text('Model'),
    firmwareVersion: manager.text('FirmwareVersion') ?? firmware[0] ?? firmware[1],
    type: manager.text('ManagerType'),
    licence: vendor.child('License').text('LicenseString'),
  };
}

/**
 * Restarts the controller itself, which is away for a minute then and has forgotten all sessions; virtual media may be ejected.
 * @param type said only when given, or when the controller lists what it takes and this is among it
 */
export async function resetManager(client: RedfishClient, manager: Resource, type?: string, options?: CallOptions): Promise<RedfishReply> {
  const action = requireAction(manager, 'Reset');
  const usual = action.allowed.get('ResetType')?.includes(GRACEFUL) === true ? GRACEFUL : undefined;
  const chosen = type ?? usual;
  const reply = await runAction(client, action, chosen === undefined ? {} : { ResetType: chosen }, options);
  client.forget();
  return reply;
}

const GRACEFUL = 'GracefulRestart';
