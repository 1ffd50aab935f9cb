import type { CallOptions } from '@ferric/core';

/** Whom a certificate is for. Every text has 1 to 64 characters. */
export interface IloCertificateSubject {
  /** The name by which the iLO is reached. */
  readonly commonName: string;
  readonly organization: string;
  readonly organizationalUnit?: string;
  readonly city: string;
  readonly state: string;
  /** Two capital letters: `DE`. */
  readonly country: string;
}

export interface IloHttpsCertificateReport {
  /** The latest request for a certificate, PEM text; null when there is none, or it is not ready yet. */
  readonly request: string | null;
  /** Of the certificate that the iLO shows: `CN = ilo.example.org, ...`. Null where it does not tell, as the times are. */
  readonly subject: string | null;
  readonly issuer: string | null;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
}

/** The certificate that the controller shows to whoever connects. From iLO 5 on. */
export interface IloHttpsCertificate {
  read(options?: CallOptions): Promise<IloHttpsCertificateReport>;
  /**
   * Has the controller make a key and a request for a certificate, and waits for it: up to ten minutes on real ones. A former request counts no more.
   * When the answer gets lost, the request is waited for all the same. Default of `timeoutMs`: 15 minutes.
   * @returns the request, PEM text
   * @throws INVALID_OPTIONS naming every part of the name that cannot be used
   */
  createRequest(subject: IloCertificateSubject, options?: CallOptions): Promise<string>;
  /** SHA-256 of the certificate that is shown, 64 hexadecimal digits; it was judged as for every connection. */
  fingerprint(options?: CallOptions): Promise<string>;
  /**
   * Gives the controller the certificate that was issued for its request. The controller restarts itself with it; this waits until it is back and shows it,
   * and goes on with it, also where the client trusted one fingerprint only. Nothing is sent when it shows this certificate already.
   * `details.undecided` is true in the error when it could not be found out which certificate counts; then the client takes both.
   * Default of `timeoutMs`: 15 minutes.
   * @param certificate PEM text; of several certificates in it the first is sent
   * @returns `pinned`: the certificate is trusted by its fingerprint alone, since the client had one before, or would not trust it otherwise; of a client
   * that had several, as a change leaves them that did not end, its issuer decides first, except with `verify: false`
   * @throws INVALID_OPTIONS for what is no certificate, or has expired; REFUSED for one that is for another key, and then the former one still counts
   */
  import(certificate: string, options?: CallOptions): Promise<{ readonly fingerprint: string; readonly pinned: boolean }>;
}
