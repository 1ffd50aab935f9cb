import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Paths of a certificate and its key. */
export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate for 127.0.0.1 and localhost that signed itself, for 30 days, with OpenSSL. */
export async function makeCertificate(folder: string, name: string): Promise<CertificatePaths> {
  const paths = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}-key.pem`) };
  const configuration = join(folder, `${name}.cnf`);
  await writeFile(configuration, '[req]\ndistinguished_name=dn\n[dn]\n[ext]\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n');
  await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`, '-days', '30', '-config', configuration, '-extensions', 'ext', '-keyout', paths.key, '-out', paths.cert);
  return paths;
}

/** @throws Error naming the Debian package when the program is missing. */
export async function openssl(...args: readonly string[]): Promise<void> {
  await run('openssl', args).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Error('openssl is missing: install the package openssl', { cause: error }) : error;
  });
}
