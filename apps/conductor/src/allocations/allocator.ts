import { randomInt } from 'node:crypto';
import { delay, FerricError } from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { Allocation } from '../resources/allocation.js';
import { nextAllocationState } from './allocation-state.js';
import { giveNode } from './association.js';
import { failureText, hasTraits, isCandidate, isSuitable, orderOfTrial, UNFULFILLED, wishFilters, type Candidate } from './picking.js';

/** What allocating needs of a conductor. */
export type AllocationContext = Pick<ConductorContext, 'store' | 'locks' | 'clock' | 'logger' | 'hostname' | 'background'>;

/** Finds nodes for allocations, in the background. */
export interface Allocator {
  /** Begins at once, unless this conductor is at it or has its hands full; then {@link Allocator.resume} does it. */
  start(allocationUuid: string, actor: string): void;
  /**
   * Begins with every allocation that waits for a node and that nobody here is at: it is left of a conductor that died, or of
   * a busy moment. That another conductor is at it too does no harm: the first to find a node has found it for both.
   */
  resume(): Promise<void>;
}

/** Allocations that one conductor works on at the same time. */
const AT_ONCE = 100;
/** How often locked nodes are tried, and the pause between. Source: Ironic, `[conductor]node_locked_retry_attempts` and `node_locked_retry_interval`. */
const ATTEMPTS = 3;
const RETRY_MS = 1000;
/** Nodes that are read in one go. */
const PAGE = 500;

/** An allocation that no node fits. */
class Unfulfilled extends Error {}

export function createAllocator(context: AllocationContext): Allocator {
  const { store, background, hostname } = context;
  const inHand = new Set<string>();
  const start = (allocationUuid: string, actor: string): void => {
    if (inHand.has(allocationUuid) || inHand.size >= AT_ONCE) return;
    inHand.add(allocationUuid);
    background.run('allocation', async (signal) => {
      try {
        await allocate(context, allocationUuid, actor, signal);
      } finally {
        inHand.delete(allocationUuid);
      }
    });
  };
  return {
    start,
    async resume() {
      const waiting = await store.allocations.list({ state: 'allocating' }, { sortKey: 'id', sortDirection: 'asc', limit: AT_ONCE }, ['uuid']);
      for (const { uuid } of waiting ?? []) start(uuid, hostname);
    },
  };
}

async function allocate(context: AllocationContext, uuid: string, actor: string, signal: AbortSignal): Promise<void> {
  const allocation = await context.store.allocations.get(uuid);
  if (allocation?.state !== 'allocating') return;
  try {
    const candidates = orderOfTrial(await findCandidates(context, allocation), allocation.name, randomInt);
    await giveOne(context, allocation, candidates.map((candidate) => candidate.uuid), actor, signal);
  } catch (error) {
    // It goes on waiting: the next pass, or the next start, tries again.
    if (signal.aborted || (FerricError.is(error) && error.retryable)) throw error;
    const text = error instanceof Unfulfilled ? failureText(uuid, error.message) : `Unexpected exception during allocation: ${describeFailure(error)}`;
    if (!(error instanceof Unfulfilled)) context.logger.error({ allocation: uuid, error }, 'Allocation failed unexpectedly');
    await fail(context, uuid, text);
  }
}

/** @throws Unfulfilled when there is none. */
async function findCandidates({ store }: AllocationContext, allocation: Allocation): Promise<readonly Candidate[]> {
  const free: Candidate[] = [];
  for (let marker: string | undefined; ; ) {
    const order = { sortKey: 'id', sortDirection: 'asc', limit: PAGE } as const;
    const page = await store.nodes.list(wishFilters(allocation), { ...order, ...(marker === undefined ? {} : { marker }) }, ['uuid', 'name', 'traits']);
    free.push(...(page ?? []));
    marker = page?.at(-1)?.uuid;
    if (page === undefined || page.length < PAGE) break;
  }
  const asked = free.filter((node) => isCandidate(node, allocation));
  if (asked.length === 0) throw new Unfulfilled(UNFULFILLED.noNode(allocation));
  const able = asked.filter((node) => hasTraits(node, allocation.traits));
  if (able.length === 0) throw new Unfulfilled(UNFULFILLED.noTraits(allocation));
  return able;
}

/**
 * Tries one node after the other, and locked ones again after a pause.
 * @throws Unfulfilled when others were faster with all of them.
 */
async function giveOne(context: AllocationContext, { uuid }: Allocation, candidates: readonly string[], actor: string, signal: AbortSignal): Promise<void> {
  let left = candidates;
  for (let attempt = 1; ; attempt += 1) {
    const locked: string[] = [];
    for (const nodeUuid of left) {
      signal.throwIfAborted();
      const outcome = await tryNode(context, uuid, nodeUuid, actor);
      if (outcome === 'settled') return;
      if (outcome === 'locked') locked.push(nodeUuid);
    }
    if (locked.length === 0) throw new Unfulfilled(UNFULFILLED.allTaken());
    if (attempt >= ATTEMPTS) throw new Unfulfilled(UNFULFILLED.allLocked(locked.length));
    left = locked;
    await delay(RETRY_MS, { signal, clock: context.clock });
  }
}

type Outcome = 'settled' | 'locked' | 'unsuitable';

/** Node and allocation are looked at again under their locks: others may have been faster with either. */
function tryNode({ store }: AllocationContext, allocationUuid: string, nodeUuid: string, actor: string): Promise<Outcome> {
  return store.write(async (transaction): Promise<Outcome> => {
    const node = await transaction.nodes.getForUpdate(nodeUuid);
    const allocation = await transaction.allocations.getForUpdate(allocationUuid);
    if (allocation === undefined || nextAllocationState(allocation.state, 'given') === undefined) return 'settled';
    if (node === undefined || !isSuitable(node, allocation)) return 'unsuitable';
    if (node.reservation !== null) return 'locked';
    await giveNode(transaction, node, allocation, actor);
    return 'settled';
  });
}

async function fail({ store }: AllocationContext, uuid: string, text: string): Promise<void> {
  await store.write(async (transaction) => {
    const allocation = await transaction.allocations.getForUpdate(uuid);
    const state = allocation === undefined ? undefined : nextAllocationState(allocation.state, 'failed');
    if (state !== undefined) await transaction.allocations.update(uuid, { state, lastError: text });
  });
}
