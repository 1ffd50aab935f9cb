import { type DeployStrategy, type NodeChanges, type Task } from '@ferric/core';
import { AGENT_WORK_OVER, bootPurpose } from './agent-boot.js';
import { BOOT_MODE_FORGOTTEN } from './boot-mode.js';
import { agentCleaning } from './cleaning.js';
import { checkConfigDrive, readConfigDrive } from './config-drive.js';
import { directSteps } from './direct-steps.js';
import { agentDriverOptions, readDriverOptions } from './driver-options.js';
import { readImageOptions } from './image-options.js';
import { checkImageSource, computeImageHash, IMAGE_HASH_FORGOTTEN } from './image-source.js';
import { powerOffMachine } from './power-off.js';
import type { AgentStrategySettings } from './settings.js';
import { keepChanges, requireBoot } from './task-helpers.js';
import { tearDownInstance } from './tear-down.js';
import { writesImage } from './writes-image.js';

/** Forgets what a deployment left for itself; the agent's own facts not among it. */
const DEPLOYMENT_FORGOTTEN: NodeChanges = {
  driverInternalInfo: {
    ...AGENT_WORK_OVER.driverInternalInfo, ...BOOT_MODE_FORGOTTEN, ...IMAGE_HASH_FORGOTTEN, is_whole_disk_image: null, root_uuid_or_disk_id: null,
  },
};

/**
 * Deploys by the agent: it is booted, loads the image from its server and writes it to the disk; then the machine boots from there.
 * Source: Ironic, ironic/drivers/modules/agent.py (AgentDeploy).
 */
export function createDirectDeploy(settings: AgentStrategySettings): DeployStrategy {
  const steps = directSteps(settings);
  return {
    interface: 'deploy',
    name: 'direct',
    properties: agentDriverOptions,
    steps,
    ...agentCleaning(settings, steps),
    async validate(task) {
      await requireBoot(task).validate(task);
      readDriverOptions(task.node);
      if (!(await writesImage(task))) return;
      await checkImageSource(task, readImageOptions(task.node));
      await checkConfigDrive(task);
    },
    prepare: async (task) => prepare(task),
    cleanUp: async (task) => cleanUp(task, settings),
    tearDown: async (task) => tearDownInstance(task, settings),
  };
}

async function prepare(task: Task): Promise<NodeChanges> {
  await task.keep(DEPLOYMENT_FORGOTTEN);
  await keepChanges(task, await task.storage?.attachVolumes(task));
  await keepChanges(task, await task.network?.connect(task, 'provisioning'));
  if (!(await writesImage(task))) return {};
  const image = readImageOptions(task.node);
  await checkImageSource(task, image);
  await computeImageHash(task, image);
  const configDrive = readConfigDrive(task.node);
  await checkConfigDrive(task);
  const built = configDrive?.form === 'content' ? await task.services.buildConfigDrive(configDrive.content, { signal: task.signal }) : undefined;
  return {
    driverInternalInfo: { is_whole_disk_image: image.partition === undefined },
    ...(built === undefined ? {} : { instanceInfo: { configdrive: built } }),
  };
}

/** A machine on which the agent of a failed deployment still runs is switched off: nothing would ever speak to it again. */
async function cleanUp(task: Task, settings: AgentStrategySettings): Promise<NodeChanges> {
  if (settings.powerOffAfterFailure && bootPurpose(task.node) === 'deploy') await powerOffMachine(task, settings);
  await keepChanges(task, await task.boot?.cleanUpRamdisk(task));
  await keepChanges(task, await task.network?.disconnect(task, 'provisioning'));
  return DEPLOYMENT_FORGOTTEN;
}
