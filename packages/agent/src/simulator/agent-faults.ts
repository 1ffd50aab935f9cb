import { invalidOptions, printValue } from '@ferric/core';

/** What can go wrong with an agent. */
export const AGENT_FAULT_KINDS = {
  'never calls': 'Starts, but does not speak to the conductor.',
  'no heartbeats': 'Stops telling that it lives.',
  'wrong token': 'Sends heartbeats with a token that it was not given.',
  'other address': 'Sends heartbeats that name another address for its API.',
  silence: 'Takes requests to its API and never answers.',
  slow: 'Answers requests late, by `delayMs`.',
  garbage: 'Answers requests with bytes that are not HTTP.',
  'half frame': 'Sends the first half of an answer and closes the connection.',
  'server error': 'Answers requests with status 500.',
  poisoned: 'Answers status 500 to whoever asks for the list of commands, as after a command with an unknown parameter.',
  'step failure': 'A step fails with `message`.',
  'stuck step': 'A step never ends.',
  'version mismatch': 'A step finds that its hardware managers are not the ones that told of it.',
  'reboot requested': 'A step asks for a reboot after it.',
} as const;
export type AgentFaultKind = keyof typeof AGENT_FAULT_KINDS;

export interface AgentFault {
  readonly kind: AgentFaultKind;
  /** How many times it shows; default always, until it is cleared. */
  readonly times?: number;
  /** For `slow`. Milliseconds, default 1000. */
  readonly delayMs?: number;
  /** For faults of steps: the name of the only one that is spoiled. Default: any. */
  readonly step?: string;
  /** For `step failure`. Default: a text that says so. */
  readonly message?: string;
}

/** Switches for what goes wrong; one set may serve all agents that a machine boots. Several faults may be in force. */
export interface AgentFaults {
  /** Replaces a fault of the same kind. @throws INVALID_OPTIONS for an unknown kind */
  inject(fault: AgentFault): void;
  /** Ends one kind of fault, or all. */
  clear(kind?: AgentFaultKind): void;
  /** The fault of this kind if it spoils what happens now; counts it. */
  take(kind: AgentFaultKind, step?: string): AgentFault | undefined;
  /** Whether a fault of this kind is in force for a step; counts nothing. */
  has(kind: AgentFaultKind, step?: string): boolean;
}

export function createAgentFaults(initial: readonly AgentFault[] = []): AgentFaults {
  const faults = new Map<AgentFaultKind, { readonly fault: AgentFault; left: number }>();
  const find = (kind: AgentFaultKind, step?: string): { readonly fault: AgentFault; left: number } | undefined => {
    const entry = faults.get(kind);
    if (entry === undefined || entry.left <= 0) return undefined;
    return entry.fault.step === undefined || entry.fault.step === step ? entry : undefined;
  };
  const board: AgentFaults = {
    inject(fault) {
      if (!Object.hasOwn(AGENT_FAULT_KINDS, fault.kind)) {
        const expected = `one of ${Object.keys(AGENT_FAULT_KINDS).join(', ')}`;
        throw invalidOptions('Agent fault', [{ field: 'kind', problem: 'invalid', expected, received: printValue(fault.kind) }]);
      }
      faults.set(fault.kind, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clear(kind) {
      if (kind === undefined) faults.clear();
      else faults.delete(kind);
    },
    take(kind, step) {
      const entry = find(kind, step);
      if (entry !== undefined) entry.left -= 1;
      return entry?.fault;
    },
    has: (kind, step) => find(kind, step) !== undefined,
  };
  for (const fault of initial) board.inject(fault);
  return board;
}
