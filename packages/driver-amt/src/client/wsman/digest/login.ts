import { randomBytes } from 'node:crypto';
import { FerricError, type Secret } from '@ferric/core';
import { parseChallenges } from './challenge.js';
import { authorization, chooseDigest, type DigestChallenge, type DigestRequest } from './digest.js';

/**
 * Refusals of fresh nonces in a row that are taken for wrong credentials. One is enough where nothing speaks for them, since every try counts
 * towards the lock of the account; AMT resets its nonces now and then, so that two are wanted of credentials that were good before.
 */
const REFUSALS = { ofUnknown: 1, ofKnown: 2 } as const;

/**
 * Refusals in a row that are not counted because the device calls the nonce too old. A nonce that it has just given may be, when it gives one for all
 * or restarts; a device that says so for ever would be sent the password for ever.
 */
const MOST_STALE = 2;

/** Uses of one nonce, as many as its counter can say. Source: RFC 7616, section 3.4 (nc has eight hexadecimal digits). */
const MOST_USES = 0xffff_ffff;

interface Nonce {
  readonly challenge: DigestChallenge;
  readonly cnonce: string;
  uses: number;
  /** True once the device has accepted it. */
  proven: boolean;
}

export interface LoginSettings {
  readonly address: string;
  readonly username: string;
  readonly password: Secret;
}

/** Who the client is to the device. Keeps the device's nonce, so that only the first request of a session is sent twice. */
export interface Login {
  /** A request begins. A nonce that was never accepted is forgotten: it may have grown old, and its refusal would say nothing of the password. */
  begin(): void;
  /** The header for a request; undefined while the device has not said how it wants to be asked. @throws AUTH_FAILED when it refused before */
  authorize(request: DigestRequest): string | undefined;
  /** The device has let the request in: with an answer of its service, not with any page. Proves the password when the request carried it. */
  accepted(): void;
  /**
   * The device has answered 401. Returns when there is a new nonce to try.
   * @param headers values of WWW-Authenticate
   * @throws AUTH_FAILED when the credentials are wrong, or it offers nothing that can be answered
   */
  refused(headers: readonly string[]): void;
  /** Whether the device has accepted the nonce that comes next, so that a 401 is not to be expected. */
  readonly proven: boolean;
}

/** Once refused, the credentials are not tried again: every try counts towards the lock of the account. */
export function createLogin({ address, username, password }: LoginSettings): Login {
  let nonce: Nonce | undefined;
  let refusals = 0;
  let staleInRow = 0;
  let wereAccepted = false;
  const areWrong = (): boolean => refusals >= (wereAccepted ? REFUSALS.ofKnown : REFUSALS.ofUnknown);

  return {
    begin() {
      if (nonce?.proven === false) nonce = undefined;
    },
    authorize(request) {
      if (areWrong()) throw wrongCredentials(address, username);
      if (nonce === undefined || nonce.uses >= MOST_USES) return undefined;
      nonce.uses += 1;
      return authorization(nonce.challenge, request, { username, password, cnonce: nonce.cnonce, count: nonce.uses });
    },
    accepted() {
      if (nonce === undefined || nonce.uses === 0) return;
      refusals = 0;
      staleInRow = 0;
      nonce.proven = true;
      wereAccepted = true;
    },
    refused(headers) {
      const challenges = parseChallenges(headers);
      const challenge = chooseDigest(challenges);
      // A nonce that was good before may have grown old; only one that never was says something of the password.
      if (nonce !== undefined && nonce.uses > 0 && !nonce.proven) {
        if (challenge?.stale === true && staleInRow < MOST_STALE) staleInRow += 1;
        else refusals += 1;
      }
      nonce = undefined;
      if (areWrong()) throw wrongCredentials(address, username);
      if (challenge === undefined) throw noDigest(address, challenges.map(({ scheme }) => scheme));
      nonce = { challenge, cnonce: randomBytes(16).toString('hex'), uses: 0, proven: false };
    },
    get proven() {
      return nonce?.proven === true;
    },
  };
}

/** Whether a client does not try its credentials again after this error: AUTH_FAILED is also what a device gets that offers no digest. */
export function isFinalRefusal(error: unknown): error is FerricError {
  return FerricError.is(error) && error.code === 'AUTH_FAILED' && error.details['final'] === true;
}

function wrongCredentials(address: string, username: string): FerricError {
  return new FerricError('AUTH_FAILED', `The device at ${address} refuses the user ${JSON.stringify(username)} or the password`, {
    details: { address, username, final: true },
    hint: 'Correct the credentials and make a new client: this one does not try again, since a device locks the account after several refusals.',
  });
}

function noDigest(address: string, schemes: readonly string[]): FerricError {
  const offered = schemes.length === 0 ? 'nothing' : schemes.slice(0, 10).join(', ');
  return new FerricError('AUTH_FAILED', `The device at ${address} wants a login but offers no digest that can be answered: it offers ${offered}`, {
    details: { address, offered },
    hint: 'Check that an Intel AMT device listens at this address and port; it always lets its administrator log in by digest.',
  });
}
