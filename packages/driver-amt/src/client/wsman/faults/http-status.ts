import { FerricError } from '@ferric/core';
import type { FaultMeaning } from './fault-table.js';

const OTHER_SERVICE = 'Check address and port: something else than Intel AMT may listen there.';
const LATER = 'Try again in a while: the management engine may be busy or restarting.';

const busy: FaultMeaning = { code: 'BUSY', words: 'its service is busy or starting', hint: LATER };

/** What an answer without a SOAP fault means, by its HTTP status. */
const STATUSES: Readonly<Record<number, FaultMeaning>> = {
  403: { code: 'REFUSED', words: 'its service is closed to this user, or switched off', hint: 'Check that network access and the web service are enabled on the device, and the rights of this user.' },
  404: { code: 'PROTOCOL_FAULT', words: 'it has no WS-Management service', hint: OTHER_SERVICE },
  408: busy,
  429: busy,
  500: { code: 'PROTOCOL_FAULT', words: 'its service failed', hint: LATER, retryable: true },
  502: busy,
  503: busy,
  504: busy,
};

const REDIRECT: FaultMeaning = {
  code: 'PROTOCOL_FAULT',
  words: 'it wants to be asked somewhere else',
  hint: 'Redirects are not followed, for the password would go with them. If the device speaks TLS only, set protocol https and port 16993.',
};
const UNEXPECTED: FaultMeaning = { code: 'PROTOCOL_FAULT', words: 'the request cannot be answered', hint: OTHER_SERVICE };

/** The error for an answer with an HTTP status other than 200 and no SOAP fault in its body. Its details hold `httpStatus`. */
export function httpStatusError(status: number): FerricError {
  const meaning = STATUSES[status] ?? (status >= 300 && status < 400 ? REDIRECT : UNEXPECTED);
  return new FerricError(meaning.code, `The device answered that ${meaning.words} (HTTP ${status})`, {
    details: { httpStatus: status },
    hint: meaning.hint,
    ...(meaning.retryable === undefined ? {} : { retryable: meaning.retryable }),
  });
}
