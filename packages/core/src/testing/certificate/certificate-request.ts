import { sign } from 'node:crypto';
import { type CertificateName, nameElement, toPem } from './certificate-parts.js';
import { bitString, integer, sequence, tagged } from './der.js';
import { type CertificateKey, METHODS } from './keys.js';

export interface CertificateRequest {
  /** PEM text, for whoever issues certificates. */
  readonly request: string;
  /** PEM text of the new key that it was made with; never leaves the process. */
  readonly privateKey: string;
}

/** Asks for a certificate, as a controller does: with a key that is made for it. Source: RFC 2986, section 4. @param key default EC P-256, SHA-256 */
export async function createCertificateRequest(subject: CertificateName, key: CertificateKey = 'EC P-256, SHA-256'): Promise<CertificateRequest> {
  const { digest, algorithm, makeKeys } = METHODS[key];
  const { publicKey, privateKey } = await makeKeys();
  const asked = sequence(integer(0n), nameElement(subject), publicKey, tagged(0, Buffer.alloc(0)));
  return { request: toPem('CERTIFICATE REQUEST', sequence(asked, algorithm, bitString(sign(digest, asked, privateKey)))), privateKey };
}
