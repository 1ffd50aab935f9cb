/** How far a number may be from the highest one seen. */
export interface WindowSize {
  readonly ahead: number;
  readonly behind: number;
}

/** As OpenIPMI's lanserv takes them: narrow enough to show a console that jumps. Source of the rule: IPMI 1.5, section 12.2.3. */
export const LEGACY_WINDOW: WindowSize = { ahead: 8, behind: 8 };
export const PLUS_WINDOW: WindowSize = { ahead: 15, behind: 16 };

/** Numbers of packets that came, so that none is taken twice. */
export interface SequenceWindow {
  /** Takes a number, once. */
  take(sequence: number): boolean;
}

/** @param highest the highest number that counts as seen */
export function createSequenceWindow({ ahead, behind }: WindowSize, highest: number): SequenceWindow {
  let top = highest >>> 0;
  /** Bit n: number top - n was seen. */
  // What lies before the first number counts as seen.
  let seen = -1;
  return {
    take(sequence) {
      // Arithmetic modulo 2^32, so that numbers may wrap.
      const forward = (sequence - top) >>> 0;
      if (forward >= 1 && forward <= ahead) {
        top = sequence >>> 0;
        seen = (seen << forward) | 1;
        return true;
      }
      const back = (top - sequence) >>> 0;
      if (forward === 0 || back > behind) return false;
      const bit = 1 << back;
      if ((seen & bit) !== 0) return false;
      seen |= bit;
      return true;
    },
  };
}

/** The number after this one; 0 is left out. Source: IPMI 1.5, section 12.2.3. */
export function nextSequence(sequence: number): number {
  const next = (sequence + 1) >>> 0;
  return next === 0 ? 1 : next;
}
