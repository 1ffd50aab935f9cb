import { invalidOptions, printValue } from '@ferric/core';

/** What can go wrong with the BMC. The first eight words are those of every simulator of Ferric. */
export const BMC_FAULT_KINDS = {
  silence: 'Takes everything and acts on it, but answers nothing.',
  'half frame': 'Sends the first half of an answer and stops.',
  garbage: 'Answers with bytes that the protocol does not know.',
  slow: 'Answers late, by `delayMs`.',
  busy: 'Says that it has no room for another session or command.',
  'wrong state': 'Says yes to a change and does not make it.',
  'command failure': 'Understands the command and reports that it failed.',
  'lost answer': 'Acts, and the first answer to each request gets lost; one to a repetition arrives.',
  'duplicate answer': 'Sends each answer twice.',
  reordered: 'Holds each answer back until the next one, and sends that first.',
  'forged answer': 'Before each answer there comes one that somebody else made: it has the right form and the wrong content.',
  'wrong checksum': 'The checksum at the end of a message is wrong, whatever protects the packet.',
  'session lost': 'Forgets all sessions before it looks at the packet.',
} as const;
export type BmcFaultKind = keyof typeof BMC_FAULT_KINDS;

export interface BmcFault {
  readonly kind: BmcFaultKind;
  /** How many exchanges it spoils; default all until cleared. Only exchanges that can show the fault count. */
  readonly times?: number;
  /** For `slow`. Milliseconds, default 1000. */
  readonly delayMs?: number;
}

/** Switches for what goes wrong. */
export interface BmcFaults {
  readonly supported: ReadonlySet<BmcFaultKind>;
  /** Replaces the fault in force. Throws INVALID_OPTIONS for a kind that is not supported. */
  inject(fault: BmcFault): void;
  clear(): void;
}

/** What kind of packet asks: opening a session, a command that manages the session, any other command, one that changes the machine, serial data. */
export type ExchangeKind = 'handshake' | 'session' | 'command' | 'change' | 'serial';

const MESSAGES: readonly ExchangeKind[] = ['session', 'command', 'change'];
const ALL: readonly ExchangeKind[] = ['handshake', ...MESSAGES, 'serial'];

/** Which exchanges can show a fault. */
const SHOWN_BY: Readonly<Record<BmcFaultKind, readonly ExchangeKind[]>> = {
  silence: ALL,
  'half frame': ALL,
  garbage: ALL,
  slow: ALL,
  busy: ['handshake', 'command', 'change'],
  'wrong state': ['change'],
  'command failure': ['command', 'change'],
  'lost answer': ['handshake', ...MESSAGES],
  'duplicate answer': ALL,
  reordered: ALL,
  'forged answer': ALL,
  'wrong checksum': MESSAGES,
  'session lost': [...MESSAGES, 'serial'],
};

/** The switches as the BMC sees them. */
export interface BmcFaultSwitchboard extends BmcFaults {
  /** The fault that spoils this exchange, if any; counts it. */
  take(exchange: ExchangeKind): BmcFault | undefined;
}

const SUPPORTED: ReadonlySet<BmcFaultKind> = new Set(Object.keys(BMC_FAULT_KINDS) as BmcFaultKind[]);

export function createBmcFaults(): BmcFaultSwitchboard {
  let current: BmcFault | undefined;
  let left = 0;
  return {
    supported: SUPPORTED,
    inject(fault) {
      if (!SUPPORTED.has(fault.kind)) {
        const expected = `one of ${[...SUPPORTED].join(', ')}`;
        throw invalidOptions('Fault', [{ field: 'kind', problem: 'invalid', expected, received: printValue(fault.kind) }]);
      }
      current = fault;
      left = fault.times ?? Number.POSITIVE_INFINITY;
    },
    clear() {
      current = undefined;
    },
    take(exchange) {
      if (current === undefined || left <= 0 || !SHOWN_BY[current.kind].includes(exchange)) return undefined;
      left -= 1;
      return current;
    },
  };
}
