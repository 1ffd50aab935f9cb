import { alternativeNames, type IssuedCertificate, nameElement, signCertificate } from './certificate-parts.js';
import { type CertificateKey, keysOf, METHODS } from './keys.js';

// Node.js reads certificates but cannot make them. The packages that can bring the whole of ASN.1 with them: hundreds of KiB that a
// simulator would have to load before its first request. What is needed takes the few files of this folder.

const DAYS_VALID = 90;

export interface SelfSignedCertificateSettings {
  /** IP addresses and host names that it is good for; at least one. */
  readonly names: readonly string[];
  /** Default: the first name. Cut to 64 characters. */
  readonly commonName?: string;
  /** Default: none. */
  readonly organization?: string;
  readonly now: Date;
  /** Default 90. */
  readonly daysValid?: number;
  /** Default EC P-256, SHA-256. */
  readonly key?: CertificateKey;
}

export interface SelfSignedCertificate extends IssuedCertificate {
  /** PEM text of its key; never leaves the process. */
  readonly privateKey: string;
}

/** Makes a certificate that signed itself, as controllers and deploy agents do: valid from an hour ago, no certificate of an authority. */
export async function createSelfSignedCertificate(settings: SelfSignedCertificateSettings): Promise<SelfSignedCertificate> {
  const { names, now, organization, commonName = names[0] ?? '', daysValid = DAYS_VALID, key = 'EC P-256, SHA-256' } = settings;
  const { publicKey, privateKey } = await keysOf(key);
  const subject = nameElement({ commonName: commonName || 'controller', ...(organization === undefined ? {} : { organization }) });
  const content = { subject, issuer: subject, publicKey, extensions: [alternativeNames(names)], now, daysValid };
  return { ...signCertificate(content, METHODS[key], privateKey), privateKey };
}
