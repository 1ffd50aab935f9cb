import { X509Certificate } from 'node:crypto';

export interface TrustedCertificate {
  /** In PEM form. */
  readonly text: string;
  /** SHA-256 in upper case with colons. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly validFrom: string;
  readonly validTo: string;
}

/** The authorities that the firmware trusts when it boots over HTTPS. What is written takes effect with the next start. */
export class TrustedCertificates {
  #trusted: readonly TrustedCertificate[] = [];
  #added: readonly TrustedCertificate[] = [];
  #removed: readonly string[] = [];

  get trusted(): readonly TrustedCertificate[] {
    return this.#trusted;
  }

  /** @returns false when one of them is no certificate in PEM form */
  add(certificates: readonly string[]): boolean {
    try {
      this.#added = [...this.#added, ...certificates.map(readCertificate)];
      return true;
    } catch {
      return false;
    }
  }

  remove(fingerprints: readonly string[]): void {
    this.#removed = [...this.#removed, ...fingerprints];
  }

  apply(): void {
    const kept = [...this.#trusted, ...this.#added].filter(({ fingerprint }) => !this.#removed.includes(fingerprint));
    this.#trusted = [...new Map(kept.map((certificate) => [certificate.fingerprint, certificate])).values()];
    this.#added = [];
    this.#removed = [];
  }
}

function readCertificate(pem: string): TrustedCertificate {
  const certificate = new X509Certificate(pem);
  return {
    text: pem,
    fingerprint: certificate.fingerprint256,
    subject: certificate.subject.replaceAll('\n', ','),
    issuer: certificate.issuer.replaceAll('\n', ','),
    serialNumber: certificate.serialNumber,
    validFrom: certificate.validFrom,
    validTo: certificate.validTo,
  };
}
