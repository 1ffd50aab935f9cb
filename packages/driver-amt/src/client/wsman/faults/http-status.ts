import { FerricError } from '@ferric/core';
import { type FaultMeaning, LOOK_FIRST } from './fault-table.js';

const OTHER_SERVICE = 'Check address and port: something else than Intel AMT may listen there.';
const LATER = 'Try again in a while: the management engine may be busy or restarting.';

const busy: FaultMeaning = { code: 'BUSY', words: 'its service is busy or starting', hint: LATER };

/** Who gives up waiting, here or behind, may have given the request on. */
const UNSETTLED_BUSY: FaultMeaning = { ...busy, unsettled: true };

/**
 * What an answer without a SOAP fault means, by its HTTP status. A change was certainly not made where the web server turned the request away:
 * 3xx and 4xx, 429 (RFC 6585, section 4) and 503 (RFC 9110, section 15.6.4) among them. The other 5xx, success of another kind than 200, and 408,
 * which some servers send for a service behind them that took too long, leave it open.
 */
const STATUSES: Readonly<Record<number, FaultMeaning>> = {
  403: { code: 'REFUSED', words: 'its service is closed to this user, or switched off', hint: 'Check that network access and the web service are enabled on the device, and the rights of this user.' },
  404: { code: 'PROTOCOL_FAULT', words: 'it has no WS-Management service', hint: OTHER_SERVICE },
  408: UNSETTLED_BUSY,
  429: busy,
  500: { code: 'PROTOCOL_FAULT', words: 'its service failed', hint: LATER, retryable: true, unsettled: true },
  502: UNSETTLED_BUSY,
  503: busy,
  504: UNSETTLED_BUSY,
};

const REDIRECT: FaultMeaning = {
  code: 'PROTOCOL_FAULT',
  words: 'it wants to be asked somewhere else',
  hint: 'Redirects are not followed, for the password would go with them. If the device speaks TLS only, set protocol https and port 16993.',
};
const UNEXPECTED: FaultMeaning = { code: 'PROTOCOL_FAULT', words: 'the request cannot be answered', hint: OTHER_SERVICE };

const UNSETTLED: FaultMeaning = { ...UNEXPECTED, unsettled: true };

/**
 * The error for an answer with an HTTP status other than 200 and no SOAP fault in its body. Its details hold `httpStatus` and, for a request that may
 * change the device, `sent`: true when it may have been carried out all the same, which makes the error not retryable.
 */
export function httpStatusError(status: number, changes: boolean): FerricError {
  const meaning = STATUSES[status] ?? meaningOf(status);
  const sent = changes && meaning.unsettled === true;
  const retryable = sent ? false : meaning.retryable;
  return new FerricError(meaning.code, `The device answered that ${meaning.words} (HTTP ${status})`, {
    details: { httpStatus: status, ...(changes ? { sent } : {}) },
    hint: sent ? `${LOOK_FIRST} ${meaning.hint}` : meaning.hint,
    ...(retryable === undefined ? {} : { retryable }),
  });
}

function meaningOf(status: number): FaultMeaning {
  if (status >= 300 && status < 400) return REDIRECT;
  return status >= 400 && status < 500 ? UNEXPECTED : UNSETTLED;
}
