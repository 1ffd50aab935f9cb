import type { FerricErrorCode, PowerTarget } from '@ferric/core';
import { POWER_REQUESTS, type AmtPowerRequest } from './power-requests.js';
import { isAsleep, type AmtPowerStatus } from './power-states.js';

/** What a machine can be brought to: the words of Ironic, and what only such machines know. */
export type AmtPowerTarget = PowerTarget | 'power cycle' | 'sleep' | 'hibernate';

export const AMT_POWER_TARGETS = [
  'power on', 'power off', 'rebooting', 'soft power off', 'soft rebooting', 'power cycle', 'sleep', 'hibernate',
] as const satisfies readonly AmtPowerTarget[];

/** What shows that a step was carried out. `nothing`: the machine is on before and after it. */
export type PowerEvidence = 'on' | 'on or standby' | 'off' | 'asleep' | 'hibernated or off' | 'nothing';

/** One thing to ask for. */
export interface PowerStep {
  /** `leave standby` wakes an operating system by RequestOSPowerSavingStateChange; all others go to RequestPowerStateChange. */
  readonly request: AmtPowerRequest | 'leave standby';
  readonly shownBy: PowerEvidence;
  /** The firmware starts the machine anew, so that what was chosen for the next boot counts. */
  readonly boots: boolean;
}

/** How a target is reached from where the machine is. */
export type PowerPlan =
  | { readonly kind: 'reached' }
  /** A change is under way: look again before deciding. */
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'act'; readonly steps: readonly PowerStep[] }
  | { readonly kind: 'refused'; readonly code: Extract<FerricErrorCode, 'UNSUPPORTED' | 'CONFLICT'>; readonly reason: string; readonly hint: string };

/** What a plan is made from. */
export interface PowerFacts {
  readonly status: AmtPowerStatus;
  /** Generation of AMT: 12 for 12.0.67. Undefined: not known. Only asked for when the device does not tell what it accepts. */
  readonly generation?: number | undefined;
}

// A machine may wake up, or even start, into standby: that is left by a step of its own.
const START: PowerStep = { request: 'power on', shownBy: 'on or standby', boots: true };
const WAKE: PowerStep = { request: 'power on', shownBy: 'on or standby', boots: false };
const LEAVE_STANDBY: PowerStep = { request: 'leave standby', shownBy: 'on', boots: false };
const STOP: PowerStep = { request: 'power off', shownBy: 'off', boots: false };
const SOFT_STOP: PowerStep = { request: 'graceful power off', shownBy: 'off', boots: false };
const RESET: PowerStep = { request: 'reset', shownBy: 'nothing', boots: true };
const CYCLE: PowerStep = { request: 'power cycle', shownBy: 'nothing', boots: true };
const SOFT_RESET: PowerStep = { request: 'graceful reset', shownBy: 'nothing', boots: true };
const SLEEP: PowerStep = { request: 'sleep', shownBy: 'asleep', boots: false };
const HIBERNATE: PowerStep = { request: 'hibernate', shownBy: 'hibernated or off', boots: false };

/**
 * Decides what to ask for. What the device accepts now decides; firmware that does not tell is taken by the table of its generation.
 * Sources: Intel AMT Implementation and Reference Guide, "Change System Power State"; "Boot Control" (an override needs a reset or a power on).
 */
export function planPower(target: AmtPowerTarget, facts: PowerFacts): PowerPlan {
  const { condition, detail = 'its power state is not known' } = facts.status;
  if (condition === 'changing') return { kind: 'wait', reason: detail };
  return PLANNERS[target](facts);
}

/** True when a plan depends on the generation of AMT, which has to be asked for. */
export function needsGeneration(target: AmtPowerTarget, status: AmtPowerStatus): boolean {
  return status.accepted === undefined && AGENT_TARGETS.has(target);
}

const AGENT_TARGETS: ReadonlySet<AmtPowerTarget> = new Set(['soft power off', 'soft rebooting', 'sleep', 'hibernate']);

