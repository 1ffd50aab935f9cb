import type { CallOptions, Clock } from '@ferric/core';
import type { PayloadActivation } from '../commands/payload.js';

export interface SolOptions extends CallOptions {
  /** Which of several serial lines, 1..15. Default 1. */
  readonly instance?: number;
  /** Ends the console that somebody else has. Default false: CONFLICT. */
  readonly takeOver?: boolean;
  /** A packet that is not acknowledged is repeated after this time. Milliseconds, 10..60000, default 500. */
  readonly retryIntervalMs?: number;
  /** How often a packet is sent before the console counts as lost, 1..100. Default 8. */
  readonly tries?: number;
  /** So many unread bytes make the controller wait; half of them already stop the machine where its serial line obeys. 1024..16777216, default 65536. */
  readonly unreadLimitBytes?: number;
  readonly clock?: Clock;
}

/** Why a console is over. */
export interface SolEnd {
  /** `disposed` by its owner; `deactivated` by the controller or somebody else; `lost`: the controller or its session does not answer any more. */
  readonly reason: 'disposed' | 'deactivated' | 'lost';
  /** Null when it was disposed. */
  readonly error: Error | null;
}

/** What happened beside the characters. */
export interface SolCounters {
  /** Breaks that came from the machine. */
  readonly breaks: number;
  /** How often the controller said that characters of the machine were lost. */
  readonly overruns: number;
  /** Packets that were no serial over LAN. */
  readonly malformed: number;
}

/**
 * The serial console of a machine. Disposing ends it; it then waits up to 5 s for the controller to say so, and never fails. One that was lost is
 * not ended at the controller, where it may be somebody else's by now: opening it anew may need `takeOver` until the session is closed.
 */
export interface SolConsole extends AsyncDisposable {
  /**
   * What the machine prints; can be iterated once. A slow reader makes the controller wait, and leaving the loop throws the rest away. Ends when
   * the console is disposed, and throws when it ends otherwise.
   */
  readonly output: AsyncIterable<Uint8Array>;
  /**
   * Resolves when the controller has taken all bytes, 30 s unless the caller says otherwise. Given up or late, what it has taken stays taken.
   * Throws BUSY when more than 64 KiB wait already; CONFLICT or TIMEOUT when the console is over.
   */
  write(bytes: Uint8Array, options?: CallOptions): Promise<void>;
  /** Sends a break behind what is being written; resolves when the controller has taken it. */
  sendBreak(options?: CallOptions): Promise<void>;
  /** Resolves when the console is over, and never rejects. */
  readonly ended: Promise<SolEnd>;
  /** How the controller opened it. Its port is told, not used: packets go where the session's go. */
  readonly activation: PayloadActivation;
  readonly counters: SolCounters;
}
