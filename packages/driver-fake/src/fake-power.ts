import {
  delay, FerricError, POWER_TARGETS, printValue, STATE_AFTER_TARGET, systemClock,
  type Clock, type Deadline, type JsonObject, type Power, type PowerOutcome, type PowerReading, type PowerTarget,
} from '@ferric/core';
import { timeLeft, type PerformAction } from './fake-call.js';
import type { FakeMachine } from './fake-machine.js';

/** Pause between two looks at a machine that has accepted a change but does not show it yet. */
const SETTLE_POLL_MS = 100;

/** Targets that do something even when the machine is already in the state they lead to. */
const RESTARTS: ReadonlySet<PowerTarget> = new Set(['rebooting', 'soft rebooting']);

/** @param details what errors tell of the machine, such as its address */
export function createFakePower(machine: FakeMachine, perform: PerformAction, details: JsonObject, clock: Clock = systemClock): Power {
  const targets: ReadonlySet<PowerTarget> = new Set(POWER_TARGETS);

  const read = async (deadline: Deadline): Promise<PowerReading> => ({
    state: await machine.readPower(timeLeft(deadline)),
    source: 'device',
    at: clock.now(),
  });

  const change = async (target: PowerTarget, deadline: Deadline): Promise<PowerOutcome> => {
    const wanted = STATE_AFTER_TARGET[target];
    const before = await read(deadline);
    if (before.state === wanted && !RESTARTS.has(target)) return { status: 'done', reading: before };
    await machine.changePower(target, timeLeft(deadline));
    // "Accepted" is not "done": only what the machine shows afterwards counts, and the command is never repeated.
    let reading = await read(deadline);
    while (reading.state !== wanted) {
      if (deadline.remainingMs() <= SETTLE_POLL_MS) throw notReached(target, wanted, reading, details);
      await delay(SETTLE_POLL_MS, { signal: deadline.signal, clock });
      reading = await read(deadline);
    }
    return { status: 'done', reading };
  };

  return {
    targets,
    read: (options) => perform('read power', options, read),
    async set(target, options) {
      if (!targets.has(target)) throw unsupportedTarget(target);
      return perform(target, options, (deadline) => change(target, deadline));
    },
  };
}

function unsupportedTarget(target: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `The fake machine cannot be set to ${printValue(target)}`, {
    details: { field: 'target', received: printValue(target), accepted: [...POWER_TARGETS] },
    hint: `Use one of: ${POWER_TARGETS.join(', ')}.`,
  });
}

function notReached(target: PowerTarget, expected: string, reading: PowerReading, details: JsonObject): FerricError {
  return new FerricError('TIMEOUT', `The controller accepted '${target}', but the machine still reads '${reading.state}'`, {
    details: { ...details, step: target, expected, received: reading.state },
    hint: 'The machine may still change: read its state before trying again.',
  });
}
