import type { JsonObject, JsonValue } from '@ferric/core';
import { linkPair } from '../http/links.js';
import { timeText } from './time-text.js';
import type { Field } from './field.js';

/** What differs from field to field; the rest follows from its kind. */
type Facts<Record> = Pick<Field<Record>, 'older' | 'input'> & { readonly since?: number; readonly unsortable?: true };

type KeyOf<Record, Value> = { [Key in keyof Record & string]: Record[Key] extends Value ? Key : never }[keyof Record & string];

/** Makers of fields for one kind of record. */
export interface FieldMakers<Record> {
  text(name: string, key: KeyOf<Record, string | null>, description: string, facts?: Facts<Record>): Field<Record>;
  truth(name: string, key: KeyOf<Record, boolean | null>, description: string, facts?: Facts<Record>): Field<Record>;
  time(name: string, key: KeyOf<Record, Date | null>, description: string, facts?: Facts<Record>): Field<Record>;
  /** JSON as it is kept. Never for documents with secrets. */
  document(name: string, key: KeyOf<Record, JsonObject | readonly string[]>, description: string, facts?: Facts<Record>): Field<Record>;
  /** Links to `<collection>/<key>` itself (`path` empty) or to something below it. */
  links(name: string, collection: string, key: KeyOf<Record, string>, path: string, facts?: { readonly since?: number }): Field<Record>;
}

export function fieldMakers<Record>(): FieldMakers<Record> {
  const scalar = (name: string, key: keyof Record & string, description: string, schema: JsonObject, facts: Facts<Record>, show: (value: never) => JsonValue): Field<Record> => {
    const { since = 1, unsortable, ...rest } = facts;
    return {
      name,
      since,
      description,
      schema,
      columns: [key],
      show: (record) => show(record[key] as never),
      ...(unsortable === true ? {} : { sortKey: key }),
      ...rest,
    };
  };
  const asIs = (value: JsonValue): JsonValue => value;
  return {
    text: (name, key, description, facts = {}) => scalar(name, key, description, { type: ['string', 'null'] }, facts, asIs as never),
    truth: (name, key, description, facts = {}) => scalar(name, key, description, { type: ['boolean', 'null'] }, facts, asIs as never),
    time: (name, key, description, facts = {}) =>
      scalar(name, key, description, { type: ['string', 'null'], format: 'date-time' }, facts, ((value: Date | null) => (value === null ? null : timeText(value))) as never),
    document: (name, key, description, facts = {}) =>
      scalar(name, key, description, { type: ['object', 'array'] }, { ...facts, unsortable: true }, asIs as never),
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
