import { capabilityOf, Secret, type StrategyResult, type StrategyStep, type Task } from '@ferric/core';
import { AGENT_FORGOTTEN, readAgentRecord } from '../agent-record.js';
import type { StepCall } from '../client/index.js';
import { AGENT_WORK_OVER, bootTheAgent } from './agent-boot.js';
import { findBootMode } from './boot-mode.js';
import { makeBootable } from './bootable.js';
import { readConfigDrive } from './config-drive.js';
import { readDriverOptions } from './driver-options.js';
import { imageInfo } from './image-info.js';
import { readImageOptions } from './image-options.js';
import { computedImageHash, imageUrl } from './image-source.js';
import { restartMachine } from './power.js';
import { startInstance, tearDownAgent } from './power-off.js';
import { resumeStep, startStep, type AgentStepCall } from './run-agent-step.js';
import type { AgentStrategySettings } from './settings.js';
import { AGENT_REPORTS, keepChanges, requireBoot, waitFor } from './task-helpers.js';
import { writesImage } from './writes-image.js';

const DONE: StrategyResult = { next: 'done' };

/** The steps of `direct`, with Ironic's names and priorities. Source: Ironic, ironic/drivers/modules/agent.py, agent_base.py. */
export function directSteps(settings: AgentStrategySettings): readonly StrategyStep[] {
  return [
    deployStep('deploy', 100, {
      async run(task) {
        if (!(await writesImage(task))) return DONE;
        await bootTheAgent(task, settings, 'deploy');
        return waitFor(AGENT_REPORTS);
      },
      resume: async (task) => (readAgentRecord(task.node).url === undefined ? waitFor(AGENT_REPORTS) : DONE),
    }),
    deployStep('write_image', 80, {
      run: async (task) => ((await writesImage(task)) ? startStep(task, settings, writeImage(settings)) : DONE),
      resume: async (task) => resumeStep(task, settings, writeImage(settings)),
    }),
    deployStep('prepare_instance_boot', 60, {
      async run(task) {
        if (await writesImage(task)) await makeBootable(task, settings);
        await keepChanges(task, await requireBoot(task).prepareInstance(task));
        return DONE;
      },
    }),
    deployStep('tear_down_agent', 40, {
      async run(task) {
        if (!(await writesImage(task))) return DONE;
        await tearDownAgent(task, settings);
        return {
          next: 'done',
          changes: { driverInternalInfo: { ...AGENT_FORGOTTEN.driverInternalInfo, ...AGENT_WORK_OVER.driverInternalInfo } },
        };
      },
    }),
    deployStep('switch_to_tenant_network', 30, {
      async run(task) {
        await keepChanges(task, await task.network?.disconnect(task, 'provisioning'));
        await keepChanges(task, await task.network?.connect(task, 'tenant'));
        return DONE;
      },
    }),
    deployStep('boot_instance', 20, {
      async run(task) {
        task.progress('Starting what was deployed');
        // From a volume the machine may have run all the time.
        await ((await writesImage(task)) ? startInstance(task) : restartMachine(task, settings));
        return DONE;
      },
    }),
  ];
}

/** A step that only the strategy gives arguments to. */
export function deployStep(name: string, priority: number, work: Pick<StrategyStep, 'run' | 'resume'>): StrategyStep {
  return { kind: 'deploy', interface: 'deploy', name, priority, abortable: true, requiresRamdisk: false, arguments: {}, ...work };
}

function writeImage(settings: AgentStrategySettings): AgentStepCall {
  return {
    kind: 'deploy',
    interface: 'deploy',
    name: 'write_image',
    waitsFor: 'the image to be written',
    configDrive: true,
    once: true,
    prepare: async (task) => void (await findBootMode(task, settings)),
    step: async (task) => writeImageStep(task, settings),
  };
}

async function writeImageStep(task: Task, settings: AgentStrategySettings): Promise<StepCall> {
  const image = readImageOptions(task.node);
  const downloadUrl = await imageUrl(task, image);
  const given = readConfigDrive(task.node);
  const configDrive = given === undefined || given.form === 'content' ? undefined : given.value;
  const info = imageInfo({
    nodeUuid: task.node.uuid,
    image,
    downloadUrl: image.source.password === '' ? downloadUrl : new Secret(downloadUrl),
    computedHash: computedImageHash(task.node, image),
    bootMode: await findBootMode(task, settings),
    bootOption: capabilityOf(task.node, 'boot_option') ?? 'local',
    configDrive,
    driverOptions: readDriverOptions(task.node),
    streamRawImages: settings.streamRawImages,
  });
  task.progress(`Writing image ${image.id} (${image.partition === undefined ? 'whole disk' : 'partition image'})`);
  return { interface: 'deploy', step: 'write_image', args: { image_info: info, configdrive: configDrive ?? null } };
}
