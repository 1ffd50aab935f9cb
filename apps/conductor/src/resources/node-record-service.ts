import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { NodeEventType } from '../events/node-event.js';
import { faults } from '../fault.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { Requester } from '../nodes/node-service.js';
import { actorOf } from '../nodes/requester.js';
import type { StoredNode } from '../nodes/stored-node.js';
import type { Kept, NewRecord, RecordUpdate } from '../store/record-rows.js';
import type { Transaction } from '../store/store.js';
import { recordFinder, type RecordRules, type RecordService } from './record-service.js';

/** What belongs to a node. */
export interface OfNode extends Kept {
  readonly nodeUuid: string;
}

/** What differs between the resources that belong to a node. */
export interface NodeRecordRules<Model extends OfNode> extends Omit<RecordRules<Model>, 'empty' | 'checkDeletion'> {
  readonly empty: Omit<NewRecord<Model>, 'uuid' | 'nodeUuid' | 'createdAt'> & Partial<Model>;
  /** As the history of the node names one: `Port 52:54:00:00:00:01`. */
  title(record: Model): string;
  readonly events: { readonly created: NodeEventType; readonly updated: NodeEventType; readonly deleted: NodeEventType };
  /** What events tell of the record. */
  facts(record: Model): Readonly<Record<string, string | null>>;
  /** Refuses a new record. */
  checkCreation?(transaction: Transaction, creation: RecordCreation<Model>): Promise<void>;
  /** Refuses a change. */
  checkChange?(transaction: Transaction, change: RecordChange<Model>): Promise<void>;
  /** Refuses a deletion. */
  checkDeletion?(transaction: Transaction, record: Model, node: StoredNode): Promise<void>;
}

/** A record that is going to be created. */
export interface RecordCreation<Model> {
  readonly record: Model;
  /** The fields that its creator gave. */
  readonly given: Partial<Model>;
  readonly node: StoredNode;
}

/** A record that is going to be changed. */
export interface RecordChange<Model> {
  readonly present: Model;
  readonly next: Model;
  /** Whether a field is going to hold something else than before. */
  changes(field: keyof Model): boolean;
  /** The node that it belongs to, and the one that it will belong to: mostly the same. */
  readonly node: StoredNode;
  readonly nextNode: StoredNode;
  /** Minor version N of the request's microversion 1.N. */
  readonly version: number;
}

/** The service of a resource that belongs to a node. It shares the lock of its node: changing it while the node is worked on is refused. */
export function createNodeRecordService<Model extends OfNode>(context: ConductorContext, rules: NodeRecordRules<Model>): RecordService<Model> {
  const { store, locks, clock } = context;
  const find = recordFinder(rules);

  const tell = (transaction: Transaction, what: keyof typeof rules.events, record: Model, requester: Requester, fields: readonly string[] = []): Promise<void> =>
    transaction.events.append({
      nodeUuid: record.nodeUuid,
      type: rules.events[what],
      severity: 'INFO',
      message: `${rules.title(record)} ${ENDINGS[what](fields)}`,
      details: { ...rules.facts(record), ...(what === 'updated' ? { fields } : {}) },
      actor: actorOf(requester),
    });

  /** Runs one transaction on a record under the lock of its node; again when it moved to another node meanwhile. */
  const onNodeOf = async <T>(
    identifier: string,
    requester: Requester,
    work: (transaction: Transaction, node: StoredNode, present: Model) => Promise<T>,
  ): Promise<T> => {
    for (;;) {
      const { nodeUuid, uuid } = await find(identifier);
      const outcome = await locks.change(
        nodeUuid,
        async (transaction, node) => {
          const present = await rules.writer(transaction).getForUpdate(uuid);
          if (present === undefined) throw rules.notFound(identifier);
          return present.nodeUuid === node.uuid ? { result: await work(transaction, node, present) } : undefined;
        },
        requester.signal,
      );
      if (outcome !== undefined) return outcome.result;
    }
  };

  return {
    find,

    async create(fields, requester) {
      const record = { ...rules.empty, uuid: randomUUID(), ...fields, createdAt: clock.now() } as unknown as NewRecord<Model> & Model;
      if ((await store.nodes.get(record.nodeUuid)) === undefined) throw faults.nodeNotFoundInBody(record.nodeUuid);
      return locks.change(
        record.nodeUuid,
        async (transaction, node) => {
          await rules.checkCreation?.(transaction, { record, given: fields, node });
          const created = await rules.writer(transaction).insert(record);
          await tell(transaction, 'created', created, requester);
          return created;
        },
        requester.signal,
      );
    },

    update: (identifier, edit, requester) =>
      onNodeOf(identifier, requester, async (transaction, node, present) => {
        const changes = edit(present);
        const next = { ...present, ...changes };
        const nextNode = next.nodeUuid === node.uuid ? node : await otherNode(transaction, next.nodeUuid);
        const isChanged = (field: keyof Model): boolean => !isDeepStrictEqual(present[field], next[field]);
        await rules.checkChange?.(transaction, { present, next, changes: isChanged, node, nextNode, version: requester.version });
        const updated = await rules.writer(transaction).update(present.uuid, changes as RecordUpdate<Model>);
        await tell(transaction, 'updated', { ...updated, nodeUuid: node.uuid }, requester, Object.keys(changes));
        return updated;
      }),

    delete: (identifier, requester) =>
      onNodeOf(identifier, requester, async (transaction, node, present) => {
        await rules.checkDeletion?.(transaction, present, node);
        await rules.writer(transaction).delete(present.uuid);
        await tell(transaction, 'deleted', present, requester);
      }),
  };
}

/** The node that a record moves to. It must be free as well, for nobody tells its work that it got something. */
async function otherNode(transaction: Transaction, uuid: string): Promise<StoredNode> {
  const node = await transaction.nodes.getForUpdate(uuid);
  if (node === undefined) throw faults.nodeNotFoundInBody(uuid);
  if (node.reservation !== null) throw faults.nodeLocked(uuid, node.reservation);
  return node;
}

const ENDINGS = {
  created: () => 'added',
  updated: (fields: readonly string[]) => `changed: ${fields.join(', ')}`,
  deleted: () => 'removed',
} as const;
