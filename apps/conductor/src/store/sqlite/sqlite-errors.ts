import { ConstraintViolation, databaseError } from '../database-errors.js';

// Result codes: SQLite documentation, "Result and Error Codes". The low byte of an extended code is its primary code.
const PRIMARY_CODE = 0xff;
const BUSY = 5;
const LOCKED = 6;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
const CONSTRAINT_UNIQUE = 2067;
const CONSTRAINT_PRIMARY_KEY = 1555;
const CONSTRAINT_FOREIGN_KEY = 787;

const HINTS: Readonly<Record<number, string>> = {
  [IO_ERROR]: 'Check the disk that holds the data folder.',
  [CORRUPT]: 'The database file is damaged; restore it from a backup.',
  [FULL]: 'The disk that holds the data folder is full; make room.',
  [CANNOT_OPEN]: 'Check that the data folder exists and that this user may write to it.',
  [NOT_A_DATABASE]: 'The file is no SQLite database; move it away or choose another data folder.',
};

/** True for the errors by which another connection says that it holds the database. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === LOCKED;
}

/** What node:sqlite threw, as the store's own errors. Anything else passes through. */
export function translateSqliteError(error: unknown, tableOfStatement?: string): unknown {
  if (!isSqliteError(error)) return error;
  if (error.errcode === CONSTRAINT_UNIQUE || error.errcode === CONSTRAINT_PRIMARY_KEY) {
    // "UNIQUE constraint failed: nodes.name"; the first of several columns is the one that matters here.
    const column = /: (\w+\.\w+)/.exec(error.message)?.[1] ?? error.message;
    return new ConstraintViolation('taken', column, { cause: error });
  }
  if (error.errcode === CONSTRAINT_FOREIGN_KEY) return new ConstraintViolation('missing reference', tableOfStatement ?? 'unknown', { cause: error });
  const code = primaryCode(error);
  if (isBusy(error)) return databaseError('BUSY', 'The database is held by another program', error, 'Close other programs that use the data folder.');
  return databaseError('INTERNAL', 'The database failed', error, HINTS[code] ?? 'The log of the conductor tells more.');
}

interface SqliteError extends Error {
  readonly errcode: number;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR' && 'errcode' in error;
}

function primaryCode(error: unknown): number {
  return isSqliteError(error) ? error.errcode & PRIMARY_CODE : -1;
}
