import type { JsonValue } from '../json.js';
import { printValue } from './print-value.js';

/**
 * What went wrong, by the class of reaction it asks for. Append-only: a code never changes its meaning.
 * The conductor maps codes to HTTP status; libraries never do.
 */
export const FERRIC_ERROR_CODES = {
  INVALID_OPTIONS: 'The caller passed something that cannot be used; nothing was sent.',
  UNREACHABLE: 'The controller could not be reached: no route, refused, reset or no answer to the first packet.',
  TIMEOUT: 'The deadline passed before the controller finished.',
  ABORTED: 'The work was given up because its owner was closed or its caller left without giving a reason.',
  AUTH_FAILED: 'The controller refused the credentials. Never retried: wrong passwords lock accounts.',
  TLS_UNTRUSTED: 'The certificate or host key of the controller could not be verified.',
  PROTOCOL_FAULT: 'The controller answered with something that the protocol does not allow.',
  REFUSED: 'The controller understood the request and declined it.',
  UNSUPPORTED: 'This hardware, firmware or driver cannot do this at all.',
  CONFLICT: 'The request contradicts the present state.',
  BUSY: 'The controller, its queue or its session table is full at the moment.',
  NOT_FOUND: 'The thing named does not exist.',
  INTERNAL: 'A defect in Ferric.',
} as const;

export type FerricErrorCode = keyof typeof FERRIC_ERROR_CODES;

/** Failures that often pass by themselves; the default of {@link FerricError.retryable}. */
const RETRYABLE_CODES: ReadonlySet<FerricErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'BUSY']);

export interface FerricErrorOptions {
  /** The error that led here. Always set when wrapping. */
  readonly cause?: unknown;
  /** Whether the same call may succeed later. Default: true for UNREACHABLE, TIMEOUT and BUSY, else false. */
  readonly retryable?: boolean;
  /** Facts for the reader: node, address, step, field, expected, received. Must not hold secrets. */
  readonly details?: Readonly<Record<string, JsonValue>>;
  /** The next thing to try, one sentence. */
  readonly hint?: string;
}

// Two copies of core may be installed, so instances are told by this marker, never by instanceof.
const marker: symbol = Symbol.for('ferric.error');

/** The one error class of Ferric. Match on {@link FerricError.code}, recognise with {@link FerricError.is}. */
export class FerricError extends Error {
  readonly code: FerricErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, JsonValue>>;
  readonly hint: string | undefined;

  constructor(code: FerricErrorCode, message: string, options: FerricErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'FerricError';
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE_CODES.has(code);
    this.details = Object.freeze({ ...options.details });
    this.hint = options.hint;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a FerricError of any installed copy of core. */
  static is(error: unknown): error is FerricError {
    return error instanceof Error && marker in error;
  }

  /** Plain form for logs and reports: no stack, no cause. */
  toJSON(): JsonValue {
    return {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(Object.keys(this.details).length > 0 ? { details: { ...this.details } } : {}),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}

/** The code of any thrown value; INTERNAL when it is not a FerricError. */
export function errorCode(error: unknown): FerricErrorCode {
  return FerricError.is(error) ? error.code : 'INTERNAL';
}

/** A FerricError for any thrown value: itself when it already is one, else wrapped as INTERNAL. */
export function toFerricError(error: unknown, message = 'Unexpected failure'): FerricError {
  if (FerricError.is(error)) return error;
  const text = error instanceof Error ? error.message : typeof error === 'string' ? error : printValue(error);
  return new FerricError('INTERNAL', `${message}: ${text}`, { cause: error });
}
