import { describe } from 'vitest';
import { describeLists } from './suite/lists.js';
import { describeMigration } from './suite/migration.js';
import { describePortsEventsAndConductors } from './suite/ports-events-conductors.js';
import { describeRecords } from './suite/records.js';
import { describeResources } from './suite/resources.js';
import { describeTransactions } from './suite/transactions.js';
import type { MakeStorePlace } from './store-place.js';

/** What every database must do, told once. */
export function describeStore(name: string, makePlace: MakeStorePlace): void {
  describe(`the store on ${name}`, () => {
    describeRecords(makePlace);
    describeLists(makePlace);
    describePortsEventsAndConductors(makePlace);
    describeResources(makePlace);
    describeTransactions(makePlace);
    describeMigration(makePlace);
  });
}
