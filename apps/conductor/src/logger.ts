import { FerricError, type Logger } from '@ferric/core';
import { pino } from 'pino';
import { maskMediaKeys } from './media/media-address.js';

/**
 * Structured lines on standard error; standard output belongs to the one line that names the address.
 * Secrets are opaque before they get here; the redaction by name is the second line of defence.
 */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error' | 'silent', name: string): Logger {
  return pino(
    {
      level,
      base: { conductor: name },
      serializers: { error: describeError },
      redact: { paths: ['password', '*.password', 'token', '*.token', 'headers.authorization', '*.authorization'], censor: '[secret]' },
      // Drivers tell what they load and insert.
      hooks: { streamWrite: maskMediaKeys },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

function describeError(error: unknown): unknown {
  if (FerricError.is(error)) return { ...(error.toJSON() as object), stack: error.stack, ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }) };
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return String(error);
}
