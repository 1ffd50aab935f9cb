import { FerricError, type FerricErrorCode } from '@ferric/core';
import { ConstraintViolation, databaseError, storeClosed } from '../database-errors.js';

// Error codes: PostgreSQL 15 documentation, appendix A.
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
/** Deadlock and failed serialization: the transaction was undone and may be run again at once. */
const RUN_AGAIN: ReadonlySet<string> = new Set(['40P01', '40001']);

interface Meaning {
  readonly code: FerricErrorCode;
  readonly hint: string;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  '28P01': { code: 'AUTH_FAILED', hint: 'Check user and password in the database URL.' },
  '28000': { code: 'AUTH_FAILED', hint: 'Check the user in the database URL and pg_hba.conf of the server.' },
  '3D000': { code: 'NOT_FOUND', hint: 'Create the database first, with encoding UTF8.' },
  '42501': { code: 'REFUSED', hint: 'Give the user the right to create tables in the schema (GRANT CREATE ON SCHEMA public).' },
  '53300': { code: 'BUSY', hint: 'The server has no free connections; raise max_connections.' },
  '55P03': { code: 'BUSY', hint: 'Another conductor holds the row; ask again.' },
  '57014': { code: 'TIMEOUT', hint: 'The database took too long for one statement; check its load.' },
  '57P03': { code: 'UNREACHABLE', hint: 'The database is starting up; ask again.' },
};
const SERVER_FAILED: Meaning = { code: 'INTERNAL', hint: 'The log of the database server tells more.' };
const CONNECTION_LOST: Meaning = { code: 'UNREACHABLE', hint: 'Check that the database server runs and that the database URL names it.' };

/** What the server told about an error; values are left out. */
interface ServerError extends Error {
  readonly severity: string;
  readonly code: string;
  readonly table_name?: string;
  readonly constraint_name?: string;
}

/** What the client library threw, as the store's own errors. Anything else passes through. */
export function translatePostgresqlError(error: unknown): unknown {
  if (!(error instanceof Error) || FerricError.is(error) || error instanceof ConstraintViolation) return error;
  if (!isServerError(error)) {
    // The store has ended the client's pool.
    if ('code' in error && error.code === 'CONNECTION_ENDED') return storeClosed();
    if (!isConnectionError(error)) return error;
    return databaseError(CONNECTION_LOST.code, 'The database cannot be reached', withoutValues(error), CONNECTION_LOST.hint);
  }
  const { code, table_name: table = 'unknown', constraint_name: constraint = '' } = error;
  if (code === UNIQUE_VIOLATION) return new ConstraintViolation('taken', takenColumn(table, constraint), { cause: withoutValues(error) });
  if (code === FOREIGN_KEY_VIOLATION) return new ConstraintViolation('missing reference', table, { cause: withoutValues(error) });
  const meaning = MEANINGS[code] ?? (isFatal(error) ? CONNECTION_LOST : SERVER_FAILED);
  return databaseError(meaning.code, 'The database failed', withoutValues(error), meaning.hint);
}

/** True when the transaction failed through no fault of its own and may run again. */
export function mayRunAgain(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && RUN_AGAIN.has(String(cause.code));
}

/** True when the session is gone or about to go, so that nothing more may be sent on it. */
export function endsSession(error: unknown): boolean {
  return error instanceof Error && (isServerError(error) ? isFatal(error) : isConnectionError(error));
}

/** The failure of a server that says nothing; recognised like any other lost connection. */
export function noAnswer(limitMs: number): Error {
  return Object.assign(new Error(`no answer within ${limitMs} ms`), { code: 'CONNECTION_SILENT' });
}

function isServerError(error: Error): error is ServerError {
  return error.name === 'PostgresError' && 'severity' in error;
}

function isFatal(error: ServerError): boolean {
  return error.severity === 'FATAL' || error.severity === 'PANIC';
}

/** Codes of the client library (CONNECTION_CLOSED, CONNECT_TIMEOUT, ...) and of the system (ECONNREFUSED, EPIPE, ...). */
function isConnectionError(error: Error): boolean {
  return 'code' in error && /^(CONNECT|E[A-Z]{3,}$)/.test(String(error.code));
}

/** Unique indexes are named `table_column_unique`. */
function takenColumn(table: string, constraint: string): string {
  return `${table}.${constraint.slice(table.length + 1).replace(/_unique$/, '')}`;
}

/** The library hangs the statement and its parameters, secrets among them, on its errors; the server quotes rows in the detail. */
function withoutValues(error: Error): Error {
  const clean = new Error(error.message);
  clean.name = error.name;
  return Object.assign(clean, 'code' in error ? { code: error.code } : {});
}
