import { delay, FerricError } from '@ferric/core';
import { findObstacle, hintFor } from './obstacles.js';
import { callOf, type Change, notReached } from './power-change.js';
import type { PowerStep } from './power-plan.js';
import { POWER_REQUESTS } from './power-requests.js';
import { isAsleep, type AmtPowerStatus } from './power-states.js';
import { declined, wordsOf } from './send-request.js';

/** How long one look at a machine that changes may take: its management engine answers late or not at all then. Milliseconds. */
const LOOK_MS = 15_000;

type Sending =
  | { readonly status: 'accepted' }
  /** No answer came, so that only the machine can tell. */
  | { readonly status: 'lost'; readonly error: FerricError }
  | Declined;

/** Certainly not carried out. */
interface Declined {
  readonly status: 'declined';
  readonly error: FerricError;
  /** `later`: the device was busy, or the request never left. `perhaps`: it gave no reason that tells. */
  readonly mayPass: 'later' | 'perhaps' | 'no';
}

/** Asks for one step and waits until the machine shows it: "accepted" is not "done". */
export async function carryOut(work: Change, step: PowerStep, before: AmtPowerStatus): Promise<AmtPowerStatus> {
  const seen: Seen = { asked: false, inDoubt: false, accepted: false, begun: false, last: undefined };
  try {
    for (let sendings = 1; ; sendings += 1) {
      const sent = await ask(work, { step, before, seen, isFirst: sendings === 1 });
      if (sent.status === 'declined' && !mayAskAgain(step, sent)) throw sent.error;
      const status = await watch(work, { step, before, seen, sent, limitMs: limitOf(work, step, sent, sendings) });
      if (isShown(step, seen)) return status;
      if (sent.status === 'declined' && sendings >= work.attempts) throw sent.error;
    }
  } finally {
    if (step.boots && seen.asked) tellOfBoot(work, { step, before, seen });
  }
}

/** What is known since the first request of a step. */
interface Seen {
  asked: boolean;
  /** A request may have been carried out. */
  inDoubt: boolean;
  accepted: boolean;
  /** A state that the machine is in only while it carries the request out. */
  begun: boolean;
  last: AmtPowerStatus | undefined;
}

interface Asking {
  readonly step: PowerStep;
  readonly before: AmtPowerStatus;
  readonly seen: Seen;
}

async function ask(work: Change, { step, before, seen, isFirst }: Asking & { readonly isFirst: boolean }): Promise<Sending> {
  if (step.boots) {
    // What kept a device from a restart may have started the machine, and that would have used the choice up.
    if (isFirst || step.shownBy === 'nothing') await work.beforeBoot?.(callOf(work));
    // Told before: whoever gives the call up in between is not told of anything any more.
    work.onBoot?.('asked', before);
  }
  const wasInDoubt = seen.inDoubt;
  seen.asked = true;
  seen.inDoubt = true;
  const sent = await send(work, step);
  if (sent.status === 'declined') seen.inDoubt = wasInDoubt;
  if (sent.status === 'accepted') seen.accepted = true;
  return sent;
}

function tellOfBoot({ onBoot }: Change, { step, before, seen }: Asking): void {
  if (hasBegun(step, before, seen)) onBoot?.('begun', before);
  else if (!seen.inDoubt) onBoot?.('declined', before);
}

/** Whether a start has begun: a machine that was seen to have stayed as it was has not. */
function hasBegun(step: PowerStep, before: AmtPowerStatus, seen: Seen): boolean {
  if (seen.begun || isShown(step, seen)) return true;
  return seen.accepted && (step.shownBy === 'nothing' || seen.last?.condition !== before.condition);
}

function isShown({ shownBy }: PowerStep, { accepted, begun, last }: Seen): boolean {
  if (last === undefined) return false;
  if (shownBy === 'nothing') return (accepted || begun) && isAwake(last);
  return EVIDENCE[shownBy](last);
}

const isAwake = (status: AmtPowerStatus): boolean => status.state === 'power on' && !isAsleep(status);

const EVIDENCE: Readonly<Record<Exclude<PowerStep['shownBy'], 'nothing'>, (status: AmtPowerStatus) => boolean>> = {
  on: ({ condition }) => condition === 'on',
  'on or standby': isAwake,
  off: ({ state }) => state === 'power off',
  asleep: isAsleep,
  'hibernated or off': ({ state }) => state === 'power off',
};

/** Steps that may be asked for again once a look has shown that nothing came of the first time. What an operating system was asked for it may have begun. */
function isRepeatable(step: PowerStep): boolean {
  return step.shownBy !== 'nothing' && !needsAgent(step);
}

