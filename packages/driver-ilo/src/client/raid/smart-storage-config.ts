import { FerricError, type JsonObject } from '@ferric/core';
import {
  findLinks, isSuccess, isObject, listOfMessages, reader, type RedfishMessage, type RequestBody, type Resource, settingsPath, valueOf,
} from '@ferric/redfish';
import type { RestCall } from '../operations/perform.js';
import { levelName } from './raid-levels.js';

// Source: HPE iLO 5 RESTful API, SmartStorageConfig, "RAID configuration".

/** An array that is there. */
export interface ExistingArray {
  readonly id: string;
  readonly name: string | undefined;
  /** As Ironic calls it. */
  readonly level: string;
  readonly gibibytes: number;
  readonly disks: readonly string[];
}

/** The configuration of one disk controller. */
export interface ArrayConfiguration {
  readonly resource: Resource;
  /** `Slot 0` */
  readonly location: string;
  readonly arrays: readonly ExistingArray[];
  /** Where changes are written, for the next start of the server. */
  readonly settingsPath: string;
  readonly messages: readonly RedfishMessage[];
}

/** @throws UNSUPPORTED when the server has no disk controller that can be configured so */
export async function readConfigurations({ client, options, system: readSystem }: RestCall): Promise<readonly ArrayConfiguration[]> {
  const system = await readSystem();
  const configurations: ArrayConfiguration[] = [];
  for (const path of findLinks(system, 'SmartStorageConfig')) configurations.push(decodeConfiguration(await client.read(path, options)));
  if (configurations.length > 0) return configurations;
  throw new FerricError('UNSUPPORTED', `${system.path} has no SmartStorageConfig: no Smart Array controller that can be configured without an operating system`, {
    details: { resource: system.path },
  });
}

function decodeConfiguration(resource: Resource): ArrayConfiguration {
  const { body, path } = resource;
  const fields = reader(body, path);
  const target = settingsPath(resource);
  if (target === undefined) throw new FerricError('UNSUPPORTED', `${path} cannot be changed`, { details: { resource: path } });
  const settings = valueOf(body, '@Redfish.Settings');
  return {
    resource,
    location: fields.text('Location') ?? path,
    arrays: fields.children('LogicalDrives').flatMap((drive) => {
      const id = drive.text('VolumeUniqueIdentifier');
      if (id === undefined) return [];
      const level = levelName(drive.text('Raid'));
      return [{ id, name: drive.text('LogicalDriveName'), level, gibibytes: drive.number('CapacityGiB') ?? 0, disks: drive.texts('DataDrives') }];
    }),
    settingsPath: target,
    messages: isObject(settings) ? listOfMessages(valueOf(settings, 'Messages')) : [],
  };
}

export function hasFailed({ messages }: ArrayConfiguration): boolean {
  return messages.some(({ key }) => !isSuccess(key));
}

/** The arrays in Ironic's words. */
export function describeArrays(configurations: readonly ArrayConfiguration[]): JsonObject {
  return {
    logical_disks: configurations.flatMap(({ location, arrays }) =>
      arrays.map(({ id, name, level, gibibytes, disks }) => ({
        size_gb: Math.floor(gibibytes),
        raid_level: level,
        controller: location,
        physical_disks: [...disks],
        root_device_hint: { wwn: `0x${id}` },
        ...(name === undefined ? {} : { volume_name: name }),
      }))),
  };
}

/** Writes what the controller takes up with the next start. PUT replaces what was written before and not taken up. */
export async function stage({ client, options }: RestCall, { settingsPath: path }: ArrayConfiguration, method: 'PUT' | 'PATCH', body: RequestBody): Promise<void> {
  const settings = await client.read(path, options);
  await (method === 'PUT' ? client.replace(settings, body, options) : client.change(settings, body, options));
}
