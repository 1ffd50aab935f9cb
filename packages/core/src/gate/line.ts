import { abortReason, throwIfAborted } from '../time/deadline.js';

/** A limited number of places, and a limited queue for them: first come, first served. */
export interface Line {
  /**
   * Resolves to a place when one is free; disposing it gives it to the next in the queue, disposing it again does nothing.
   * Rejects with the abort reason of a caller who stops waiting, who is out of the queue at once; with `full()` when the queue has no room.
   */
  enter(signal: AbortSignal | undefined): Promise<Disposable>;
  readonly taken: number;
  readonly waiting: number;
}

export interface LineSettings {
  readonly places: number;
  readonly queueLimit: number;
  /** Makes the error for a caller who finds the queue full. */
  readonly full: () => Error;
}

export function createLine(settings: LineSettings): Line {
  // A Set keeps the order of arrival, and whoever stops waiting leaves it from the middle.
  const queue = new Set<() => void>();
  let taken = 0;

  const makePlace = (): Disposable => {
    taken += 1;
    let held = true;
    return {
      [Symbol.dispose]() {
        if (!held) return;
        held = false;
        taken -= 1;
        const [next] = queue;
        next?.();
      },
    };
  };

  return {
    async enter(signal) {
      throwIfAborted(signal);
      if (taken < settings.places) return makePlace();
      if (queue.size >= settings.queueLimit) throw settings.full();
      const turn = Promise.withResolvers<Disposable>();
      const leave = (): void => {
        queue.delete(proceed);
        signal?.removeEventListener('abort', giveUp);
      };
      // The place changes hands within the call that frees it, so that no newcomer can slip in between.
      const proceed = (): void => {
        leave();
        turn.resolve(makePlace());
      };
      const giveUp = (): void => {
        leave();
        turn.reject(signal === undefined ? undefined : abortReason(signal));
      };
      queue.add(proceed);
      signal?.addEventListener('abort', giveUp, { once: true });
      return turn.promise;
    },
    get taken() {
      return taken;
    },
    get waiting() {
      return queue.size;
    },
  };
}
