import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../system/programs.ts';
import { findTool } from '../system/tools.ts';

/** Folders with certificates, each laid out as libvirt's `pkipath` wants: cacert.pem, clientcert.pem, clientkey.pem. */
export interface Pki {
  /** Everything as it should be. */
  readonly directory: string;
  /** Trusts another authority: the client finds the server's certificate untrusted. */
  readonly unknownAuthority: string;
  /** Shows a certificate of another authority: the server refuses the client. */
  readonly wrongClient: string;
  /** Trusts the right authority and has no certificate to show. */
  readonly noClient: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly authorityCertificate: string;
}

/** Makes the certificates of one daemon. `serverNames` as in subjectAltName: `IP:127.0.0.1`. */
export async function createPki(directory: string, serverNames: readonly string[]): Promise<Pki> {
  const pki: Pki = {
    directory,
    unknownAuthority: join(directory, 'unknown-authority'),
    wrongClient: join(directory, 'wrong-client'),
    noClient: join(directory, 'no-client'),
    serverCertificate: join(directory, 'servercert.pem'),
    serverKey: join(directory, 'serverkey.pem'),
    authorityCertificate: join(directory, 'cacert.pem'),
  };
  for (const folder of [directory, pki.unknownAuthority, pki.wrongClient, pki.noClient]) await mkdir(folder, { recursive: true });
  const [authority, stranger] = await Promise.all([createAuthority(directory, 'authority'), createAuthority(directory, 'stranger')]);
  await Promise.all([
    createCertificate(authority, { usage: 'serverAuth', names: serverNames, certificate: pki.serverCertificate, key: pki.serverKey }),
    createClient(authority, directory),
    createClient(authority, pki.unknownAuthority),
    createClient(stranger, pki.wrongClient),
  ]);
  await Promise.all([
    ...[directory, pki.wrongClient, pki.noClient].map((folder) => writeFile(join(folder, 'cacert.pem'), authority.text)),
    writeFile(join(pki.unknownAuthority, 'cacert.pem'), stranger.text),
  ]);
  return pki;
}

interface Authority {
  readonly certificate: string;
  readonly key: string;
  readonly text: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;
const DAYS = '30';

async function createAuthority(directory: string, name: string): Promise<Authority> {
  const [certificate, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  await run(findTool('openssl'), [
    'req', '-x509', ...KEY, '-days', DAYS, '-subj', `/CN=Ferric test ${name}`, '-addext', 'basicConstraints=critical,CA:TRUE',
    '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-keyout', key, '-out', certificate,
  ]);
  const text = await run(findTool('openssl'), ['x509', '-in', certificate]);
  return { certificate, key, text };
}

async function createClient(authority: Authority, folder: string): Promise<void> {
  await createCertificate(authority, { usage: 'clientAuth', names: [], certificate: join(folder, 'clientcert.pem'), key: join(folder, 'clientkey.pem') });
}

interface CertificateRequest {
  readonly usage: 'serverAuth' | 'clientAuth';
  readonly names: readonly string[];
  readonly certificate: string;
  readonly key: string;
}

async function createCertificate(authority: Authority, { usage, names, certificate, key }: CertificateRequest): Promise<void> {
  const extensions = [
    'basicConstraints=CA:FALSE', 'keyUsage=digitalSignature', `extendedKeyUsage=${usage}`, ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
  ];
  const request = `${certificate}.request`;
  await run(findTool('openssl'), [
    'req', ...KEY, '-subj', `/CN=ferric-${usage}`, ...extensions.flatMap((extension) => ['-addext', extension]), '-keyout', key, '-out', request,
  ]);
  await run(findTool('openssl'), [
    'x509', '-req', '-in', request, '-CA', authority.certificate, '-CAkey', authority.key, '-days', DAYS, '-copy_extensions', 'copyall', '-out', certificate,
  ]);
  await rm(request);
}
