import { FerricError, type FerricErrorCode } from '@ferric/core';

/** What to do when nobody knows whether a change was made. */
export const LEFT_OPEN_HINT = 'The controller may have done what was asked: read the state before trying again.';

/** Failures without the controller's own word. */
const SILENCES: ReadonlySet<FerricErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT']);

/**
 * The same failure, of a change that was sent: not retryable, `details.sent` true. Unchanged is what surely came before the change was sent, and what the
 * controller itself said.
 */
export function leftOpen(error: unknown): unknown {
  if (!FerricError.is(error) || !SILENCES.has(error.code) || error.details['sent'] === false) return error;
  const { code, message, details, hint = LEFT_OPEN_HINT } = error;
  return new FerricError(code, message, { ...('cause' in error ? { cause: error.cause } : {}), details: { ...details, sent: true }, retryable: false, hint });
}
