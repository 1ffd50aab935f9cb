import type { Database } from './database.js';
import { instant } from './column-codecs.js';

/** How many events one transaction deletes, so that nobody waits long behind it. */
const CHUNK = 500;

type Transact = <T>(work: (database: Database) => Promise<T>) => Promise<T>;

/**
 * Deletes events that are older than a date, and the oldest ones of nodes that have more than `keepPerNode`.
 * It works in small steps and lets others run in between. @returns how many were deleted.
 */
export async function pruneEvents(
  reader: Database,
  transact: Transact,
  options: { readonly before: Date; readonly keepPerNode: number },
): Promise<number> {
  const before = instant().write(options.before, 'before');
  let deleted = await deleteInChunks(transact, async (database) => {
    const old = database.selectFrom('node_events').select('id').where('at', '<', before).orderBy('at').limit(CHUNK);
    return database.deleteFrom('node_events').where('id', 'in', old).returning('id').execute();
  });
  for (let node = await nextNode(reader, ''); node !== undefined; node = await nextNode(reader, node)) {
    deleted += await pruneNode(reader, transact, node, options.keepPerNode);
    // Reads of SQLite finish without giving way to anybody.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return deleted;
}

async function pruneNode(reader: Database, transact: Transact, nodeUuid: string, keep: number): Promise<number> {
  const ofNode = reader.selectFrom('node_events').select('id').where('node_uuid', '=', nodeUuid);
  const newestSurplus = await ofNode.orderBy('id', 'desc').offset(keep).limit(1).executeTakeFirst();
  if (newestSurplus === undefined) return 0;
  return deleteInChunks(transact, async (database) => {
    const surplus = database.selectFrom('node_events').select('id').where('node_uuid', '=', nodeUuid).where('id', '<=', newestSurplus.id);
    return database.deleteFrom('node_events').where('id', 'in', surplus.orderBy('id').limit(CHUNK)).returning('id').execute();
  });
}

/** The next node that has events, in the order of the index: nodes that were deleted still have theirs. */
async function nextNode(reader: Database, after: string): Promise<string | undefined> {
  const nodes = reader.selectFrom('node_events').select('node_uuid').where('node_uuid', '>', after).orderBy('node_uuid');
  const row = await nodes.limit(1).executeTakeFirst();
  return row?.node_uuid;
}

async function deleteInChunks(transact: Transact, deleteSome: (database: Database) => Promise<readonly unknown[]>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = (await transact(deleteSome)).length;
    total += count;
    if (count < CHUNK) return total;
  }
}
