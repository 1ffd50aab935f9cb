import { type Clock, delay } from '@ferric/core';
import type { AgentPacing } from './agent-options.js';
import { failureText } from './wire/http.js';

export interface HeartbeaterOptions {
  readonly pacing: Pick<AgentPacing, 'forcedHeartbeatMs' | 'heartbeatFactors' | 'heartbeatRetryMs'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** The conductor's `heartbeat_timeout`. Milliseconds. */
  readonly timeoutMs: () => number;
  /** Sends one; throws when the conductor does not take it. */
  readonly send: () => Promise<void>;
  readonly log: (line: string) => void;
}

/**
 * Sends heartbeats until its signal aborts: the first at once, the next ones at random times, and one soon after each call of `force`.
 * Source: ironic-python-agent, ironic_python_agent/agent.py (IronicPythonAgentHeartbeater).
 */
export class Heartbeater {
  readonly #options: HeartbeaterOptions;
  #isForced = false;
  #wake: () => void = () => undefined;

  constructor(options: HeartbeaterOptions) {
    this.#options = options;
  }

  /** Asks for a heartbeat, as early as the least time since the last one allows. */
  force(): void {
    this.#isForced = true;
    this.#wake();
  }

  async run(): Promise<void> {
    const { clock, signal, send, log } = this.#options;
    while (!signal.aborted) {
      this.#isForced = false;
      let waitMs: number;
      try {
        await send();
        waitMs = this.#between(...this.#options.pacing.heartbeatFactors) * this.#options.timeoutMs();
      } catch (error) {
        if (signal.aborted) return;
        waitMs = this.#between(...this.#options.pacing.heartbeatRetryMs);
        log(`heartbeat failed, again in ${Math.round(waitMs)} ms: ${failureText(error)}`);
      }
      await this.#wait(clock.monotonicMs(), waitMs);
    }
  }

  #between(least: number, most: number): number {
    return least + this.#options.random() * (most - least);
  }

  /** Resolves when the next heartbeat is due. A forced one is due earlier, but not before its own least wait. */
  async #wait(lastMs: number, waitMs: number): Promise<void> {
    const { clock, signal, pacing } = this.#options;
    for (;;) {
      const untilMs = this.#isForced ? Math.min(waitMs, pacing.forcedHeartbeatMs) : waitMs;
      const leftMs = lastMs + untilMs - clock.monotonicMs();
      if (leftMs <= 0) return;
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      try {
        return await delay(leftMs, { clock, signal: AbortSignal.any([signal, woken.signal]) });
      } catch {
        if (signal.aborted) return;
      } finally {
        this.#wake = () => undefined;
      }
    }
  }
}
