import { invalidOptions, optionIssues, Secret, type OptionIssue, type RamdiskPurpose, type Task } from '@ferric/core';
import { appendedParameters, bootFileReference, instanceBoot, readPersistence, requireBootFile } from '@ferric/ipxe-config';
import { validateAddress } from './addresses.js';
import { mediaDriverInfo } from './driver-info.js';
import { checkFirmware } from './firmware.js';
import { bootloaderReference, carriesParameters, instancePlan, ramdiskIso, ramdiskPlan, type PlanContext } from './media-plan.js';
import type { VirtualMediaSettings } from './settings.js';

/** Fields of instance_info that name an image: without any, nothing is deployed yet and nothing can be missing. */
const IMAGE_FIELDS = ['image_source', 'kernel', 'ramdisk', 'boot_iso'] as const;

/** Tells everything that is missing or cannot be used, at once. Throws INVALID_OPTIONS. */
export async function validate(task: Task, context: PlanContext): Promise<void> {
  const { node, device } = task;
  const { delivery, settings } = context;
  const hasInstance = IMAGE_FIELDS.some((field) => ![undefined, null, ''].includes(node.instanceInfo[field] as null));
  const checks: readonly (() => unknown)[] = [
    () => delivery.check(device),
    () => checkFirmware(task, delivery.mode),
    () => checkRamdisk(node, settings),
    () => bootFileReference(node, 'rescue_kernel', settings.boot),
    () => bootFileReference(node, 'rescue_ramdisk', settings.boot),
    () => bootloaderReference(node, settings),
    () => appendedParameters(node, settings.boot),
    () => checkPlan(task, 'deploy', context),
    () => (namesRescue(node, settings) ? checkPlan(task, 'rescue', context) : undefined),
    () => readPersistence(node),
    () => mediaDriverInfo(delivery).parse({ external_http_url: node.driverInfo['external_http_url'] }),
    // The root of a partition image is known only after it was written.
    () => (hasInstance && instanceBoot(node) !== 'partition' ? checkInstance(task, context) : undefined),
  ];
  const found: OptionIssue[] = [];
  for (const check of checks) found.push(...(await issuesOf(check)));
  // Several boots may have the same fault.
  const issues = [...new Map(found.map((issue) => [`${issue.field} ${issue.expected}`, issue])).values()];
  if (issues.length > 0) throw invalidOptions(delivery.title, issues);
}

function checkRamdisk(node: Task['node'], settings: VirtualMediaSettings): void {
  if (ramdiskIso(node, 'deploy', settings) !== undefined) return;
  for (const role of ['deploy_kernel', 'deploy_ramdisk'] as const) requireBootFile(node, role, settings.boot);
}

/** As long as a real one: the command line has an end. */
const SAMPLE_PARAMETERS = { 'ipa-agent-token': new Secret('x'.repeat(43)) } as const;

/** All that can be said of a boot before it: a machine is switched off for it. */
async function checkPlan(task: Task, purpose: RamdiskPurpose, context: PlanContext): Promise<void> {
  const parameters = carriesParameters(task, purpose, context) ? SAMPLE_PARAMETERS : {};
  await validateAddress(task, ramdiskPlan({ task, purpose, apiUrl: 'http://conductor', parameters, ...context }), context.delivery);
}

async function checkInstance(task: Task, { delivery, settings }: PlanContext): Promise<void> {
  const plan = instancePlan(task.node, settings);
  if (plan !== undefined) await validateAddress(task, plan, delivery);
}

/** Whether there is anything to rescue with; a machine can do without. */
function namesRescue(node: Task['node'], settings: VirtualMediaSettings): boolean {
  try {
    return ramdiskIso(node, 'rescue', settings) !== undefined || RESCUE_FILES.every((role) => bootFileReference(node, role, settings.boot) !== undefined);
  } catch (error) {
    if (optionIssues(error).every(({ problem }) => problem === 'missing')) return false;
    throw error;
  }
}

const RESCUE_FILES = ['rescue_kernel', 'rescue_ramdisk'] as const;

async function issuesOf(check: () => unknown): Promise<readonly OptionIssue[]> {
  try {
    await check();
    return [];
  } catch (error) {
    const issues = optionIssues(error);
    if (issues.length === 0) throw error;
    return issues;
  }
}

/** @throws INVALID_OPTIONS without a port: the agent is known by the MAC addresses of its machine; one that inspects may find the ports first. */
export function requirePorts({ ports }: Task, purpose: RamdiskPurpose): void {
  if (ports.length > 0 || purpose === 'inspect') return;
  throw invalidOptions('Boot media', [{ field: 'ports', problem: 'missing', expected: 'at least one port: by its MAC address the conductor knows the deploy agent on the machine' }]);
}
