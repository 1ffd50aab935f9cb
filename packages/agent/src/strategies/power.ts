import { delay, FerricError, type NodeChanges, type PowerState, type PowerTarget, type Task } from '@ferric/core';
import { AGENT_FORGOTTEN, OFF_FOR_START } from '../agent-record.js';
import { agentConnection } from './connection.js';
import { readDriverOptions } from './driver-options.js';
import { rebootInBand } from './in-band-power.js';
import type { AgentStrategySettings } from './settings.js';
import { failureText, isPassing } from './task-helpers.js';

/** Pauses between two readings of the power: short at first, for most machines are off soon. Milliseconds. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/** Whether nobody can be asked for the machine's power, as with Wake-on-LAN. */
export async function isPowerAssumed(task: Task): Promise<boolean> {
  const { power } = task.device;
  if (power.assume !== undefined) return true;
  return (await power.read({ signal: task.signal })).source === 'assumed';
}

/** Whether the machine may be switched off and on again, rather than reset. */
export function canSwitch(task: Task): boolean {
  const { targets } = task.device.power;
  return targets.has('power off') && targets.has('power on') && !readDriverOptions(task.node).disable_power_off;
}

/** Asks for a power state, and tells what the device says when it could not be confirmed. */
export async function setPower(task: Task, target: PowerTarget): Promise<PowerState> {
  const outcome = await task.device.power.set(target, { signal: task.signal });
  if (outcome.status !== 'done') task.progress(outcome.detail ?? `'${target}': ${outcome.status}`);
  return outcome.reading.state;
}

/** Reads the power until it is as wanted. False when the time is over; a reading that fails counts as none. */
export async function waitForPower(task: Task, wanted: PowerState, waitMs: number): Promise<boolean> {
  const endsAt = task.clock.monotonicMs() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if ((await readState(task)) === wanted) return true;
    const leftMs = endsAt - task.clock.monotonicMs();
    if (leftMs <= 0) return false;
    await delay(Math.min(pauseMs, leftMs), { signal: task.signal, clock: task.clock });
  }
}

async function readState(task: Task): Promise<PowerState | undefined> {
  try {
    return (await task.device.power.read({ signal: task.signal })).state;
  } catch (error) {
    if (!isPassing(task, error)) throw error;
    task.logger.debug({ node: task.node.uuid, error: failureText(error) }, 'The power state could not be read; it is read again');
    return undefined;
  }
}

/**
 * Cuts a machine off whose power can be read, and waits until it is.
 * @throws TIMEOUT when it still runs afterwards.
 */
export async function cutOff(task: Task, settings: AgentStrategySettings): Promise<void> {
  await task.keep(AGENT_FORGOTTEN);
  const state = await setPower(task, 'power off');
  if (state === 'power off' || (await waitForPower(task, 'power off', settings.powerOffWaitMs))) return;
  throw new FerricError('TIMEOUT', `The machine of node ${task.node.uuid} still runs ${Math.round(settings.powerOffWaitMs / 1000)} s after it was switched off`, {
    details: { node: task.node.uuid, step: 'power off' },
    hint: 'Look at the machine and its controller; a machine that was told to switch off must be off before it may boot again.',
  });
}

/** Whether the machine was seen off for a start that is prepared, so that only switching it on is left: it may run already, as it should. */
export function isOffForStart({ node }: Task): boolean {
  return node.driverInternalInfo[OFF_FOR_START] === true;
}

/** Switches the machine off for a boot strategy that wants it, where it may be and anybody can see that it is. */
export async function switchOffFirst(task: Task, settings: AgentStrategySettings): Promise<void> {
  if (task.boot?.wantsMachineOff !== true || (await isPowerAssumed(task)) || !canSwitch(task)) return;
  await cutOff(task, settings);
  // As in restartMachine: what was told until it was off must not count for the next boot.
  await task.keep(AGENT_FORGOTTEN);
}

/**
 * Starts the machine afresh: off and on where it can be switched, for some controllers let a changed boot order count only then; by its agent
 * where only that one can; else by the packet that wakes it. What was known of the agent is forgotten before the machine can boot.
 * Done anew after switching on had failed, it does only that: the machine may have come up although nobody was told.
 * @param changes kept before the power command, in one write with forgetting the agent
 * @param over kept after it
 */
export async function restartMachine(task: Task, settings: AgentStrategySettings, changes: NodeChanges = {}, over: NodeChanges = {}): Promise<void> {
  if (isOffForStart(task)) {
    task.progress('The machine was switched off for this start before; it is left as it is if it runs now');
    await setPower(task, 'power on');
  } else {
    await startAfresh(task, settings, changes);
  }
  await task.keep({ ...over, driverInternalInfo: { ...over.driverInternalInfo, [OFF_FOR_START]: null } });
}

async function startAfresh(task: Task, settings: AgentStrategySettings, changes: NodeChanges): Promise<void> {
  const forgotten = { ...changes, driverInternalInfo: { ...AGENT_FORGOTTEN.driverInternalInfo, ...changes.driverInternalInfo } };
  if (await isPowerAssumed(task)) {
    if (agentConnection(task) === undefined) task.progress('The machine is woken. If it runs already, restart it by hand: a packet wakes only a machine that is off');
    else await rebootInBand(task, settings);
    await task.keep(forgotten);
    await setPower(task, 'power on');
    return;
  }
  await task.keep(forgotten);
  if (canSwitch(task)) {
    await cutOff(task, settings);
    // Until it was off, the agent of the boot before may have looked for its node and been given a token.
    await task.keep({ driverInternalInfo: { ...AGENT_FORGOTTEN.driverInternalInfo, [OFF_FOR_START]: true } });
    await setPower(task, 'power on');
  } else {
    await setPower(task, 'rebooting');
  }
}
