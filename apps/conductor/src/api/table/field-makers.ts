import type { JsonObject, JsonValue } from '@ferric/core';
import { linkPair } from '../http/links.js';
import { timeText } from './time-text.js';
import type { Field } from './field.js';

/** What differs from field to field; the rest follows from its kind. */
interface Facts<Model> extends Pick<Field<Model>, 'older' | 'input'> {
  /** First minor version that has it. Default: every version. */
  readonly since?: number;
  /** Lists cannot be sorted by it. */
  readonly unsortable?: true;
}

type KeyOf<Model, Value> = { [Key in keyof Model & string]: Model[Key] extends Value ? Key : never }[keyof Model & string];

/** Makes a field that shows one member of a record. */
type MakeField<Model, Value> = (name: string, key: KeyOf<Model, Value>, description: string, facts?: Facts<Model>) => Field<Model>;

/** Makers of fields for one kind of record. */
export interface FieldMakers<Model> {
  readonly text: MakeField<Model, string | null>;
  readonly truth: MakeField<Model, boolean | null>;
  /** A whole number. */
  readonly whole: MakeField<Model, number | null>;
  readonly time: MakeField<Model, Date | null>;
  /** JSON as it is kept. Never for documents with secrets. */
  readonly document: MakeField<Model, JsonObject | readonly string[]>;
  /** Links to `<collection>/<key>` itself (`path` empty) or to something below it. */
  links(name: string, collection: string, key: KeyOf<Model, string>, path: string, facts?: { readonly since?: number }): Field<Model>;
}

/** How a kind of field is described and shown. */
interface FieldKind {
  readonly schema: JsonObject;
  readonly unsortable?: true;
  show(value: never): JsonValue;
}

const asIs = (value: JsonValue): JsonValue => value;
const asTime = (value: Date | null): JsonValue => (value === null ? null : timeText(value));

const KINDS = {
  text: { schema: { type: ['string', 'null'] }, show: asIs },
  truth: { schema: { type: ['boolean', 'null'] }, show: asIs },
  whole: { schema: { type: ['integer', 'null'] }, show: asIs },
  time: { schema: { type: ['string', 'null'], format: 'date-time' }, show: asTime },
  document: { schema: { type: ['object', 'array'] }, unsortable: true, show: asIs },
} as const satisfies Readonly<Record<string, FieldKind>>;

export function fieldMakers<Model>(): FieldMakers<Model> {
  const maker =
    <Value>(kind: FieldKind): MakeField<Model, Value> =>
    (name, key, description, { since = 1, unsortable = kind.unsortable, ...rest } = {}) => ({
      name,
      since,
      description,
      schema: kind.schema,
      columns: [key],
      show: (record) => kind.show(record[key] as never),
      ...(unsortable === true ? {} : { sortKey: key }),
      ...rest,
    });
  return {
    text: maker(KINDS.text),
    truth: maker(KINDS.truth),
    whole: maker(KINDS.whole),
    time: maker(KINDS.time),
    document: maker(KINDS.document),
    links: (name, collection, key, path, { since = 1 } = {}) => ({
      name,
      since,
      description: path === '' ? 'Links to the resource itself.' : `Links to its ${path}.`,
      schema: LINKS_SCHEMA,
      columns: [key],
      links: path === '' ? 'always' : 'whole record',
      show: (record, view) => linkPair(view.base, `${collection}/${encodeURIComponent(record[key] as string)}${path === '' ? '' : `/${path}`}`),
    }),
  };
}

/** JSON Schema of a list of links. */
export const LINKS_SCHEMA: JsonObject = {
  type: 'array',
  items: { type: 'object', properties: { href: { type: 'string', format: 'uri' }, rel: { type: 'string' } }, required: ['href', 'rel'] },
};
