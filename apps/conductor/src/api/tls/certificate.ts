import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Server } from 'node:https';
import { createSecureContext, type SecureVersion } from 'node:tls';
import { invalidOptions, type Clock, type FerricError, type Logger, type Secret } from '@ferric/core';
import type { FastifyInstance } from 'fastify';
import { trackFiles } from '../../tracked-files.js';

/** What the server says that it is, in PEM. */
export interface Certificate {
  /** The certificate of the server, and those between it and the one that clients trust. */
  readonly chain: string;
  readonly key: Secret;
  readonly expiresAt: Date;
}

/** Oldest version of TLS that is spoken. */
const OLDEST_TLS: SecureVersion = 'TLSv1.2';

/** Time before the end of a certificate from which on it is told. Milliseconds. */
const EXPIRY_NOTICE_MS = 14 * 24 * 60 * 60 * 1000;
/** How often it is told. Milliseconds. */
const NOTICE_INTERVAL_MS = 24 * 60 * 60 * 1000;

const HINT_KEY = 'a private key in PEM without a passphrase (openssl pkey -in KEY -out PLAIN-KEY takes one away)';

/**
 * Reads a certificate with its key and checks that they can be used together.
 * @throws INVALID_OPTIONS naming `--tls-cert` or `--tls-key` and what to do.
 */
function parseCertificate(chain: Secret, key: Secret): Certificate {
  const certificate = readCertificate(chain);
  const privateKey = readKey(key);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw refuse('--tls-key', 'the private key of the first certificate in --tls-cert; with a chain, the certificate of this server comes first');
  }
  try {
    createSecureContext({ cert: chain.reveal(), key: key.reveal(), minVersion: OLDEST_TLS });
  } catch (error) {
    throw refuse('--tls-cert', `a certificate that OpenSSL can use here (${(error as Error).message})`);
  }
  return { chain: chain.reveal(), key, expiresAt: new Date(certificate.validTo) };
}

function readCertificate(chain: Secret): X509Certificate {
  try {
    return new X509Certificate(chain.reveal());
  } catch {
    throw refuse('--tls-cert', 'a certificate in PEM (-----BEGIN CERTIFICATE-----)');
  }
}

function readKey(key: Secret): KeyObject {
  try {
    return createPrivateKey(key.reveal());
  } catch {
    throw refuse('--tls-key', HINT_KEY);
  }
}

function refuse(field: string, expected: string): FerricError {
  return invalidOptions('Configuration', [{ field, problem: 'invalid', expected }]);
}

/** The settings of an HTTPS server with a certificate. */
export function tlsOptions({ chain, key }: Certificate): { readonly cert: string; readonly key: string; readonly minVersion: SecureVersion } {
  return { cert: chain, key: key.reveal(), minVersion: OLDEST_TLS };
}

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** The certificate of a server, renewed from its files. */
export interface ServerCertificate {
  readonly current: Certificate;
  /** Reads the files again when they changed; new connections of the server get the new certificate, open ones are kept. */
  renew(app: FastifyInstance): Promise<void>;
}

/** @throws INVALID_OPTIONS when the files cannot be used. */
export async function openCertificate(files: CertificateFiles, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }): Promise<ServerCertificate> {
  const tracked = await trackFiles({
    files: [
      { option: '--tls-cert', path: files.cert, isPrivate: false },
      { option: '--tls-key', path: files.key, isPrivate: true },
    ],
    parse: ([cert, key]) => parseCertificate(cert as Secret, key as Secret),
    logger,
  });
  let noticedAt: number | undefined;

  const noticeExpiry = (): void => {
    const { expiresAt } = tracked.content;
    const leftMs = expiresAt.getTime() - clock.now().getTime();
    if (leftMs > EXPIRY_NOTICE_MS || (noticedAt !== undefined && clock.monotonicMs() - noticedAt < NOTICE_INTERVAL_MS)) return;
    noticedAt = clock.monotonicMs();
    logger.warn({ file: files.cert, expiresAt }, leftMs > 0 ? 'The certificate ends soon' : 'The certificate has ended: clients that check it refuse this server');
  };

  noticeExpiry();
  return {
    get current() {
      return tracked.content;
    },
    async renew({ server }) {
      if (await tracked.refresh()) {
        noticedAt = undefined;
        if (server instanceof Server) server.setSecureContext(tlsOptions(tracked.content));
      }
      noticeExpiry();
    },
  };
}
