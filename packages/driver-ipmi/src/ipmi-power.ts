import {
  delay, FerricError, POWER_TARGETS, printValue, type CallOptions, type Power, type PowerOutcome, type PowerReading, type PowerTarget,
} from '@ferric/core';
import { controlChassis, getChassisStatus, type ChassisAction, type ChassisStatus } from '@ferric/ipmi-raw-buffer';
import { isBusy, isDeclined, isLost, isWrongState, partOf, sendingOnce } from './ipmi-answers.js';
import type { IpmiCall, IpmiMachine } from './ipmi-machine.js';

/** Time for reading the state, opening a session included. Milliseconds. */
const READ_MS = 20_000;

/** How a target is reached. */
interface Plan {
  /** What is done to a machine that is on. */
  readonly stop?: ChassisAction;
  readonly start: boolean;
  /** Default time. Milliseconds. */
  readonly timeoutMs: number;
}

/** As long as a conductor gives a machine for it. Milliseconds. */
const HARD_MS = 60_000;

/** Services of an operating system may take minutes to stop. Milliseconds. */
const SOFT_MS = 600_000;

/**
 * Not a power cycle or a reset, which are one command: when its answer is lost, nobody can tell whether the machine was restarted.
 * Off, seen off, on is what Ironic does too. Source: Ironic, ironic/drivers/modules/ipmitool.py (IPMIPower.reboot).
 */
const PLANS: Readonly<Record<PowerTarget, Plan>> = {
  'power on': { start: true, timeoutMs: HARD_MS },
  'power off': { stop: 'power off', start: false, timeoutMs: HARD_MS },
  rebooting: { stop: 'power off', start: true, timeoutMs: 2 * HARD_MS },
  'soft power off': { stop: 'soft shutdown', start: false, timeoutMs: SOFT_MS },
  'soft rebooting': { stop: 'soft shutdown', start: true, timeoutMs: SOFT_MS + HARD_MS },
};

/** How long an answer to a command is waited for before the machine is looked at instead. Milliseconds. */
const ANSWER_MS = 4000;

/** How long one look may take: a controller that is busy with a change of power answers late or not at all. Milliseconds. */
const LOOK_MS = 10_000;

/** Pauses between looks at a machine that was told to change: short at first, for one that does so at once. Milliseconds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** How often a command is sent that was declined or whose answer was lost, when the machine shows each time that it was not carried out. */
const MOST_SENDINGS = 3;

/** How long a machine is watched before a command counts as not carried out. Milliseconds. */
const WATCH_MS = { lost: 8000, declined: 2000 } as const;

/** Pause before a controller is asked again that had no time. Milliseconds. */
const BUSY_PAUSE_MS = 1000;

export interface IpmiPowerParts {
  readonly machine: IpmiMachine;
  /** Called right before the machine is switched on. */
  readonly beforeStart: (call: IpmiCall) => Promise<void>;
}

/** Power of one machine: looks first, sends a command once, and looks until the machine shows it. */
export function createIpmiPower({ machine, beforeStart }: IpmiPowerParts): Power {
  const targets: ReadonlySet<PowerTarget> = new Set(POWER_TARGETS);

  const change = async (call: IpmiCall, target: PowerTarget): Promise<PowerOutcome> => {
    const { stop, start } = PLANS[target];
    let reading = await readPower(machine, call);
    if (stop !== undefined && reading.state === 'power on') reading = await bring({ machine, call, target, action: stop, wanted: 'power off' });
    if (start && reading.state !== 'power on') {
      await unlessBusy(machine, call, () => beforeStart(call));
      reading = await bring({ machine, call, target, action: 'power on', wanted: 'power on' });
    }
    return { status: 'done', reading };
  };

  return {
    targets,
    read: (options) => machine.perform({ what: 'read power', timeoutMs: READ_MS }, options, (call) => readPower(machine, call)),
    async set(target, options) {
      if (!targets.has(target)) throw unsupportedTarget(target);
      return machine.perform({ what: target, timeoutMs: PLANS[target].timeoutMs }, options, (call) => change(call, target));
    },
  };
}

/** Asks the controller for the state of the machine. */
export async function readPower(machine: IpmiMachine, call: IpmiCall, options: CallOptions = partOf(call)): Promise<PowerReading> {
  const status = await getChassisStatus(call.bmc, options);
  const faults = FAULT_TEXTS.filter(([fault]) => status[fault]).map(([, text]) => text);
  return {
    state: status.powerOn ? 'power on' : 'power off',
    source: 'device',
    ...(faults.length === 0 ? {} : { detail: faults.join(', ') }),
    at: machine.clock.now(),
  };
}

