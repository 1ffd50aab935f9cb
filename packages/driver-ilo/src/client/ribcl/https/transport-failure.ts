import { FerricError, type FerricErrorCode } from '@ferric/core';

export interface FailureContext {
  /** `192.0.2.10:443` */
  readonly address: string;
  /** What was asked. */
  readonly label: string;
  /** Whether the status line had come already. */
  readonly answered: boolean;
}

interface FailureClass {
  readonly code: FerricErrorCode;
  readonly says: string;
  readonly hint: string;
}

/** An answer that ends too early, and what is not HTTP, by the codes of Node's parser and of undici. */
const CUT_OFF = /^(?:HPE_INVALID_EOF_STATE|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/;
const NOT_HTTP = /^(?:HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES|UND_ERR_NOT_SUPPORTED)/;

const FAILURES = {
  notHttp: { code: 'PROTOCOL_FAULT', says: 'does not speak HTTP as an iLO does', hint: 'See what listens at this address and port.' },
  brokenOff: { code: 'UNREACHABLE', says: 'broke off in the middle of its answer', hint: 'The iLO may be starting again, or the network lost the connection.' },
  closed: { code: 'UNREACHABLE', says: 'closed the connection without an answer', hint: 'The iLO may be starting again, or the network lost the connection.' },
} as const satisfies Readonly<Record<string, FailureClass>>;

/** The error for an exchange that failed on an open connection. Of the client's own error only its code and words are kept. */
export function toTransportFailure(error: unknown, { address, label, answered }: FailureContext): FerricError {
  const reason = reasonOf(error);
  const { code, says, hint } = FAILURES[kindOf(reason, answered)];
  return new FerricError(code, `What answers at ${address} ${says}`, {
    cause: new Error(error instanceof Error ? error.message : 'The exchange failed'),
    details: { address, command: label, ...(reason === '' ? {} : { reason }) },
    hint,
  });
}

function kindOf(reason: string, answered: boolean): keyof typeof FAILURES {
  if (CUT_OFF.test(reason)) return 'brokenOff';
  if (NOT_HTTP.test(reason)) return 'notHttp';
  return answered ? 'brokenOff' : 'closed';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.name !== 'HTTPParserError') return '';
  // The parser of undici has no code for an end that comes too early, only the words `Invalid EOF state`.
  return error.message.includes('EOF') ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
}
