import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '@ferric/core';
import type { HttpRequest } from '../http/http-request.js';
import { type DigestAuthorization, parseAuthorization } from './authorization.js';

/** Somebody who may log in. */
export interface AmtUser {
  readonly username: string;
  readonly password: string;
  /** False: may look and change nothing, which the device refuses with AccessDenied. Default true. */
  readonly mayChange?: boolean;
}

export interface GuardSettings {
  readonly realm: string;
  readonly users: readonly AmtUser[];
  /** What the challenge offers: `auth`, or `auth-int, auth`. */
  readonly qop: string;
  /** A nonce is good for so long. Milliseconds; undefined: for ever, as far as this device can keep it. */
  readonly nonceLifetimeMs: number | undefined;
  /** After so many failures in a row nobody gets in for a while; undefined: never. */
  readonly lockout: { readonly failures: number; readonly ms: number } | undefined;
}

export type Verdict =
  | { readonly kind: 'admitted'; readonly user: AmtUser }
  /** Somebody who has not tried, or with a nonce that is no good any more, or wrong. */
  | { readonly kind: 'challenged'; readonly challenge: string };

/** Who gets in, by HTTP Digest. Sources: RFC 2617; the form of the challenge is that of a recorded one. */
export interface DigestGuard {
  check(request: HttpRequest): Verdict;
  /** A challenge without a reason. */
  challenge(): string;
  /** Forgets every nonce. */
  forgetNonces(): void;
  readonly counted: Readonly<GuardCounts>;
}

interface GuardCounts {
  /** Proofs that were looked at: those with a nonce that counts. */
  attempts: number;
  /** Proofs that were wrong, or came while nobody got in. */
  refused: number;
  /** Proofs with a nonce, or a counter, that does not count any more. */
  stale: number;
}

interface Nonce {
  readonly issuedAt: number;
  /** The highest counter that came with it. */
  count: number;
}

/** Small firmware keeps few; the oldest is forgotten. */
const MOST_NONCES = 64;
const NONCE_BYTES = 24;

/** @param onFailure is told how many failures there were in a row */
export function createDigestGuard(settings: GuardSettings, clock: Clock, onFailure: (failures: number) => void): DigestGuard {
  const nonces = new Map<string, Nonce>();
  const counted: GuardCounts = { attempts: 0, refused: 0, stale: 0 };
  let failures = 0;
  let lockedUntil = 0;

  const challenge = (stale: boolean): string => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    nonces.set(nonce, { issuedAt: clock.monotonicMs(), count: 0 });
    const [oldest] = nonces.keys();
    if (nonces.size > MOST_NONCES && oldest !== undefined) nonces.delete(oldest);
    return `Digest realm="${settings.realm}", nonce="${nonce}",stale="${stale}",qop="${settings.qop}"`;
  };

  /** Takes a counter for good; false when this nonce or this counter is no good any more. */
  const spend = ({ nonce, nc }: DigestAuthorization): boolean => {
    const known = nonces.get(nonce);
    const count = /^[\da-fA-F]{8}$/.test(nc) ? Number.parseInt(nc, 16) : 0;
    const isOld = known !== undefined && settings.nonceLifetimeMs !== undefined && clock.monotonicMs() - known.issuedAt >= settings.nonceLifetimeMs;
    if (known === undefined || isOld || count <= known.count) return false;
    known.count = count;
    return true;
  };

  const fail = (): Verdict => {
    counted.refused += 1;
    failures += 1;
    onFailure(failures);
    if (settings.lockout !== undefined && failures >= settings.lockout.failures) lockedUntil = clock.monotonicMs() + settings.lockout.ms;
    return { kind: 'challenged', challenge: challenge(false) };
  };

  return {
    counted,
    challenge: () => challenge(false),
    forgetNonces: () => nonces.clear(),
    check(request) {
      const said = parseAuthorization(request.headers.get('authorization'));
      if (said === undefined) return { kind: 'challenged', challenge: challenge(false) };
      if (!spend(said)) {
        counted.stale += 1;
        return { kind: 'challenged', challenge: challenge(true) };
      }
      counted.attempts += 1;
      const user = settings.users.find(({ username }) => username === said.username);
      const isLocked = clock.monotonicMs() < lockedUntil;
      if (isLocked || user === undefined || !isProof(said, user.password, request, settings)) return fail();
      failures = 0;
      return { kind: 'admitted', user };
    },
  };
}

function isProof(said: DigestAuthorization, password: string, request: HttpRequest, { realm, qop }: GuardSettings): boolean {
  const offered = qop.split(',').map((each) => each.trim());
  if (said.realm !== realm || said.uri !== request.path || !offered.includes(said.qop)) return false;
  const secret = md5(`${said.username}:${realm}:${password}`);
  const body = said.qop === 'auth-int' ? `:${md5(request.body)}` : '';
  const expected = md5(`${secret}:${said.nonce}:${said.nc}:${said.cnonce}:${said.qop}:${md5(`${request.method}:${said.uri}${body}`)}`);
  return said.response.toLowerCase() === expected;
}

function md5(data: string | Uint8Array): string {
  return createHash('md5').update(data).digest('hex');
}
