import { FerricError, type FerricErrorCode } from '@ferric/core';
import type { AmtDriverInfo } from './amt-options.js';

/** The hint of an error in the fields of driver_info, in place of the client's; undefined: that one stays. */
type FieldHint = (error: FerricError, info: AmtDriverInfo) => string | undefined;

const MINUTE_MS = 60_000;

/** What a person can change in driver_info, by the class of error. */
const FIELD_HINTS: Readonly<Partial<Record<FerricErrorCode, FieldHint>>> = {
  AUTH_FAILED({ details: { retryInMs } }) {
    // Without it nothing was refused: there was no digest to log in by.
    if (typeof retryInMs !== 'number') return undefined;
    return `Correct amt_username and amt_password. The same ones are tried again in ${Math.ceil(retryInMs / MINUTE_MS)} min, others at once: AMT locks a user after several refusals.`;
  },
  UNREACHABLE({ hint, details }, info) {
    // A connection that ends later was one: address, port and protocol are right.
    if (!isNotConnected(details)) return undefined;
    const reachable = details['step'] === 'wake' && hint !== undefined ? hint : 'Check amt_address and amt_port, that the machine has power, and that AMT is set up for the network.';
    return `${reachable} ${protocolHint(info)}`;
  },
  TLS_UNTRUSTED: ({ hint = '' }) => `${hint} In driver_info these are amt_tls_fingerprint and amt_verify_ca.`.trim(),
  UNSUPPORTED: ({ details }, { amt_protocol: protocol, amt_tls_profile: profile }) =>
    protocol === 'https' && profile === 'modern' && details['step'] === 'connect'
      ? 'AMT before 12 speaks TLS 1.0 and 1.1 only: update its firmware, or take them for this machine alone by amt_tls_profile legacy.'
      : undefined,
};

function protocolHint({ amt_protocol: protocol, amt_tls_profile: profile }: AmtDriverInfo): string {
  if (protocol === 'http') return 'AMT 16.1 and later have closed the port of http: set amt_protocol to https.';
  return `AMT speaks TLS only when it was set up for it, or from 16.1 on.${profile === 'modern' ? ' AMT before 12 may need amt_tls_profile legacy.' : ''}`;
}

function isNotConnected({ step, sent }: FerricError['details']): boolean {
  return sent !== true && (step === 'connect' || step === 'wake');
}

/** The error of a client, which knows no nodes, with the address and the fields of driver_info. */
export function inNodeWords(error: FerricError, info: AmtDriverInfo, address: string): FerricError {
  const hint = FIELD_HINTS[error.code]?.(error, info) ?? error.hint;
  const isNamed = error.message.includes(info.amt_address);
  return new FerricError(error.code, isNamed ? error.message : `${address}: ${error.message}`, {
    cause: error,
    retryable: error.retryable,
    details: { ...error.details, address },
    ...(hint === undefined ? {} : { hint }),
  });
}
