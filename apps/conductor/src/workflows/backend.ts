import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Backend } from 'openworkflow/internal';

/** Where the journal of work lives. */
export interface JournalLocation {
  /** postgresql://… when several conductors share it. */
  readonly databaseUrl?: string | undefined;
  /** Folder of the embedded database otherwise. */
  readonly dataDirectory: string;
}

const JOURNAL_FILE = 'workflows.sqlite';

/** How long finished runs are kept in the embedded journal. Days. */
const KEEP_FINISHED_DAYS = 7;

/** Opens the journal. The embedded one belongs to this process alone: the data folder is locked before. */
export async function openJournal(location: JournalLocation): Promise<Backend> {
  if (location.databaseUrl !== undefined) {
    const { BackendPostgres } = await import('openworkflow/postgres');
    return BackendPostgres.connect(location.databaseUrl, { namespaceId: 'ferric' });
  }
  const file = join(location.dataDirectory, JOURNAL_FILE);
  tidyEmbeddedJournal(file);
  const { BackendSqlite } = await import('openworkflow/sqlite');
  return BackendSqlite.connect(file, { namespaceId: 'ferric' });
}

/**
 * What a killed conductor left claimed is free at once, since nobody else can be working on it; without this the library
 * would wait for the lease of 30 s. Old finished runs go.
 */
function tidyEmbeddedJournal(file: string): void {
  if (!existsSync(file)) return;
  using database = new DatabaseSync(file);
  const known = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'workflow_runs'").get();
  if (known === undefined) return;
  const now = new Date();
  const before = new Date(now.getTime() - KEEP_FINISHED_DAYS * 24 * 60 * 60 * 1000);
  database.prepare("UPDATE workflow_runs SET worker_id = NULL, available_at = ? WHERE status IN ('running', 'pending')").run(now.toISOString());
  database.prepare('DELETE FROM step_attempts WHERE workflow_run_id IN (SELECT id FROM workflow_runs WHERE finished_at < ?)').run(before.toISOString());
  database.prepare('DELETE FROM workflow_runs WHERE finished_at < ?').run(before.toISOString());
}
