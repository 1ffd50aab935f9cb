import { createHash } from 'node:crypto';
import type { Secret } from '@ferric/core';
import type { Challenge } from './challenge.js';

/** How a response is hashed. Source: RFC 7616, section 3.3. */
interface Algorithm {
  readonly hash: 'md5' | 'sha256';
  /** True when the first hash also takes in both nonces. */
  readonly session: boolean;
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  'md5': { hash: 'md5', session: false },
  'md5-sess': { hash: 'md5', session: true },
  'sha-256': { hash: 'sha256', session: false },
  'sha-256-sess': { hash: 'sha256', session: true },
};

/** Quality of protection. `auth-int` covers the body too; undefined is the form of RFC 2069, without any. */
type Protection = 'auth' | 'auth-int' | undefined;

/** A challenge that can be answered. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** As the server wrote it, for it is sent back; undefined when it named none, which means MD5. */
  readonly algorithm: string | undefined;
  readonly protection: Protection;
  /** True when it answers a request whose nonce was too old: of the password it then says nothing. Source: RFC 7616, section 3.3. */
  readonly stale: boolean;
}

/** The challenge to answer: the first one that can be, for servers name the one they prefer first. Source: RFC 7616, section 3.7. */
export function chooseDigest(challenges: readonly Challenge[]): DigestChallenge | undefined {
  return challenges.map(toDigest).find((challenge) => challenge !== undefined);
}

function toDigest({ scheme, parameters }: Challenge): DigestChallenge | undefined {
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  const algorithm = parameters.get('algorithm');
  const offered = parameters.get('qop')?.toLowerCase().split(/[\s,]+/).filter((word) => word !== '') ?? [];
  const protection = (['auth', 'auth-int'] as const).find((known) => offered.includes(known));
  if (scheme !== 'digest' || realm === undefined || nonce === undefined || algorithmOf(algorithm) === undefined) return undefined;
  if (offered.length > 0 && protection === undefined) return undefined;
  return { realm, nonce, opaque: parameters.get('opaque'), algorithm, protection, stale: parameters.get('stale')?.toLowerCase() === 'true' };
}

function algorithmOf(name: string | undefined): Algorithm | undefined {
  const key = (name ?? 'md5').toLowerCase();
  return Object.hasOwn(ALGORITHMS, key) ? ALGORITHMS[key] : undefined;
}

/** What is authorised. */
export interface DigestRequest {
  readonly method: string;
  readonly uri: string;
  /** Hashed for `auth-int` only. */
  readonly body: string;
}

/** One use of a challenge. */
export interface DigestUse {
  readonly username: string;
  readonly password: Secret;
  readonly cnonce: string;
  /** How often this nonce was used, this time included. */
  readonly count: number;
}

/** The value of the Authorization header. Source: RFC 7616, section 3.4; RFC 2617, section 3.2.2. */
export function authorization(challenge: DigestChallenge, request: DigestRequest, use: DigestUse): string {
  const { realm, nonce, opaque, algorithm, protection } = challenge;
  const { cnonce, username } = use;
  const nonceCount = use.count.toString(16).padStart(8, '0');
  const usesCnonce = protection !== undefined || algorithmOf(algorithm)?.session === true;
  // The order and the quotes that AMT is known to take.
  const parts = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(request.uri)}`,
    ...(protection === undefined ? [] : [`qop=${protection}`, `nc=${nonceCount}`]),
    ...(usesCnonce ? [`cnonce=${quote(cnonce)}`] : []),
    `response="${response(challenge, request, use, nonceCount)}"`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
  ];
  // A header carries bytes: those of UTF-8 here, as RFC 7616, section 4 has them hashed.
  return Buffer.from(`Digest ${parts.join(', ')}`, 'utf8').toString('latin1');
}

function response({ realm, nonce, algorithm, protection }: DigestChallenge, { method, uri, body }: DigestRequest, use: DigestUse, nonceCount: string): string {
  const { hash = 'md5', session = false } = algorithmOf(algorithm) ?? {};
  const digest = (...parts: readonly string[]): string => createHash(hash).update(parts.join(':'), 'utf8').digest('hex');
  const identity = digest(use.username, realm, use.password.reveal());
  const first = session ? digest(identity, nonce, use.cnonce) : identity;
  const second = protection === 'auth-int' ? digest(method, uri, digest(body)) : digest(method, uri);
  return protection === undefined ? digest(first, nonce, second) : digest(first, nonce, nonceCount, use.cnonce, protection, second);
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