/** What keeps a machine from having power. Source: IPMI 1.5, table 22-3. */
const FAULT_TEXTS = [
  ['powerOverload', 'power overload'],
  ['interlock', 'off because a panel is open'],
  ['powerFault', 'fault of the main power'],
  ['powerControlFault', 'the controller could not change the power'],
] as const satisfies readonly (readonly [keyof ChassisStatus, string])[];

/** One command, and the state that shows that it was carried out. */
interface Change {
  readonly machine: IpmiMachine;
  readonly call: IpmiCall;
  readonly target: PowerTarget;
  readonly action: ChassisAction;
  readonly wanted: 'power on' | 'power off';
}

/** Sends the command and waits until the machine shows it: "accepted" is not "done". */
async function bring(change: Change): Promise<PowerReading> {
  for (let sendings = 1; ; sendings += 1) {
    const sent = await send(change);
    if (sent.status === 'accepted') return watch(change, Number.POSITIVE_INFINITY);
    // Whatever became of it, only the machine can tell. Whether an operating system has begun to shut down nobody can see from outside.
    const again = sent.status === 'declined' || change.action !== 'soft shutdown';
    const reading = await watch(change, again ? WATCH_MS[sent.status] : Number.POSITIVE_INFINITY, sent.error);
    if (reading.state === change.wanted) return reading;
    if (!again || sendings === MOST_SENDINGS) throw sent.error;
  }
}

type Sending =
  | { readonly status: 'accepted' }
  /** No answer came. */
  | { readonly status: 'lost'; readonly error: FerricError }
  /** It did not fit the state of the machine, which may be the wanted one by now. */
  | { readonly status: 'declined'; readonly error: FerricError };

async function send({ machine, call, action }: Change): Promise<Sending> {
  try {
    await unlessBusy(machine, call, () => controlChassis(sendingOnce(call.bmc), action, partOf(call, ANSWER_MS)));
    return { status: 'accepted' };
  } catch (error) {
    if (call.deadline.signal.aborted) throw error;
    if (isLost(error)) return { status: 'lost', error };
    if (isWrongState(error)) return { status: 'declined', error };
    throw error;
  }
}

/** Tries again while the controller has no time, as long as there is some: a machine that was switched off to be restarted must not stay off. */
async function unlessBusy(machine: IpmiMachine, { deadline }: IpmiCall, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (deadline.signal.aborted || !isBusy(error) || deadline.remainingMs() <= BUSY_PAUSE_MS) throw error;
    }
    await delay(BUSY_PAUSE_MS, { signal: deadline.signal, clock: machine.clock });
  }
}

/** Looks at the machine until it is as wanted. @returns the last reading when it is not after `limitMs`; throws when the call ends before. */
async function watch(change: Change, limitMs: number, cause?: FerricError): Promise<PowerReading> {
  const { machine, call, wanted } = change;
  const { deadline } = call;
  const endsAt = machine.clock.monotonicMs() + limitMs;
  let last: PowerReading | undefined;
  let failure: FerricError | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    try {
      last = await readPower(machine, call, partOf(call, LOOK_MS));
      failure = undefined;
      if (last.state === wanted) return last;
    } catch (error) {
      // A controller that is busy changing the power is often away for some seconds.
      if (deadline.signal.aborted || !FerricError.is(error) || !(error.retryable || isDeclined(error))) throw error;
      failure = error;
    }
    if (last !== undefined && machine.clock.monotonicMs() >= endsAt) return last;
    if (deadline.remainingMs() <= pauseMs) throw failure ?? cause ?? notReached(change, last);
    await delay(pauseMs, { signal: deadline.signal, clock: machine.clock });
  }
}

function notReached({ call, target, action, wanted }: Change, last: PowerReading | undefined): FerricError {
  const received = last === undefined ? 'nothing' : last.detail === undefined ? last.state : `${last.state}: ${last.detail}`;
  return new FerricError('TIMEOUT', `The controller accepted '${target}', but the machine still reads '${received}'`, {
    details: { ...call.details, step: target, expected: wanted, received },
    hint: action === 'soft shutdown'
      ? "Its operating system may ignore the power button (ACPI), or had not started yet: look at its console, or use 'power off'."
      : 'The machine may still change: read its state before trying again.',
  });
}

function unsupportedTarget(target: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `A machine with IPMI cannot be set to ${printValue(target)}`, {
    details: { field: 'target', received: printValue(target), accepted: [...POWER_TARGETS] },
    hint: `Use one of: ${POWER_TARGETS.join(', ')}.`,
  });
}
