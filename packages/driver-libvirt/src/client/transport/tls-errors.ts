import { FerricError } from '@ferric/core';
import { systemCode } from './connect-errors.js';
import type { TlsFiles } from './tls-files.js';

export interface TlsFacts {
  readonly address: string;
  readonly host: string;
  readonly files: TlsFiles;
  readonly now: Date;
}

interface Distrust {
  readonly says: (facts: TlsFacts, error: Error) => string;
  readonly hint: (facts: TlsFacts) => string;
}

const authorityPath = ({ files }: TlsFacts): string => files.authority?.path ?? 'cacert.pem';
const revokedPath = ({ files }: TlsFacts): string => files.revoked?.path ?? 'cacrl.pem';

const COPY_AUTHORITY = "Copy the certificate of the authority that issued the daemon's (there: /etc/pki/CA/cacert.pem)";

const UNKNOWN_ISSUER: Distrust = {
  says: (facts) => `it was not issued by an authority of ${authorityPath(facts)}`,
  hint: (facts) => `${COPY_AUTHORITY} to ${authorityPath(facts)}, or name another folder with pkipath=.`,
};
const REVOCATION_LIST: Distrust = {
  says: (facts, error) => `the list of revoked certificates in ${revokedPath(facts)} cannot be used: ${reasonOf(error)}`,
  hint: (facts) => `Renew ${revokedPath(facts)}, or remove it.`,
};

/** Codes of Node.js for a certificate that does not stand the check. Source: Node.js documentation, tls, X509 certificate error codes. */
const DISTRUST: Readonly<Record<string, Distrust>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ISSUER,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_ISSUER,
  CERT_SIGNATURE_FAILURE: UNKNOWN_ISSUER,
  CERT_UNTRUSTED: UNKNOWN_ISSUER,
  CERT_HAS_EXPIRED: {
    says: () => 'it has expired',
    hint: () => "Renew the daemon's certificate (there: /etc/pki/libvirt/servercert.pem), and check the clocks of both machines.",
  },
  CERT_NOT_YET_VALID: {
    says: () => 'it is not valid yet',
    hint: () => 'Check the clocks of both machines.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    says: ({ host }, error) => `it is not for ${host}: ${reasonOf(error)}`,
    hint: ({ host }) => `Use a name in the URI that the certificate is for, or have it issued again with subjectAltName for ${host}.`,
  },
  INVALID_PURPOSE: {
    says: () => 'it is not meant for servers',
    hint: () => "Have the daemon's certificate issued again with extendedKeyUsage serverAuth.",
  },
  CERT_REVOKED: {
    says: (facts) => `it was revoked, says ${revokedPath(facts)}`,
    hint: () => 'Do not connect before you know why; then have another certificate issued.',
  },
  UNABLE_TO_GET_CRL: REVOCATION_LIST,
  CRL_HAS_EXPIRED: REVOCATION_LIST,
  CRL_NOT_YET_VALID: REVOCATION_LIST,
  CRL_SIGNATURE_FAILURE: REVOCATION_LIST,
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: REVOCATION_LIST,
};

/** Alerts by which a server refuses the certificate of its client. RFC 8446 §6.2. */
const REFUSED_ALERT = /_ALERT_(?:.*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)/;
const OLD_VERSION = /UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|VERSION_TOO_LOW/;

/** What a failed handshake means. */
export function handshakeFailure(error: Error, facts: TlsFacts): FerricError {
  const { address } = facts;
  const code = systemCode(error) ?? '';
  const details = { address, ...(code === '' ? {} : { systemCode: code }) };
  const distrust = Object.hasOwn(DISTRUST, code) ? DISTRUST[code] : undefined;
  if (distrust !== undefined) return untrusted(distrust.says(facts, error), distrust.hint(facts), facts, error);
  if (REFUSED_ALERT.test(code)) return certificateRefused(facts, error);
  if (OLD_VERSION.test(code)) {
    return new FerricError('UNSUPPORTED', `The libvirt daemon at ${address} speaks no TLS that is still safe; 1.2 is the oldest taken`, {
      cause: error,
      details,
      hint: 'Update the daemon or correct its tls_priority.',
    });
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return new FerricError('PROTOCOL_FAULT', `What answers at ${address} is not TLS, or none that can be spoken: ${reasonOf(error)}`, {
      cause: error,
      details,
      hint: 'Check the port: libvirt speaks TLS on 16514 and plain TCP on 16509.',
    });
  }
  return new FerricError('UNREACHABLE', `The TLS connection to the libvirt daemon at ${address} ended before it was made: ${error.message}`, {
    cause: error,
    details,
    hint: 'Check the port (libvirt speaks TLS on 16514), and the log of the daemon: it may not like our certificate.',
  });
}

/** The daemon ended the connection instead of saying that it takes our certificate. */
export function certificateRefused({ address, files, now }: TlsFacts, cause?: unknown): FerricError {
  const { identity } = files;
  const expired = identity !== undefined && identity.validTo < now.getTime();
  const places = files.places.map((place) => place.certificate).join(' or ');
  const shown = identity === undefined ? `none was shown, since there is none in ${places}` : `${identity.certificate.path} was shown`;
  const more = [...(expired ? ['it has expired'] : []), ...files.skipped];
  return new FerricError('AUTH_FAILED', `The libvirt daemon at ${address} refused our certificate: ${[shown, ...more].join('; ')}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { address, certificate: identity?.certificate.path ?? null, expired },
    hint:
      identity === undefined
        ? 'Have a client certificate issued by the authority that the daemon trusts, and put it there or name its folder with pkipath=.'
        : 'Have a client certificate issued by the authority that the daemon trusts, and see tls_allowed_dn_list in its libvirtd.conf.',
  });
}

/** There is nothing to check the daemon's certificate with, so that no connection is tried. */
export function noAuthority({ address, files }: TlsFacts): FerricError {
  const searched = files.places.map((place) => place.authority).join(' or ');
  const missing = [`there is no ${searched}`, ...files.skipped].join('; ');
  return new FerricError('TLS_UNTRUSTED', `The certificate of the libvirt daemon at ${address} cannot be checked: ${missing}`, {
    details: { address, searched: files.places.map((place) => place.authority) },
    hint: `${COPY_AUTHORITY} to one of them, or name its folder with pkipath=.`,
  });
}

/** Without the numbers of OpenSSL, which tell nobody anything. */
function reasonOf(error: Error): string {
  const reason: unknown = 'reason' in error ? error.reason : undefined;
  return typeof reason === 'string' ? reason : error.message;
}

function untrusted(reason: string, hint: string, { address, host }: TlsFacts, error: Error): FerricError {
  return new FerricError('TLS_UNTRUSTED', `The certificate of the libvirt daemon at ${address} is not trusted: ${reason}`, {
    cause: error,
    details: { address, host, reason: systemCode(error) ?? '' },
    hint,
  });
}
