import { printValue } from '@ferric/core';
import { DIGEST_MD5, parseDirectives, singleValue } from './digest-directives.js';
import { saslFault } from './sasl-error.js';

/** What the daemon says about itself. Texts hold one byte a character. Source: RFC 2831 §2.1.1. */
export interface DigestChallenge {
  readonly realms: readonly string[];
  readonly nonce: string;
  /** Lower case: `auth`, `auth-int`, `auth-conf` and what nobody knows yet. */
  readonly qualities: ReadonlySet<string>;
  /** Ciphers of `auth-conf`, lower case. */
  readonly ciphers: ReadonlySet<string>;
  /** Largest unit that the daemon takes after authentication, its length field not counted. */
  readonly maximumBytes: number;
  /** Whether names and passwords may be UTF-8; else they are ISO 8859-1. */
  readonly utf8: boolean;
}

/** A challenge is shorter than this. Source: RFC 2831 §2.1.1. */
const CHALLENGE_LIMIT = 2048;
const DEFAULT_MAXIMUM_BYTES = 65_536;
const ALGORITHM = 'md5-sess';
const UTF8 = 'utf-8';

/**
 * Reads the first message of the daemon. Directives that nobody knows are skipped.
 * @throws PROTOCOL_FAULT for a challenge that is too long, no list of directives, lacks one that must be there, or has one twice.
 */
export function parseChallenge(bytes: Uint8Array): DigestChallenge {
  if (bytes.length >= CHALLENGE_LIMIT) throw saslFault(DIGEST_MD5, `a challenge of ${bytes.length} bytes; the longest has ${CHALLENGE_LIMIT - 1}`);
  const directives = parseDirectives(bytes);
  const single = (name: string): string | undefined => singleValue(directives, name);
  const nonce = single('nonce');
  if (nonce === undefined || nonce === '') throw saslFault(DIGEST_MD5, 'the challenge has no nonce');
  requireValue('algorithm', single('algorithm'), ALGORITHM);
  const charset = single('charset');
  if (charset !== undefined) requireValue('charset', charset, UTF8);
  return {
    realms: directives.filter((directive) => directive.name === 'realm').map((directive) => directive.value),
    nonce,
    qualities: wordsOf(single('qop') ?? 'auth'),
    ciphers: wordsOf(single('cipher') ?? ''),
    maximumBytes: readMaximum(single('maxbuf')),
    utf8: charset !== undefined,
  };
}

function requireValue(name: string, value: string | undefined, expected: string): void {
  if (value?.toLowerCase() !== expected) {
    throw saslFault(DIGEST_MD5, `${name} must be ${expected}, but is ${value === undefined ? 'missing' : printValue(value)}`);
  }
}

function readMaximum(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MAXIMUM_BYTES;
  if (!/^\d{1,10}$/.test(text)) throw saslFault(DIGEST_MD5, `maxbuf must be a number, but is ${printValue(text)}`);
  return Number(text);
}

function wordsOf(list: string): ReadonlySet<string> {
  return new Set(list.toLowerCase().split(/[, \t\r\n]+/).filter((word) => word !== ''));
}
