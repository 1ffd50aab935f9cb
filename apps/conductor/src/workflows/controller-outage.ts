import { delay, FerricError, type FerricErrorCode, type JsonObject } from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { HELD_UP, isToBeGivenUp, readHold } from '../nodes/held-up.js';
import type { OpenTask } from '../nodes/node-task.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { finishWork, ownNode } from './finish.js';
import type { WorkRun } from './journal.js';
import { waitingFacts } from './waiting.js';

/** What is under way when a controller goes away. */
export interface HeldWork {
  readonly context: ConductorContext;
  readonly run: WorkRun;
  readonly opened: OpenTask;
}

/** Failures without a word of the controller, or with the word that it has no time: the same may succeed later. */
const PASSING: ReadonlySet<FerricErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'BUSY']);

/** Answers that a person has to see. Whatever else is no reading comes from a controller that is away or still starting. */
const ANSWERS: ReadonlySet<FerricErrorCode> = new Set(['AUTH_FAILED', 'TLS_UNTRUSTED']);

/** Pauses between two looks whether the controller is back. Milliseconds. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 60_000;
/** How often is looked meanwhile whether somebody wants the work given up. Milliseconds. */
const ABORT_LOOK_MS = 2000;

/** How many outages one part of the work is repeated for: a controller that goes away whenever it is asked for something is not helped by more. */
const MOST_OUTAGES = 10;
/**
 * The same when the controller answers at once: it is back already, or it is something else that was away, such as the server of an image. Nor does a deadline
 * that passed say that the controller was there before: it may have come back as late as that.
 */
const MOST_TRIES_WHILE_IT_ANSWERS = 1;

/** How work ends that somebody aborted while it was held up. */
export const ABORTED_WHILE_HELD_UP = 'By request, it was aborted while its controller did not answer';

/**
 * Does a part of the work. When its controller is away, waits until that answers again and does the part anew. Parts are idempotent or look before
 * they act, for a crash of the conductor makes them run anew too. What must not be repeated fails with an error that says so (`details.once`), and is not.
 * @param what for people: `clean step management.reset_ilo`
 * @throws what the part throws, when it is nothing that passes, or has not passed in time; ABORTED when somebody asked to give up.
 */
export async function outlastOutage<T>(held: HeldWork, what: string, part: () => Promise<T>): Promise<T> {
  const left = { whileAway: MOST_OUTAGES, whileThere: MOST_TRIES_WHILE_IT_ANSWERS };
  const patience = { leftMs: held.context.settings.outagePatienceMs };
  // Asked before the conductor stopped in the middle of this part.
  if (held.opened.task.node.driverInternalInfo[HELD_UP] !== undefined) await refuseIfAborted(held);
  for (;;) {
    try {
      const result = await part();
      await release(held);
      return result;
    } catch (error) {
      if (held.run.signal.aborted) throw error;
      const outcome = isPassing(error) && held.context.settings.outagePatienceMs > 0 ? await waitForController(held, what, error, patience) : undefined;
      if (outcome === undefined || left[outcome] === 0) {
        await release(held);
        throw error;
      }
      left[outcome] -= 1;
    }
  }
}

/** A change that was sent and not confirmed is made anew, except for one that says that it is to be sent once. */
function isPassing(error: unknown): error is FerricError {
  if (!FerricError.is(error) || !PASSING.has(error.code)) return false;
  return error.retryable || (error.details['sent'] === true && error.details['once'] !== true);
}

/**
 * Looks at growing intervals.
 * @param patience how long one part may wait in all its outages; what this one took is subtracted
 * @returns whether the controller was away when it was looked at
 * @throws `error` when it did not answer in time
 */
async function waitForController(held: HeldWork, what: string, error: FerricError, patience: { leftMs: number }): Promise<'whileAway' | 'whileThere'> {
  const { context } = held;
  let silence = await look(held);
  if (silence === undefined) {
    await rest(held, FIRST_PAUSE_MS);
    return 'whileThere';
  }
  const patienceMs = patience.leftMs;
  for (let pauseMs = FIRST_PAUSE_MS; silence !== undefined; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const { gives_up_at: givesUpAt } = await note(held, what, error, silence, patienceMs);
    patience.leftMs = Date.parse(String(givesUpAt)) - context.clock.now().getTime();
    if (patience.leftMs <= 0) {
      await release(held);
      throw outOfPatience(error, context.settings.outagePatienceMs - patience.leftMs);
    }
    await rest(held, Math.min(pauseMs, patience.leftMs));
    silence = await look(held);
  }
  await release(held, `The controller answers again: ${what} is done anew`);
  return 'whileAway';
}

