import { FerricError, type Task } from '@ferric/core';
import { AGENT_FORGOTTEN } from '../agent-record.js';
import { powerOff } from '../client/index.js';
import { agentConnection, openAgent, requireSuccess } from './connection.js';
import { readDriverOptions } from './driver-options.js';
import { canStopAgent, lockDown, powerOffUnseen, syncDisks } from './in-band-power.js';
import { canSwitch, cutOff, isPowerAssumed, setPower, waitForPower } from './power.js';
import type { AgentStrategySettings } from './settings.js';
import { tryTo } from './task-helpers.js';

/**
 * Ends the agent after a deployment and leaves the machine off, with its disks written; or cut off from the network where it must not be
 * switched off. Idempotent. Source: Ironic, ironic/drivers/modules/agent_base.py (tear_down_agent).
 * @throws TIMEOUT when machine or agent goes on running, and what device and agent throw.
 */
export async function tearDownAgent(task: Task, settings: AgentStrategySettings): Promise<void> {
  if (readDriverOptions(task.node).disable_power_off) await lockDown(task, settings);
  else if (await isPowerAssumed(task)) await powerOffUnseen(task, settings);
  else if (canSwitch(task)) await powerOffSeen(task, settings);
  // A machine that can only be reset goes on running until it is.
  else await syncDisks(task, settings);
}

async function powerOffSeen(task: Task, settings: AgentStrategySettings): Promise<void> {
  if (await waitForPower(task, 'power off', 0)) return;
  if (readDriverOptions(task.node).deploy_forces_oob_reboot) {
    await syncDisks(task, settings);
  } else {
    await orderPowerOff(task, settings);
    if (await waitForPower(task, 'power off', settings.powerOffWaitMs)) return;
    task.progress(`The machine is still on ${Math.round(settings.powerOffWaitMs / 1000)} s after its agent was told to switch it off: cutting it off`);
  }
  await cutOff(task, settings);
}

/** An answer may be lost although the order came through, so only the power tells whether it worked. */
async function orderPowerOff(task: Task, settings: AgentStrategySettings): Promise<void> {
  if (agentConnection(task) === undefined) return;
  await tryTo(task, 'Switching the machine off through its deploy agent (standby.power_off)', async () => {
    await using agent = openAgent(task, settings);
    requireSuccess(await powerOff(agent, { signal: task.signal }), agent, 'switch its machine off');
    task.progress(`The deploy agent at ${agent.url} switches its machine off`);
  });
}

/**
 * Switches the machine off as well as can be: by its controller, else by an agent that runs on it, else a person has to. Never fails for
 * want of a way, but says so. Idempotent.
 */
export async function powerOffMachine(task: Task, settings: AgentStrategySettings): Promise<void> {
  if (readDriverOptions(task.node).disable_power_off) {
    task.progress('The machine stays on: driver_info.disable_power_off forbids switching it off');
    await task.keep(AGENT_FORGOTTEN);
  } else if (await isPowerAssumed(task)) {
    await powerOffUnseenOrByHand(task, settings);
    await task.keep(AGENT_FORGOTTEN);
  } else if (task.device.power.targets.has('power off')) {
    await cutOff(task, settings);
  } else {
    task.progress('The machine stays on: its controller has no way to switch it off');
    await task.keep(AGENT_FORGOTTEN);
  }
}

async function powerOffUnseenOrByHand(task: Task, settings: AgentStrategySettings): Promise<void> {
  if (canStopAgent(task)) {
    const off = await tryTo(task, 'Switching the machine off through its deploy agent', async () => {
      await powerOffUnseen(task, settings);
      return true;
    });
    if (off === true) return;
  }
  task.progress(`Switch the machine of node ${task.node.uuid} off by hand: nothing else can`);
  if (task.device.power.targets.has('power off')) await setPower(task, 'power off');
}

/** Switches the machine on into what was deployed; resets it where it still runs because it must not be, or cannot be, switched off. */
export async function startInstance(task: Task): Promise<void> {
  await task.keep(AGENT_FORGOTTEN);
  const { targets } = task.device.power;
  const target = (await isPowerAssumed(task)) || canSwitch(task) ? 'power on' : 'rebooting';
  if (!targets.has(target)) {
    throw new FerricError('UNSUPPORTED', `The controller of node ${task.node.uuid} cannot do '${target}', which starts what was deployed`, {
      details: { target, supported: [...targets] },
      hint: 'Start the machine by hand, and set the power state of the node.',
    });
  }
  await setPower(task, target);
}
