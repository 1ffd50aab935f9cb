import type { SealedObject } from '@ferric/core';
import type { Generated } from 'kysely';
import { type Codec, type Codecs, type ColumnOf, columnName, type ColumnValue, type SnakeCase } from './column-codecs.js';
import { putSecretsBack, type SecretMap, takeSecrets, withoutColumn } from './sealed-documents.js';
import { foldText } from './text-search.js';

/** What every record has. */
export interface Kept {
  readonly uuid: string;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}

/** A record as it is created: the store numbers it and notes the time of changes itself. */
export type NewRecord<Model> = Omit<Model, 'id' | 'updatedAt'>;
/** Changes of a record; what is left out stays. `updatedAt` is set by the store. */
export type RecordUpdate<Model> = Partial<Omit<Model, 'id' | 'uuid' | 'createdAt' | 'updatedAt'>>;

/** How the fields of one kind of record become columns. */
export interface RecordShape<Model, Sealed extends keyof Model & string> {
  /** As messages name it: `node`. */
  readonly name: string;
  /** Every field but the sealed ones. */
  readonly codecs: Codecs<Omit<Model, Sealed>>;
  /** Documents that may hold secrets. The row has a column `secrets` for them, their only place: JSON text of a {@link SecretMap}. */
  readonly sealed?: readonly Sealed[];
  /** Fields that hold more than one plain value, by which nothing can be sorted; the sealed ones are known to. */
  readonly documents: readonly (keyof Model & string)[];
  /** Texts that are searched without regard to case: kept a second time as they are compared, in `<column>_folded`. */
  readonly folded?: readonly (keyof Model & string)[];
  /** Fields that the store gives and nobody writes, besides the time of change. */
  readonly given?: readonly (keyof Model & string)[];
}

/** Turns records into rows and back. */
export interface RecordRows<Model> {
  readonly fields: readonly (keyof Model & string)[];
  /** True for records with documents that may hold secrets. */
  readonly hasSecrets: boolean;
  /** The columns that must be read for these fields. */
  columns(fields: readonly (keyof Model & string)[]): readonly string[];
  /** True for fields that hold one plain value, by which records can be sorted. */
  isSortField(field: string): boolean;
  /** The named fields of a record from its row, which must hold {@link RecordRows.columns} of them. */
  read<Field extends keyof Model & string>(row: StoredRow, fields: readonly Field[]): Pick<Model, Field>;
  /** The row of a new record. */
  create(record: NewRecord<Model>): StoredRow;
  /** True when a change touches documents with secrets, so that the present secrets must be known. */
  touchesSecrets(changes: RecordUpdate<Model>): boolean;
  /**
   * The columns that a change writes.
   * @param presentSecrets the record's secrets as they are; those of documents that do not change stay.
   */
  update(changes: RecordUpdate<Model>, presentSecrets: SecretMap): StoredRow;
}

/** The columns of a record as the compiler knows them: for the conditions of filters. */
export type RecordRow<Model, Folded extends string = never> = { readonly [Field in keyof Model as SnakeCase<Field & string>]: ColumnOf<Model[Field]> } & {
  readonly [Field in Folded as `${Field}_folded`]: string | null;
} & { readonly id: Generated<number> };

/** A row as the database gives and takes it. */
export type StoredRow = Readonly<Record<string, ColumnValue>>;

type AnyCodec = Codec<unknown, ColumnValue>;

export function createRecordRows<Model, Sealed extends keyof Model & string = never>(shape: RecordShape<Model, Sealed>): RecordRows<Model> {
  type Field = keyof Model & string;
  const { name, sealed = [], documents, folded = [], given = [] } = shape;
  const codecs = shape.codecs as unknown as Readonly<Record<string, AnyCodec>>;
  const fields = [...Object.keys(codecs), ...sealed] as readonly string[] as readonly Field[];
  // Ready to be looped over: this runs for every record that is read.
  const places = new Map<string, { readonly column: string; readonly codec: AnyCodec | undefined }>(
    fields.map((field) => [field, { column: columnName(field), codec: codecs[field] }]),
  );
  const sealedFields: ReadonlySet<string> = new Set(sealed);
  const unsortable: ReadonlySet<string> = new Set([...sealed, ...documents]);
  // The store gives numbers and times of change itself; a caller that passes a whole record must not overwrite them.
  const setAtCreation: ReadonlySet<string> = new Set(fields.filter((field) => field !== 'updatedAt' && !given.includes(field)));
  const changeable: ReadonlySet<string> = new Set([...setAtCreation].filter((field) => field !== 'uuid' && field !== 'createdAt'));

  const write = (values: object, allowed: ReadonlySet<string>, presentSecrets: SecretMap): { readonly row: StoredRow; readonly secrets: SecretMap } => {
    const row: Record<string, ColumnValue> = {};
    let secrets = presentSecrets;
    for (const [field, value] of Object.entries(values)) {
      const place = places.get(field);
      if (value === undefined || place === undefined || !allowed.has(field)) continue;
      if (place.codec !== undefined) {
        row[place.column] = place.codec.write(value, `${name}/${place.column}`);
      } else {
        const taken = takeSecrets(place.column, value as SealedObject);
        row[place.column] = taken.text;
        secrets = { ...withoutColumn(secrets, place.column), ...taken.secrets };
      }
    }
    for (const field of folded) {
      const text = (values as Readonly<Record<string, string | null | undefined>>)[field];
      if (text !== undefined) row[`${columnName(field)}_folded`] = text === null ? null : foldText(text);
    }
    return { row, secrets };
  };

  const touchesSecrets = (changes: object): boolean => sealed.some((field) => (changes as Readonly<Record<string, unknown>>)[field] !== undefined);

  return {
    fields,
    hasSecrets: sealed.length > 0,
    columns(asked) {
      const columns = asked.map(columnName);
      return asked.some((field) => sealedFields.has(field)) ? [...columns, 'secrets'] : columns;
    },
    isSortField: (field) => places.has(field) && !unsortable.has(field),
    read(row, asked) {
      const record: Record<string, unknown> = {};
      let secrets: SecretMap | undefined;
      for (const field of asked) {
        const place = places.get(field);
        if (place === undefined) continue;
        const stored = row[place.column] ?? null;
        if (place.codec !== undefined) {
          record[field] = place.codec.read(stored);
        } else {
          secrets ??= JSON.parse((row['secrets'] ?? '{}') as string) as SecretMap;
          record[field] = putSecretsBack(place.column, stored as string, secrets);
        }
      }
      return record as Pick<Model, (typeof asked)[number]>;
    },
    create(record) {
      const { row, secrets } = write(record, setAtCreation, {});
      return sealed.length > 0 ? { ...row, secrets: JSON.stringify(secrets) } : row;
    },
    touchesSecrets,
    update(changes, presentSecrets) {
      const { row, secrets } = write(changes, changeable, presentSecrets);
      return touchesSecrets(changes) ? { ...row, secrets: JSON.stringify(secrets) } : row;
    },
  };
}
