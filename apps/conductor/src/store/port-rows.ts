import type { Port } from '@ferric/core';
import {
  type Codec, type Codecs, type ColumnOf, columnName, type ColumnValue, document, flag, instant, optional, type SnakeCase, text,
} from './column-codecs.js';
import type { NewPort, PortUpdate } from './store.js';
import { foldText } from './text-search.js';

const CODECS: Codecs<Port> = {
  uuid: text(),
  nodeUuid: text(),
  address: text(),
  name: optional(text()),
  description: optional(text()),
  pxeEnabled: flag(),
  localLinkConnection: document(),
  physicalNetwork: optional(text()),
  portgroupUuid: optional(text()),
  isSmartnic: flag(),
  extra: document(),
  internalInfo: document(),
  createdAt: instant(),
  updatedAt: optional(instant()),
};

const FIELDS = Object.keys(CODECS) as readonly (keyof Port)[];
const DOCUMENT_FIELDS: ReadonlySet<string> = new Set<keyof Port>(['localLinkConnection', 'extra', 'internalInfo']);
const SORT_FIELDS: ReadonlySet<string> = new Set(['id', ...FIELDS.filter((field) => !DOCUMENT_FIELDS.has(field))]);

/** A row of the table `ports`, its number apart. */
export type PortRow = { [Field in keyof Port as SnakeCase<Field>]: ColumnOf<Port[Field]> } & { description_folded: string | null };
export type NewPortRow = Omit<PortRow, 'updated_at'>;

/** True for fields that hold one plain value, by which ports can be sorted. */
export function isPortSortField(field: string): boolean {
  return SORT_FIELDS.has(field);
}

export function rowToPort(row: PortRow): Port {
  const values = row as unknown as Readonly<Record<string, ColumnValue>>;
  return Object.fromEntries(FIELDS.map((field) => [field, codecOf(field).read(values[columnName(field)] ?? null)])) as unknown as Port;
}

export function newPortToRow(port: NewPort): NewPortRow {
  return fieldsToRow(port, ['updatedAt']) as NewPortRow;
}

export function portUpdateToRow(changes: PortUpdate): Partial<NewPortRow> {
  return fieldsToRow(changes, ['uuid', 'createdAt', 'updatedAt']);
}

function fieldsToRow(fields: PortUpdate | NewPort, ownedByStore: readonly (keyof Port)[]): Partial<NewPortRow> {
  const row: Record<string, ColumnValue> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || !(field in CODECS) || ownedByStore.includes(field as keyof Port)) continue;
    const column = columnName(field);
    row[column] = codecOf(field as keyof Port).write(value, `port/${column}`);
  }
  if (fields.description !== undefined) row['description_folded'] = fields.description === null ? null : foldText(fields.description);
  return row as Partial<NewPortRow>;
}

function codecOf(field: keyof Port): Codec<unknown, ColumnValue> {
  return CODECS[field] as Codec<unknown, ColumnValue>;
}
