import type { Sealed } from '@ferric/core';
import * as fc from 'fast-check';
import { ALLOCATION_STATES } from '../../src/resources/allocation.js';
import type { RecordReaders } from '../../src/store/store.js';
import { anyJsonObject, sealedObject, storableText } from './random-nodes.js';

/** A record of any kind, without its exact type: the suite treats all kinds alike. */
export type AnyRecord = Readonly<Record<string, unknown>> & { readonly uuid: string; readonly createdAt: Date };

/** What must be refused, and in which words. */
export interface UniqueRule {
  /** Fields that another record must not have the same. */
  readonly fields: readonly string[];
  readonly text: (taken: AnyRecord) => string;
}

/** One kind of record: how random ones are made, and what its table promises. */
export interface RecordKind {
  readonly kind: Exclude<keyof RecordReaders, 'nodes'>;
  /** As refusals name one: `Portgroup`. */
  readonly noun: string;
  /** Its table. */
  readonly table: string;
  /** A new record of this node. */
  readonly arbitrary: (nodeUuid: fc.Arbitrary<string>) => fc.Arbitrary<AnyRecord>;
  /** Belongs to a node: gone with it, refused without. */
  readonly ofNode: boolean;
  readonly sealed?: string;
  readonly sortKeys: readonly string[];
  readonly unique: readonly UniqueRule[];
  /** What each filter asks of a record; values are taken from the records. */
  readonly filters: Readonly<Record<string, { readonly field: string; readonly many?: true; matches(record: AnyRecord, value: never): boolean }>>;
}

const anyDate = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const address = fc.uuid().map((text) => `52:${text.replaceAll('-', '').slice(0, 10).match(/../g)?.join(':')}`);
const uniqueName = fc.uuid().map((text) => `Name-${text}`);
const kept = { uuid: fc.uuid(), createdAt: anyDate, extra: anyJsonObject };
const folded = (text: string): string => text.normalize('NFC').toLowerCase();

const same = (field: string) => ({ field, matches: (record: AnyRecord, value: never) => record[field] === value });
const uuidTaken = (article: string) => ({ fields: ['uuid'], text: ({ uuid }: AnyRecord) => `${article} with UUID ${uuid} already exists.` });

/** Steps of a template, with secrets anywhere in their arguments. */
const anySteps = fc.array(
  fc.record({ interface: fc.constantFrom('deploy', 'bios'), step: storableText, args: sealedObject, priority: fc.nat() }),
  { minLength: 1, maxLength: 3 },
) as fc.Arbitrary<readonly Sealed[]>;

