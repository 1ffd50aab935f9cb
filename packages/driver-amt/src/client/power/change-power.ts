import { delay, FerricError, withDeadline, type CallOptions, type Clock, type Deadline } from '@ferric/core';
import type { Wsman } from '../wsman/wsman.js';
import type { ReadGeneration } from '../generation.js';
import { findObstacle, hintFor } from './obstacles.js';
import { needsGeneration, planPower, type AmtPowerTarget, type PowerStep } from './power-plan.js';
import { POWER_REQUESTS } from './power-requests.js';
import { isAsleep, type AmtPowerStatus } from './power-states.js';
import type { ReadPower } from './read-power.js';
import { declined, wordsOf, type PowerPacing, type SendPowerRequest } from './send-request.js';

/** How a change of power is made. */
export interface PowerChangeOptions extends CallOptions {
  /** How often a request goes out at most when the machine shows that it was not carried out. Default 3. Resets and graceful requests go out once. */
  readonly attempts?: number;
  /** How long a machine is watched before a request counts as not carried out. Milliseconds, default 10000. */
  readonly retryAfterMs?: number;
  /** Called before a request that makes the firmware start the machine. When it throws, nothing is requested. */
  readonly beforeBoot?: (options: CallOptions) => Promise<void>;
  /** Called once that start has certainly begun, also when the call fails afterwards. */
  readonly onBoot?: () => void;
}

/** What came of it. */
export interface AmtPowerChange {
  /** How the machine stands now. */
  readonly status: AmtPowerStatus;
  /** What was asked for and accepted, in order; empty when the machine was there already. */
  readonly requests: readonly PowerStep['request'][];
}

/** Brings a machine to a target: looks, decides, asks once, and looks until the machine shows it. */
export type ChangePower = (target: AmtPowerTarget, options?: PowerChangeOptions) => Promise<AmtPowerChange>;

export interface ChangePowerParts {
  readonly wsman: Wsman;
  readonly clock: Clock;
  readonly pacing: PowerPacing;
  readonly read: ReadPower;
  readonly readGeneration: ReadGeneration;
  readonly send: SendPowerRequest;
}

export const CHANGE_DEFAULTS = { attempts: 3, retryAfterMs: 10_000 } as const;

/** Reading, and the last watch of a machine. Milliseconds. */
const LOOK_AROUND_MS = 60_000;

/** Services of an operating system may take minutes to stop. Milliseconds. */
const GRACEFUL_MS = 600_000;

/** How long one look at a machine that changes may take: its management engine answers late or not at all then. Milliseconds. */
const LOOK_MS = 15_000;

/** Plans that one call makes at most: a machine may wake up into standby, and has to leave that too. */
const MOST_PLANS = 3;

export function createPowerChanger(parts: ChangePowerParts): ChangePower {
  return async (target, options = {}) => {
    const settings = { ...CHANGE_DEFAULTS, ...options };
    const defaultTimeoutMs = timeFor(target, settings, parts.pacing);
    return withDeadline(options, { what: `'${target}'`, defaultTimeoutMs, clock: parts.clock }, (deadline) => change({ ...parts, ...settings, target, deadline }));
  };
}

function timeFor(target: AmtPowerTarget, { attempts, retryAfterMs }: Required<Pick<PowerChangeOptions, 'attempts' | 'retryAfterMs'>>, { spacingMs }: PowerPacing): number {
  const graceful = target === 'soft power off' || target === 'soft rebooting' ? GRACEFUL_MS : 0;
  return graceful + LOOK_AROUND_MS + spacingMs + attempts * retryAfterMs;
}

/** One change under way. */
interface Change extends ChangePowerParts, Required<Pick<PowerChangeOptions, 'attempts' | 'retryAfterMs'>>, Pick<PowerChangeOptions, 'beforeBoot' | 'onBoot'> {
  readonly target: AmtPowerTarget;
  readonly deadline: Deadline;
}

async function change(work: Change): Promise<AmtPowerChange> {
  const requests: PowerStep['request'][] = [];
  let status = await work.read(callOf(work));
  for (let plans = 0; ; ) {
    const generation = needsGeneration(work.target, status) ? await work.readGeneration(callOf(work)) : undefined;
    const plan = planPower(work.target, { status, generation });
    if (plan.kind === 'reached') return { status, requests };
    if (plan.kind === 'refused') throw refused(work.target, plan);
    if (plan.kind === 'wait') {
      status = await lookAgain(work, status);
      continue;
    }
    for (const step of plan.steps) {
      status = await carryOut(work, step, status).catch((error: unknown) => {
        throw requests.length > 0 && step.request === 'power on' && status.state === 'power off' ? leftOff(work, error) : error;
      });
      requests.push(step.request);
    }
    plans += 1;
    // A restart is done when it was done once; only a state can be looked at again.
    if (work.target !== 'power on' || plans === MOST_PLANS) return { status, requests };
  }
}

/** A machine that is changing by itself is waited for. */
async function lookAgain(work: Change, status: AmtPowerStatus): Promise<AmtPowerStatus> {
  const { deadline, clock, pacing } = work;
  if (deadline.remainingMs() <= pacing.pollMs) throw notReached(work.target, status);
  await delay(pacing.pollMs, { signal: deadline.signal, clock });
  return work.read(callOf(work));
}

type Sending =
  | { readonly status: 'accepted' }
  /** No answer came, so that only the machine can tell. */
  | { readonly status: 'lost'; readonly error: FerricError }
  /** Certainly not carried out. */
  | { readonly status: 'declined'; readonly error: FerricError; readonly mayPass: boolean };

