import { type CallOptions, type Clock, systemClock } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { getSelTime } from './sel-commands.js';
import type { SelTimestamp } from './timestamp.js';

/** The clock of a BMC, compared with ours. */
export interface SelClock {
  readonly time: SelTimestamp;
  /** How far it is ahead of ours, to about a second; null when it was never set. */
  readonly differenceMs: number | null;
}

/**
 * Compares the clock of the BMC with ours, so that the dates of entries can be corrected: many BMCs keep local time, or none.
 * Source: IPMI 1.5, section 25.10.
 */
export async function readSelClock(bmc: RequestCarrier, options: CallOptions & { readonly clock?: Clock } = {}): Promise<SelClock> {
  const { clock = systemClock, ...callOptions } = options;
  const before = clock.now().getTime();
  const time = await getSelTime(bmc, callOptions);
  const after = clock.now().getTime();
  return { time, differenceMs: time.kind === 'unix' ? time.date.getTime() - (before + after) / 2 : null };
}
