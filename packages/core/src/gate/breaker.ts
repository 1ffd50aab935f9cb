import { FerricError, type FerricErrorCode } from '../errors/ferric-error.js';
import type { Clock } from '../time/clock.js';

export type BreakerState = 'closed' | 'open' | 'half open';

export interface BreakerSettings {
  readonly breakAfter: number;
  readonly firstBreakMs: number;
  readonly longestBreakMs: number;
  readonly clock: Clock;
}

/** Leaves a controller alone that does not answer, and tries it again with one probe at growing intervals. */
export interface Breaker {
  readonly state: BreakerState;
  /** What the controller failed with last; undefined after it answered. */
  readonly lastFailure: FerricError | undefined;
  /** True when an exchange would be refused now. */
  refuses(): boolean;
  /** Says that an exchange goes out. Only when {@link Breaker.refuses} is false. */
  begin(): void;
  /** Says how that exchange ended: with this error, or undefined when it succeeded. */
  end(error: unknown): void;
}

type Verdict = 'answers' | 'away';

/** What an error says about the controller. Any other, such as an abort or a defect of ours, says nothing. */
const VERDICTS: Partial<Readonly<Record<FerricErrorCode, Verdict>>> = {
  UNREACHABLE: 'away',
  TIMEOUT: 'away',
  AUTH_FAILED: 'answers',
  TLS_UNTRUSTED: 'answers',
  PROTOCOL_FAULT: 'answers',
  REFUSED: 'answers',
  BUSY: 'answers',
};

export function createBreaker(settings: BreakerSettings): Breaker {
  const { clock } = settings;
  let failuresInRow = 0;
  let breaks = 0;
  let opensAgainAt: number | undefined;
  let probing = false;
  let lastFailure: FerricError | undefined;

  const open = (): void => {
    const pauseMs = Math.min(settings.longestBreakMs, settings.firstBreakMs * 2 ** breaks);
    breaks += 1;
    // Jitter, so that many controllers behind one dead switch are not all tried in the same moment.
    opensAgainAt = clock.monotonicMs() + pauseMs * (0.5 + Math.random() / 2);
  };
  const close = (): void => {
    failuresInRow = 0;
    breaks = 0;
    opensAgainAt = undefined;
    lastFailure = undefined;
  };

  return {
    get state() {
      if (opensAgainAt === undefined) return 'closed';
      return probing ? 'half open' : 'open';
    },
    get lastFailure() {
      return lastFailure;
    },
    refuses: () => opensAgainAt !== undefined && (probing || clock.monotonicMs() < opensAgainAt),
    begin() {
      probing = opensAgainAt !== undefined;
    },
    end(error) {
      const wasProbe = probing;
      probing = false;
      const verdict = error === undefined ? 'answers' : FerricError.is(error) ? VERDICTS[error.code] : undefined;
      if (verdict === 'answers') close();
      if (verdict !== 'away') return;
      lastFailure = error as FerricError;
      failuresInRow += 1;
      if (wasProbe || (opensAgainAt === undefined && failuresInRow >= settings.breakAfter)) open();
    },
  };
}
