import { type Clock, delay } from '@ferric/core';
import type { AgentPacing } from './agent-options.js';
import type { ConductorCalls, LookupAnswer } from './conductor-calls.js';
import { failureText } from './wire/http.js';

export interface LookupOptions {
  readonly calls: ConductorCalls;
  readonly addresses: readonly string[];
  readonly nodeUuid: string | undefined;
  readonly pacing: Pick<AgentPacing, 'lookupIntervalMs' | 'longestLookupIntervalMs' | 'lookupTimeoutMs'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Why an agent cannot go on. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/**
 * Asks until the conductor knows the machine, with waits that grow by chance.
 * Source: ironic-python-agent, ironic_python_agent/ironic_api_client.py (lookup_node).
 * @throws GivenUp when the time is over
 */
export async function lookUpNode({ calls, addresses, nodeUuid, pacing, clock, random, signal, log }: LookupOptions): Promise<LookupAnswer> {
  const endsMs = clock.monotonicMs() + pacing.lookupTimeoutMs;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await calls.lookup({ addresses, nodeUuid }).catch((error: unknown) => {
      signal.throwIfAborted();
      return failureText(error);
    });
    if (typeof answer !== 'string') return answer;
    const longestMs = Math.min(pacing.longestLookupIntervalMs, pacing.lookupIntervalMs * 2 ** attempt);
    const waitMs = pacing.lookupIntervalMs + random() * Math.max(0, longestMs - pacing.lookupIntervalMs);
    log(`lookup failed, again in ${Math.round(waitMs)} ms: ${answer}`);
    if (clock.monotonicMs() + waitMs > endsMs) throw new GivenUp(`no good answer to lookups within ${pacing.lookupTimeoutMs} ms: ${answer}`);
    await delay(waitMs, { clock, signal });
  }
}
