import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { abortReason, type Clock, throwIfAborted, type Timer } from '@ferric/core';
import type { Patience } from './patience.js';

/** How long a unit may take to take leave. Milliseconds. */
const LEAVE_MS = 300;

/** The line ended while an answer was awaited. */
export class LineLost extends Error {
  /** True when the other side closed in good order, false when the line broke. */
  readonly closed: boolean;
  /** Bytes of the answer that had come. */
  readonly received: number;

  constructor(closed: boolean, received: number, cause: Error | undefined) {
    super(closed ? 'the connection was closed' : `the connection broke${cause === undefined ? '' : `: ${cause.message}`}`, { cause });
    this.closed = closed;
    this.received = received;
  }
}

/** Bytes to and from a unit, one question after the other. */
export interface ByteLine {
  /** False once the line has ended, or bytes came that nobody had asked for. */
  readonly usable: boolean;
  /** Sends a question and collects its answer. Rejects with {@link LineLost}, or with the reason of the signal. After that the line is of no use. */
  ask(question: Uint8Array, patience: Patience, signal: AbortSignal): Promise<Uint8Array>;
  /** The bytes of an answer that came and were not collected; afterwards there are none. */
  takeRest(): Uint8Array;
  /** Whether the line keeps the process alive. */
  hold(held: boolean): void;
  /** Takes leave and waits until the unit has done so too, for it serves one client at a time; but not for long. Idempotent, never rejects. */
  close(): Promise<void>;
}

/** @param onUnasked called once when bytes come that nobody has asked for */
export function createByteLine(stream: Duplex, clock: Clock, onUnasked: () => void): ByteLine {
  let received: Buffer = Buffer.alloc(0);
  let ended = false;
  let failure: Error | undefined;
  let unasked = false;
  /** Looks at what has come, while somebody waits for an answer. */
  let look: (() => void) | undefined;
  let closing: Promise<void> | undefined;

  const end = (): void => {
    ended = true;
    look?.();
  };
  stream.on('data', (chunk: Buffer) => {
    if (look === undefined) {
      if (!unasked && closing === undefined) onUnasked();
      unasked = true;
      return;
    }
    received = Buffer.concat([received, chunk]);
    look();
  });
  stream.on('error', (error: Error) => {
    failure ??= error;
    end();
  });
  stream.on('end', end);
  stream.on('close', end);

  const takeReceived = (): Uint8Array => {
    const taken = received;
    received = Buffer.alloc(0);
    return taken;
  };

  const collect = (patience: Patience, signal: AbortSignal): Promise<Uint8Array> => {
    const answer = Promise.withResolvers<Uint8Array>();
    let quiet: Timer | undefined;
    const settle = (act: () => void): void => {
      look = undefined;
      quiet?.[Symbol.dispose]();
      signal.removeEventListener('abort', giveUp);
      act();
    };
    const giveUp = (): void => settle(() => answer.reject(abortReason(signal) as Error));
    const finish = (): void => settle(() => answer.resolve(takeReceived()));
    look = () => {
      quiet?.[Symbol.dispose]();
      const waitMs = patience(received);
      if (waitMs === 0 || (ended && waitMs !== undefined)) finish();
      else if (ended) settle(() => answer.reject(new LineLost(failure === undefined, received.length, failure)));
      else if (waitMs !== undefined) quiet = clock.after(waitMs, finish);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    look();
    return answer.promise;
  };

  const leave = async (): Promise<void> => {
    if (!stream.destroyed) {
      setHold(stream, true);
      const gone = Promise.withResolvers<void>();
      stream.once('close', gone.resolve);
      using _limit = clock.after(LEAVE_MS, () => stream.destroy());
      stream.end();
      // An answer that still comes must not keep the stream from ending.
      stream.resume();
      await gone.promise;
    }
  };

  return {
    get usable() {
      return !ended && !unasked && closing === undefined;
    },
    async ask(question, patience, signal) {
      throwIfAborted(signal);
      // Before the question goes out: a stream in memory answers within the call.
      const answer = collect(patience, signal);
      if (!ended) stream.write(question);
      return answer;
    },
    takeRest: takeReceived,
    hold: (held) => setHold(stream, held),
    close: () => (closing ??= leave()),
  };
}

/** Streams that are sockets have a handle of the system; others keep nothing alive. */
function setHold(stream: Duplex & { ref?(): unknown; unref?(): unknown }, held: boolean): void {
  if (held) stream.ref?.();
  else stream.unref?.();
}
