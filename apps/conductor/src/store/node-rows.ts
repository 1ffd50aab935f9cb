import type { SealedObject } from '@ferric/core';
import type { StoredNode } from '../nodes/stored-node.js';
import {
  type Codec, type Codecs, type ColumnOf, columnName, type ColumnValue, document, documentWithDates, flag, instant, integer, optional, type SnakeCase,
  text,
} from './column-codecs.js';
import { putSecretsBack, type SecretMap, takeSecrets, withoutColumn } from './sealed-documents.js';
import type { NewNode, NodeUpdate } from './store.js';
import { foldText } from './text-search.js';

/** Documents of a node that may hold secrets. */
export const SEALED_FIELDS = ['driverInfo', 'driverInternalInfo', 'instanceInfo'] as const;
export type SealedField = (typeof SEALED_FIELDS)[number];

/** Every other field of a node and how it is kept. */
const PLAIN_CODECS: Codecs<Omit<StoredNode, SealedField>> = {
  id: integer(),
  uuid: text(),
  name: optional(text()),
  driver: text(),
  instanceUuid: optional(text()),
  chassisUuid: optional(text()),
  properties: document(),
  extra: document(),
  networkData: document(),
  interfaces: document(),
  resourceClass: optional(text()),
  conductorGroup: text(),
  owner: optional(text()),
  lessee: optional(text()),
  description: optional(text()),
  shard: optional(text()),
  allocationUuid: optional(text()),
  traits: document(),
  powerState: optional(text()),
  targetPowerState: optional(text()),
  provisionState: text(),
  targetProvisionState: optional(text()),
  provisionUpdatedAt: optional(instant()),
  lastError: optional(text()),
  fault: optional(text()),
  maintenance: flag(),
  maintenanceReason: optional(text()),
  reservation: optional(text()),
  automatedClean: optional(flag()),
  protected: flag(),
  protectedReason: optional(text()),
  retired: flag(),
  retiredReason: optional(text()),
  consoleEnabled: flag(),
  bootMode: optional(text()),
  secureBoot: optional(flag()),
  cleanStep: document(),
  deployStep: document(),
  raidConfig: document(),
  targetRaidConfig: document(),
  inspectionStartedAt: optional(instant()),
  inspectionFinishedAt: optional(instant()),
  createdAt: instant(),
  updatedAt: optional(instant()),
  work: optional(documentWithDates(['requestedAt'])),
  powerKnowledge: optional(documentWithDates(['at'])),
};

/** Every field of a node. */
export const NODE_FIELDS = [...Object.keys(PLAIN_CODECS), ...SEALED_FIELDS] as readonly (keyof StoredNode)[];

/** What the conductor adds to the fields of a node in its row. */
interface AddedNodeColumns {
  /** The only place of secrets: JSON text of a {@link SecretMap}. */
  secrets: string;
  /** `description` as it is searched. */
  description_folded: string | null;
}

/** A row of the table `nodes`. */
export type NodeRow = { [Field in keyof StoredNode as SnakeCase<Field>]: ColumnOf<StoredNode[Field]> } & AddedNodeColumns;
export type NewNodeRow = Omit<NodeRow, 'id' | 'updated_at'>;
export type NodeColumn = keyof NodeRow;

type AnyCodec = Codec<unknown, ColumnValue>;
const sealed = new Set<keyof StoredNode>(SEALED_FIELDS);

/** Ready to be looped over: this runs for every node that is read. */
const COLUMNS: ReadonlyMap<keyof StoredNode, { readonly column: string; readonly codec: AnyCodec | undefined }> = new Map(
  NODE_FIELDS.map((field) => [field, { column: columnName(field), codec: (PLAIN_CODECS as Readonly<Record<string, AnyCodec>>)[field] }]),
);

/** The columns that must be read for these fields. */
export function nodeColumns(fields: readonly (keyof StoredNode)[]): readonly NodeColumn[] {
  const columns = fields.map((field) => columnName(field) as NodeColumn);
  return fields.some((field) => sealed.has(field)) ? [...columns, 'secrets'] : columns;
}

