import { delay, type Clock } from '@ferric/core';
import { faults } from '../fault.js';
import type { Store, Transaction } from '../store/store.js';
import type { StoredNode } from './stored-node.js';

/** How often a held lock is looked at: it may be another conductor that gives it back. Milliseconds. */
const POLL_MS = 50;

/** The lock of a node is its `reservation`: the name of the conductor that works on it. */
export interface NodeLocks {
  /**
   * Runs one transaction on a node that nobody holds. Waits a short while for the lock.
   * @throws RequestFault 404 when the node is gone, 409 when it stays locked; the abort reason.
   */
  change<T>(uuid: string, work: (transaction: Transaction, node: StoredNode) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Takes the lock; disposing gives it back. For calls to the hardware that a client waits for, which no workflow repeats.
   * Throws like {@link NodeLocks.change}.
   */
  acquire(uuid: string, signal?: AbortSignal): Promise<HeldLock>;
  /** Nodes whose lock was taken by {@link NodeLocks.acquire} and not given back yet. */
  readonly held: ReadonlySet<string>;
}

/** A lock in our hands, with the record as it was when it was taken. */
export interface HeldLock extends AsyncDisposable {
  readonly node: StoredNode;
}

export interface NodeLockSettings {
  readonly store: Store;
  readonly clock: Clock;
  readonly hostname: string;
  /** How long a request waits for a lock before it is refused. Milliseconds. */
  readonly lockWaitMs: number;
}

const LOCKED: unique symbol = Symbol('locked');

export function createNodeLocks({ store, clock, hostname, lockWaitMs }: NodeLockSettings): NodeLocks {
  const held = new Set<string>();

  const attempt = <T>(uuid: string, work: (transaction: Transaction, node: StoredNode) => Promise<T>) =>
    store.write(async (transaction) => {
      const node = await transaction.nodes.getForUpdate(uuid);
      if (node === undefined) throw faults.nodeNotFound(uuid);
      if (node.reservation !== null) return { [LOCKED]: node.reservation } as const;
      return { value: await work(transaction, node) } as const;
    });

  const change = async <T>(uuid: string, work: (transaction: Transaction, node: StoredNode) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const endsAt = clock.monotonicMs() + lockWaitMs;
    for (;;) {
      signal?.throwIfAborted();
      const result = await attempt(uuid, work);
      if (!(LOCKED in result)) return result.value;
      const leftMs = endsAt - clock.monotonicMs();
      if (leftMs <= 0) throw faults.nodeLocked(uuid, result[LOCKED]);
      await delay(Math.min(POLL_MS, leftMs), { signal, clock });
    }
  };

  return {
    held,
    change,
    async acquire(uuid, signal) {
      let taken = false;
      const node = await change(
        uuid,
        async (transaction) => {
          // Before others can see the reservation: the reconciler takes one that is not held for a leftover.
          taken = true;
          held.add(uuid);
          return transaction.nodes.update(uuid, { reservation: hostname });
        },
        signal,
      ).catch((error: unknown) => {
        if (taken) held.delete(uuid);
        throw error;
      });
      return {
        node,
        async [Symbol.asyncDispose]() {
          if (!held.delete(uuid)) return;
          await release(store, uuid, hostname);
        },
      };
    },
  };
}

/** Gives a lock back that this conductor took for a call; a node that was deleted meanwhile has none. */
async function release(store: Store, uuid: string, hostname: string): Promise<void> {
  await store.write(async (transaction) => {
    const node = await transaction.nodes.getForUpdate(uuid);
    if (node?.reservation === hostname && node.work === null) await transaction.nodes.update(uuid, { reservation: null });
  });
}