/** Asks for one step and waits until the machine shows it: "accepted" is not "done". */
async function carryOut(work: Change, step: PowerStep, before: AmtPowerStatus): Promise<AmtPowerStatus> {
  if (step.boots) await work.beforeBoot?.(callOf(work));
  const seen: Seen = { accepted: false, begun: false, last: undefined };
  try {
    for (let sendings = 1; ; sendings += 1) {
      const sent = await send(work, step);
      if (sent.status === 'declined' && !(sent.mayPass && !needsAgent(step))) throw sent.error;
      if (sent.status === 'accepted') seen.accepted = true;
      const status = await watch(work, { step, before, seen, sent, limitMs: limitOf(work, step, sent, sendings) });
      if (isShown(step, seen)) return status;
      if (sent.status === 'declined' && sendings >= work.attempts) throw sent.error;
    }
  } finally {
    if (step.boots && hasBegun(step, before, seen)) work.onBoot?.();
  }
}

/** What was seen of the machine since the first request of a step. */
interface Seen {
  accepted: boolean;
  /** A state that the machine is in only while it carries the request out. */
  begun: boolean;
  last: AmtPowerStatus | undefined;
}

/** Whether a start has begun: a machine that was seen to have stayed as it was has not. */
function hasBegun(step: PowerStep, before: AmtPowerStatus, seen: Seen): boolean {
  if (seen.begun || isShown(step, seen)) return true;
  return seen.accepted && (step.shownBy === 'nothing' || seen.last?.condition !== before.condition);
}

function isShown({ shownBy }: PowerStep, { accepted, begun, last }: Seen): boolean {
  if (last === undefined) return false;
  if (shownBy === 'nothing') return (accepted || begun) && last.state === 'power on';
  return EVIDENCE[shownBy](last);
}

const EVIDENCE: Readonly<Record<Exclude<PowerStep['shownBy'], 'nothing'>, (status: AmtPowerStatus) => boolean>> = {
  on: (status) => status.state === 'power on' && !isAsleep(status),
  off: ({ state }) => state === 'power off',
  asleep: isAsleep,
  'hibernated or off': ({ state }) => state === 'power off',
};

/** Steps that may be asked for again once a look has shown that nothing came of the first time. What an operating system was asked for it may have begun. */
function isRepeatable(step: PowerStep): boolean {
  return step.shownBy !== 'nothing' && !needsAgent(step);
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

async function send(work: Change, { request }: PowerStep): Promise<Sending> {
  try {
    const answer = await work.send(request, { signal: work.deadline.signal });
    if (answer.refusal === undefined) return { status: 'accepted' };
    const obstacle = await findObstacle(work.wsman, request, callOf(work));
    if (obstacle !== undefined) return { status: 'declined', error: obstacle, mayPass: false };
    return { status: 'declined', error: declined(request, answer, hintFor(request)), mayPass: answer.refusal.code !== 'UNSUPPORTED' };
  } catch (error) {
    if (work.deadline.signal.aborted || !FerricError.is(error)) throw error;
    // Where it is not known whether the request arrived, it counts as arrived.
    const { sent = LOST.has(error.code) } = error.details;
    if (sent === true) return { status: 'lost', error };
    if (error.code === 'BUSY' || LOST.has(error.code)) return { status: 'declined', error, mayPass: true };
    throw error;
  }
}

interface Watch {
  readonly step: PowerStep;
  readonly before: AmtPowerStatus;
  readonly seen: Seen;
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
    seen.begun ||= look.condition === 'changing';
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

function callOf({ deadline }: Change, limitMs?: number): CallOptions {
  return limitMs === undefined ? { signal: deadline.signal } : { signal: deadline.signal, timeoutMs: limitMs };
}

function unknowable({ request }: PowerStep, error: FerricError): FerricError {
  return new FerricError(error.code, `The answer to '${wordsOf(request)}' was lost, and nothing tells whether it was carried out: ${error.message}`, {
    cause: error,
    retryable: false,
    details: { ...error.details, step: `request '${wordsOf(request)}'` },
    hint: 'Look at the machine before it is asked again: a second time may hit a system that is just starting.',
  });
}

function notReached(target: AmtPowerTarget, last: AmtPowerStatus): FerricError {
  const received = last.detail === undefined ? last.state : `${last.state}: ${last.detail}`;
  const soft = target === 'soft power off' || target === 'soft rebooting';
  return new FerricError('TIMEOUT', `The device accepted '${target}', but the machine still reads '${received}'`, {
    details: { step: 'wait for the machine', target, received },
    hint: soft ? "Its operating system may ask its user first, or hang: look at its screen, or use 'power off'." : 'The machine may still change: read its state before trying again.',
  });
}

function refused(target: AmtPowerTarget, { code, reason, hint }: { readonly code: FerricError['code']; readonly reason: string; readonly hint: string }): FerricError {
  return new FerricError(code, `'${target}' is not possible: ${reason}`, { details: { step: 'plan', target }, hint });
}

/** The failure of a restart in its second half. The reason of a caller who gave up is his own. */
function leftOff({ deadline }: Change, error: unknown): unknown {
  if (deadline.signal.aborted || !FerricError.is(error)) return error;
  return new FerricError(error.code, `${error.message}. The restart had switched the machine off, and it was not seen on again`, {
    cause: error,
    retryable: error.retryable,
    details: error.details,
    hint: `Switch the machine on. ${error.hint ?? ''}`.trim(),
  });
}
