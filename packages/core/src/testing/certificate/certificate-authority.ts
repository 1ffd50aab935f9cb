import { alternativeNames, authorityMark, type IssuedCertificate, nameElement, signCertificate } from './certificate-parts.js';
import { childrenOf } from './der.js';
import { METHODS } from './keys.js';

const KEY = 'EC P-256, SHA-256';
const DAYS_VALID = 90;

export interface IssueSettings {
  /** IP addresses and host names that the certificate is good for; at least one. */
  readonly names: readonly string[];
}

/** Somebody who issues certificates. */
export interface CertificateAuthority {
  /** PEM text of its own certificate. */
  readonly certificate: string;
  /** Issues what was asked for, for 90 days. @param request PEM text; its signature is not checked @throws RangeError for what is no request */
  issue(request: string, settings: IssueSettings): IssuedCertificate;
}

/** Makes an authority with a key of its own, for 90 days. */
export async function createCertificateAuthority(now: Date): Promise<CertificateAuthority> {
  const method = METHODS[KEY];
  const { publicKey, privateKey } = await method.makeKeys();
  const own = nameElement({ commonName: 'Test authority' });
  const common = { issuer: own, now, daysValid: DAYS_VALID };
  return {
    certificate: signCertificate({ ...common, subject: own, publicKey, extensions: [authorityMark()] }, method, privateKey).certificate,
    issue(request, { names }) {
      const [asked = Buffer.alloc(0)] = childrenOf(Buffer.from(request.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));
      const [, subject = own, key = publicKey] = childrenOf(asked);
      return signCertificate({ ...common, subject, publicKey: key, extensions: [alternativeNames(names)] }, method, privateKey);
    },
  };
}
