import type { StoredNode } from '../nodes/stored-node.js';
import { isStorableText } from './column-codecs.js';
import type { Database } from './database.js';
import { RecordQueries } from './record-queries.js';
import { NODES } from './records/nodes.js';
import type { NodeFilters, NodeReader } from './store.js';

/** Reading nodes, and what only nodes are asked. */
export class NodeQueries extends RecordQueries<'nodes', StoredNode, NodeFilters> implements NodeReader {
  constructor(database: Database) {
    super(NODES, database);
  }

  async getByName(name: string): Promise<StoredNode | undefined> {
    if (!isStorableText(name)) return undefined;
    return this.readOne(await this.database.selectFrom(this.table).selectAll().where('name', '=', name).executeTakeFirst());
  }

  async countByShard(): Promise<readonly { readonly shard: string | null; readonly count: number }[]> {
    const rows = await this.database
      .selectFrom(this.table)
      .select((expression) => ['shard', expression.fn.countAll<number>().as('count')])
      .groupBy('shard')
      .orderBy('shard')
      .execute();
    return rows.map(({ shard, count }) => ({ shard: shard as string | null, count }));
  }
}
