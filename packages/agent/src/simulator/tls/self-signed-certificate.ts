import { generateKeyPair, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import { bitString, booleanTrue, element, integer, objectId, octetString, sequence, set, tagged, time, utf8String } from './der.js';

// Node.js reads certificates but cannot make them. The packages that can bring the whole of ASN.1 with them: hundreds of KiB that the
// guest's program would have to load before its first request. One kind of certificate takes the hundred lines of this file and der.ts.

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
/** Tags of a name in subjectAltName. Source: RFC 5280, section 4.2.1.6. */
const NAME_TAG = { dns: 0x82, ip: 0x87 } as const;
const HOUR_MS = 3_600_000;
const DAYS_VALID = 90;
/** Source: RFC 5280, appendix A.1, ub-common-name. */
const LONGEST_COMMON_NAME = 64;

export interface SelfSignedCertificate {
  /** PEM text. */
  readonly certificate: string;
  /** PEM text of its key; never leaves the process. */
  readonly privateKey: string;
}

/**
 * Makes an EC key (P-256) and a certificate that it signed itself, for one address: valid from an hour ago for 90 days, no certificate of
 * an authority. As ironic-python-agent does: ironic_python_agent/tls_utils.py.
 * @param host an IP address, or a host name
 */
export async function createSelfSignedCertificate(settings: { readonly host: string; readonly commonName: string; readonly now: Date }): Promise<SelfSignedCertificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const algorithm = sequence(objectId(ECDSA_WITH_SHA256));
  const name = sequence(set(sequence(objectId(COMMON_NAME), utf8String(settings.commonName.slice(0, LONGEST_COMMON_NAME) || 'agent'))));
  const notBefore = settings.now.getTime() - HOUR_MS;
  const signed = sequence(
    tagged(0, integer(2n)),
    // The first bit stays 0: a serial number is positive and has at most 20 bytes.
    integer(BigInt(`0x${randomBytes(19).toString('hex')}`) + 1n),
    algorithm,
    name,
    sequence(time(new Date(notBefore)), time(new Date(notBefore + DAYS_VALID * 24 * HOUR_MS))),
    name,
    publicKey,
    tagged(3, sequence(sequence(objectId(SUBJECT_ALTERNATIVE_NAME), booleanTrue(), octetString(sequence(alternativeName(settings.host)))))),
  );
  const certificate = sequence(signed, algorithm, bitString(sign('sha256', signed, privateKey)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return { certificate: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'), privateKey };
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0 ? element(NAME_TAG.dns, Buffer.from(host, 'ascii')) : element(NAME_TAG.ip, addressBytes(host));
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
