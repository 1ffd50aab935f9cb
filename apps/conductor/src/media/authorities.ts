import { X509Certificate } from 'node:crypto';
import { invalidOptions, type Logger } from '@ferric/core';
import { trackFiles, type TrackedFiles } from '../tracked-files.js';

export interface AuthoritySettings {
  /** What the conductor's own server shows, in PEM: its certificate, and those between it and the one that others trust. Undefined: it speaks no TLS. */
  readonly chain: () => string | undefined;
  /** Certificates in PEM that firmware has to trust besides. */
  readonly file?: string | undefined;
}

/** Tells the certificates, in PEM form each, that firmware has to trust to load what the conductor serves, and what else its operator names. */
export type Authorities = () => Promise<readonly string[]>;

const OPTION = '--media-ca';
/** As many as firmware has room for. */
const MOST_CERTIFICATES = 32;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The file is read again when it changed.
 * @throws INVALID_OPTIONS when the file cannot be read or used.
 */
export async function openAuthorities({ chain, file }: AuthoritySettings, { logger }: { readonly logger: Logger }): Promise<Authorities> {
  const named = file === undefined ? undefined : await readNamed(file, logger);
  return async () => {
    await named?.refresh();
    const shown = chain();
    const own = shown === undefined ? [] : [topOfChain(shown)];
    const byFingerprint = [...own, ...(named?.content ?? [])].map((each) => [each.fingerprint256, each.toString()] as const);
    return [...new Map(byFingerprint).values()];
  };
}

function readNamed(path: string, logger: Logger): Promise<TrackedFiles<readonly X509Certificate[]>> {
  return trackFiles({ files: [{ option: OPTION, path, isPrivate: false }], parse: ([text]) => parseNamed(text?.reveal() ?? ''), logger });
}

function parseNamed(text: string): readonly X509Certificate[] {
  const expected = `1 to ${MOST_CERTIFICATES} certificates in PEM (-----BEGIN CERTIFICATE-----)`;
  try {
    const certificates = parseAll(text);
    if (certificates.length > 0 && certificates.length <= MOST_CERTIFICATES) return certificates;
  } catch {
    // Told below, in the same words.
  }
  throw invalidOptions('Configuration', [{ field: OPTION, problem: 'invalid', expected }]);
}

function parseAll(text: string): readonly X509Certificate[] {
  return (text.match(CERTIFICATE) ?? []).map((each) => new X509Certificate(each));
}

/**
 * The certificate of the server when it stands alone, else the highest of those that issued it: a server sends those below it with each handshake, and
 * one that is renewed keeps it.
 */
function topOfChain(text: string): X509Certificate {
  const [server = new X509Certificate(text), ...others] = parseAll(text);
  let top = server;
  for (const left = new Set(others); ; ) {
    const issuer = [...left].find((each) => top.checkIssued(each));
    if (issuer === undefined) return top;
    left.delete(issuer);
    top = issuer;
  }
}