/** True for fields that hold one plain value, by which nodes can be sorted. */
export function isNodeSortField(field: string): boolean {
  return NODE_SORT_FIELDS.has(field);
}

const DOCUMENT_FIELDS: ReadonlySet<string> = new Set<keyof StoredNode>([
  ...SEALED_FIELDS, 'properties', 'extra', 'networkData', 'interfaces', 'traits', 'cleanStep', 'deployStep', 'raidConfig', 'targetRaidConfig',
  'work', 'powerKnowledge',
]);
const NODE_SORT_FIELDS: ReadonlySet<string> = new Set(NODE_FIELDS.filter((field) => !DOCUMENT_FIELDS.has(field)));

/** The named fields of a node from its row; the row must hold {@link nodeColumns} of them. */
export function rowToNode<Field extends keyof StoredNode>(row: Partial<NodeRow>, fields: readonly Field[]): Pick<StoredNode, Field> {
  const values = row as Readonly<Record<string, ColumnValue>>;
  const node: Record<string, unknown> = {};
  let secrets: SecretMap | undefined;
  for (const field of fields) {
    const place = COLUMNS.get(field);
    if (place === undefined) continue;
    const stored = values[place.column] ?? null;
    if (place.codec !== undefined) {
      node[field] = place.codec.read(stored);
    } else {
      secrets ??= JSON.parse(row.secrets ?? '{}') as SecretMap;
      node[field] = putSecretsBack(place.column, stored as string, secrets);
    }
  }
  return node as Pick<StoredNode, Field>;
}

/** The row of a new node. */
export function newNodeToRow(node: NewNode): NewNodeRow {
  const { row, secrets } = fieldsToRow(node, SET_AT_CREATION, {});
  return { ...row, secrets: JSON.stringify(secrets) } as NewNodeRow;
}

/** True when a change touches documents with secrets, so that the present secrets must be known. */
export function touchesSecrets(changes: NodeUpdate): boolean {
  return SEALED_FIELDS.some((field) => changes[field] !== undefined);
}

/**
 * The columns that a change writes.
 * @param presentSecrets the node's secrets as they are; those of documents that do not change stay.
 */
export function updateToRow(changes: NodeUpdate, presentSecrets: SecretMap): Partial<NewNodeRow> {
  const { row, secrets } = fieldsToRow(changes, CHANGEABLE, presentSecrets);
  return touchesSecrets(changes) ? { ...row, secrets: JSON.stringify(secrets) } : row;
}

/** The store gives numbers and times of change itself; a caller that passes a whole record must not overwrite them. */
const SET_AT_CREATION: ReadonlySet<string> = new Set(NODE_FIELDS.filter((field) => field !== 'id' && field !== 'updatedAt'));
const CHANGEABLE: ReadonlySet<string> = new Set([...SET_AT_CREATION].filter((field) => field !== 'uuid' && field !== 'createdAt'));

interface WrittenFields {
  readonly row: Partial<NewNodeRow>;
  readonly secrets: SecretMap;
}

function fieldsToRow(fields: NodeUpdate | NewNode, allowed: ReadonlySet<string>, presentSecrets: SecretMap): WrittenFields {
  const row: Record<string, ColumnValue> = {};
  let secrets = presentSecrets;
  for (const [field, value] of Object.entries(fields)) {
    const place = COLUMNS.get(field as keyof StoredNode);
    if (value === undefined || place === undefined || !allowed.has(field)) continue;
    if (place.codec !== undefined) {
      row[place.column] = place.codec.write(value, `node/${place.column}`);
    } else {
      const taken = takeSecrets(place.column, value as SealedObject);
      row[place.column] = taken.text;
      secrets = { ...withoutColumn(secrets, place.column), ...taken.secrets };
    }
  }
  if (fields.description !== undefined) row['description_folded'] = fields.description === null ? null : foldText(fields.description);
  return { row: row as Partial<NewNodeRow>, secrets };
}
