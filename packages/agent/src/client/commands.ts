import { FerricError, type CallOptions, type JsonObject, type JsonValue, type Sealed, type Secret } from '@ferric/core';
import type { Agent, AgentCommand, AgentCommandName, CommandParameters } from './agent.js';
import { asObject } from './agent-json.js';
import { readAgentSteps, type AgentStepKind, type AgentSteps } from './agent-steps.js';

/**
 * The commands of the agent, each with exactly the parameters that it knows. An agent that is sent another name, or not sent one that it
 * needs, answers 500 to every later question about its commands until the machine boots again.
 * Source: ironic-python-agent, ironic_python_agent/extensions.
 */

/** The machine, as commands take it: a node and its ports with Ironic's names, secrets masked. */
export interface CommandSubject {
  readonly node: CommandParameters;
  readonly ports: readonly CommandParameters[];
}

/** A step to execute. `args` may hold secrets, such as the config drive. */
export interface StepCall {
  readonly interface: string;
  readonly step: string;
  readonly priority?: number;
  readonly reboot_requested?: boolean;
  readonly abortable?: boolean;
  readonly args?: { readonly [name: string]: Sealed };
}

interface StepExecution extends CommandSubject {
  readonly step: StepCall;
}

/** What an agent told of its hardware managers, unchanged; null: do not compare. */
type HardwareManagerVersion = JsonObject | null;

const GET_STEPS = {
  clean: 'clean.get_clean_steps', deploy: 'deploy.get_deploy_steps', service: 'service.get_service_steps',
} as const satisfies Record<AgentStepKind, AgentCommandName>;

/** The clean steps of the agent. Throws as {@link Agent.execute}; REFUSED when the agent could not tell them. */
export const getCleanSteps: GetSteps = stepsCommand('clean');
/** The deploy steps of the agent. Throws as {@link getCleanSteps}. */
export const getDeploySteps: GetSteps = stepsCommand('deploy');
/** The service steps of the agent. Throws as {@link getCleanSteps}. */
export const getServiceSteps: GetSteps = stepsCommand('service');

/** Starts a clean step; it runs on after the answer. VERSION_MISMATCH: ask for the steps again. */
export async function executeCleanStep(
  agent: Agent, { step, node, ports, cleanVersion }: StepExecution & { readonly cleanVersion: HardwareManagerVersion }, options?: CallOptions,
): Promise<AgentCommand> {
  return start(agent, 'clean.execute_clean_step', { step: { ...step }, node, ports, clean_version: cleanVersion }, options);
}

/** Starts a deploy step; it runs on after the answer. VERSION_MISMATCH: ask for the steps again. */
export async function executeDeployStep(
  agent: Agent, { step, node, ports, deployVersion }: StepExecution & { readonly deployVersion: HardwareManagerVersion }, options?: CallOptions,
): Promise<AgentCommand> {
  return start(agent, 'deploy.execute_deploy_step', { step: { ...step }, node, ports, deploy_version: deployVersion }, options);
}

/** Starts a service step; it runs on after the answer. VERSION_MISMATCH: ask for the steps again. */
export async function executeServiceStep(
  agent: Agent, { step, node, ports, serviceVersion }: StepExecution & { readonly serviceVersion: HardwareManagerVersion }, options?: CallOptions,
): Promise<AgentCommand> {
  return start(agent, 'service.execute_service_step', { step: { ...step }, node, ports, service_version: serviceVersion }, options);
}

/** Starts writing an image, the way without steps. `configDrive`: base64 of gzip of an image, or its address. */
export async function prepareImage(
  agent: Agent, { imageInfo, configDrive }: { readonly imageInfo: CommandParameters; readonly configDrive: Secret | null }, options?: CallOptions,
): Promise<AgentCommand> {
  return start(agent, 'standby.prepare_image', { image_info: imageInfo, configdrive: configDrive }, options);
}

/** Partitions of the image that was written last. Undefined: the image has none of this kind. */
export interface PartitionUuids {
  /** UUID of the root file system, or `0x…`, the identifier of the disk, after a whole-disk image. */
  readonly rootUuid: string | undefined;
  readonly efiSystemPartitionUuid: string | undefined;
  readonly prepBootPartitionUuid: string | undefined;
}

/** What was written last. Throws as {@link Agent.execute}; REFUSED when the agent could not tell. */
export async function getPartitionUuids(agent: Agent, options?: CallOptions): Promise<PartitionUuids> {
  const result = await finish(agent, 'standby.get_partition_uuids', {}, options);
  const found = asObject(result) ?? {};
  const uuid = (key: string): string | undefined => (typeof found[key] === 'string' && found[key] !== '' ? found[key] : undefined);
  return {
    rootUuid: uuid('root uuid'),
    efiSystemPartitionUuid: uuid('efi system partition uuid'),
    prepBootPartitionUuid: uuid('PReP Boot partition uuid'),
  };
}

