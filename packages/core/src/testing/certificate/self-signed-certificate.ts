import { createHash, generateKeyPair, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import { bitString, booleanTrue, element, integer, nothing, objectId, octetString, sequence, set, tagged, time, utf8String } from './der.js';

// Node.js reads certificates but cannot make them. The packages that can bring the whole of ASN.1 with them: hundreds of KiB that a
// simulator would have to load before its first request. One kind of certificate takes the hundred lines of this file and der.ts.

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
/** Tags of a name in subjectAltName. Source: RFC 5280, section 4.2.1.6. */
const NAME_TAG = { dns: 0x82, ip: 0x87 } as const;
const HOUR_MS = 3_600_000;
const DAYS_VALID = 90;
/** Source: RFC 5280, appendix A.1, ub-common-name. */
const LONGEST_COMMON_NAME = 64;

/** Keys and signatures: what controllers make today, what they made for years, and what old ones have. */
export const CERTIFICATE_KEYS = ['EC P-256, SHA-256', 'RSA 2048, SHA-256', 'RSA 1024, SHA-1'] as const;
export type CertificateKey = (typeof CERTIFICATE_KEYS)[number];

export interface SelfSignedCertificateSettings {
  /** IP addresses and host names that it is good for; at least one. */
  readonly names: readonly string[];
  /** Default: the first name. Cut to 64 characters. */
  readonly commonName?: string;
  /** Default: none. */
  readonly organization?: string;
  readonly now: Date;
  /** Default 90. */
  readonly daysValid?: number;
  /** Default EC P-256, SHA-256. */
  readonly key?: CertificateKey;
}

export interface SelfSignedCertificate {
  /** PEM text. */
  readonly certificate: string;
  /** PEM text of its key; never leaves the process. */
  readonly privateKey: string;
  readonly der: Uint8Array;
  /** SHA-256 of the certificate: 64 hexadecimal digits. */
  readonly fingerprint: string;
}

interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: string;
}

interface Method {
  readonly digest: string;
  /** The signature's algorithm with its parameters. */
  readonly algorithm: Buffer;
  readonly makeKeys: () => Promise<KeyPair>;
}

const publicKeyEncoding = { type: 'spki', format: 'der' } as const;
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;

const makeRsaKeys = (modulusLength: number) => (): Promise<KeyPair> => promisify(generateKeyPair)('rsa', { modulusLength, publicKeyEncoding, privateKeyEncoding });

/** Sources of the algorithms: RFC 5758, section 3.2; RFC 4055, section 5; RFC 3279, section 2.2.1. */
const METHODS: Readonly<Record<CertificateKey, Method>> = {
  'EC P-256, SHA-256': {
    digest: 'sha256',
    algorithm: sequence(objectId('1.2.840.10045.4.3.2')),
    makeKeys: () => promisify(generateKeyPair)('ec', { namedCurve: 'P-256', publicKeyEncoding, privateKeyEncoding }),
  },
  'RSA 2048, SHA-256': { digest: 'sha256', algorithm: sequence(objectId('1.2.840.113549.1.1.11'), nothing()), makeKeys: makeRsaKeys(2048) },
  'RSA 1024, SHA-1': { digest: 'sha1', algorithm: sequence(objectId('1.2.840.113549.1.1.5'), nothing()), makeKeys: makeRsaKeys(1024) },
};

const made = new Map<CertificateKey, Promise<KeyPair>>();

/** One pair of each kind for all certificates of a process: an RSA key takes longer than all the rest of starting a simulated controller. */
function keysOf(kind: CertificateKey): Promise<KeyPair> {
  const known = made.get(kind);
  if (known !== undefined) return known;
  const keys = METHODS[kind].makeKeys();
  made.set(kind, keys);
  return keys;
}

/** Makes a certificate that signed itself, as controllers and deploy agents do: valid from an hour ago, no certificate of an authority. */
export async function createSelfSignedCertificate(settings: SelfSignedCertificateSettings): Promise<SelfSignedCertificate> {
  const { names, now, organization, commonName = names[0] ?? '', daysValid = DAYS_VALID, key = 'EC P-256, SHA-256' } = settings;
  const { digest, algorithm } = METHODS[key];
  const { publicKey, privateKey } = await keysOf(key);
  const subject = sequence(
    ...(organization === undefined ? [] : [attribute(ORGANIZATION, organization)]),
    attribute(COMMON_NAME, commonName.slice(0, LONGEST_COMMON_NAME) || 'controller'),
  );
  const notBefore = now.getTime() - HOUR_MS;
  const signed = sequence(
    tagged(0, integer(2n)),
    // The first bit stays 0: a serial number is positive and has at most 20 bytes.
    integer(BigInt(`0x${randomBytes(19).toString('hex')}`) + 1n),
    algorithm,
    subject,
    sequence(time(new Date(notBefore)), time(new Date(notBefore + daysValid * 24 * HOUR_MS))),
    subject,
    publicKey,
    tagged(3, sequence(sequence(objectId(SUBJECT_ALTERNATIVE_NAME), booleanTrue(), octetString(sequence(...names.map(alternativeName)))))),
  );
  const der = sequence(signed, algorithm, bitString(sign(digest, signed, privateKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const certificate = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
  return { certificate, privateKey, der, fingerprint: createHash('sha256').update(der).digest('hex') };
}

function attribute(type: string, value: string): Buffer {
  return set(sequence(objectId(type), utf8String(value)));
}

function alternativeName(name: string): Buffer {
  return isIP(name) === 0 ? element(NAME_TAG.dns, Buffer.from(name, 'ascii')) : element(NAME_TAG.ip, addressBytes(name));
}

/** The 4 or 16 bytes of an IP address. */
function addressBytes(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from(host.split('.').map(Number));
  // The URL parser writes every IPv6 address in its one short form, with groups only in hexadecimal.
  const [head = '', tail] = new URL(`http://[${host.split('%')[0] ?? host}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string | undefined): number[] => (text === undefined || text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const first = groups(head);
  const last = groups(tail);
  const words = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
  return Buffer.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}
