import { FerricError, invalidOptions, printValue } from '@ferric/core';
import { findLink, reader, type Resource } from '@ferric/redfish';
import { linkedMembers } from '../inventory/read-parts.js';
import { ERASE_PATTERNS, type IloEraseStatus } from '../ilo-client.js';
import type { RestCall } from '../operations/perform.js';
import { type ArrayConfiguration, readConfigurations, stage } from './smart-storage-config.js';

export type DiskKind = 'hdd' | 'ssd';

/** Source: HPE iLO 5 RESTful API, SmartStorageConfig, ErasePattern. */
const WORDS: Readonly<Record<string, string>> = {
  overwrite: 'SanitizeRestrictedOverwrite', block: 'SanitizeRestrictedBlockErase', crypto: 'SanitizeRestrictedCryptoScramble', zero: 'OnePass',
};

/** A disk with how far it is. */
interface Disk {
  readonly controller: string;
  readonly location: string;
  readonly mediaType: string;
  readonly isFree: boolean;
  readonly status: string;
}

/** Controllers that are a piece of software, which cannot erase. */
const SOFTWARE_CONTROLLER = /Smart Array S\d/i;

/** @throws INVALID_OPTIONS */
export function checkErase(kind: unknown, pattern?: unknown): void {
  const kinds = Object.keys(ERASE_PATTERNS);
  if (typeof kind !== 'string' || !kinds.includes(kind)) {
    throw invalidOptions('Erase', [{ field: 'kind', problem: 'invalid', expected: kinds.join(' or '), received: printValue(kind) }]);
  }
  const patterns: readonly string[] = ERASE_PATTERNS[kind as DiskKind];
  if (pattern === undefined || (typeof pattern === 'string' && patterns.includes(pattern))) return;
  throw invalidOptions('Erase', [{ field: 'pattern', problem: 'invalid', expected: `one of ${patterns.join(', ')} for ${kind}`, received: printValue(pattern) }]);
}

export async function eraseDisks(call: RestCall, kind: DiskKind, pattern: string): Promise<'done' | 'wait'> {
  const configurations = await readConfigurations(call);
  const free = (await readDisks(call, kind)).filter(({ isFree }) => isFree);
  let outcome: 'done' | 'wait' = 'done';
  for (const configuration of configurations) {
    const locations = free.filter(({ controller }) => controller === configuration.location).map(({ location }) => location);
    if (locations.length === 0) continue;
    await stageErasure(call, configuration, locations, pattern);
    outcome = 'wait';
  }
  return outcome;
}

async function stageErasure(call: RestCall, configuration: ArrayConfiguration, locations: readonly string[], pattern: string): Promise<void> {
  const word = WORDS[pattern];
  if (word === undefined) throw new FerricError('INTERNAL', `The erase pattern ${pattern} has no word`);
  await stage(call, configuration, 'PATCH', {
    Actions: [{ Action: 'PhysicalDriveErase', ErasePattern: word, PhysicalDriveList: locations }],
    DataGuard: 'Disabled',
  });
}

/** Words of DiskDriveStatusReasons. Source: HPE iLO 5 RESTful API, HpeSmartStorageDiskDrive. */
const STATES: readonly (readonly [word: string, state: IloEraseStatus['state']])[] = [
  ['EraseInProgress', 'erasing'], ['EraseQueued', 'erasing'], ['EraseFailed', 'failed'], ['EraseCompleted', 'done'],
];

export async function readEraseStatus(call: RestCall, kind: DiskKind): Promise<IloEraseStatus> {
  await readConfigurations(call);
  const disks = await readDisks(call, kind);
  // One that is still at it counts before one that failed.
  const state = STATES.find(([word]) => disks.some(({ status }) => status === word))?.[1] ?? 'idle';
  return { state, drives: disks.map(({ location, mediaType, status }) => ({ location, mediaType, status })) };
}

async function readDisks({ client, options, system: readSystem }: RestCall, kind: DiskKind): Promise<readonly Disk[]> {
  const system = await readSystem();
  const disks: Disk[] = [];
  for (const storage of await linkedResource(client, system, options)) {
    for (const controller of await linkedMembers(client, storage, 'ArrayControllers', options)) {
      const fields = reader(controller.body, controller.path);
      if (SOFTWARE_CONTROLLER.test(fields.text('Model') ?? '')) continue;
      const free = new Set((await linkedMembers(client, controller, 'UnconfiguredDrives', options)).map(locationOf));
      const all = await linkedMembers(client, controller, 'PhysicalDrives', options);
      disks.push(...all.map((disk) => toDisk(disk, fields.text('Location') ?? '', free)));
    }
  }
  return disks.filter(({ mediaType }) => mediaType.toLowerCase() === kind);
}

/** Where the disk controllers are, by what they are called: `Slot 0` by `HPE Smart Array P408i-a SR Gen10`. */
export async function readControllerModels({ client, options, system }: RestCall): Promise<ReadonlyMap<string, string>> {
  const locations = new Map<string, string>();
  for (const storage of await linkedResource(client, await system(), options)) {
    for (const { body, path } of await linkedMembers(client, storage, 'ArrayControllers', options)) {
      const fields = reader(body, path);
      const [model, location] = [fields.text('Model'), fields.text('Location')];
      // The first of several that are alike.
      if (model !== undefined && location !== undefined && !locations.has(model)) locations.set(model, location);
    }
  }
  return locations;
}

async function linkedResource(client: RestCall['client'], system: Resource, options: RestCall['options']): Promise<readonly Resource[]> {
  const path = findLink(system, 'SmartStorage');
  return path === undefined ? [] : [await client.read(path, options)];
}

function locationOf({ body, path }: Resource): string {
  return reader(body, path).text('Location') ?? '';
}

function toDisk(disk: Resource, controller: string, free: ReadonlySet<string>): Disk {
  const fields = reader(disk.body, disk.path);
  const location = locationOf(disk);
  const reasons = fields.texts('DiskDriveStatusReasons');
  const status = STATES.find(([word]) => reasons.includes(word))?.[0] ?? reasons[0] ?? 'None';
  return { controller, location, mediaType: fields.text('MediaType') ?? '', isFree: free.has(location), status };
}
