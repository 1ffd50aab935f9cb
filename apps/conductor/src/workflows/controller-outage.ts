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

/** Pauses between two looks whether the controller is back. Milliseconds. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 60_000;
/** How often is looked meanwhile whether somebody wants the work given up. Milliseconds. */
const ABORT_LOOK_MS = 2000;

/** How many outages one part of the work is repeated for: a controller that goes away whenever it is asked for something is not helped by more. */
const MOST_OUTAGES = 10;
/** The same when the controller answers at once: it is back already, or it is something else that was away, such as the server of an image. */
const MOST_TRIES_WHILE_IT_ANSWERS = 1;

/**
 * Does a part of the work. When its controller is away, waits until that answers again and does the part anew. Parts are idempotent or look before
 * they act, for a crash of the conductor makes them run anew too. What must not be repeated fails with an error that says so (`details.once`), and is not.
 * @param what for people: `clean step management.reset_ilo`
 * @throws what the part throws, when it is nothing that passes, or has not passed in time; ABORTED when somebody asked to give up.
 */
export async function outlastOutage<T>(held: HeldWork, what: string, part: () => Promise<T>): Promise<T> {
  const left = { whileAway: MOST_OUTAGES, whileThere: MOST_TRIES_WHILE_IT_ANSWERS };
  for (;;) {
    try {
      const result = await part();
      await release(held);
      return result;
    } catch (error) {
      if (held.run.signal.aborted || !isPassing(error) || held.context.settings.outagePatienceMs === 0) throw error;
      const outcome = (await waitForController(held, what, error)) ? 'whileAway' : 'whileThere';
      if (left[outcome] === 0) throw error;
      left[outcome] -= 1;
    }
  }
}

/** A change that was sent and not confirmed is made anew, except for one that says that it is to be sent once. */
function isPassing(error: unknown): error is FerricError {
  if (!FerricError.is(error) || !PASSING.has(error.code)) return false;
  return error.retryable || (error.details['sent'] === true && error.details['once'] !== true);
}

/** Looks at growing intervals. @returns false when the controller answered at once @throws `error` when it did not answer in time */
async function waitForController(held: HeldWork, what: string, error: FerricError): Promise<boolean> {
  const { context } = held;
  let silence = await look(held);
  if (silence === undefined) return false;
  for (let pauseMs = FIRST_PAUSE_MS; silence !== undefined; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const { waiting_since: since, gives_up_at: givesUpAt } = await note(held, what, error, silence);
    const nowMs = context.clock.now().getTime();
    const leftMs = Date.parse(String(givesUpAt)) - nowMs;
    if (leftMs <= 0) {
      await release(held);
      throw outOfPatience(error, nowMs - Date.parse(String(since)));
    }
    await rest(held, Math.min(pauseMs, leftMs));
    silence = await look(held);
  }
  await release(held, `The controller answers again: ${what} is done anew`);
  return true;
}

/** Asks for the power, which every controller tells and nothing follows from. @returns why there was no answer; a refusal is an answer */
async function look({ context, run, opened }: HeldWork): Promise<FerricError | undefined> {
  try {
    await opened.device.power.read({ signal: run.signal, timeoutMs: context.settings.deviceTimeoutMs });
    return undefined;
  } catch (error) {
    if (run.signal.aborted) throw error;
    return isPassing(error) ? error : undefined;
  }
}

/** A pause that ends early when somebody asks to give up. */
async function rest(held: HeldWork, pauseMs: number): Promise<void> {
  const { context, run } = held;
  const endsAt = context.clock.monotonicMs() + pauseMs;
  for (let leftMs = pauseMs; leftMs > 0; leftMs = endsAt - context.clock.monotonicMs()) {
    await delay(Math.min(leftMs, ABORT_LOOK_MS), { signal: run.signal, clock: context.clock });
    const node = await ownNode(context, run);
    if (node !== undefined && !isToBeGivenUp(node)) continue;
    await release(held);
    throw new FerricError('ABORTED', 'By request, it was aborted while its controller did not answer');
  }
}

/** Tells that the work is held up, in the record and in the timeline. @returns since when and until when */
async function note(held: HeldWork, what: string, { message }: FerricError, silence: FerricError): Promise<JsonObject> {
  const { context, run } = held;
  const updated = await change(held, (node) => {
    const earlier = readHold(node);
    // After a crash of the conductor the time goes on.
    const hold = earlier?.['what'] === what
      ? earlier
      : { what, reason: message, ...waitingFacts('its controller to answer', context.clock.now(), context.settings.outagePatienceMs) };
    const told = `${what} is held up until its controller answers, at the longest until ${String(hold['gives_up_at'])}: ${describeFailure(silence)}`;
    return {
      goesOn: true,
      changes: { driverInternalInfo: { ...node.driverInternalInfo, [HELD_UP]: hold } },
      events: [{ nodeUuid: run.nodeUuid, type: 'work-progressed', severity: 'WARNING', actor: context.hostname, details: hold, message: told }],
    };
  });
  return readHold(updated) ?? {};
}

/** Nothing is held up any more. */
async function release(held: HeldWork, told?: string): Promise<void> {
  const { context, run, opened } = held;
  if (opened.task.node.driverInternalInfo[HELD_UP] === undefined) return;
  await change(held, ({ driverInternalInfo: { [HELD_UP]: _hold, ...driverInternalInfo } }) => ({
    goesOn: true,
    changes: { driverInternalInfo },
    events: told === undefined
      ? []
      : [{ nodeUuid: run.nodeUuid, type: 'work-progressed', severity: 'INFO', actor: context.hostname, details: {}, message: told }],
  }));
}

/** @throws ABORTED when the node does not belong to this work any more */
async function change({ context, run, opened }: HeldWork, decide: Parameters<typeof finishWork>[2]): Promise<StoredNode> {
  const updated = await finishWork(context, run, decide);
  if (updated === undefined) throw new FerricError('ABORTED', `The work on node ${run.nodeUuid} was given up meanwhile`);
  opened.refresh(updated);
  return updated;
}

function outOfPatience(error: FerricError, waitedMs: number): FerricError {
  const message = `${describeFailure(error)} The controller did not answer for ${Math.round(waitedMs / 1000)} s.`;
  return new FerricError(error.code, message, { cause: error, details: error.details });
}
