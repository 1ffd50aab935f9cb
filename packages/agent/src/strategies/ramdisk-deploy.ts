import { invalidOptions, isUuid, printValue, revealSealed, type DeployStrategy, type NodeView, type OptionIssue } from '@ferric/core';
import { AGENT_WORK_OVER } from './agent-boot.js';
import { BOOT_MODE_FORGOTTEN } from './boot-mode.js';
import { agentCleaning } from './cleaning.js';
import { deployStep } from './direct-steps.js';
import { agentDriverOptions, readDriverOptions } from './driver-options.js';
import { isOffForStart, restartMachine, switchOffFirst } from './power.js';
import type { AgentStrategySettings } from './settings.js';
import { keepChanges, requireBoot } from './task-helpers.js';
import { tearDownInstance } from './tear-down.js';

/**
 * Boots a kernel and ramdisk, or an ISO image, from the network each time; nothing is written to a disk. It cleans by the agent.
 * Source: Ironic, ironic/drivers/modules/ramdisk.py.
 */
export function createRamdiskDeploy(settings: AgentStrategySettings): DeployStrategy {
  const steps = [
    deployStep('deploy', 100, {
      async run(task) {
        if (!isOffForStart(task)) {
          await keepChanges(task, await task.network?.connect(task, 'tenant'));
          await switchOffFirst(task, settings);
          await keepChanges(task, await requireBoot(task).prepareInstance(task));
        }
        await restartMachine(task, settings);
        return { next: 'done' };
      },
    }),
  ];
  return {
    interface: 'deploy',
    name: 'ramdisk',
    properties: agentDriverOptions,
    steps,
    ...agentCleaning(settings, steps),
    async validate(task) {
      await requireBoot(task).validate(task);
      readDriverOptions(task.node);
      checkRamdiskInstance(task.node);
    },
    async prepare(task) {
      await keepChanges(task, await task.storage?.attachVolumes(task));
      return { driverInternalInfo: { ...AGENT_WORK_OVER.driverInternalInfo, ...BOOT_MODE_FORGOTTEN } };
    },
    async cleanUp(task) {
      await keepChanges(task, await task.boot?.cleanUpRamdisk(task));
      return AGENT_WORK_OVER;
    },
    tearDown: async (task) => tearDownInstance(task, settings),
  };
}

/** @throws INVALID_OPTIONS when there is neither a kernel with its ramdisk nor an ISO image. */
function checkRamdiskInstance(node: Pick<NodeView, 'uuid' | 'instanceInfo'>): void {
  const issues: OptionIssue[] = [];
  const given = (field: 'kernel' | 'ramdisk' | 'boot_iso'): boolean => {
    const value = revealSealed(node.instanceInfo[field] ?? null);
    if (value === null || value === '') return false;
    if (typeof value !== 'string' || isUuid(value) || !/^(?:https?|file):\/\//i.test(value) || !URL.canParse(value)) {
      issues.push({ field: `instance_info.${field}`, problem: 'invalid', expected: 'an http, https or file URL', received: printValue(value) });
    }
    return true;
  };
  const [iso, kernel, ramdisk] = [given('boot_iso'), given('kernel'), given('ramdisk')];
  if (iso && (kernel || ramdisk)) {
    issues.push({ field: 'instance_info.boot_iso', problem: 'invalid', expected: 'left out when kernel and ramdisk are given' });
  }
  if (!iso && !kernel) issues.push({ field: 'instance_info.kernel', problem: 'missing', expected: 'the URL of the kernel to boot, with its ramdisk; or boot_iso, the URL of an ISO image' });
  if (!iso && !ramdisk) issues.push({ field: 'instance_info.ramdisk', problem: 'missing', expected: 'the URL of the ramdisk to boot, with its kernel' });
  if (issues.length > 0) throw invalidOptions(`Node ${node.uuid} failed to validate its ramdisk to boot`, issues);
}
