import { abortReason, FerricError, throwIfAborted } from '@ferric/core';

/** The way to a controller that does one thing at a time: first come, first served, with a limited queue. */
export interface Line {
  /**
   * Resolves to the place when it is free; disposing it gives it to the next. Rejects with the abort reason of a caller who stops waiting, and with
   * BUSY when the queue is full.
   */
  enter(signal: AbortSignal): Promise<Disposable>;
  /** Sends everybody away who waits: what the one in front met with, they would meet with too. */
  dismiss(error: unknown): void;
  readonly waiting: number;
}

interface Turn {
  take(): void;
  dismiss(error: unknown): void;
}

export function createLine(address: string, queueLimit: number): Line {
  // A Set keeps the order of arrival, and whoever stops waiting leaves it from the middle.
  const queue = new Set<Turn>();
  let taken = false;

  const take = (): Disposable => {
    taken = true;
    let held = true;
    return {
      [Symbol.dispose]() {
        if (!held) return;
        held = false;
        taken = false;
        const [next] = queue;
        next?.take();
      },
    };
  };

  return {
    async enter(signal) {
      throwIfAborted(signal);
      if (!taken) return take();
      if (queue.size >= queueLimit) throw full(address, queueLimit);
      const place = Promise.withResolvers<Disposable>();
      const leave = (): void => {
        queue.delete(turn);
        signal.removeEventListener('abort', giveUp);
      };
      const turn: Turn = {
        // The place changes hands within the call that frees it, so that no newcomer can slip in between.
        take: () => (leave(), place.resolve(take())),
        dismiss: (error) => (leave(), place.reject(error)),
      };
      const giveUp = (): void => turn.dismiss(abortReason(signal));
      queue.add(turn);
      signal.addEventListener('abort', giveUp, { once: true });
      return place.promise;
    },
    dismiss(error) {
      for (const turn of queue) turn.dismiss(error);
    },
    get waiting() {
      return queue.size;
    },
  };
}

function full(address: string, queueLimit: number): FerricError {
  return new FerricError('BUSY', `${queueLimit} requests are already waiting for ${address}`, {
    details: { address, waiting: queueLimit },
    hint: 'Ask less often, or wait for earlier answers.',
  });
}
