import type { Clock, Timer } from '@ferric/core';

export interface HalfMessageSettings {
  readonly clock: Clock;
  /** True in the middle of a message. */
  readonly pending: () => boolean;
  /** False while this side does not read: the rest of the message then waits for us. */
  readonly listening: () => boolean;
  readonly stuck: (silentMs: number) => void;
}

/** The rest of a message follows at once, or after packets that were lost on the way have been sent again. Milliseconds. */
const REST_MS = 3_000;

/**
 * Finds a message that stops in the middle. Whatever the daemon says behind it would be taken for its rest, so that nothing on this
 * connection can be answered any more, and calls would fail by their deadlines until the pings find it out.
 */
export interface HalfMessageWatch extends Disposable {
  /** What arrived was taken, or something can arrive again. */
  heard(): void;
}

export function createHalfMessageWatch({ clock, pending, listening, stuck }: HalfMessageSettings): HalfMessageWatch {
  let heardAt = 0;
  let timer: Timer | undefined;

  const wait = (ms: number): void => {
    timer = clock.after(ms, check);
  };

  const check = (): void => {
    timer = undefined;
    const silentMs = clock.monotonicMs() - heardAt;
    if (silentMs >= REST_MS && listening()) stuck(silentMs);
    else wait(listening() ? REST_MS - silentMs : REST_MS);
  };

  const rest = (): void => {
    timer?.[Symbol.dispose]();
    timer = undefined;
  };

  return {
    heard() {
      heardAt = clock.monotonicMs();
      // One timer for a message, in however many pieces it comes.
      if (!pending()) rest();
      else if (timer === undefined) wait(REST_MS);
    },
    [Symbol.dispose]: rest,
  };
}
