import type { AgentPacing } from '@ferric/agent/simulator';

/** How patient the agents are, by name. */
export const PACINGS = {
  /** As ironic-python-agent is; above all at least 5 s between two heartbeats. */
  real: {},
  /** Hardly any waiting, so that the conductor's own time shows. */
  quick: { forcedHeartbeatMs: 50, heartbeatRetryMs: [50, 100], lookupIntervalMs: 50, longestLookupIntervalMs: 200, shutdownMs: 10 },
} as const satisfies Readonly<Record<string, Partial<AgentPacing>>>;

export type PacingName = keyof typeof PACINGS;
export const PACING_NAMES = Object.keys(PACINGS) as readonly PacingName[];
