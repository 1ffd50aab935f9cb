import { X509Certificate } from 'node:crypto';
import { invalidOptions } from '@ferric/core';

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,65536}-----END CERTIFICATE-----/;

/** A certificate to be shown by a controller. */
export interface CertificateText {
  /** PEM text with the ends of lines that controllers want. */
  readonly pem: string;
  /** SHA-256, 64 hexadecimal digits. */
  readonly fingerprint: string;
}

/**
 * The first certificate in a text in PEM form.
 * @param field for the error: where the text came from
 * @throws INVALID_OPTIONS for what is no certificate, or one that has expired; it does not show the text, which may be a key
 */
export function readCertificateText(text: unknown, field: string, now: Date): CertificateText {
  const [pem = ''] = typeof text === 'string' ? (PEM.exec(text) ?? []) : [];
  const certificate = parse(pem);
  if (certificate === undefined || certificate.validToDate <= now) {
    throw invalidOptions('Certificate of an iLO', [{ field, problem: 'invalid', expected: 'a certificate in PEM form that has not expired' }]);
  }
  return { pem: pem.replaceAll(/\s*\n/g, '\r\n'), fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase() };
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
