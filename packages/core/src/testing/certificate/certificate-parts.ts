import { createHash, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { bitString, booleanTrue, element, integer, objectId, octetString, sequence, set, tagged, time, utf8String } from './der.js';
import type { Method } from './keys.js';

const HOUR_MS = 3_600_000;
/** Tags of a name in subjectAltName. Source: RFC 5280, section 4.2.1.6. */
const NAME_TAG = { dns: 0x82, ip: 0x87 } as const;

/** What a name consists of, by the object identifiers of RFC 5280, appendix A.1, in the order in which they are written. */
const ATTRIBUTES = {
  country: '2.5.4.6',
  state: '2.5.4.8',
  locality: '2.5.4.7',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  commonName: '2.5.4.3',
} as const;
/** RFC 5280, appendix A.1, wants this one in ASCII. */
const PRINTABLE_STRING = 0x13;
/** Source: RFC 5280, appendix A.1, ub-common-name. */
const LONGEST_COMMON_NAME = 64;

/** Whom a certificate is for; what is left out is not in it. */
export type CertificateName = Readonly<Partial<Record<keyof typeof ATTRIBUTES, string>>>;

/** A name as it stands in certificates and requests. */
export function nameElement(name: CertificateName): Buffer {
  const parts = (Object.keys(ATTRIBUTES) as (keyof typeof ATTRIBUTES)[]).flatMap((kind) => {
    const value = name[kind];
    if (value === undefined) return [];
    const text = kind === 'country' ? element(PRINTABLE_STRING, Buffer.from(value, 'ascii')) : utf8String(kind === 'commonName' ? value.slice(0, LONGEST_COMMON_NAME) : value);
    return [set(sequence(objectId(ATTRIBUTES[kind]), text))];
  });
  return sequence(...parts);
}

/** An extension that must be understood. */
const critical = (type: string, value: Buffer): Buffer => sequence(objectId(type), booleanTrue(), octetString(value));

/** The addresses and host names that a certificate is good for. */
export const alternativeNames = (names: readonly string[]): Buffer => critical('2.5.29.17', sequence(...names.map(alternativeName)));
/** The mark of a certificate that may issue others. */
export const authorityMark = (): Buffer => critical('2.5.29.19', sequence(booleanTrue()));

/** A certificate that was signed. */
export interface IssuedCertificate {
  /** PEM text. */
  readonly certificate: string;
  readonly der: Uint8Array;
  /** SHA-256 of the certificate: 64 hexadecimal digits. */
  readonly fingerprint: string;
}

export interface CertificateContent {
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  /** SubjectPublicKeyInfo of the subject. */
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Uint8Array[];
  readonly now: Date;
  readonly daysValid: number;
}

/** Signs a certificate that is valid from an hour ago. Source: RFC 5280, section 4.1. @param privateKey of the issuer, PEM text */
export function signCertificate({ subject, issuer, publicKey, extensions, now, daysValid }: CertificateContent, { digest, algorithm }: Method, privateKey: string): IssuedCertificate {
  const notBefore = now.getTime() - HOUR_MS;
  const signed = sequence(
    tagged(0, integer(2n)),
    // The first bit stays 0: a serial number is positive and has at most 20 bytes.
    integer(BigInt(`0x${randomBytes(19).toString('hex')}`) + 1n),
    algorithm,
    issuer,
    sequence(time(new Date(notBefore)), time(new Date(notBefore + daysValid * 24 * HOUR_MS))),
    subject,
    publicKey,
    tagged(3, sequence(...extensions)),
  );
  const der = sequence(signed, algorithm, bitString(sign(digest, signed, privateKey)));
  return { certificate: toPem('CERTIFICATE', der), der, fingerprint: createHash('sha256').update(der).digest('hex') };
}

export function toPem(label: string, der: Buffer): string {
  return [`-----BEGIN ${label}-----`, ...(der.toString('base64').match(/.{1,64}/g) ?? []), `-----END ${label}-----`, ''].join('\n');
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
