import type { Store } from '../../src/store/store.js';
import type { StoreOptions } from '../../src/store/open-store.js';

/** A database for one test. */
export interface StorePlace extends AsyncDisposable {
  /** What `openStore` needs to find it. */
  readonly location: Pick<StoreOptions, 'databaseUrl' | 'dataDirectory'>;
  open(options?: Partial<StoreOptions>): Promise<Store>;
  /** Every row of every table as it is, by table. */
  dump(): Promise<Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>>;
}

export type MakeStorePlace = () => Promise<StorePlace>;

/** Everything a database holds outside of the one column for secrets, as one text. */
export async function visibleText(place: StorePlace): Promise<string> {
  const tables = await place.dump();
  return JSON.stringify(Object.entries(tables).map(([table, rows]) => [table, rows.map(({ secrets: _secrets, ...others }) => others)]));
}
