import { FerricError, type JsonObject } from '@ferric/core';
import type { ArrayConfiguration, ExistingArray } from './smart-storage-config.js';
import type { WantedArray } from './target.js';

/** What has to be made at one controller. */
export interface ArrayPlan {
  readonly configuration: ArrayConfiguration;
  readonly arrays: readonly WantedArray[];
}

/** Leaves out what is there already, each array standing for one that is wanted. @throws NOT_FOUND for a controller that is not there */
export function planArrays(wanted: readonly WantedArray[], configurations: readonly ArrayConfiguration[]): readonly ArrayPlan[] {
  const taken = new Set<string>();
  const missing = new Map<ArrayConfiguration, WantedArray[]>();
  for (const array of wanted) {
    const configuration = configurationFor(array, configurations);
    const found = configuration.arrays.find((existing) => !taken.has(existing.id) && isSame(array, existing));
    if (found === undefined) missing.set(configuration, [...(missing.get(configuration) ?? []), array]);
    else taken.add(found.id);
  }
  return [...missing].map(([configuration, arrays]) => ({ configuration, arrays }));
}

function configurationFor({ controller }: WantedArray, configurations: readonly ArrayConfiguration[]): ArrayConfiguration {
  const found = controller === undefined ? configurations[0] : configurations.find(({ location }) => location === controller);
  if (found !== undefined) return found;
  const locations = configurations.map(({ location }) => location);
  throw new FerricError('NOT_FOUND', `The server has no disk controller ${controller ?? ''}`, {
    details: { received: controller ?? null, controllers: locations },
    hint: `It has ${locations.join(', ')}.`,
  });
}

/** By level and by what else is said of it. */
function isSame({ level, size, name, disks }: WantedArray, existing: ExistingArray): boolean {
  const hasSize = size === undefined || Math.floor(existing.gibibytes) === size;
  const hasDisks = disks === undefined || (disks.length === existing.disks.length && disks.every((disk) => existing.disks.includes(disk)));
  return existing.level === level.name && hasSize && hasDisks && (name === undefined || name === existing.name);
}

/**
 * The body that makes arrays and touches no other: with this data guard only what is named for it is deleted.
 * Source: HPE iLO 5 RESTful API, SmartStorageConfig, DataGuard.
 */
export function creationOf(arrays: readonly WantedArray[]): JsonObject {
  return {
    DataGuard: 'Permissive',
    LogicalDrives: arrays.map(({ level, size, name, disks, diskCount, mediaType, interfaceType }) => ({
      Raid: level.word,
      CapacityGiB: size ?? -1,
      ...(name === undefined ? {} : { LogicalDriveName: name }),
      DataDrives:
        disks !== undefined
          ? [...disks]
          : {
              DataDriveCount: diskCount,
              ...(mediaType === undefined ? {} : { DataDriveMediaType: mediaType }),
              ...(interfaceType === undefined ? {} : { DataDriveInterfaceType: interfaceType }),
            },
    })),
  };
}

/** The body that deletes arrays by name. */
export function deletionOf(arrays: readonly ExistingArray[]): JsonObject {
  return { DataGuard: 'Permissive', LogicalDrives: arrays.map(({ id }) => ({ Actions: [{ Action: 'LogicalDriveDelete' }], VolumeUniqueIdentifier: id })) };
}
