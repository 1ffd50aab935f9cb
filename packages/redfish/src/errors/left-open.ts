import { FerricError, type FerricErrorCode } from '@ferric/core';

/** What to do when nobody knows whether a change was made. */
export const LEFT_OPEN_HINT = 'The controller may have done what was asked: read the state before trying again.';

/** Failures without the controller's own word. */
const SILENCES: ReadonlySet<FerricErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT']);

/** What is said of the reading, and would be taken for an answer to the change: that it is not offered. */
const ANSWERS: ReadonlySet<FerricErrorCode> = new Set(['NOT_FOUND', 'UNSUPPORTED']);

/**
 * The failure of a reading that was to show what came of a change that was sent: not retryable whatever the controller said, `details.sent` true,
 * without the `status` of that reading. NOT_FOUND and UNSUPPORTED become PROTOCOL_FAULT. What is no FerricError stays.
 */
export function unknownOutcome(error: unknown): unknown {
  if (!FerricError.is(error)) return error;
  const { status: _ofTheReading, ...details } = error.details;
  return new FerricError(ANSWERS.has(error.code) ? 'PROTOCOL_FAULT' : error.code, `A change was sent, and what came of it cannot be seen: ${error.message}`, {
    cause: error,
    details: { ...details, sent: true },
    retryable: false,
    hint: LEFT_OPEN_HINT,
  });
}

/**
 * The same failure, of a change that was sent: not retryable, `details.sent` true. Unchanged is what surely came before the change was sent, and what the
 * controller itself said.
 */
export function leftOpen(error: unknown): unknown {
  if (!FerricError.is(error) || !SILENCES.has(error.code) || error.details['sent'] === false) return error;
  const { code, message, details, hint = LEFT_OPEN_HINT } = error;
  return new FerricError(code, message, { ...('cause' in error ? { cause: error.cause } : {}), details: { ...details, sent: true }, retryable: false, hint });
}