const PLANNERS: Readonly<Record<AmtPowerTarget, (facts: PowerFacts) => PowerPlan>> = {
  'power on': ({ status }) => {
    if (status.condition === 'on') return REACHED;
    if (status.condition === 'connected standby') return act(LEAVE_STANDBY);
    return act(isAsleep(status) ? WAKE : START);
  },
  'power off': ({ status }) => (status.state === 'power off' ? REACHED : act(STOP)),
  rebooting: ({ status }) => (status.state === 'power off' ? act(START) : restart(status, RESET, CYCLE)),
  'power cycle': ({ status }) => (status.state === 'power off' ? act(START) : restart(status, CYCLE)),
  'soft power off'(facts) {
    if (facts.status.state === 'power off') return REACHED;
    return allowed(facts, SOFT_STOP) ? act(SOFT_STOP) : refuse(facts, SOFT_STOP);
  },
  'soft rebooting'(facts) {
    if (facts.status.state === 'power off') return act(START);
    // Off, seen off, and on: of a graceful reset nobody can see whether the operating system followed.
    if (allowed(facts, SOFT_STOP)) return act(SOFT_STOP, START);
    return allowed(facts, SOFT_RESET) ? act(SOFT_RESET) : refuse(facts, SOFT_RESET);
  },
  sleep(facts) {
    if (isAsleep(facts.status)) return REACHED;
    return allowed(facts, SLEEP) ? act(SLEEP) : refuse(facts, SLEEP);
  },
  hibernate(facts) {
    if (facts.status.condition === 'hibernated') return REACHED;
    return allowed(facts, HIBERNATE) ? act(HIBERNATE) : refuse(facts, HIBERNATE);
  },
};

const REACHED: PowerPlan = { kind: 'reached' };

function act(...steps: readonly PowerStep[]): PowerPlan {
  return { kind: 'act', steps };
}

/** Starts a machine anew that is on: by the first of the ways that it takes, else off and on again, else by the first all the same. */
function restart(status: AmtPowerStatus, first: PowerStep, ...others: readonly PowerStep[]): PowerPlan {
  // It must be awake for that, unless it says that it takes one all the same.
  const way = isAsleep(status) && status.accepted === undefined ? undefined : [first, ...others].find((step) => isListed(status, step));
  if (way !== undefined) return act(way);
  return isAsleep(status) || isListed(status, STOP) ? act(STOP, START) : act(first);
}

/** Whether the device lists the request now, or does not list anything. */
function isListed({ accepted }: AmtPowerStatus, { request }: PowerStep): boolean {
  return accepted === undefined || (request !== 'leave standby' && accepted.includes(POWER_REQUESTS[request].value));
}

/** Whether a request that the operating system carries out may be sent. */
function allowed({ status, generation }: PowerFacts, step: PowerStep): boolean {
  if (status.accepted !== undefined) return isListed(status, step);
  return step.request !== 'leave standby' && status.state === 'power on' && !isAsleep(status) && (generation ?? 0) >= POWER_REQUESTS[step.request].since;
}

function refuse({ status, generation }: PowerFacts, { request }: PowerStep): PowerPlan {
  const { words, since } = POWER_REQUESTS[request as AmtPowerRequest];
  if (status.state === 'power off' || isAsleep(status)) {
    return {
      kind: 'refused', code: 'CONFLICT', reason: `the machine is ${status.detail ?? 'off'}, and its operating system cannot take '${words}'`,
      hint: 'Switch the machine on first.',
    };
  }
  if (status.accepted === undefined && generation !== undefined && generation < since) {
    return { kind: 'refused', code: 'UNSUPPORTED', reason: `AMT ${generation} does not know '${words}', which came with AMT ${since}`, hint: WITHOUT_SYSTEM };
  }
  return {
    kind: 'refused', code: 'UNSUPPORTED', reason: `the machine does not offer '${words}' now`,
    hint: `It does from AMT ${since} on, while its operating system runs Intel's Local Manageability Service (LMS). ${WITHOUT_SYSTEM}`,
  };
}

const WITHOUT_SYSTEM = "'power off' and 'rebooting' need nothing of the operating system.";
