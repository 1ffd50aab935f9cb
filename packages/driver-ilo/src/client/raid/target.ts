import { invalidOptions, type JsonObject, type JsonValue, type OptionIssue, printValue } from '@ferric/core';
import { RAID_LEVELS, type RaidLevel } from './raid-levels.js';

/** One array that is wanted. Source: Ironic, RAID configuration, logical_disks. */
export interface WantedArray {
  readonly level: RaidLevel;
  /** Gibibytes; undefined: all that fits. */
  readonly size: number | undefined;
  readonly name: string | undefined;
  /** Location or model of the controller. */
  readonly controller: string | undefined;
  /** Locations of the disks; undefined: the controller chooses. */
  readonly disks: readonly string[] | undefined;
  readonly diskCount: number;
  readonly mediaType: 'HDD' | 'SSD' | undefined;
  readonly interfaceType: 'SAS' | 'SATA' | undefined;
}

const MEDIA_TYPES: Readonly<Record<string, 'HDD' | 'SSD'>> = { hdd: 'HDD', ssd: 'SSD' };
const INTERFACE_TYPES: Readonly<Record<string, 'SAS' | 'SATA'>> = { sas: 'SAS', sata: 'SATA' };
const MOST_ARRAYS = 64;
const MOST_DISKS = 256;

/** What a field may hold. */
interface FieldRule {
  readonly expected: (fewestDisks: number) => string;
  readonly fits: (value: JsonValue, fewestDisks: number, item: JsonObject) => boolean;
  /** Left out it may be only when this is not set. */
  readonly isRequired?: true;
}

const text: FieldRule = { expected: () => 'a text', fits: isText };
const oneOf = (words: readonly string[]): FieldRule => ({
  expected: () => `one of ${words.join(', ')}`,
  fits: (value) => typeof value === 'string' && words.includes(value),
});

/** Source: Ironic, RAID configuration, properties of logical_disks. */
const FIELDS: Readonly<Record<string, FieldRule>> = {
  raid_level: { ...oneOf(RAID_LEVELS.map(({ name }) => name)), isRequired: true },
  size_gb: { expected: () => 'a number of gibibytes or MAX', fits: (value) => value === 'MAX' || isWhole(value, 1, 1_000_000), isRequired: true },
  volume_name: text,
  controller: text,
  physical_disks: {
    expected: (fewest) => `a list of at least ${fewest} locations such as 1I:1:1`,
    fits: (value, fewest) => Array.isArray(value) && value.length >= fewest && value.length <= MOST_DISKS && (value as readonly JsonValue[]).every(isText),
  },
  number_of_physical_disks: {
    expected: (fewest) => `a whole number of at least ${fewest}, as many as physical_disks names`,
    fits: (value, fewest, { physical_disks: named }) => isWhole(value, fewest, MOST_DISKS) && (!Array.isArray(named) || named.length === value),
  },
  disk_type: oneOf(Object.keys(MEDIA_TYPES)),
  interface_type: oneOf(Object.keys(INTERFACE_TYPES)),
  is_root_volume: { expected: () => 'true or false', fits: (value) => typeof value === 'boolean' },
  share_physical_disks: { expected: () => 'false: arrays that share disks cannot be made here', fits: (value) => value === false },
};

/** @throws INVALID_OPTIONS with everything that is wrong with the configuration */
export function readTarget(configuration: JsonObject): readonly WantedArray[] {
  const list: JsonValue | undefined = configuration['logical_disks'];
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_ARRAYS) {
    const expected = `a list of 1 to ${MOST_ARRAYS} arrays`;
    throw invalidOptions('RAID configuration', [{ field: 'logical_disks', problem: 'invalid', expected, received: printValue(list) }]);
  }
  const issues: OptionIssue[] = [];
  const arrays = (list as readonly JsonValue[]).flatMap((item, index) => {
    const field = `logical_disks.${index}`;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      issues.push({ field, problem: 'invalid', expected: 'an object', received: printValue(item) });
      return [];
    }
    return readArray(item as JsonObject, field, issues);
  });
  if (issues.length > 0) throw invalidOptions('RAID configuration', issues);
  return arrays;
}

function readArray(item: JsonObject, at: string, issues: OptionIssue[]): readonly WantedArray[] {
  const level = RAID_LEVELS.find(({ name }) => name === item['raid_level']);
  const unknown = Object.keys(item).flatMap((name) => unknownIssue(at, name));
  const found = [...unknown, ...Object.entries(FIELDS).flatMap(([name, rule]) => issueOf(item, at, name, rule, level))];
  issues.push(...found);
  return found.length > 0 || level === undefined ? [] : [toWanted(item, level)];
}

function unknownIssue(at: string, name: string): readonly OptionIssue[] {
  if (Object.hasOwn(FIELDS, name)) return [];
  return [{ field: `${at}.${name}`, problem: 'unknown', expected: `one of ${Object.keys(FIELDS).join(', ')}` }];
}

function issueOf(item: JsonObject, at: string, name: string, rule: FieldRule, level: RaidLevel | undefined): readonly OptionIssue[] {
  const value = item[name];
  const fewest = level?.fewestDisks ?? 1;
  const field = `${at}.${name}`;
  if (value === undefined) return rule.isRequired === true ? [{ field, problem: 'missing', expected: rule.expected(fewest) }] : [];
  return rule.fits(value, fewest, item) ? [] : [{ field, problem: 'invalid', expected: rule.expected(fewest), received: printValue(value) }];
}

function toWanted(item: JsonObject, level: RaidLevel): WantedArray {
  const { size_gb: size, physical_disks: named, number_of_physical_disks: count } = item;
  const disks = Array.isArray(named) ? (named as readonly string[]) : undefined;
  return {
    level,
    size: typeof size === 'number' ? size : undefined,
    name: textOf(item['volume_name']),
    controller: textOf(item['controller']),
    disks,
    diskCount: typeof count === 'number' ? count : (disks?.length ?? level.fewestDisks),
    mediaType: MEDIA_TYPES[textOf(item['disk_type']) ?? ''],
    interfaceType: INTERFACE_TYPES[textOf(item['interface_type']) ?? ''],
  };
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 128;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
