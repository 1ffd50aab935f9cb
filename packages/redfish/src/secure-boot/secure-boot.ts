import { type CallOptions, FerricError } from '@ferric/core';
import { findAction, runAction } from '../actions/actions.js';
import type { RedfishClient, RedfishReply } from '../client/client-types.js';
import { requireLink } from '../resource/links.js';
import { reader, valueOf } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';

export interface SecureBootState {
  readonly resource: Resource;
  /** Whether the system booted with it. Undefined when the controller does not tell. */
  readonly current: boolean | undefined;
  /** Whether it will with the next boot. */
  readonly next: boolean | undefined;
  /** `UserMode`, `SetupMode`, `AuditMode`, `DeployedMode`. */
  readonly mode: string | undefined;
}

/** @throws UNSUPPORTED when the system has no such resource, as in BIOS mode or before UEFI */
export async function readSecureBoot(client: RedfishClient, system: Resource, options?: CallOptions): Promise<SecureBootState> {
  return decodeSecureBoot(await client.read(requireLink(system, 'SecureBoot'), options));
}

export function decodeSecureBoot(resource: Resource): SecureBootState {
  const fields = reader(resource.body, resource.path);
  const current = fields.text('SecureBootCurrentBoot');
  return {
    resource,
    current: current === undefined ? fields.boolean('SecureBootCurrentState') : current === 'Enabled',
    next: fields.boolean('SecureBootEnable'),
    mode: fields.text('SecureBootMode'),
  };
}

/** Counts from the next boot on. */
export async function setSecureBoot(client: RedfishClient, secureBoot: SecureBootState, enabled: boolean, options?: CallOptions): Promise<RedfishReply> {
  return client.change(secureBoot.resource, { SecureBootEnable: enabled }, options);
}

/** What can be done with the keys. Source: schema SecureBoot, ResetKeysType. */
export const KEY_RESETS = ['ResetAllKeysToDefault', 'DeleteAllKeys', 'DeletePK'] as const;
export type KeyReset = (typeof KEY_RESETS)[number];

/** Properties by which RIS is asked for the same. Source: HPE iLO 4 RESTful API, HpSecureBoot. */
const RIS_PROPERTIES: Readonly<Partial<Record<KeyReset, string>>> = { ResetAllKeysToDefault: 'ResetToDefaultKeys', DeleteAllKeys: 'ResetAllKeys' };

/** Sets the keys back or deletes them, with the next boot. @throws UNSUPPORTED */
export async function resetSecureBootKeys(client: RedfishClient, { resource }: SecureBootState, reset: KeyReset, options?: CallOptions): Promise<RedfishReply> {
  const action = findAction(resource, 'ResetKeys');
  if (action !== undefined) return runAction(client, action, { ResetKeysType: reset }, options);
  const property = RIS_PROPERTIES[reset];
  if (property !== undefined && valueOf(resource.body, property) !== undefined) return client.change(resource, { [property]: true }, options);
  throw new FerricError('UNSUPPORTED', `${resource.path} does not offer ${reset}`, { details: { resource: resource.path, received: reset } });
}