/** Starts making the disk bootable; look at {@link Agent.commands} for its end. */
export async function installBootloader(
  agent: Agent, { targetBootMode, ...uuids }: PartitionUuids & { readonly targetBootMode: 'bios' | 'uefi' }, options?: CallOptions,
): Promise<AgentCommand> {
  return start(agent, 'image.install_bootloader', {
    root_uuid: uuids.rootUuid ?? null,
    efi_system_part_uuid: uuids.efiSystemPartitionUuid ?? null,
    prep_boot_part_uuid: uuids.prepBootPartitionUuid ?? null,
    target_boot_mode: targetBootMode,
  }, options);
}

/** Writes all that is cached to the disks. Throws as {@link Agent.execute}; REFUSED when the agent could not. */
export async function sync(agent: Agent, options?: CallOptions): Promise<void> {
  await finish(agent, 'standby.sync', {}, options);
}

/** Has the machine switch itself off. The agent answers first and is gone soon after. */
export async function powerOff(agent: Agent, options?: CallOptions): Promise<AgentCommand> {
  return start(agent, 'standby.power_off', {}, options);
}

/** Has the machine reboot. The agent answers first and is gone soon after. */
export async function runImage(agent: Agent, options?: CallOptions): Promise<AgentCommand> {
  return start(agent, 'standby.run_image', {}, options);
}

/** Has the agent end its API and take its network down; for machines that cannot be switched off. */
export async function lockdown(agent: Agent, options?: CallOptions): Promise<void> {
  await finish(agent, 'system.lockdown', {}, options);
}

/**
 * Sets the password of the rescue system's user; the agent ends its API for good afterwards.
 * @param settings `rescuePassword`: its crypt(3) hash, such as `$6$…`. Throws REFUSED when the agent could not set it.
 */
export async function finalizeRescue(agent: Agent, { rescuePassword }: { readonly rescuePassword: Secret }, options?: CallOptions): Promise<void> {
  await finish(agent, 'rescue.finalize_rescue', { rescue_password: rescuePassword, hashed: true }, options);
}

/** The log of the ramdisk, a tar.gz. At most 64 MiB; takes long, so give it time: the default is that of any exchange. */
export async function collectSystemLogs(agent: Agent, options?: CallOptions): Promise<Uint8Array> {
  const logs = asObject(await finish(agent, 'log.collect_system_logs', {}, options))?.['system_logs'];
  if (typeof logs === 'string' && /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(logs)) return Buffer.from(logs, 'base64');
  throw new FerricError('PROTOCOL_FAULT', 'The agent answered log.collect_system_logs without system_logs in base64');
}

/** The inventory of the machine, as an inspection sends it. */
export async function getHardwareInfo(agent: Agent, options?: CallOptions): Promise<JsonObject> {
  const inventory = asObject(await finish(agent, 'poll.get_hardware_info', {}, options));
  if (inventory !== undefined) return inventory;
  throw new FerricError('PROTOCOL_FAULT', 'The agent answered poll.get_hardware_info without an inventory');
}

/** Tells an agent that runs without a conductor which machine it is on. */
export async function setNodeInfo(agent: Agent, { nodeInfo }: { readonly nodeInfo: CommandParameters }, options?: CallOptions): Promise<void> {
  await finish(agent, 'poll.set_node_info', { node_info: nodeInfo }, options);
}

export interface BootcInstall {
  readonly imageSource: string;
  readonly instanceInfo: CommandParameters;
  readonly pullSecret: Secret | null;
  readonly configDrive: Secret | null;
}

/** Starts installing a bootable container. */
export async function executeBootcInstall(agent: Agent, install: BootcInstall, options?: CallOptions): Promise<AgentCommand> {
  return start(agent, 'standby.execute_bootc_install', {
    image_source: install.imageSource, instance_info: install.instanceInfo, pull_secret: install.pullSecret, configdrive: install.configDrive,
  }, options);
}

/**
 * The result of a command that must have ended well.
 * @throws REFUSED with the agent's reason when it failed; CONFLICT when the agent's hardware managers changed; PROTOCOL_FAULT when it still runs.
 */
export function resultOf(command: AgentCommand): JsonValue {
  if (command.status === 'SUCCEEDED') return command.result;
  const details = { command: command.name, type: command.error?.type ?? null, code: command.error?.code ?? null };
  if (command.status === 'RUNNING') {
    throw new FerricError('PROTOCOL_FAULT', `The agent should have waited for ${command.name}, but says that it still runs`, { details });
  }
  const code = command.status === 'VERSION_MISMATCH' ? 'CONFLICT' : 'REFUSED';
  throw new FerricError(code, `${command.name} failed on the machine: ${command.error?.message ?? ''}`, { details });
}

async function start(agent: Agent, name: AgentCommandName, parameters: CommandParameters, options: CallOptions | undefined): Promise<AgentCommand> {
  return agent.execute(name, parameters, { ...options, wait: false });
}

async function finish(agent: Agent, name: AgentCommandName, parameters: CommandParameters, options: CallOptions | undefined): Promise<JsonValue> {
  return resultOf(await agent.execute(name, parameters, { ...options, wait: true }));
}

type GetSteps = (agent: Agent, subject: CommandSubject, options?: CallOptions) => Promise<AgentSteps>;

function stepsCommand(kind: AgentStepKind): GetSteps {
  return async (agent, { node, ports }, options) => readAgentSteps(kind, await finish(agent, GET_STEPS[kind], { node, ports }, options));
}
