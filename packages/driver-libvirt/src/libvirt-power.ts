import {
  delay, FerricError, POWER_TARGETS, printValue, STATE_AFTER_TARGET,
  type CallOptions, type Power, type PowerOutcome, type PowerReading, type PowerTarget,
} from '@ferric/core';
import { settleBootOnce } from './boot-once.js';
import type { Domain } from './client/domains.js';
import { requirePersistent } from './definition.js';
import { isLost, isWrongState } from './libvirt-answers.js';
import type { Machine, MachineCall } from './libvirt-machine.js';
import { powerReading } from './power-states.js';
import { prepareStart } from './start-machine.js';

/** Time for reading the state, finding the domain and connecting included. Milliseconds. */
export const READ_MS = 30_000;

/** How a target is reached. */
interface Plan {
  /** What is done to a machine that is on. `destroy` pulls its plug, `shutdown` asks its guest. */
  readonly stop?: 'destroy' | 'shutdown';
  readonly start: boolean;
  /** Default time. Milliseconds. */
  readonly timeoutMs: number;
}

/** QEMU takes up to 15 s to end and some seconds to start (libvirt 9.0.0, src/qemu/qemu_process.c, virProcessKillPainfullyDelay). Milliseconds. */
const HARD_MS = 30_000;

/** Services of a guest may take minutes to stop; longer than the 90 s that systemd gives to each. Milliseconds. */
const SOFT_MS = 300_000;

const PLANS: Readonly<Record<PowerTarget, Plan>> = {
  'power on': { start: true, timeoutMs: HARD_MS },
  'power off': { stop: 'destroy', start: false, timeoutMs: HARD_MS },
  // Not a reset: only a machine that is started anew takes its changed definition.
  rebooting: { stop: 'destroy', start: true, timeoutMs: HARD_MS },
  'soft power off': { stop: 'shutdown', start: false, timeoutMs: SOFT_MS },
  'soft rebooting': { stop: 'shutdown', start: true, timeoutMs: SOFT_MS },
};

/** Pauses between looks at a machine that was told to change: short at first, for a machine that does so at once. Milliseconds. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** How long a state is looked for after the answer to a command was lost. Milliseconds. */
const LOST_ANSWER_MS = 5000;

/** Power of one domain. */
export function createLibvirtPower(machine: Machine): Power {
  const targets: ReadonlySet<PowerTarget> = new Set(POWER_TARGETS);
  return {
    targets,
    read: (options) => machine.perform({ what: 'read power', timeoutMs: READ_MS }, options, (call) => readPower(machine, call)),
    async set(target, options) {
      if (!targets.has(target)) throw unsupportedTarget(target);
      return machine.perform({ what: target, timeoutMs: PLANS[target].timeoutMs }, options, (call) => change(machine, call, target));
    },
  };
}

/** Asks the daemon for the state of the domain. */
export async function readPower(machine: Machine, call: MachineCall, limitMs?: number): Promise<PowerReading> {
  const state = await call.look((domain, options) => call.client.domains.state(domain, options), limitMs);
  return powerReading(state, machine.clock.now());
}

async function change(machine: Machine, call: MachineCall, target: PowerTarget): Promise<PowerOutcome> {
  const { stop, start } = PLANS[target];
  const { domain, document } = await call.locate();
  let reading = await readPower(machine, call);
  if (reading.state === 'power on') await settleBootOnce(call, domain, document);
  if (stop !== undefined && reading.state === 'power on') {
    await requirePersistent(call, domain);
    const steps: Steps = { machine, call, target, wanted: 'power off' };
    reading = await send(steps, (options) => call.client.domains[stop](domain, options));
  }
  if (start && reading.state !== STATE_AFTER_TARGET[target]) reading = await startMachine(machine, call, domain, target);
  return { status: 'done', reading };
}

async function startMachine(machine: Machine, call: MachineCall, domain: Domain, target: PowerTarget): Promise<PowerReading> {
  return call.hypervisor.locks.run(domain.uuid, call.deadline.signal, async () => {
    const start = await prepareStart(machine, call);
    const reading = await send({ machine, call, target, wanted: 'power on' }, start.send);
    await start.settle();
    return reading;
  });
}

/** One command, and the state that shows that it was carried out. */
interface Steps {
  readonly machine: Machine;
  readonly call: MachineCall;
  readonly target: PowerTarget;
  readonly wanted: 'power on' | 'power off';
}

/** Sends one command, once, and waits until the machine shows it: "accepted" is not "done". */
async function send(steps: Steps, command: (options: CallOptions) => Promise<unknown>): Promise<PowerReading> {
  const { call } = steps;
  try {
    await call.exchange(command, Number.POSITIVE_INFINITY);
  } catch (error) {
    return lookAfterFailure(steps, error);
  }
  return waitFor(steps);
}

/** Whatever became of the command, only the machine can tell; the command is never repeated. */
async function lookAfterFailure({ machine, call, wanted }: Steps, error: unknown): Promise<PowerReading> {
  if (call.deadline.signal.aborted || !(isWrongState(error) || isLost(error))) throw error;
  let reading: PowerReading;
  try {
    reading = await readPower(machine, call, LOST_ANSWER_MS);
  } catch {
    throw error;
  }
  if (reading.state !== wanted) throw error;
  return reading;
}

async function waitFor({ machine, call, target, wanted }: Steps): Promise<PowerReading> {
  const { deadline } = call;
  let failure: FerricError | undefined;
  let received = 'nothing';
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    try {
      const reading = await readPower(machine, call);
      if (reading.state === wanted) return reading;
      received = reading.detail === undefined ? reading.state : `${reading.state}: ${reading.detail}`;
      failure = undefined;
    } catch (error) {
      // A daemon that is restarted while a guest shuts down comes back.
      if (deadline.signal.aborted || !FerricError.is(error) || !error.retryable) throw error;
      failure = error;
    }
    if (deadline.remainingMs() <= pauseMs) throw failure ?? notReached(call, target, wanted, received);
    await delay(pauseMs, { signal: deadline.signal, clock: machine.clock });
  }
}

function notReached({ details }: MachineCall, target: PowerTarget, expected: string, received: string): FerricError {
  const asked = PLANS[target].stop === 'shutdown' && expected === 'power off';
  return new FerricError('TIMEOUT', `The daemon accepted '${target}', but the machine still reads '${received}'`, {
    details: { ...details, step: target, expected, received },
    hint: asked
      ? "The guest may ignore the power button (ACPI), or had not started its system yet: look at its console, install qemu-guest-agent, or use 'power off'."
      : 'The machine may still change: read its state before trying again.',
  });
}

function unsupportedTarget(target: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `A domain cannot be set to ${printValue(target)}`, {
    details: { field: 'target', received: printValue(target), accepted: [...POWER_TARGETS] },
    hint: `Use one of: ${POWER_TARGETS.join(', ')}.`,
  });
}
