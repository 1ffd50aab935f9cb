import { FerricError, invalidOptions, printValue, type JsonObject, type JsonValue, type OptionIssue, type Raid } from '@ferric/core';
import { timeLeft, type PerformAction } from './fake-call.js';
import { asObject } from './fake-document.js';
import type { FakeMachine } from './fake-machine.js';

const RAID_LEVELS: readonly JsonValue[] = ['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0'];

/** Arrays as Ironic writes them. Source: Ironic, ironic/drivers/raid_config_schema.json. */
const CONFIGURATION_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    logical_disks: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          raid_level: { enum: RAID_LEVELS },
          size_gb: { anyOf: [{ type: 'integer', exclusiveMinimum: 0 }, { const: 'MAX' }] },
          volume_name: { type: 'string' },
          is_root_volume: { type: 'boolean' },
        },
        required: ['raid_level', 'size_gb'],
      },
    },
  },
  required: ['logical_disks'],
};

/** Arrays that exist on paper: what is asked for is there at once, with a name when it was given none. */
export function createFakeRaid(machine: FakeMachine, perform: PerformAction): Raid {
  return {
    configurationSchema: CONFIGURATION_SCHEMA,
    read: (options) => perform('read raid', options, async (deadline) => ({ logical_disks: disksOf(asObject(await machine.readSetting('raid', timeLeft(deadline)))) })),
    async create(configuration, options) {
      checkDisks(configuration);
      return perform<'done'>('create raid', options, async (deadline) => {
        const present = disksOf(asObject(await machine.readSetting('raid', timeLeft(deadline))));
        const disks = addMissing(present, disksOf(configuration));
        if (disks.filter((disk) => disk['is_root_volume'] === true).length > 1) throw secondRootVolume();
        await machine.changeSetting('raid', { logical_disks: disks }, timeLeft(deadline));
        return 'done';
      });
    },
    delete: (options) =>
      perform<'done'>('delete raid', options, async (deadline) => {
        await machine.changeSetting('raid', null, timeLeft(deadline));
        return 'done';
      }),
  };
}

function disksOf(configuration: JsonObject): readonly JsonObject[] {
  const disks = configuration['logical_disks'];
  return Array.isArray(disks) ? disks.filter((disk: JsonValue): disk is JsonObject => typeof disk === 'object' && disk !== null && !Array.isArray(disk)) : [];
}

/** @throws INVALID_OPTIONS naming what is wrong with each disk. */
function checkDisks(configuration: JsonObject): void {
  const issues = disksOf(configuration).flatMap((disk, index): readonly OptionIssue[] => {
    const { raid_level: level = null, size_gb: size = null } = disk;
    const issue = (field: string, expected: string, value: JsonValue): OptionIssue => ({
      field: `logical_disks.${index}.${field}`, problem: 'invalid', expected, received: printValue(value),
    });
    const isSize = size === 'MAX' || (typeof size === 'number' && Number.isInteger(size) && size > 0);
    return [
      ...(RAID_LEVELS.includes(level) ? [] : [issue('raid_level', `one of ${RAID_LEVELS.join(', ')}`, level)]),
      ...(isSize ? [] : [issue('size_gb', 'a whole number above 0, or MAX', size)]),
    ];
  });
  if (issues.length > 0) throw invalidOptions('Disk arrays of the fake machine', issues);
}

/** The disks that are there, and those of the wanted ones that are not: an order that is given twice makes nothing twice. */
function addMissing(present: readonly JsonObject[], wanted: readonly JsonObject[]): readonly JsonObject[] {
  const unmatched = [...present];
  const missing = wanted.filter((disk) => {
    const index = unmatched.findIndex((each) => Object.entries(disk).every(([name, value]) => JSON.stringify(each[name]) === JSON.stringify(value)));
    if (index >= 0) unmatched.splice(index, 1);
    return index < 0;
  });
  const taken = new Set([...present, ...missing].map((disk) => disk['volume_name']));
  return [...present, ...missing.map((disk) => ({ ...disk, volume_name: disk['volume_name'] ?? freeName(taken) }))];
}

/** A name that no disk has yet; it is taken from now on. */
function freeName(taken: Set<JsonValue | undefined>): string {
  let number = 1;
  while (taken.has(`volume-${number}`)) number += 1;
  const name = `volume-${number}`;
  taken.add(name);
  return name;
}

function secondRootVolume(): FerricError {
  return new FerricError('CONFLICT', 'The fake machine has a root volume already, and may have only one', {
    hint: 'Delete the present configuration first, or ask for a volume that is not the root volume.',
  });
}
