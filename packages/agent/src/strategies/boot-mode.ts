import { askedBootMode, BOOT_MODES, type BootModeName, type NodeView, type Task } from '@ferric/core';
import { asObject } from '../client/agent-json.js';
import { getHardwareInfo } from '../client/index.js';
import { openAgent } from './connection.js';
import type { AgentStrategySettings } from './settings.js';
import { tryTo } from './task-helpers.js';

/** Where the firmware mode of a deployment is kept, once it is known. */
const DEPLOY_BOOT_MODE = 'deploy_boot_mode';

/** Forgets the firmware mode of the deployment before. */
export const BOOT_MODE_FORGOTTEN = { [DEPLOY_BOOT_MODE]: null } as const;

/**
 * The firmware mode that a deployment is asked for: by the instance, the node's capabilities, or what its controller or an earlier step told.
 * Source: Ironic, ironic/drivers/modules/boot_mode_utils.py (get_boot_mode).
 */
export function knownBootMode(node: NodeView): BootModeName | undefined {
  const told = node.driverInternalInfo[DEPLOY_BOOT_MODE] ?? node.bootMode;
  return askedBootMode(node) ?? BOOT_MODES.find((mode) => mode === told);
}

/** The firmware mode of a deployment. When nobody said, the agent is asked in which mode it was booted, and its answer is kept. */
export async function findBootMode(task: Task, settings: AgentStrategySettings): Promise<BootModeName> {
  const known = knownBootMode(task.node);
  if (known !== undefined) return known;
  const mode = (await tryTo(task, 'Asking the deploy agent for the mode of the firmware', async () => askAgent(task, settings))) ?? settings.defaultBootMode;
  await task.keep({ driverInternalInfo: { [DEPLOY_BOOT_MODE]: mode } });
  return mode;
}

async function askAgent(task: Task, settings: AgentStrategySettings): Promise<BootModeName | undefined> {
  await using agent = openAgent(task, settings);
  const inventory = await getHardwareInfo(agent, { signal: task.signal });
  const told = asObject(inventory['boot'])?.['current_boot_mode'];
  return BOOT_MODES.find((mode) => mode === told);
}