/** Asks for the power, which every controller tells and nothing follows from. @returns why there was no answer that work can go on with */
async function look({ context, run, opened }: HeldWork): Promise<unknown> {
  try {
    await opened.device.power.read({ signal: run.signal, timeoutMs: context.settings.deviceTimeoutMs });
    return undefined;
  } catch (error) {
    if (run.signal.aborted) throw error;
    return FerricError.is(error) && ANSWERS.has(error.code) ? undefined : error;
  }
}

/** A pause that ends early when somebody asks to give up. */
async function rest(held: HeldWork, pauseMs: number): Promise<void> {
  const { context, run } = held;
  const endsAt = context.clock.monotonicMs() + pauseMs;
  for (let leftMs = pauseMs; leftMs > 0; leftMs = endsAt - context.clock.monotonicMs()) {
    await delay(Math.min(leftMs, ABORT_LOOK_MS), { signal: run.signal, clock: context.clock });
    await refuseIfAborted(held);
  }
}

/** @throws ABORTED when somebody asked to give up, or the node does not belong to this work any more */
async function refuseIfAborted({ context, run }: HeldWork): Promise<void> {
  const node = await ownNode(context, run);
  if (node === undefined) throw givenUp(run);
  if (isToBeGivenUp(node)) throw abortedByRequest();
}

function abortedByRequest(): FerricError {
  return new FerricError('ABORTED', ABORTED_WHILE_HELD_UP);
}

function givenUp({ nodeUuid }: WorkRun): FerricError {
  return new FerricError('ABORTED', `The work on node ${nodeUuid} was given up meanwhile`);
}

/** Tells that the work is held up, in the record and in the timeline. @returns since when and until when */
async function note(held: HeldWork, what: string, { message }: FerricError, silence: unknown, patienceMs: number): Promise<JsonObject> {
  const { context, run } = held;
  const updated = await change(held, (node) => {
    const earlier = readHold(node);
    // After a crash of the conductor the time goes on.
    const hold = earlier?.['what'] === what
      ? earlier
      : { what, work: run.key, reason: message, ...waitingFacts('its controller to answer', context.clock.now(), patienceMs) };
    const told = `${what} is held up until its controller answers, at the longest until ${String(hold['gives_up_at'])}: ${describeFailure(silence)}`;
    return {
      goesOn: true,
      changes: { driverInternalInfo: { ...node.driverInternalInfo, [HELD_UP]: hold } },
      events: [{ nodeUuid: run.nodeUuid, type: 'work-progressed', severity: 'WARNING', actor: context.hostname, details: hold, message: told }],
    };
  });
  return readHold(updated) ?? {};
}

/**
 * Nothing is held up any more.
 * @throws ABORTED when somebody had asked to give up, which is looked at in the same transaction; that stays in the record until the work has ended
 */
async function release(held: HeldWork, told?: string): Promise<void> {
  const { context, run, opened } = held;
  if (opened.task.node.driverInternalInfo[HELD_UP] === undefined) return;
  await change(held, (node) => {
    if (isToBeGivenUp(node)) throw abortedByRequest();
    const { [HELD_UP]: _hold, ...driverInternalInfo } = node.driverInternalInfo;
    return {
      goesOn: true,
      changes: { driverInternalInfo },
      events: told === undefined
        ? []
        : [{ nodeUuid: run.nodeUuid, type: 'work-progressed', severity: 'INFO', actor: context.hostname, details: {}, message: told }],
    };
  });
}

/** @throws ABORTED when the node does not belong to this work any more */
async function change({ context, run, opened }: HeldWork, decide: Parameters<typeof finishWork>[2]): Promise<StoredNode> {
  const updated = await finishWork(context, run, decide);
  if (updated === undefined) throw givenUp(run);
  opened.refresh(updated);
  return updated;
}

function outOfPatience(error: FerricError, waitedMs: number): FerricError {
  const message = `${describeFailure(error)} The controller did not answer for ${Math.round(waitedMs / 1000)} s.`;
  return new FerricError(error.code, message, { cause: error, details: error.details });
}
