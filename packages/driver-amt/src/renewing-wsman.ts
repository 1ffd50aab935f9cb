import { type Clock, FerricError } from '@ferric/core';
import { isFinalRefusal } from './client/wsman/digest/login.js';
import type { Wsman } from './client/wsman/wsman.js';
import { wrapWsman } from './wrap-wsman.js';

/**
 * How long credentials that were refused are not tried again: it doubles with each refusal in a row. Milliseconds. AMT locks a user for a while after
 * some failures, so a node that is polled must not send a wrong password for ever; who corrects it at the device wants to be let in soon.
 */
export const HOLD_OFF = { firstMs: 60_000, longestMs: 1_800_000 } as const;

/** Speaks to one device with the same credentials for as long as it is kept. */
export interface RenewingWsman extends Wsman {
  /** How often the credentials were refused since the device last accepted them. */
  readonly refusals: number;
  /** Closes whatever is open. Never rejects. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RenewingParts {
  /** Begins to speak to the device; does no I/O. */
  readonly open: () => Wsman;
  /** Never rejects. */
  readonly close: (wsman: Wsman) => Promise<void>;
  readonly clock: Clock;
}

interface Session {
  readonly wsman: Wsman;
  /** Exchanges under way. */
  exchanges: number;
  /** The refusal after which it does not try its credentials again, and when that was, on the monotonic clock. */
  refusal: { readonly error: FerricError; readonly atMs: number } | undefined;
  closed: Promise<void> | undefined;
}

/**
 * The same device, spoken to anew some time after it refused the credentials: what speaks to it does not try them again by itself. What was replaced
 * is closed when its exchanges have ended. An AUTH_FAILED for such a refusal says in `details.retryInMs` when they are tried again.
 */
export function createRenewingWsman({ open, close, clock }: RenewingParts): RenewingWsman {
  const sessions = new Set<Session>();
  let refusals = 0;
  let isClosed = false;

  const begin = (): Session => {
    const session: Session = { wsman: open(), exchanges: 0, refusal: undefined, closed: undefined };
    sessions.add(session);
    return session;
  };
  const end = (session: Session): Promise<void> => (session.closed ??= close(session.wsman).then(() => void sessions.delete(session)));
  let current = begin();

  const endIfUnused = (session: Session): void => {
    if (session !== current && session.exchanges === 0) void end(session);
  };
  const retryInMs = ({ refusal }: Session): number =>
    refusal === undefined ? 0 : refusal.atMs + Math.min(HOLD_OFF.firstMs * 2 ** (refusals - 1), HOLD_OFF.longestMs) - clock.monotonicMs();

  /** What the next exchange goes through. @throws AUTH_FAILED while the credentials are not to be tried */
  const take = (): Session => {
    const session = current;
    if (isClosed || session.refusal === undefined) return session;
    const leftMs = retryInMs(session);
    // Without an exchange: it would wake the device, only to be told the same.
    if (leftMs > 0) throw laterAgain(session.refusal.error, leftMs);
    current = begin();
    endIfUnused(session);
    return current;
  };

  const noteRefusal = (session: Session, error: FerricError): void => {
    if (session.refusal !== undefined) return;
    session.refusal = { error, atMs: clock.monotonicMs() };
    refusals += 1;
  };

  const dispose = async (): Promise<void> => {
    isClosed = true;
    await Promise.all(Array.from(sessions, end));
  };

  const device = wrapWsman(async (exchange) => {
    const session = take();
    session.exchanges += 1;
    try {
      const answer = await exchange(session.wsman, {});
      // Whatever was refused before: now they are known to be right.
      session.refusal = undefined;
      refusals = 0;
      return answer;
    } catch (error) {
      if (!isFinalRefusal(error)) throw error;
      noteRefusal(session, error);
      throw laterAgain(error, Math.max(0, retryInMs(session)));
    } finally {
      session.exchanges -= 1;
      endIfUnused(session);
    }
  }, dispose);

  return {
    ...device,
    [Symbol.asyncDispose]: dispose,
    get refusals() {
      return refusals;
    },
  };
}

function laterAgain(refusal: FerricError, retryInMs: number): FerricError {
  return new FerricError(refusal.code, refusal.message, {
    cause: refusal,
    details: { ...refusal.details, retryInMs },
    hint: `Correct the credentials: others are tried at once, the same ones in ${Math.ceil(retryInMs / 60_000)} min, for AMT locks a user after some refusals.`,
  });
}
