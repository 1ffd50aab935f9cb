import { invalidOptions, revealSealed, Secret, type NodeChanges, type NodeView, type OptionIssue, type RescueStrategy, type Task } from '@ferric/core';
import { AGENT_FORGOTTEN, readAgentRecord } from '../agent-record.js';
import { finalizeRescue } from '../client/index.js';
import { AGENT_WORK_OVER, bootPurpose, bootTheAgent } from './agent-boot.js';
import { openAgent } from './connection.js';
import { powerOffMachine } from './power-off.js';
import { isOffForStart, restartMachine, switchOffFirst } from './power.js';
import type { AgentStrategySettings } from './settings.js';
import { createSalt, sha512Crypt } from './sha512-crypt.js';
import { AGENT_REPORTS, keepChanges, requireBoot, waitFor } from './task-helpers.js';

const PASSWORD = 'rescue_password';
/** What crypt(3) takes. Bytes. */
const LONGEST_PASSWORD_BYTES = 512;

/**
 * Rescues by the agent's ramdisk: it is booted, and its user `rescue` gets the password.
 * Source: Ironic, ironic/drivers/modules/agent.py (AgentRescue), agent_base.py (_finalize_rescue).
 */
export function createAgentRescue(settings: AgentStrategySettings): RescueStrategy {
  return {
    interface: 'rescue',
    name: 'agent',
    async validate(task) {
      await requireBoot(task).validate(task);
      readPassword(task.node);
    },
    async rescue(task) {
      readPassword(task.node);
      await keepChanges(task, await task.network?.connect(task, 'rescuing'));
      await bootTheAgent(task, settings, 'rescue');
      return waitFor(AGENT_REPORTS);
    },
    resume: async (task) => finalize(task, settings),
    async unrescue(task) {
      if (!isOffForStart(task)) await prepareSystem(task, settings);
      task.progress('Starting the system that is on the disk');
      await restartMachine(task, settings);
      return { next: 'done', changes: { ...AGENT_WORK_OVER, instanceInfo: { [PASSWORD]: null } } };
    },
    async cleanUp(task) {
      if (bootPurpose(task.node) === 'rescue') await powerOffMachine(task, settings);
      await keepChanges(task, await task.boot?.cleanUpRamdisk(task));
      await keepChanges(task, await task.network?.disconnect(task, 'rescuing'));
      return { ...AGENT_WORK_OVER, instanceInfo: { [PASSWORD]: null } };
    },
  };
}

async function prepareSystem(task: Task, settings: AgentStrategySettings): Promise<void> {
  const boot = requireBoot(task);
  await switchOffFirst(task, settings);
  await keepChanges(task, await boot.cleanUpRamdisk(task));
  await keepChanges(task, await boot.prepareInstance(task));
  await keepChanges(task, await task.network?.disconnect(task, 'rescuing'));
  await keepChanges(task, await task.network?.connect(task, 'tenant'));
}

/** Nobody can speak to the agent any more, so nobody shall try. */
const RESCUED: NodeChanges = { driverInternalInfo: { ...AGENT_FORGOTTEN.driverInternalInfo, ...AGENT_WORK_OVER.driverInternalInfo } };

async function finalize(task: Task, settings: AgentStrategySettings): ReturnType<RescueStrategy['rescue']> {
  // The agent's API is gone once it has the password, so that must be known before anything else can fail.
  if (bootPurpose(task.node) === 'rescue' && !hasPassword(task.node)) return { next: 'done', changes: RESCUED };
  if (readAgentRecord(task.node).url === undefined) return waitFor(AGENT_REPORTS);
  const hash = new Secret(sha512Crypt(readPassword(task.node).reveal(), createSalt()));
  await using agent = openAgent(task, settings);
  task.progress(`Giving the deploy agent at ${agent.url} the password of the rescue system`);
  await finalizeRescue(agent, { rescuePassword: hash }, { signal: task.signal });
  await task.keep({ instanceInfo: { [PASSWORD]: null } });
  return { next: 'done', changes: RESCUED };
}

function hasPassword(node: Pick<NodeView, 'instanceInfo'>): boolean {
  return revealSealed(node.instanceInfo[PASSWORD] ?? null) !== null;
}

/** @throws INVALID_OPTIONS when it is missing or blank; it is not shown. */
function readPassword(node: Pick<NodeView, 'uuid' | 'instanceInfo'>): Secret {
  const clear = revealSealed(node.instanceInfo[PASSWORD] ?? null);
  const text = typeof clear === 'number' ? String(clear) : clear;
  if (typeof text === 'string' && text.trim() !== '' && !/[\0\r\n]/.test(text) && Buffer.byteLength(text) <= LONGEST_PASSWORD_BYTES) return new Secret(text);
  const field = `instance_info.${PASSWORD}`;
  const issue: OptionIssue = clear === null
    ? { field, problem: 'missing', expected: 'the password of the rescue system' }
    : { field, problem: 'invalid', expected: `a text on one line that is not blank, of at most ${LONGEST_PASSWORD_BYTES} bytes` };
  throw invalidOptions(`Node ${node.uuid} cannot be rescued`, [issue]);
}