/** Whether a step that was declined may be asked for again. No look could tell that a restart had been carried out after all. */
function mayAskAgain(step: PowerStep, { mayPass }: Declined): boolean {
  if (needsAgent(step)) return false;
  return mayPass === 'later' || (mayPass === 'perhaps' && isRepeatable(step));
}

function needsAgent({ request }: PowerStep): boolean {
  return request !== 'leave standby' && POWER_REQUESTS[request].needsAgent;
}

/** How long the machine is watched before the request goes out again. Milliseconds. */
function limitOf({ attempts, retryAfterMs }: Change, step: PowerStep, { status }: Sending, sendings: number): number {
  if (status === 'declined') return retryAfterMs;
  // Whether a restart was carried out shows soon, if at all.
  if (status === 'lost' && step.shownBy === 'nothing') return retryAfterMs;
  return isRepeatable(step) && sendings < attempts ? retryAfterMs : Number.POSITIVE_INFINITY;
}

/** Codes by which a client says that it has no answer. */
const LOST: ReadonlySet<string> = new Set(['UNREACHABLE', 'TIMEOUT', 'PROTOCOL_FAULT']);

/** Codes of answers by which a device says when, or that never. */
const MAY_PASS: Readonly<Partial<Record<string, Declined['mayPass']>>> = { BUSY: 'later', UNSUPPORTED: 'no' };

async function send(work: Change, { request }: PowerStep): Promise<Sending> {
  try {
    const answer = await work.send(request, { signal: work.deadline.signal });
    if (answer.refusal === undefined) return { status: 'accepted' };
    const obstacle = await findObstacle(work.wsman, request, callOf(work));
    if (obstacle !== undefined) return { status: 'declined', error: obstacle, mayPass: 'no' };
    return { status: 'declined', error: declined(request, answer, hintFor(request)), mayPass: MAY_PASS[answer.refusal.code] ?? 'perhaps' };
  } catch (error) {
    if (work.deadline.signal.aborted || !FerricError.is(error)) throw error;
    // Where it is not known whether the request arrived, it counts as arrived.
    const { sent = LOST.has(error.code) } = error.details;
    if (sent === true) return { status: 'lost', error };
    return { status: 'declined', error, mayPass: error.code === 'BUSY' || LOST.has(error.code) ? 'later' : 'no' };
  }
}

interface Watch extends Asking {
  readonly sent: Sending;
  readonly limitMs: number;
}

/** Looks at the machine until it shows the step. @returns the last look when it does not after `limitMs`; throws when the call ends before. */
async function watch(work: Change, { step, before, seen, sent, limitMs }: Watch): Promise<AmtPowerStatus> {
  const { clock, deadline, pacing } = work;
  const endsAt = clock.monotonicMs() + limitMs;
  let failure: FerricError | undefined;
  for (;;) {
    if (deadline.remainingMs() <= pacing.pollMs) throw sent.status === 'accepted' ? (failure ?? notReached(work.target, seen.last ?? before)) : sent.error;
    await delay(pacing.pollMs, { signal: deadline.signal, clock });
    const look = await tryLook(work);
    if (FerricError.is(look)) {
      // Without a look nothing is sent again.
      failure = look;
      continue;
    }
    failure = undefined;
    seen.last = look;
    // A restart that the device declined is not the one that goes on there.
    seen.begun ||= look.condition === 'changing' && !(sent.status === 'declined' && step.shownBy === 'nothing');
    if (isShown(step, seen)) return look;
    if (clock.monotonicMs() < endsAt || look.condition === 'changing') continue;
    if (sent.status === 'lost' && !isRepeatable(step)) throw unknowable(step, sent.error);
    return look;
  }
}

/** One look; the error when it failed in a way that passes: a management engine that carries something out is often away for some seconds. */
async function tryLook(work: Change): Promise<AmtPowerStatus | FerricError> {
  try {
    return await work.read(callOf(work, LOOK_MS));
  } catch (error) {
    if (work.deadline.signal.aborted || !FerricError.is(error) || !isPassing(error)) throw error;
    return error;
  }
}

function isPassing({ code, retryable }: FerricError): boolean {
  return code === 'UNREACHABLE' || code === 'TIMEOUT' || code === 'PROTOCOL_FAULT' || (code === 'BUSY' && retryable);
}

function unknowable({ request }: PowerStep, error: FerricError): FerricError {
  return new FerricError(error.code, `The answer to '${wordsOf(request)}' was lost, and nothing tells whether it was carried out: ${error.message}`, {
    cause: error,
    retryable: false,
    details: { ...error.details, step: `request '${wordsOf(request)}'` },
    hint: 'Look at the machine before it is asked again: a second time may hit a system that is just starting.',
  });
}
