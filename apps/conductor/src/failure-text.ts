import { FerricError } from '@ferric/core';

/** What people read about a failure: the message, and what to do about it where the error says that. */
export function describeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!FerricError.is(error) || error.hint === undefined) return message;
  return `${message}${/[.!?]$/.test(message) ? '' : '.'} ${error.hint}`;
}
