import { randomInt } from 'node:crypto';
import type { Clock, Timer } from '@ferric/core';

/** OptInRequired. Source: Intel AMT Implementation and Reference Guide, "Get User Consent Status". */
export const CONSENT_FOR = { nothing: 0, kvm: 1, everything: 4_294_967_295 } as const;

/** OptInState. Source: as above. */
export const CONSENT_STATE = { notStarted: 0, requested: 1, displayed: 2, received: 3, inSession: 4 } as const;

/**
 * ReturnValues of IPS_OptInService: 2 is recorded for a wrong state; what a wrong code gives is not written down, here it is 1.
 * Source: Intel AMT Implementation and Reference Guide, "Send Consent Code".
 */
const RETURN = { done: 0, failed: 1, wrongState: 2, blocked: 3 } as const;

/** A code that was received lapses after so long without a session. Milliseconds. */
const LAPSE_MS = 120_000;
const MOST_WRONG_CODES = 3;

/** What the person at the machine agrees to. */
export interface ConsentUnit extends Disposable {
  /** One of {@link CONSENT_FOR}. */
  required: number;
  /** One of {@link CONSENT_STATE}. */
  readonly state: number;
  /** What the screen of the machine shows: six digits, while it shows any. */
  readonly code: string | undefined;
  /** Seconds, as recorded. */
  codeTimeout: number;
  displayTimeout: number;
  /** True when boot options and redirection may be used now. */
  isGiven(): boolean;
  start(): number;
  send(code: string): number;
  cancel(): number;
  /** A redirection session begins or ends. */
  setSession(isOpen: boolean): void;
}

/** @param shown is told the code when the screen shows one */
export function createConsentUnit(clock: Clock, required: number, shown: (code: string) => void): ConsentUnit {
  let state: number = CONSENT_STATE.notStarted;
  let code: string | undefined;
  let wrongCodes = 0;
  let timer: Timer | undefined;

  const go = (next: number, afterMs?: number): void => {
    timer?.[Symbol.dispose]();
    timer = afterMs === undefined ? undefined : clock.after(afterMs, () => go(CONSENT_STATE.notStarted));
    state = next;
    if (next !== CONSENT_STATE.displayed) code = undefined;
  };

  const unit: ConsentUnit = {
    required,
    codeTimeout: 120,
    displayTimeout: 300,
    get state() {
      return state;
    },
    get code() {
      return code;
    },
    isGiven: () => unit.required !== CONSENT_FOR.everything || state === CONSENT_STATE.received || state === CONSENT_STATE.inSession,
    start() {
      if (state !== CONSENT_STATE.notStarted) return RETURN.wrongState;
      wrongCodes = 0;
      code = String(randomInt(1_000_000)).padStart(6, '0');
      go(CONSENT_STATE.displayed, unit.displayTimeout * 1000);
      shown(code);
      return RETURN.done;
    },
    send(given) {
      if (state !== CONSENT_STATE.displayed) return RETURN.wrongState;
      if (given === code) {
        go(CONSENT_STATE.received, LAPSE_MS);
        return RETURN.done;
      }
      wrongCodes += 1;
      if (wrongCodes < MOST_WRONG_CODES) return RETURN.failed;
      go(CONSENT_STATE.notStarted);
      return RETURN.blocked;
    },
    cancel() {
      if (state === CONSENT_STATE.notStarted || state === CONSENT_STATE.inSession) return RETURN.wrongState;
      go(CONSENT_STATE.notStarted);
      return RETURN.done;
    },
    setSession(isOpen) {
      if (isOpen && state === CONSENT_STATE.received) go(CONSENT_STATE.inSession);
      if (!isOpen && state === CONSENT_STATE.inSession) go(CONSENT_STATE.received, LAPSE_MS);
    },
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  };
  return unit;
}
