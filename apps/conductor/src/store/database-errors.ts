import { FerricError, type FerricErrorCode } from '@ferric/core';
import type { RequestFault } from '../fault.js';

/**
 * A row that broke a rule of the schema, told the same way by both databases.
 * `constraint` is `table.column` for a value that is taken already, and `table` alone for a reference to a row that does not exist.
 */
export class ConstraintViolation extends Error {
  readonly kind: 'taken' | 'missing reference';
  readonly constraint: string;

  constructor(kind: ConstraintViolation['kind'], constraint: string, options: ErrorOptions) {
    super(`${constraint}: ${kind}`, options);
    this.name = 'ConstraintViolation';
    this.kind = kind;
    this.constraint = constraint;
  }
}

/**
 * A failure of the database itself.
 * @param cause what its client library threw, already freed of values: statements carry secrets among their parameters.
 */
export function databaseError(code: FerricErrorCode, what: string, cause: Error, hint: string): FerricError {
  return new FerricError(code, `${what}: ${cause.message}`, { cause, hint });
}

/** What to answer when a value is taken, by `table.column`. */
export type FaultTable = Readonly<Record<string, () => RequestFault>>;

/** Runs a statement and answers broken rules with the fault for them. */
export async function withFaults<T>(table: FaultTable, statement: () => Promise<T>): Promise<T> {
  try {
    return await statement();
  } catch (error) {
    const fault = error instanceof ConstraintViolation ? table[error.constraint] : undefined;
    if (fault === undefined) throw error;
    throw fault();
  }
}

/** The error of every call on a store that was closed. */
export function storeClosed(): FerricError {
  return new FerricError('ABORTED', 'The store is closed', { hint: 'The conductor is shutting down; ask again when it is up.' });
}

/** The error of every statement of a transaction that has ended. */
export function transactionOver(): FerricError {
  return new FerricError('INTERNAL', 'A write went on after its transaction had ended; nothing of that was written', {
    hint: 'A work given to write() must await everything that it starts.',
  });
}
