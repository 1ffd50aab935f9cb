import { FerricError, type FerricErrorCode, type JsonValue } from '@ferric/core';

/** An exchange without a whole answer. */
export interface TransportFailure {
  readonly kind: 'failed';
  readonly error: FerricError;
  /** Whether the agent may have got the request. */
  readonly mayHaveArrived: boolean;
  /** Whether the same may work in a moment. */
  readonly again: boolean;
}

export interface FailureContext {
  /** `192.0.2.10:9999` */
  readonly address: string;
  readonly details: Readonly<Record<string, JsonValue>>;
  /** Whether the status line had come already. */
  readonly answered: boolean;
  /** Takes secrets out of texts. */
  readonly mask: (text: string) => string;
}

interface FailureClass {
  readonly matches: RegExp;
  readonly code: FerricErrorCode;
  readonly mayHaveArrived: boolean;
  readonly again: boolean;
  readonly says: (address: string) => string;
  readonly hint: string;
}

/** The first that matches the system's, OpenSSL's or undici's code decides. */
const CLASSES: readonly FailureClass[] = [
  {
    matches: /^(CERT_|CRL_|ERROR_IN_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_|ERR_TLS_|ERR_SSL_|EPROTO)/,
    code: 'TLS_UNTRUSTED', mayHaveArrived: false, again: false,
    says: (address) => `The agent at ${address} did not show the certificate that it must show`,
    hint: 'The machine may have booted again, or its clock or its address may be wrong. Its next boot brings a new certificate.',
  },
  {
    matches: /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ENOTFOUND|EAI_|EADDRNOTAVAIL|EACCES|EPERM|UND_ERR_CONNECT_TIMEOUT)/,
    code: 'UNREACHABLE', mayHaveArrived: false, again: true,
    says: (address) => `The agent at ${address} cannot be reached`,
    hint: 'See whether the machine still runs its ramdisk, and whether the conductor can reach the network that it is in.',
  },
  {
    matches: /^(HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_|UND_ERR_RESPONSE|UND_ERR_NOT_SUPPORTED)/,
    code: 'PROTOCOL_FAULT', mayHaveArrived: true, again: false,
    says: (address) => `What answered at ${address} does not speak HTTP as an agent does`,
    hint: 'See what listens there: it is not the deploy agent.',
  },
];

const CLOSED: Omit<FailureClass, 'matches'> = {
  code: 'UNREACHABLE', mayHaveArrived: true, again: true,
  says: (address) => `The agent at ${address} closed the connection without an answer`,
  hint: 'See whether the machine still runs its ramdisk.',
};

const BROKEN_OFF: Omit<FailureClass, 'matches'> = {
  ...CLOSED,
  code: 'PROTOCOL_FAULT',
  says: (address) => `The answer of the agent at ${address} broke off`,
};

/** What an error of the HTTP client means for the request. Nothing of the request stands in what comes out. */
export function toTransportFailure(error: unknown, context: FailureContext): TransportFailure {
  const code = readCode(error);
  const rest = context.answered ? BROKEN_OFF : CLOSED;
  const found = CLASSES.find(({ matches }) => matches.test(code)) ?? rest;
  const text = context.mask(error instanceof Error ? error.message : String(error));
  return {
    kind: 'failed',
    mayHaveArrived: found.mayHaveArrived || context.answered,
    again: found.again,
    error: new FerricError(found.code, `${found.says(context.address)}: ${text === '' ? code : text}`, {
      // The client's own error carries what was received, in which anything may stand: only its words and its code are kept.
      cause: Object.assign(new Error(text), code === '' ? {} : { code }),
      details: { ...context.details, ...(code === '' ? {} : { reason: code }) },
      hint: found.hint,
    }),
  };
}

function readCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'HTTPParserError') return 'HPE_INVALID';
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
