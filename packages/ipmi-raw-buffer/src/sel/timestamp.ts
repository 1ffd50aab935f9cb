/** When something was logged. Source: IPMI 1.5, section 31. */
export type SelTimestamp =
  /** The BMC did not know. */
  | { readonly kind: 'unspecified' }
  /** Before the clock of the BMC was set: seconds since it started. */
  | { readonly kind: 'since-init'; readonly seconds: number }
  /** Read as UTC. Many BMCs keep local time: `correctedDate` helps. */
  | { readonly kind: 'unix'; readonly seconds: number; readonly date: Date };

const UNSPECIFIED_TIME = 0xffffffff;
/** Up to here a time counts from the start of the BMC. Source: IPMI 1.5, section 31. */
const LAST_TIME_SINCE_INIT = 0x20000000;

/** The 32 bits of a timestamp. */
export function decodeTimestamp(value: number): SelTimestamp {
  if (value === UNSPECIFIED_TIME) return { kind: 'unspecified' };
  if (value <= LAST_TIME_SINCE_INIT) return { kind: 'since-init', seconds: value };
  return { kind: 'unix', seconds: value, date: new Date(value * 1000) };
}

/**
 * The date of a timestamp; null when it has none.
 * @param differenceMs how far the BMC's clock is ahead of the true time, as `readSelClock` finds it. Default 0. Entries that were
 * logged before somebody set the clock are not made right by it.
 */
export function correctedDate(timestamp: SelTimestamp, differenceMs = 0): Date | null {
  return timestamp.kind === 'unix' ? new Date(timestamp.date.getTime() - differenceMs) : null;
}