export const RECORD_KINDS: readonly RecordKind[] = [
  {
    kind: 'ports', noun: 'Port', table: 'ports', ofNode: true,
    arbitrary: (nodeUuid) =>
      fc.record({
        ...kept, nodeUuid, address, name: orNull(uniqueName), description: orNull(fc.oneof(fc.constantFrom('100% Größe', 'GRÖSSE', 'under_score'), storableText)),
        pxeEnabled: fc.boolean(), localLinkConnection: anyJsonObject, physicalNetwork: fc.constantFrom(null, 'one', 'Two'),
        portgroupUuid: fc.constantFrom(null, '11111111-1111-4111-8111-111111111111'), isSmartnic: fc.boolean(), internalInfo: anyJsonObject,
      }),
    sortKeys: ['uuid', 'address', 'name', 'description', 'pxeEnabled', 'physicalNetwork', 'nodeUuid', 'portgroupUuid', 'isSmartnic', 'createdAt', 'updatedAt'],
    unique: [
      uuidTaken('A port'),
      { fields: ['address'], text: (taken) => `A port with MAC address ${String(taken['address'])} already exists.` },
      { fields: ['name'], text: (taken) => `A port with name ${String(taken['name'])} already exists.` },
    ],
    filters: {
      address: same('address'),
      addresses: { field: 'address', many: true, matches: (record, value: readonly string[]) => value.includes(String(record['address'])) },
      nodeUuid: same('nodeUuid'),
      portgroupUuid: same('portgroupUuid'),
      descriptionContains: {
        field: 'description',
        matches: (record, value: string) => typeof record['description'] === 'string' && folded(record['description']).includes(folded(value)),
      },
    },
  },
  {
    kind: 'portgroups', noun: 'Portgroup', table: 'portgroups', ofNode: true,
    arbitrary: (nodeUuid) =>
      fc.record({
        ...kept, nodeUuid, address: orNull(address), name: orNull(uniqueName), mode: fc.constantFrom('active-backup', '802.3ad'),
        properties: anyJsonObject, standalonePortsSupported: fc.boolean(), internalInfo: anyJsonObject,
      }),
    sortKeys: ['uuid', 'address', 'name', 'mode', 'standalonePortsSupported', 'nodeUuid', 'createdAt', 'updatedAt'],
    unique: [
      uuidTaken('A portgroup'),
      { fields: ['address'], text: (taken) => `A portgroup with MAC address ${String(taken['address'])} already exists.` },
      { fields: ['name'], text: (taken) => `A portgroup with name ${String(taken['name'])} already exists.` },
    ],
    filters: { address: same('address'), name: same('name'), nodeUuid: same('nodeUuid') },
  },
  {
    kind: 'chassis', noun: 'Chassis', table: 'chassis', ofNode: false,
    arbitrary: () => fc.record({ ...kept, description: orNull(storableText) }),
    sortKeys: ['uuid', 'description', 'createdAt', 'updatedAt'],
    unique: [uuidTaken('A chassis')],
    filters: {},
  },
  {
    kind: 'allocations', noun: 'Allocation', table: 'allocations', ofNode: false,
    arbitrary: () =>
      fc.record({
        ...kept, name: orNull(uniqueName), nodeUuid: orNull(fc.uuid()), resourceClass: fc.constantFrom(null, 'gold', 'Gold'),
        state: fc.constantFrom(...ALLOCATION_STATES), candidateNodes: fc.array(fc.uuid(), { maxLength: 3 }), traits: fc.array(storableText, { maxLength: 3 }),
        owner: fc.constantFrom(null, 'alice', 'bob'), lastError: orNull(storableText),
      }),
    sortKeys: ['uuid', 'name', 'nodeUuid', 'resourceClass', 'state', 'owner', 'lastError', 'createdAt', 'updatedAt'],
    unique: [
      uuidTaken('An allocation'),
      { fields: ['name'], text: (taken) => `An allocation with name ${String(taken['name'])} already exists.` },
      { fields: ['nodeUuid'], text: (taken) => `Node ${String(taken['nodeUuid'])} belongs to another allocation already.` },
    ],
    filters: { name: same('name'), nodeUuid: same('nodeUuid'), resourceClass: same('resourceClass'), state: same('state'), owner: same('owner') },
  },
  {
    kind: 'deployTemplates', noun: 'Deploy template', table: 'deploy_templates', ofNode: false, sealed: 'steps',
    arbitrary: () => fc.record({ ...kept, name: uniqueName, steps: anySteps }),
    sortKeys: ['uuid', 'name', 'createdAt', 'updatedAt'],
    unique: [uuidTaken('A deploy template'), { fields: ['name'], text: (taken) => `A deploy template with name ${String(taken['name'])} already exists.` }],
    filters: { name: same('name'), names: { field: 'name', many: true, matches: (record, value: readonly string[]) => value.includes(String(record['name'])) } },
  },
  {
    kind: 'volumeConnectors', noun: 'Volume connector', table: 'volume_connectors', ofNode: true,
    arbitrary: (nodeUuid) => fc.record({ ...kept, nodeUuid, type: fc.constantFrom('iqn', 'ip', 'wwpn'), connectorId: fc.uuid() }),
    sortKeys: ['uuid', 'type', 'connectorId', 'nodeUuid', 'createdAt', 'updatedAt'],
    unique: [
      uuidTaken('A volume connector'),
      {
        fields: ['type', 'connectorId'],
        text: (taken) => `A volume connector with type ${String(taken['type'])} and connector ID ${String(taken['connectorId'])} already exists.`,
      },
    ],
    filters: { nodeUuid: same('nodeUuid') },
  },
  {
    kind: 'volumeTargets', noun: 'Volume target', table: 'volume_targets', ofNode: true, sealed: 'properties',
    arbitrary: (nodeUuid) =>
      fc.record({
        ...kept, nodeUuid, volumeType: fc.constantFrom('iscsi', 'fibre_channel'), volumeId: storableText, bootIndex: fc.integer({ min: -5, max: 2 ** 31 - 1 }),
        properties: sealedObject,
      }),
    sortKeys: ['uuid', 'volumeType', 'volumeId', 'bootIndex', 'nodeUuid', 'createdAt', 'updatedAt'],
    unique: [
      uuidTaken('A volume target'),
      { fields: ['bootIndex', 'nodeUuid'], text: (taken) => `A volume target with boot index '${String(taken['bootIndex'])}' for the same node already exists.` },
    ],
    filters: { nodeUuid: same('nodeUuid') },
  },
];

/** The same random records at every run, none with the identity of another. */
export function randomRecords(kind: RecordKind, nodeUuids: readonly string[], count: number, seed: number): readonly AnyRecord[] {
  const records = fc.sample(kind.arbitrary(fc.constantFrom(...nodeUuids)), { numRuns: count * 3, seed });
  const taken = new Set<string>();
  return records
    .filter((record) => {
      const identities = kind.unique.map(({ fields }) => fields.map((field) => [field, record[field]] as const));
      const marks = identities.filter((identity) => identity.every(([, value]) => value !== null)).map((identity) => JSON.stringify(identity));
      if (marks.some((mark) => taken.has(mark))) return false;
      for (const mark of marks) taken.add(mark);
      return true;
    })
    .slice(0, count);
}

/** One record; with another seed it differs in everything that must be unique. */
export function oneRecord(kind: RecordKind, nodeUuid: string, seed: number, fields: Readonly<Record<string, unknown>> = {}): AnyRecord {
  const [record] = fc.sample(kind.arbitrary(fc.constant(nodeUuid)), { numRuns: 1, seed });
  return { ...record, ...fields } as AnyRecord;
}
