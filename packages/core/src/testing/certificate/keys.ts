import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { nothing, objectId, sequence } from './der.js';

/** Keys and signatures: what controllers make today, what they made for years, and what old ones have. */
export const CERTIFICATE_KEYS = ['EC P-256, SHA-256', 'RSA 2048, SHA-256', 'RSA 1024, SHA-1'] as const;
export type CertificateKey = (typeof CERTIFICATE_KEYS)[number];

export interface KeyPair {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** PEM text. */
  readonly privateKey: string;
}

export interface Method {
  readonly digest: string;
  /** The signature's algorithm with its parameters. */
  readonly algorithm: Buffer;
  readonly makeKeys: () => Promise<KeyPair>;
}

const publicKeyEncoding = { type: 'spki', format: 'der' } as const;
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;

const makeRsaKeys = (modulusLength: number) => (): Promise<KeyPair> => promisify(generateKeyPair)('rsa', { modulusLength, publicKeyEncoding, privateKeyEncoding });

/** Sources of the algorithms: RFC 5758, section 3.2; RFC 4055, section 5; RFC 3279, section 2.2.1. */
export const METHODS: Readonly<Record<CertificateKey, Method>> = {
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
export function keysOf(kind: CertificateKey): Promise<KeyPair> {
  const known = made.get(kind);
  if (known !== undefined) return known;
  const keys = METHODS[kind].makeKeys();
  made.set(kind, keys);
  return keys;
}
