import { abortable, FerricError, throwIfAborted } from '@ferric/core';

/** Callers that may wait for one key. */
const QUEUE_LIMIT = 64;

/** Lets one work at a time go on for each key, in the order in which they came. */
export interface Locks {
  /** @throws BUSY when too many wait for this key; the abort reason of who gives up waiting; what `work` throws. */
  run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

interface Line {
  last: Promise<void>;
  length: number;
}

export function createLocks(): Locks {
  const lines = new Map<string, Line>();
  return {
    async run(key, signal, work) {
      throwIfAborted(signal);
      const line = lines.get(key) ?? { last: Promise.resolve(), length: 0 };
      if (line.length > QUEUE_LIMIT) throw new FerricError('BUSY', `Too many changes wait for ${key}`, { details: { domain: key, queueLimit: QUEUE_LIMIT } });
      const before = line.last;
      const done = Promise.withResolvers<void>();
      line.last = before.then(() => done.promise);
      line.length += 1;
      lines.set(key, line);
      try {
        await abortable(signal, before);
        return await work();
      } finally {
        done.resolve();
        line.length -= 1;
        if (line.length === 0) lines.delete(key);
      }
    },
  };
}
