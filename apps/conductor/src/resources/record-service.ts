import { randomUUID } from 'node:crypto';
import { isUuid, type Clock } from '@ferric/core';
import type { RequestFault } from '../fault.js';
import type { Requester } from '../nodes/node-service.js';
import type { Kept, NewRecord, RecordUpdate } from '../store/record-rows.js';
import type { RecordReader, RecordWriter, Store, Transaction } from '../store/store.js';

/** What clients may do with one kind of resource. All throw {@link RequestFault}. */
export interface RecordService<Model> {
  /** By UUID, or by name where the resource has names. */
  find(identifier: string): Promise<Model>;
  create(fields: Partial<Model>, requester: Requester): Promise<Model>;
  /** `edit` must be pure: it runs again when somebody else was faster. */
  update(identifier: string, edit: (present: Model) => Partial<Model>, requester: Requester): Promise<Model>;
  delete(identifier: string, requester: Requester): Promise<void>;
}

/** What differs between resources that belong to no node. */
export interface RecordRules<Model extends Kept> {
  /** Reading and writing them in a transaction. */
  writer(transaction: Transaction): RecordWriterOf<Model>;
  reader: Pick<RecordReader<Model, never>, 'get'>;
  /** Left out: the resource has no names. */
  findByName?(name: string): Promise<Model | undefined>;
  notFound(identifier: string): RequestFault;
  /** What a new record holds in the fields that its creator left out. */
  readonly empty: Omit<NewRecord<Model>, 'uuid' | 'createdAt'>;
  /** Refuses a deletion. */
  checkDeletion?(transaction: Transaction, record: Model): Promise<void>;
}

/** What services write by. */
export type RecordWriterOf<Model> = Pick<RecordWriter<Model, never>, 'insert' | 'getForUpdate' | 'update' | 'delete'>;

/** Finds a record by UUID, or by name where there are names. */
export function recordFinder<Model extends Kept>(
  rules: Pick<RecordRules<Model>, 'reader' | 'findByName' | 'notFound'>,
): (identifier: string) => Promise<Model> {
  return async (identifier) => {
    const record = isUuid(identifier) ? await rules.reader.get(identifier.toLowerCase()) : await rules.findByName?.(identifier);
    if (record === undefined) throw rules.notFound(identifier);
    return record;
  };
}

/** The service of a resource that belongs to no node. */
export function createRecordService<Model extends Kept>(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  rules: RecordRules<Model>,
): RecordService<Model> {
  const find = recordFinder(rules);
  return {
    find,
    create(fields) {
      const record = { ...rules.empty, uuid: randomUUID(), ...fields, createdAt: clock.now() } as unknown as NewRecord<Model>;
      return store.write((transaction) => rules.writer(transaction).insert(record));
    },
    async update(identifier, edit) {
      const { uuid } = await find(identifier);
      return store.write(async (transaction) => {
        const present = await rules.writer(transaction).getForUpdate(uuid);
        if (present === undefined) throw rules.notFound(identifier);
        return rules.writer(transaction).update(uuid, edit(present) as RecordUpdate<Model>);
      });
    },
    async delete(identifier) {
      const { uuid } = await find(identifier);
      await store.write(async (transaction) => {
        const present = await rules.writer(transaction).getForUpdate(uuid);
        if (present === undefined) throw rules.notFound(identifier);
        await rules.checkDeletion?.(transaction, present);
        await rules.writer(transaction).delete(uuid);
      });
    },
  };
}
