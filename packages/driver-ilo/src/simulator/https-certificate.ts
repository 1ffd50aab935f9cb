import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Clock, Timer } from '@ferric/core';
import { type CertificateKey, type CertificateName, createCertificateRequest } from '@ferric/core/testing';

/** A certificate with its key. */
export interface KeyedCertificate {
  /** PEM text. */
  readonly certificate: string;
  /** PEM text. */
  readonly privateKey: string;
  /** SHA-256 of the certificate: 64 hexadecimal digits. */
  readonly fingerprint: string;
}

export interface HttpsCertificateSettings {
  readonly clock: Clock;
  readonly first: KeyedCertificate;
  /** The kind of key that a request is made with. */
  readonly key: CertificateKey;
  /** How long a request takes. Milliseconds. */
  readonly requestMs: number;
}

/** The certificate that the iLO shows, and the request for the next one. Source: HPE iLO 5 RESTful API, HpeHttpsCert. */
export class HttpsCertificate implements Disposable {
  readonly #settings: HttpsCertificateSettings;
  #current: KeyedCertificate;
  #asked: { readonly request: string; readonly privateKey: string } | undefined;
  #timer: Timer | undefined;
  /** Counts requests, so that one that was overtaken is forgotten. */
  #latest = 0;
  /** Told of the certificate that is shown from the next start on. */
  onTaken: ((next: KeyedCertificate) => void) | undefined;

  constructor(settings: HttpsCertificateSettings) {
    this.#settings = settings;
    this.#current = settings.first;
  }

  get current(): KeyedCertificate {
    return this.#current;
  }

  /** PEM text; null while it is being made, and when nobody asked for one. */
  get request(): string | null {
    return this.#asked?.request ?? null;
  }

  /** Makes a request with a key of its own. One that was there, or is being made, does not count any more. */
  ask(subject: CertificateName): void {
    const { clock, key, requestMs } = this.#settings;
    this.#latest += 1;
    const number = this.#latest;
    const making = createCertificateRequest(subject, key);
    this.#asked = undefined;
    this.#timer?.[Symbol.dispose]();
    this.#timer = clock.after(requestMs, () => {
      void making.then((made) => {
        if (number === this.#latest) this.#asked = made;
      });
    });
  }

  /** @returns false for what is no certificate, or is for another key than that of the request or the one in use */
  take(pem: string): boolean {
    const read = readCertificate(pem);
    const privateKey = [this.#asked?.privateKey, this.#current.privateKey].find((key) => key !== undefined && read?.checkPrivateKey(createPrivateKey(key)) === true);
    if (read === undefined || privateKey === undefined) return false;
    this.#current = { certificate: pem, privateKey, fingerprint: read.fingerprint256.replaceAll(':', '').toLowerCase() };
    this.#asked = undefined;
    this.onTaken?.(this.#current);
    return true;
  }

  [Symbol.dispose](): void {
    this.#latest += 1;
    this.#timer?.[Symbol.dispose]();
  }
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
