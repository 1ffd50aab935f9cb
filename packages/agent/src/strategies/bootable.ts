import { capabilityOf, delay, FerricError, type BootModeName, type Task } from '@ferric/core';
import { getPartitionUuids, installBootloader, type Agent, type AgentCommand } from '../client/index.js';
import { findBootMode } from './boot-mode.js';
import { commandFailure, openAgent } from './connection.js';
import { readImageOptions } from './image-options.js';
import type { AgentStrategySettings } from './settings.js';

/**
 * Makes the written disk bootable: by the agent where the image needs a boot loader or the firmware an entry for it. Idempotent, also while the
 * agent is at it. Source: Ironic, ironic/drivers/modules/agent.py (prepare_instance_boot), agent_base.py (configure_local_boot).
 * @throws REFUSED when the agent could not; TIMEOUT when it does not end.
 */
export async function makeBootable(task: Task, settings: AgentStrategySettings): Promise<void> {
  const wholeDisk = readImageOptions(task.node).partition === undefined;
  const bootMode = await findBootMode(task, settings);
  await using agent = openAgent(task, settings);
  const running = (await agent.commands({ signal: task.signal })).at(-1);
  // Only one command runs at a time: while the boot loader is being installed the agent could not tell its partitions.
  const begun = running !== undefined && isInstallation(running) ? running : await begin(task, agent, wholeDisk, bootMode);
  if (begun === undefined) return;
  const ended = await waitForEnd(task, settings, agent, begun);
  if (ended.status === 'SUCCEEDED') return;
  const failure = commandFailure(ended, agent, 'install the boot loader');
  if (!wholeDisk) throw failure;
  // A whole-disk image brings its own boot loader; most firmware finds it without an entry.
  task.progress(`${failure.message}. The image is a whole disk, so the deployment goes on with the boot loader that is in it`);
}

/** Undefined: the image needs nothing. */
async function begin(task: Task, agent: Agent, wholeDisk: boolean, bootMode: BootModeName): Promise<AgentCommand | undefined> {
  const uuids = await getPartitionUuids(agent, { signal: task.signal });
  await task.keep({ driverInternalInfo: { root_uuid_or_disk_id: uuids.rootUuid ?? null } });
  if (!needsBootloader(wholeDisk, bootMode, capabilityOf(task.node, 'boot_option'))) return undefined;
  task.progress(`The deploy agent at ${agent.url} installs the boot loader for ${bootMode}`);
  // What a whole-disk image calls its root is the identifier of the disk, which no boot loader can use.
  const partitions = wholeDisk ? { rootUuid: undefined, efiSystemPartitionUuid: undefined, prepBootPartitionUuid: undefined } : uuids;
  return installBootloader(agent, { ...partitions, targetBootMode: bootMode }, { signal: task.signal });
}

/** A whole disk of a BIOS machine boots by its own first sector; an image whose kernel comes from the network needs no boot loader. */
function needsBootloader(wholeDisk: boolean, bootMode: BootModeName, bootOption: string | undefined): boolean {
  if (wholeDisk) return bootMode === 'uefi';
  return bootOption !== 'netboot';
}

async function waitForEnd(task: Task, settings: AgentStrategySettings, agent: Agent, begun: AgentCommand): Promise<AgentCommand> {
  const endsAt = task.clock.monotonicMs() + settings.bootloaderWaitMs;
  for (let command = begun; ; ) {
    if (command.status !== 'RUNNING') return command;
    if (task.clock.monotonicMs() >= endsAt) throw tooLong(task, settings, agent);
    await delay(settings.bootloaderPollMs, { signal: task.signal, clock: task.clock });
    command = (await agent.commands({ signal: task.signal })).find(({ id }) => id === begun.id) ?? command;
  }
}

function isInstallation(command: AgentCommand): boolean {
  return command.name === 'install_bootloader' && ['RUNNING', 'SUCCEEDED'].includes(command.status);
}

function tooLong(task: Task, settings: AgentStrategySettings, agent: Agent): FerricError {
  const seconds = Math.round(settings.bootloaderWaitMs / 1000);
  return new FerricError('TIMEOUT', `The deploy agent at ${agent.url} did not finish installing the boot loader within ${seconds} s`, {
    details: { node: task.node.uuid, address: agent.url, step: 'install_bootloader' },
    hint: "Look at the agent's log on the machine.",
  });
}
