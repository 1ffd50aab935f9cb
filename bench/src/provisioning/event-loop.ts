/** How late a conductor's event loop was since the last reading. Milliseconds. */
export interface EventLoopDelay {
  readonly p99Ms: number;
  readonly longestMs: number;
}

const P99 = 'nodejs_eventloop_lag_p99_seconds';
const LONGEST = 'nodejs_eventloop_lag_max_seconds';
/** A look notes the time since the look before, which was to be so long: an idle loop tells of this and a little. Source: prom-client 15, lib/metrics/eventLoopLag.js. */
const SAMPLING_MS = 10;

/**
 * Reads the delays from `/metrics` and has the conductor begin to count anew: each reading tells of the time since the one before.
 * Source: prom-client 15, lib/metrics/eventLoopLag.js (collect).
 */
export async function readEventLoopDelay(url: string): Promise<EventLoopDelay> {
  const answer = await fetch(`${url}/metrics`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`GET /metrics answered ${answer.status}: ${text}`);
  const milliseconds = (name: string): number => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`/metrics does not tell of ${name}`);
    return Math.max(0, Number(value) * 1000 - SAMPLING_MS);
  };
  return { p99Ms: milliseconds(P99), longestMs: milliseconds(LONGEST) };
}
