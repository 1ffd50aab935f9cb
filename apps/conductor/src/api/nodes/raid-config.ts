import type { JsonObject, JsonValue } from '@ferric/core';
import { faults } from '../../fault.js';
import { isObject } from '../http/body-readers.js';
import { pythonScalar } from '../http/python-text.js';

/** What a member of a logical disk must be: one of a few values, or of one of some types. */
type DiskRule = { readonly values: readonly string[] } | { readonly types: readonly DiskType[] };
type DiskType = 'string' | 'boolean' | 'size' | 'count' | 'array';

const RAID_LEVELS = ['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0'] as const;

/** Source: Ironic, ironic/drivers/raid_config_schema.json. */
const DISK_RULES: Readonly<Record<string, DiskRule>> = {
  raid_level: { values: RAID_LEVELS },
  size_gb: { types: ['size'] },
  volume_name: { types: ['string'] },
  is_root_volume: { types: ['boolean'] },
  share_physical_disks: { types: ['boolean'] },
  disk_type: { values: ['hdd', 'ssd'] },
  interface_type: { values: ['sata', 'scsi', 'sas'] },
  number_of_physical_disks: { types: ['count'] },
  controller: { types: ['string'] },
  physical_disks: { types: ['array'] },
};
const REQUIRED = ['raid_level', 'size_gb'] as const;

const TYPE_TESTS: Readonly<Record<DiskType, { readonly accepts: (value: JsonValue) => boolean; readonly refusal: string }>> = {
  string: { accepts: (value) => typeof value === 'string', refusal: "is not of type 'string'" },
  boolean: { accepts: (value) => typeof value === 'boolean', refusal: "is not of type 'boolean'" },
  size: { accepts: (value) => value === 'MAX' || isCount(value), refusal: 'is not valid under any of the given schemas' },
  count: { accepts: isCount, refusal: "is not of type 'integer' above 0" },
  array: { accepts: (value) => Array.isArray(value), refusal: "is not of type 'array'" },
};

function isCount(value: JsonValue): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}

/**
 * Checks the disk arrays that a client wants, as every driver understands them; an empty object wants none.
 * @throws RequestFault 400 in the words of Ironic.
 */
export function checkRaidConfig(config: JsonObject): void {
  const names = Object.keys(config);
  if (names.length === 0) return;
  const unknown = names.find((name) => name !== 'logical_disks');
  if (unknown !== undefined) throw invalid(`Additional properties are not allowed (${pythonScalar(unknown)} was unexpected)`);
  const disks = config['logical_disks'];
  if (!Array.isArray(disks)) throw invalid(`${pythonScalar(disks ?? null)} is not of type 'array'`);
  const checked = disks.map((disk: JsonValue) => checkDisk(disk));
  if (checked.filter((disk) => disk['is_root_volume'] === true).length > 1) {
    throw faults.invalid('Raid config cannot have more than one root volume. Multiple root volumes were specified');
  }
}

function checkDisk(disk: JsonValue): JsonObject {
  if (!isObject(disk)) throw invalid(`${pythonScalar(disk)} is not of type 'object'`);
  const missing = REQUIRED.find((name) => disk[name] === undefined);
  if (missing !== undefined) throw invalid(`'${missing}' is a required property`);
  for (const [name, value] of Object.entries<JsonValue>(disk)) {
    const rule = Object.hasOwn(DISK_RULES, name) ? DISK_RULES[name] : undefined;
    if (rule === undefined) throw invalid(`Additional properties are not allowed (${pythonScalar(name)} was unexpected)`);
    const problem = refusal(rule, value);
    if (problem !== undefined) throw invalid(`${pythonScalar(value)} ${problem}`);
  }
  return disk;
}

function refusal(rule: DiskRule, value: JsonValue): string | undefined {
  if ('values' in rule) {
    return (rule.values as readonly JsonValue[]).includes(value) ? undefined : `is not one of [${rule.values.map((each) => `'${each}'`).join(', ')}]`;
  }
  return rule.types.some((type) => TYPE_TESTS[type].accepts(value)) ? undefined : TYPE_TESTS[rule.types[0] ?? 'string'].refusal;
}

function invalid(problem: string): Error {
  return faults.invalid(`RAID config validation error: ${problem}`);
}

/** What a logical disk may say, for people. Source: recorded exchange 014. */
export const LOGICAL_DISK_PROPERTIES: Readonly<Record<string, string>> = {
  raid_level: "RAID level for the logical disk. Valid values are 'JBOD', '0', '1', '2', '5', '6', '1+0', '5+0' and '6+0'. Required.",
  size_gb: "Size of the logical disk in GiB, a whole number, or 'MAX' for all the space that is left. Required.",
  volume_name: 'Name of the volume to be created. Default: made up. Optional.',
  is_root_volume: 'Whether the system goes onto this disk. Default: false. Optional.',
  share_physical_disks: 'Whether other logical disks may use the same physical disks. Default: false. Optional.',
  disk_type: "Type of the physical disks: 'hdd' or 'ssd'. Default: any. Optional.",
  interface_type: "Interface of the physical disks: 'sata', 'scsi' or 'sas'. Default: any. Optional.",
  number_of_physical_disks: 'How many physical disks to use. Default: the fewest that the RAID level needs. Optional.',
  controller: 'RAID controller to use. Default: chosen by the driver. Optional.',
  physical_disks: 'Physical disks to use. Default: chosen by the driver. Optional.',
};
