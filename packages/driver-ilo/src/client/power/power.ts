import { type CallOptions, type Clock, delay, FerricError, type PowerOutcome, POWER_TARGETS, type PowerTarget, printValue } from '@ferric/core';
import { isDeclinedForNow, isSilence, isUncertain } from '../connection/outages.js';
import type { IloPower } from '../ilo-client.js';
import type { BackEndCall, Perform } from '../operations/perform.js';
import { type PowerBackEnd, restPower, ribclPower } from './power-back-ends.js';
import { commandFor, isInvisible, isReached, type PowerCommand } from './power-plan.js';
import { type PowerView, readingOf } from './power-view.js';

/**
 * How long a restart that cannot be seen is looked for: the self-test may take less than the time between two looks. One that the controller confirmed is
 * believed then. Milliseconds.
 */
const RESTART_BELIEVED_MS = 30_000;
/**
 * Blades need leave of their enclosure to go on, and may forget the command meanwhile: it is given again when the server is seen to be still off.
 * Source: proliantutils, ilo/ris.py.
 */
const BLADE_TRIES = 3;
const BLADE_PAUSE_MS = 7000;
/** The longest pause before a command that was declined is said again: a controller that is busy is not made faster by being asked. Milliseconds. */
const LONGEST_PAUSE_MS = 30_000;

export function createPower(perform: Perform, clock: Clock): IloPower {
  return {
    read: (options) =>
      perform('read power', {
        rest: async (call) => readingOf(await restPower(call).look(), clock.now()),
        ribcl: async (call) => readingOf(await ribclPower(call).look(), clock.now()),
      }, options),
    async set(target, options?: CallOptions) {
      if (!POWER_TARGETS.includes(target)) {
        throw new FerricError('UNSUPPORTED', `The iLO knows no power target ${printValue(target)}`, { hint: `It takes ${POWER_TARGETS.join(', ')}.` });
      }
      return perform('set power', {
        rest: (call) => setPower(call, restPower(call), target),
        ribcl: (call) => setPower(call, ribclPower(call), target),
      }, options);
    },
  };
}

async function setPower(call: BackEndCall, power: PowerBackEnd, target: PowerTarget): Promise<PowerOutcome> {
  const before = await settledView(call, power);
  const command = commandFor(target, before);
  if (command === undefined) return done(before, call.clock, `The server was ${before.isOn ? 'on' : 'off'} already`);
  const after = await carryOut(call, power, command, before);
  if (target !== 'soft rebooting' || command === 'on') return done(after, call.clock);
  return done(await carryOut(call, power, 'on', after), call.clock);
}

/** A server on its way to another state is waited for: what it is told now would be refused. */
async function settledView(call: BackEndCall, power: PowerBackEnd): Promise<PowerView> {
  let view = await power.look();
  while (view.state === 'changing' || view.state === 'unknown') {
    if (call.pauses.powerMs >= call.remainingMs()) throw notSettled(call, view);
    await delay(call.pauses.powerMs, call);
    view = await power.look();
  }
  return view;
}

/** One command, sent once, and the look that shows its effect. */
async function carryOut(call: BackEndCall, power: PowerBackEnd, command: PowerCommand, before: PowerView): Promise<PowerView> {
  const sent = await send(call, power, command, before);
  if (sent.view !== undefined) return sent.view;
  const startedAt = call.clock.monotonicMs();
  let { lost } = sent;
  let tries = 1;
  let triedAt = startedAt;
  const end = await call.watch(call.pauses.powerMs, async (): Promise<PowerView | FerricError | undefined> => {
    const view = await power.look();
    if (isReached(command, before, view)) return view;
    const nowMs = call.clock.monotonicMs();
    if (command === 'restart' && view.state === 'power on' && nowMs - startedAt >= RESTART_BELIEVED_MS) return lost ?? view;
    const isForgotten = lost === undefined && command === 'on' && view.state === 'power off' && tries < BLADE_TRIES && nowMs - triedAt >= BLADE_PAUSE_MS;
    if (isForgotten && (await power.isBlade())) {
      tries += 1;
      triedAt = nowMs;
      const again = await send(call, power, command, before);
      ({ lost } = again);
      return again.view;
    }
    return undefined;
  });
  if (FerricError.is(end)) throw end;
  return end;
}

interface Sent {
  /** Why nobody knows whether it is done; left out when the controller said that it does it. */
  readonly lost?: FerricError;
  /** Set when there is nothing to wait for any more. */
  readonly view?: PowerView;
}

/**
 * Sends one command. Declined since the server is not in a state for it: perhaps it is there already, perhaps it is busy with an earlier one; a look
 * decides, and what was declined may be said again. A lost answer leaves open whether it was done: it is not said again, the looks decide.
 */
async function send(call: BackEndCall, power: PowerBackEnd, command: PowerCommand, before: PowerView): Promise<Sent> {
  for (let pauseMs = call.pauses.powerMs; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      await power.send(command);
      return {};
    } catch (error) {
      if (call.signal.aborted) throw error;
      if (isUncertain(error)) {
        const lost = undecided(error);
        if (isInvisible(command, before)) throw lost;
        return { lost };
      }
      if (!isDeclinedForNow(error)) throw error;
      const view = await power.look().catch((failure: unknown) => {
        if (isSilence(failure)) return undefined;
        throw failure;
      });
      if (view !== undefined && isThereAlready(command, view)) return { view };
      if (pauseMs >= call.remainingMs()) throw error;
      await delay(pauseMs, call);
    }
  }
}

/** The server is where the command would bring it. */
function isThereAlready(command: PowerCommand, { state }: PowerView): boolean {
  return (command === 'on' && state === 'power on') || ((command === 'hold' || command === 'press') && state === 'power off');
}

/** Not to be sent again, whatever the failure alone would say: `details.once`. */
function undecided(error: FerricError): FerricError {
  return new FerricError(error.code, error.message, {
    cause: error,
    details: { ...error.details, once: true },
    retryable: false,
    hint: 'The server may have been told: read its power state before trying again.',
  });
}

function done(view: PowerView, clock: Clock, detail?: string): PowerOutcome {
  return { status: 'done', reading: readingOf(view, clock.now()), ...(detail === undefined ? {} : { detail }) };
}

function notSettled({ address }: BackEndCall, { word }: PowerView): FerricError {
  return new FerricError('BUSY', `The power of the server behind ${address} does not settle`, {
    details: { address, powerState: word },
    hint: 'It is changing, or the iLO is starting: try again in a minute.',
  });
}
