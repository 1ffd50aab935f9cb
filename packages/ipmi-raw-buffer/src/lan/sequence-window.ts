const LAST_SEQUENCE = 0xffffffff;
/** How far a number may jump ahead or lag behind. Controllers allow 8 to 16; a console may be more generous, as packets get lost on the way to it. */
const WINDOW = 32;

/** The session sequence number after this one; 0 is never used inside a session. Source: IPMI 1.5, section 6.11.8. */
export function nextSequence(sequence: number): number {
  return sequence === LAST_SEQUENCE ? 1 : sequence + 1;
}

/**
 * Tells packets that are new from those seen before or too old, by their session sequence number. Starts at whatever number comes first.
 * Source: IPMI 1.5, section 6.11.11; FreeIPMI 1.6.10 and OpenIPMI 2.0.33 use the same rule.
 */
export class SequenceWindow {
  #highest: number | undefined;
  /** Bit n: highest - n was seen. */
  #seen = 0;

  /** Takes note of the number of a packet that proved to be genuine. False: it must be dropped. */
  accept(sequence: number): boolean {
    if (this.#highest === undefined) {
      this.#highest = sequence;
      this.#seen = 1;
      return true;
    }
    // Subtraction modulo 2^32 lets numbers go on behind the wrap.
    const ahead = (sequence - this.#highest) | 0;
    if (ahead > 0) return this.#moveAhead(ahead, sequence);
    return this.#lookBack(-ahead);
  }

  #moveAhead(ahead: number, sequence: number): boolean {
    if (ahead > WINDOW) return false;
    // A shift by 32 would be a shift by 0.
    this.#seen = ahead === WINDOW ? 1 : (this.#seen << ahead) | 1;
    this.#highest = sequence;
    return true;
  }

  #lookBack(behind: number): boolean {
    if (behind >= WINDOW || behind < 0) return false;
    const bit = 1 << behind;
    if ((this.#seen & bit) !== 0) return false;
    this.#seen |= bit;
    return true;
  }
}
