import { FerricError } from '../errors/ferric-error.js';
import type { JsonObject } from '../json.js';
import { speaksOnlyOlder } from './profiles.js';
import type { HandshakeProfile } from './profiles.js';

/** What an error should tell about the connection that it ended. */
export interface HandshakeFacts {
  readonly address: string;
  readonly host: string;
  readonly profile: HandshakeProfile;
  /** Path of the certificates that were trusted; undefined for those of Node.js. */
  readonly authorities: string | undefined;
  /** True once the TCP connection stood. */
  readonly connected: boolean;
}

/** The code that the system or OpenSSL gave an error: `ECONNREFUSED`. */
export function systemCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** What the system says about a TCP connection that did not come about, in words. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the other side closed it at once',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'no name server answered',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'it did not answer',
};

interface Distrust {
  readonly says: (facts: HandshakeFacts, reason: string) => string;
  readonly hint?: string;
}

const trusted = ({ authorities }: HandshakeFacts): string => (authorities === undefined ? 'that Node.js knows' : `in ${authorities}`);
const UNKNOWN_ISSUER: Distrust = { says: (facts) => `it was not issued by an authority ${trusted(facts)}` };

/** Codes of Node.js for a certificate that does not stand the check. Source: Node.js documentation, tls, X509 certificate error codes. */
const DISTRUST: Readonly<Record<string, Distrust>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ISSUER,
  CERT_SIGNATURE_FAILURE: UNKNOWN_ISSUER,
  CERT_UNTRUSTED: UNKNOWN_ISSUER,
  DEPTH_ZERO_SELF_SIGNED_CERT: { says: (facts) => `it signed itself and is not among the certificates ${trusted(facts)}` },
  CERT_HAS_EXPIRED: { says: () => 'it has expired', hint: "Renew the controller's certificate, and check the clocks of both machines." },
  CERT_NOT_YET_VALID: { says: () => 'it is not valid yet', hint: 'Check the clocks of both machines.' },
  ERR_TLS_CERT_ALTNAME_INVALID: { says: ({ host }, reason) => `it is not for ${host}: ${reason}` },
  INVALID_PURPOSE: { says: () => 'it is not meant for servers' },
  // OpenSSL's words for small keys and old digests have no code in Node.js.
  UNSPECIFIED: {
    says: ({ profile }) =>
      profile === 'modern' ? 'its key or its signature is too weak for the profile modern, or it cannot be checked at all' : 'it cannot be checked',
    hint: 'Keys of 1024 bits and signatures with SHA-1 stand the check only with the profile legacy.',
  },
};

/** @param fingerprint of the certificate that was shown */
const howToTrust = (fingerprint: string): string =>
  `Compare on the controller itself that its certificate has the fingerprint ${fingerprint}; if so, set it as the fingerprint to trust, or name a file with the issuer.`;

/** TLS_UNTRUSTED for a certificate that did not stand the check. @param code of Node.js @param reason in the words of Node.js, for a name that does not fit */
export function untrusted(facts: HandshakeFacts, shown: { readonly code: string; readonly fingerprint: string; readonly reason: string }): FerricError {
  const distrust = Object.hasOwn(DISTRUST, shown.code) ? DISTRUST[shown.code] : undefined;
  const why = distrust === undefined ? `the check ended with ${shown.code}` : distrust.says(facts, shown.reason);
  return new FerricError('TLS_UNTRUSTED', `The certificate of the controller at ${facts.address} is not trusted: ${why}`, {
    details: { address: facts.address, fingerprint: shown.fingerprint, reason: shown.code },
    hint: [distrust?.hint, howToTrust(shown.fingerprint)].filter((part) => part !== undefined).join(' '),
  });
}

/** TLS_UNTRUSTED for a certificate other than the pinned one. */
export function fingerprintDiffers({ address }: HandshakeFacts, expected: string, shown: string): FerricError {
  return new FerricError('TLS_UNTRUSTED', `The certificate of the controller at ${address} is not trusted: it is not the one with the fingerprint that was set`, {
    details: { address, fingerprint: shown, expected, reason: 'FINGERPRINT_DIFFERS' },
    hint: `A controller makes a new certificate when it is reset to its defaults; or somebody stands in between. ${howToTrust(shown)}`,
  });
}

/** TLS_UNTRUSTED for a peer that shows no certificate at all. */
export function noCertificate({ address }: HandshakeFacts): FerricError {
  return new FerricError('TLS_UNTRUSTED', `The controller at ${address} cannot be trusted: it showed no certificate`, {
    details: { address, fingerprint: null, reason: 'NO_CERTIFICATE' },
    hint: 'Check the port, and the TLS settings of the controller.',
  });
}

/** What it means that the connection ended before the handshake was done. */
export function handshakeFailure(error: Error, facts: HandshakeFacts): FerricError {
  const code = systemCode(error);
  const options = { cause: error, details: { address: facts.address, profile: facts.profile, sent: false, ...(code === undefined ? {} : { systemCode: code }) } };
  if (!facts.connected) {
    const reason = (code === undefined ? undefined : UNREACHABLE[code]) ?? error.message;
    return new FerricError('UNREACHABLE', `No connection to the controller at ${facts.address}: ${reason}`, {
      ...options,
      hint: 'Check address and port, and that the network of the controllers can be reached from here.',
    });
  }
  if (speaksOnlyOlder(error)) return tooOld(facts, options);
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL_') === true) {
    return new FerricError('PROTOCOL_FAULT', `What answers at ${facts.address} is not TLS, or none that can be spoken: ${reasonOf(error)}`, {
      ...options,
      hint: 'Check the port: something else than TLS may listen there.',
    });
  }
  return new FerricError('UNREACHABLE', `The TLS connection to the controller at ${facts.address} ended before it was made: ${error.message}`, {
    ...options,
    hint: 'The controller may be busy or starting, or it may end what it does not understand: an old one may need the TLS profile legacy.',
  });
}

const TOO_OLD: Readonly<Record<HandshakeProfile, { readonly says: string; readonly hint: string }>> = {
  modern: {
    says: 'speaks no TLS that is still safe: nothing of TLS 1.2 or later is common to both sides',
    hint: 'Update its firmware, or allow old TLS for this controller alone: profile legacy or auto.',
  },
  legacy: {
    says: 'speaks nothing that Node.js can speak: it has neither TLS 1.0 to 1.3 nor a cipher in common, so probably only SSL 3, RC4 or 3DES',
    hint: 'Node.js knows neither SSL 3 nor RC4 nor 3DES: only newer firmware on the controller helps.',
  },
};

function tooOld({ address, profile }: HandshakeFacts, options: { readonly cause: Error; readonly details: JsonObject }): FerricError {
  const { says, hint } = TOO_OLD[profile];
  return new FerricError('UNSUPPORTED', `The controller at ${address} ${says}`, { ...options, hint });
}

/** Without the numbers of OpenSSL, which tell nobody anything. */
function reasonOf(error: Error): string {
  const reason: unknown = 'reason' in error ? error.reason : undefined;
  return typeof reason === 'string' ? reason : error.message;
}
