import { type Kysely, sql } from 'kysely';

/** First key of the locks of this application, so that they do not meet those of another in the same database: "Ferr" in ASCII. */
const APPLICATION = 0x46657272;

const LOCKS = {
  /** Held while the schema is brought up to date. */
  migration: 1,
  /** Held from the numbering of events to their commit. */
  events: 2,
} as const;

/** Takes a lock that all conductors of a database share and that ends with the transaction. */
export async function lockForTransaction<Schema>(transaction: Kysely<Schema>, lock: keyof typeof LOCKS): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(APPLICATION)}, ${sql.lit(LOCKS[lock])})`.execute(transaction);
}
