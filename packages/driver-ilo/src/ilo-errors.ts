import { FerricError, type FerricErrorCode } from '@ferric/core';
import type { IloDriverInfo } from './ilo-options.js';

/** What a person can change in driver_info, by the class of error. */
const FIELD_HINTS: Readonly<Partial<Record<FerricErrorCode, (info: IloDriverInfo) => string | undefined>>> = {
  AUTH_FAILED: () => 'Correct ilo_username and ilo_password; they are not tried again at once, for an iLO answers ever slower after failed logins.',
  UNREACHABLE: () => 'Check ilo_address and client_port.',
  TLS_UNTRUSTED: () => 'Set ilo_tls_fingerprint to the certificate of this iLO, or ilo_verify_ca to the authority that issued it.',
  UNSUPPORTED: ({ ilo_tls_profile: profile }) => (profile === 'modern' ? 'Here that is ilo_tls_profile.' : undefined),
};

/** The error of a client, which knows no nodes, with the address and the fields of driver_info. */
export function inNodeWords(error: FerricError, info: IloDriverInfo, address: string): FerricError {
  const hint = [error.hint, hintFor(error, info)].filter((part) => part !== undefined).join(' ');
  const isNamed = error.message.includes(info.ilo_address);
  return new FerricError(error.code, isNamed ? error.message : `${address}: ${error.message}`, {
    cause: error,
    retryable: error.retryable,
    details: { ...error.details, address },
    ...(hint === '' ? {} : { hint }),
  });
}

function hintFor({ code, details }: FerricError, info: IloDriverInfo): string | undefined {
  // Only of a handshake the profile is told: what else is not supported has nothing to do with TLS.
  if (code === 'UNSUPPORTED' && details['profile'] === undefined) return undefined;
  return FIELD_HINTS[code]?.(info);
}
