import { delay, FerricError, holdingProcess, withDeadline } from '@ferric/core';
import { carryOut } from './carry-out.js';
import { type AmtPowerChange, callOf, type Change, type ChangePowerParts, notReached, type PowerChangeOptions } from './power-change.js';
import { needsGeneration, planPower, type AmtPowerTarget, type PowerStep } from './power-plan.js';
import type { AmtPowerStatus } from './power-states.js';
import type { ReadPower } from './read-power.js';
import type { PowerPacing } from './send-request.js';

/** Brings a machine to a target: looks, decides, asks once, and looks until the machine shows it. */
export type ChangePower = (target: AmtPowerTarget, options?: PowerChangeOptions) => Promise<AmtPowerChange>;

export const CHANGE_DEFAULTS = { attempts: 3, retryAfterMs: 10_000 } as const;

/** Reading, and the last watch of a machine. Milliseconds. */
const LOOK_AROUND_MS = 60_000;

/** Services of an operating system may take minutes to stop. Milliseconds. */
const GRACEFUL_MS = 600_000;

export function createPowerChanger(parts: ChangePowerParts): ChangePower {
  return async (target, options = {}) => {
    const settings = { ...CHANGE_DEFAULTS, ...options };
    const defaultTimeoutMs = timeFor(target, settings, parts.pacing);
    const read = telling(parts.read, options);
    const limit = { what: `'${target}'`, defaultTimeoutMs, clock: parts.clock };
    return holdingProcess(() => withDeadline(options, limit, (deadline) => change({ ...parts, ...settings, read, target, deadline })));
  };
}

function timeFor(target: AmtPowerTarget, { attempts, retryAfterMs }: Required<Pick<PowerChangeOptions, 'attempts' | 'retryAfterMs'>>, { spacingMs }: PowerPacing): number {
  const graceful = target === 'soft power off' || target === 'soft rebooting' ? GRACEFUL_MS : 0;
  return graceful + LOOK_AROUND_MS + spacingMs + attempts * retryAfterMs;
}

/** The reader, which tells what it saw. */
function telling(read: ReadPower, { onLook }: PowerChangeOptions): ReadPower {
  return async (options) => {
    const status = await read(options);
    onLook?.(status);
    return status;
  };
}

async function change(work: Change): Promise<AmtPowerChange> {
  const requests: PowerStep['request'][] = [];
  let status = await work.read(callOf(work));
  // Ends: what a machine wakes up to is on or standby, and what leaves standby is on.
  for (;;) {
    const generation = needsGeneration(work.target, status) ? await work.readGeneration(callOf(work)) : undefined;
    const plan = planPower(work.target, { status, generation });
    if (plan.kind === 'reached') return { status, requests };
    if (plan.kind === 'refused') throw refused(work.target, plan);
    if (plan.kind === 'wait') {
      status = await lookAgain(work, status);
      continue;
    }
    if (stopsFirst(plan.steps)) await work.checkBoot?.(callOf(work));
    for (const step of plan.steps) {
      status = await carryOut(work, step, status).catch((error: unknown) => {
        throw requests.length > 0 && step.request === 'power on' && status.state === 'power off' ? leftOff(work, error) : error;
      });
      requests.push(step.request);
    }
    // A restart is done when it was done once; only a state can be looked at again.
    if (work.target !== 'power on') return { status, requests };
  }
}

/** What is found out only before the start would leave the machine off. */
function stopsFirst([first, ...others]: readonly PowerStep[]): boolean {
  return first?.boots === false && others.some(({ boots }) => boots);
}

/** A machine that is changing by itself is waited for. */
async function lookAgain(work: Change, status: AmtPowerStatus): Promise<AmtPowerStatus> {
  const { deadline, clock, pacing } = work;
  if (deadline.remainingMs() <= pacing.pollMs) throw notReached(work.target, status);
  await delay(pacing.pollMs, { signal: deadline.signal, clock });
  return work.read(callOf(work));
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
