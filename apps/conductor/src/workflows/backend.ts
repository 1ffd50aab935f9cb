import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Backend } from 'openworkflow/internal';
import postgres, { type Sql } from 'postgres';
import { takeTurns } from './take-turns.js';

/** Where the journal of work lives. */
export interface JournalLocation {
  /** postgresql://… when several conductors share it. */
  readonly databaseUrl?: string | undefined;
  /** Folder of the embedded database otherwise. */
  readonly dataDirectory: string;
}

const NAMESPACE = 'ferric';
const JOURNAL_FILE = 'workflows.sqlite';

/** Oldest finished run that is kept: a week. Milliseconds. */
const KEEP_FINISHED_MS = 7 * 24 * 60 * 60 * 1000;
/** Runs that go in one statement. */
const PRUNE_BATCH = 5_000;
/** How long the embedded journal may be busy with something else. Milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_SECONDS = 10;
/** The most that one statement here may take, waiting for another conductor's migration included. Milliseconds. */
const STATEMENT_LIMIT_MS = 60_000;

/** Opens the journal. The embedded one belongs to this process alone: the data folder is locked before. */
export async function openJournal(location: JournalLocation): Promise<Backend> {
  if (location.databaseUrl !== undefined) return openShared(location.databaseUrl);
  const file = join(location.dataDirectory, JOURNAL_FILE);
  freeClaims(file);
  const { BackendSqlite } = await import('openworkflow/sqlite');
  return takeTurns(BackendSqlite.connect(file, { namespaceId: NAMESPACE }));
}

/** Deletes runs, with their steps, that finished more than a week before `now`. Returns how many. */
export async function pruneJournal(location: JournalLocation, now: Date): Promise<number> {
  const before = new Date(now.getTime() - KEEP_FINISHED_MS).toISOString();
  return location.databaseUrl === undefined ? pruneEmbedded(join(location.dataDirectory, JOURNAL_FILE), before) : pruneShared(location.databaseUrl, before);
}

/** The library's migration fails when two conductors run it at once on an empty database, so they take turns. */
async function openShared(databaseUrl: string): Promise<Backend> {
  const { BackendPostgres } = await import('openworkflow/postgres');
  return withSession(databaseUrl, async (session) => {
    // Held until the session ends.
    await session`select pg_advisory_lock(hashtextextended('ferric journal migration', 0))`;
    return BackendPostgres.connect(databaseUrl, { namespaceId: NAMESPACE });
  });
}

async function pruneShared(databaseUrl: string, before: string): Promise<number> {
  return withSession(databaseUrl, async (session) => {
    let pruned = 0;
    for (;;) {
      const { count } = await session`
        delete from openworkflow.workflow_runs where namespace_id = ${NAMESPACE} and id in (
          select id from openworkflow.workflow_runs where namespace_id = ${NAMESPACE} and finished_at < ${before} limit ${PRUNE_BATCH}
        )`;
      pruned += count;
      if (count < PRUNE_BATCH) return pruned;
    }
  });
}

async function withSession<T>(databaseUrl: string, work: (session: Sql) => Promise<T>): Promise<T> {
  const session = postgres(databaseUrl, {
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    connection: { application_name: 'ferric-conductor', statement_timeout: STATEMENT_LIMIT_MS },
    fetch_types: false,
    // They would be printed.
    onnotice: () => undefined,
  });
  try {
    return await work(session);
  } finally {
    await session.end({ timeout: 1 });
  }
}

/**
 * What a killed conductor left claimed is free at once, since nobody else can be working on it; without this the library
 * would wait for the lease of 30 s.
 */
function freeClaims(file: string): void {
  if (!existsSync(file)) return;
  using database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  const known = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'workflow_runs'").get();
  if (known === undefined) return;
  database.prepare("UPDATE workflow_runs SET worker_id = NULL, available_at = ? WHERE status IN ('running', 'pending')").run(new Date().toISOString());
}

/** In one statement: within an hour, which is how often it runs, only so much can grow old. */
function pruneEmbedded(file: string, before: string): number {
  using database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  database.prepare('DELETE FROM step_attempts WHERE workflow_run_id IN (SELECT id FROM workflow_runs WHERE finished_at < ?)').run(before);
  return Number(database.prepare('DELETE FROM workflow_runs WHERE finished_at < ?').run(before).changes);
}
