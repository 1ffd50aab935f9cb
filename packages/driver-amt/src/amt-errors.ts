import { FerricError, type FerricErrorCode } from '@ferric/core';
import type { AmtDriverInfo } from './amt-options.js';

/** What a person can change in driver_info, by the class of error. */
const FIELD_HINTS: Readonly<Partial<Record<FerricErrorCode, (info: AmtDriverInfo) => string | undefined>>> = {
  AUTH_FAILED: () => 'Correct amt_username and amt_password: they are not tried again for a minute, for AMT locks a user after some failures.',
  UNREACHABLE: ({ amt_protocol: protocol }) =>
    protocol === 'http'
      ? 'Check amt_address and amt_port. AMT 16.1 and later have closed the port of http: set amt_protocol to https.'
      : 'Check amt_address and amt_port. AMT speaks TLS only when it was set up for it, or from 16.1 on.',
  TLS_UNTRUSTED: () => 'Set amt_tls_fingerprint to the certificate of this device, or amt_verify_ca to the authority that issued it.',
  UNSUPPORTED: (info) => (info.amt_protocol === 'https' && info.amt_tls_profile === 'modern' ? 'AMT before 12 speaks TLS 1.0 and 1.1 only: amt_tls_profile legacy takes them.' : undefined),
};

/** Steps of a connection at which UNSUPPORTED speaks of TLS. */
const TLS_STEPS: ReadonlySet<unknown> = new Set(['connect', 'tls', 'handshake', 'tls handshake']);

/** The error of a client, which knows no nodes, with the address and the fields of driver_info. */
export function inNodeWords(error: FerricError, info: AmtDriverInfo, address: string): FerricError {
  const hint = [error.hint, hintFor(error, info)].filter((part) => part !== undefined).join(' ');
  const isNamed = error.message.includes(info.amt_address);
  return new FerricError(error.code, isNamed ? error.message : `${address}: ${error.message}`, {
    cause: error,
    retryable: error.retryable,
    details: { ...error.details, address },
    ...(hint === '' ? {} : { hint }),
  });
}

function hintFor({ code, details }: FerricError, info: AmtDriverInfo): string | undefined {
  if (code === 'UNSUPPORTED' && !TLS_STEPS.has(details['step'])) return undefined;
  return FIELD_HINTS[code]?.(info);
}
