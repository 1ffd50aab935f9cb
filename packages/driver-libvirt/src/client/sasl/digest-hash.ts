import { createHash } from 'node:crypto';
import type { DigestQuality } from './digest-quality.js';

/** What the account is known by, as bytes: see {@link hashedBytes}. */
export interface DigestAccount {
  readonly username: Uint8Array;
  readonly realm: Uint8Array;
  readonly password: Uint8Array;
}

/** What both sides have seen. Texts hold one byte a character. */
export interface DigestSession {
  readonly nonce: string;
  readonly cnonce: string;
  readonly quality: DigestQuality;
  /** `libvirt/` and the host. */
  readonly uri: string;
}

/** The first and only use of a nonce. Source: RFC 2831 §2.1.2. */
export const NONCE_COUNT = '00000001';

/** Stands in A2 for the hash of a body that HTTP has and SASL has not. Source: RFC 2831 §2.1.2.1. */
const NO_BODY = ':00000000000000000000000000000000';

type Part = string | Uint8Array;

function md5(...parts: readonly Part[]): Buffer {
  const hash = createHash('md5');
  for (const part of parts) {
    if (typeof part === 'string') hash.update(part, 'latin1');
    else hash.update(part);
  }
  return hash.digest();
}

/** H(A1): the secret that everything else is made from, 16 bytes. Source: RFC 2831 §2.1.2.1. */
export function sessionSecret(account: DigestAccount, session: DigestSession): Buffer {
  const accountHash = md5(account.username, ':', account.realm, ':', account.password);
  return md5(accountHash, ':', session.nonce, ':', session.cnonce);
}

/**
 * `response`, by which the client proves that it knows the password, and `rspauth`, by which the server does. 32 hexadecimal digits, lower case.
 * @see RFC 2831 §2.1.2.1 and §2.1.3
 */
export function responseValue(secret: Uint8Array, session: DigestSession, prover: 'client' | 'server'): string {
  const method = prover === 'client' ? 'AUTHENTICATE' : '';
  const body = session.quality === 'auth' ? '' : NO_BODY;
  const secondHash = md5(`${method}:${session.uri}${body}`).toString('hex');
  const firstHash = Buffer.from(secret).toString('hex');
  return md5([firstHash, session.nonce, NONCE_COUNT, session.cnonce, session.quality, secondHash].join(':')).toString('hex');
}

/** One key of the layer: H(A1), or its beginning for the weaker ciphers, and a sentence of the document. Source: RFC 2831 §2.3 and §2.4. */
export function layerKey(secret: Uint8Array, sentence: string): Buffer {
  return md5(secret, sentence);
}

/** True when ISO 8859-1 has all characters of the text. */
export function isLatin1(text: string): boolean {
  return Buffer.from(text, 'latin1').toString('latin1') === text;
}

/** How a name or a password goes into A1: in ISO 8859-1 when that has all its characters, in UTF-8 otherwise. Source: RFC 2831 §2.1.2.1. */
export function hashedBytes(text: string): Buffer {
  return Buffer.from(text, isLatin1(text) ? 'latin1' : 'utf8');
}
