import type { FerricError } from '@ferric/core';
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { LibvirtUri } from '../uri.js';
import { expandHome, homeOf, readFileContent, unusableFile } from './read-file.js';
import type { TransportContext } from './transport.js';

/** Where the four files of one place are. */
export interface PkiPlace {
  readonly authority: string;
  readonly revoked: string;
  readonly certificate: string;
  readonly key: string;
}

export interface PemFile {
  readonly path: string;
  readonly bytes: Buffer;
}

export interface ClientIdentity {
  readonly certificate: PemFile;
  readonly key: PemFile;
  /** Milliseconds since 1970 after which the certificate counts no more. */
  readonly validTo: number;
}

/** What is shown to the daemon and what it is checked with. */
export interface TlsFiles {
  /** Certificates of the authorities that are trusted. */
  readonly authority?: PemFile;
  /** Certificates that were revoked. */
  readonly revoked?: PemFile;
  readonly identity?: ClientIdentity;
  readonly places: readonly PkiPlace[];
  /** Files that were found and could not be used, with the reason. */
  readonly skipped: readonly string[];
}

/** Source: libvirt 9.0.0, src/rpc/virnettlscontext.c, the paths of a build with sysconfdir /etc. */
const SYSTEM_PLACE: PkiPlace = {
  authority: '/etc/pki/CA/cacert.pem',
  revoked: '/etc/pki/CA/cacrl.pem',
  certificate: '/etc/pki/libvirt/clientcert.pem',
  key: '/etc/pki/libvirt/private/clientkey.pem',
};

/**
 * Where libvirt looks: only in `pkipath` when it is given, else below the home of a user who is not root, then in /etc/pki.
 * Source: libvirt 9.0.0, src/rpc/virnettlscontext.c, virNetTLSContextLocateCredentials; src/remote/remote_driver.c.
 */
export function pkiPlaces(pkipath: string | undefined, home: string, userId: number): readonly PkiPlace[] {
  if (pkipath !== undefined) return [flatPlace(expandHome(pkipath, home))];
  return userId === 0 ? [SYSTEM_PLACE] : [flatPlace(`${home}/.pki/libvirt`), SYSTEM_PLACE];
}

function flatPlace(folder: string): PkiPlace {
  return { authority: `${folder}/cacert.pem`, revoked: `${folder}/cacrl.pem`, certificate: `${folder}/clientcert.pem`, key: `${folder}/clientkey.pem` };
}

/**
 * Reads the files of the URI's places, each from the first that has it; certificate and key only from the same one.
 * @throws INVALID_OPTIONS for a file that is there and is not what it should be, and for `pkipath` without what it promises.
 */
export async function findTlsFiles(uri: LibvirtUri, context: TransportContext, userId: number = process.getuid?.() ?? 0): Promise<TlsFiles> {
  const { pkipath, noVerify } = uri.parameters;
  const places = pkiPlaces(pkipath, homeOf(context), userId);
  const reader = new PemReader(uri.address, pkipath !== undefined, context.signal);
  const authority = await reader.first(places.map((place) => place.authority));
  if (authority === undefined && pkipath !== undefined && !noVerify) throw unusable(uri.address, places[0]?.authority ?? pkipath, 'it does not exist');
  const revoked = await reader.first(places.map((place) => place.revoked));
  const identity = await reader.firstIdentity(places);
  if (authority !== undefined) readCertificate(uri.address, authority);
  return {
    ...(authority === undefined ? {} : { authority }),
    ...(revoked === undefined ? {} : { revoked }),
    ...(identity === undefined ? {} : { identity }),
    places,
    skipped: reader.skipped,
  };
}

class PemReader {
  readonly skipped: string[] = [];
  readonly #address: string;
  readonly #strict: boolean;
  readonly #signal: AbortSignal;

  /** @param strict the place was named by the user: what cannot be used there is an error */
  constructor(address: string, strict: boolean, signal: AbortSignal) {
    this.#address = address;
    this.#strict = strict;
    this.#signal = signal;
  }

  async first(paths: readonly string[]): Promise<PemFile | undefined> {
    for (const path of paths) {
      const file = await this.#read(path);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  /** Half a pair is of no use. */
  async firstIdentity(places: readonly PkiPlace[]): Promise<ClientIdentity | undefined> {
    for (const place of places) {
      const [certificate, key] = [await this.#read(place.certificate), await this.#read(place.key)];
      if (certificate !== undefined && key !== undefined) return checkIdentity(this.#address, certificate, key);
      if (certificate !== undefined) this.#skip(place.certificate, `its key ${place.key} is missing or cannot be read`);
      if (key !== undefined) this.#skip(place.key, `its certificate ${place.certificate} is missing or cannot be read`);
    }
    return undefined;
  }

  async #read(path: string): Promise<PemFile | undefined> {
    const content = await readFileContent(path, this.#signal);
    if (content.kind === 'content') return { path, bytes: content.bytes };
    if (content.kind === 'unreadable') this.#skip(path, content.reason);
    return undefined;
  }

  #skip(path: string, reason: string): void {
    if (this.#strict) throw unusable(this.#address, path, reason);
    this.skipped.push(`${path}: ${reason}`);
  }
}

function checkIdentity(address: string, certificate: PemFile, key: PemFile): ClientIdentity {
  const read = readCertificate(address, certificate);
  if (!read.checkPrivateKey(readKey(address, key))) throw unusable(address, key.path, `it is not the key of ${certificate.path}`);
  return { certificate, key, validTo: Date.parse(read.validTo) };
}

function readCertificate(address: string, { path, bytes }: PemFile): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch (error) {
    throw unusable(address, path, 'it is no certificate in PEM', error);
  }
}

function readKey(address: string, { path, bytes }: PemFile): KeyObject {
  try {
    return createPrivateKey(bytes);
  } catch (error) {
    const encrypted = bytes.includes('ENCRYPTED');
    throw unusable(address, path, encrypted ? 'it is protected by a passphrase, which nobody can be asked for here' : 'it is no private key in PEM', error);
  }
}

function unusable(address: string, path: string, reason: string, cause?: unknown): FerricError {
  return unusableFile({
    address,
    field: 'pkipath',
    expected: 'a folder with cacert.pem, and with both or none of clientcert.pem and clientkey.pem',
    path,
    reason,
    hint: 'Correct the file, or name another folder with pkipath= in the libvirt URI.',
    ...(cause === undefined ? {} : { cause }),
  });
}
