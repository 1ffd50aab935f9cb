import {
  RAMDISK_PURPOSES, revealSealed, type JsonObject, type NodeChanges, type NodeView, type RamdiskPurpose, type StepSequence, type StrategyResult, type Task,
} from '@ferric/core';
import { AGENT_FORGOTTEN, EMBEDDED_TOKEN, OFF_FOR_START, readAgentRecord } from '../agent-record.js';
import { createAgentToken } from '../rules/agent-token.js';
import { keepOfferOverRestart, OFFER_BEFORE_RESTART_FORGOTTEN } from './offered-steps.js';
import { isOffForStart, restartMachine, switchOffFirst } from './power.js';
import type { AgentStrategySettings } from './settings.js';
import { AGENT_REPORTS, keepChanges, requireBoot, waitFor } from './task-helpers.js';

/** For what the agent was last booted. Kept in driver_internal_info until its work is over. */
const AGENT_BOOT = 'agent_boot';

/** A device starts the machine anew as a part of its step, until the agent has reported again. */
const AGENT_RESTARTS = 'agent_restarts';

/** Changes that end what is remembered of an agent's work: a new deployment, cleaning, ... begins with a boot of its own. */
export const AGENT_WORK_OVER: NodeChanges = {
  driverInternalInfo: {
    [AGENT_BOOT]: null, [AGENT_RESTARTS]: null, [EMBEDDED_TOKEN]: null, [OFF_FOR_START]: null,
    agent_step_sent: null, agent_step_reboot: null, agent_stop: null, ...OFFER_BEFORE_RESTART_FORGOTTEN,
  },
};

/**
 * Makes the machine load the deploy agent, now. After a crash it looks first: a machine that already came up for this is not booted again,
 * for its agent would lose the token that it was given.
 * @param options `again`: boot it although it runs, because a step of this kind asked for it; that this was done is kept
 */
export async function bootTheAgent(
  task: Task,
  settings: AgentStrategySettings,
  purpose: RamdiskPurpose,
  { again }: { readonly again?: StepSequence } = {},
): Promise<void> {
  const boot = requireBoot(task);
  const over: NodeChanges = again === undefined ? {} : { driverInternalInfo: { agent_step_reboot: 'sent' } };
  // All is prepared, and an agent that came up meanwhile keeps its token.
  if (isOffForStart(task)) return restartMachine(task, settings, {}, over);
  if (again === undefined && isUnderWay(task.node, purpose)) {
    task.progress('The deploy agent has come up already');
    return;
  }
  task.progress(`Booting the deploy agent (boot interface ${task.node.interfaces.boot})`);
  // A new one for each boot, so that the agent of another cannot be taken for this one.
  const token = boot.keepsSecrets?.(task, purpose) === true ? createAgentToken() : null;
  const parameters = token === null ? {} : { 'ipa-agent-token': token };
  // Loading and making take their time, and may fail: while the machine still runs, that costs nobody anything.
  const prepare = (await boot.readyRamdisk?.(task, purpose, parameters)) ?? (() => boot.prepareRamdisk(task, purpose, parameters));
  if (boot.wantsMachineOff === true) {
    // Before the machine goes off: what its agent offered is forgotten with it.
    if (again !== undefined) await task.keep({ driverInternalInfo: restartRequested(again, task.node) });
    await switchOffFirst(task, settings);
  }
  if (token !== null) await task.keep({ driverInternalInfo: { [EMBEDDED_TOKEN]: token } });
  await keepChanges(task, await prepare());
  await restartMachine(task, settings, {
    driverInternalInfo: {
      ...AGENT_WORK_OVER.driverInternalInfo,
      [AGENT_BOOT]: { purpose, at: task.clock.now().toISOString() },
      [EMBEDDED_TOKEN]: token,
      ...(again === undefined ? {} : restartRequested(again, task.node)),
    },
  }, over);
}

function restartRequested(again: StepSequence, node: NodeView): NonNullable<NodeChanges['driverInternalInfo']> {
  return { agent_step_reboot: 'requested', ...keepOfferOverRestart(again, node).driverInternalInfo };
}

/**
 * Before a device starts the machine anew by itself: the agent that runs is forgotten, and where the boot counts once it is set up once more.
 * A CD stays in its drive, and whoever starts such a machine anew boots it from there.
 */
export async function expectRestart(task: Task): Promise<void> {
  const purpose = RAMDISK_PURPOSES.find((each) => each === bootPurpose(task.node));
  if (purpose === undefined) return;
  task.progress('The machine starts anew; its deploy agent is expected back');
  const { embeddedToken } = readAgentRecord(task.node);
  await task.keep({ driverInternalInfo: { ...AGENT_FORGOTTEN.driverInternalInfo, [AGENT_RESTARTS]: true } });
  const boot = requireBoot(task);
  if (boot.wantsMachineOff === true) return;
  await keepChanges(task, await boot.prepareRamdisk(task, purpose, embeddedToken === undefined ? {} : { 'ipa-agent-token': embeddedToken }));
}

/** What a step of a device came to: where it started the machine anew, it is over when the agent has reported. */
export function afterRestart({ driverInternalInfo }: Pick<NodeView, 'driverInternalInfo'>, result: StrategyResult): StrategyResult {
  if (result.next !== 'done' || driverInternalInfo[AGENT_RESTARTS] !== true) return result;
  if (readAgentRecord({ driverInternalInfo }).url === undefined) return { ...result, ...waitFor(`${AGENT_REPORTS} after the machine started anew`) };
  return { ...result, changes: { ...result.changes, driverInternalInfo: { ...result.changes?.driverInternalInfo, [AGENT_RESTARTS]: null } } };
}

/** What the agent was last booted for, while that work goes on. */
export function bootPurpose(node: Pick<NodeView, 'driverInternalInfo'>): string | undefined {
  const kept = revealSealed(node.driverInternalInfo[AGENT_BOOT] ?? null) as JsonObject | null;
  return typeof kept?.['purpose'] === 'string' ? kept['purpose'] : undefined;
}

function isUnderWay(node: NodeView, purpose: RamdiskPurpose): boolean {
  const { token, embeddedToken, url } = readAgentRecord(node);
  // Whoever looks a node up makes the token of its medium the agent's. Only a report shows that somebody has it.
  const hasComeUp = url !== undefined || (token !== undefined && embeddedToken === undefined);
  return bootPurpose(node) === purpose && hasComeUp;
}
