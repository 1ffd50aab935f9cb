import type { Device } from '../device/device.js';
import type { StepKind, StepInterface, StepArgument } from '../device/step.js';
import type { JsonObject } from '../json.js';
import type { Logger } from '../logging/logger.js';
import type { NodeView } from '../node/node.js';
import type { PortView } from '../node/port.js';
import type { ObjectSchema } from '../schema/object-schema.js';
import type { Sealed } from '../secrets/masking.js';
import type { StrategyInterfaceName } from './interfaces.js';

/** What a strategy wants changed on the node; merged key by key by the conductor, null removes a key. */
export interface NodeChanges {
  readonly properties?: JsonObject;
  readonly instanceInfo?: { readonly [key: string]: Sealed };
  readonly driverInternalInfo?: { readonly [key: string]: Sealed };
}

/** Services that the conductor lends to strategies, by name; packages that bring a service document its type. */
export type StrategyServices = Readonly<Record<string, unknown>>;

/** Everything a strategy may use while it works on one node. It holds the node's lock. */
export interface Task {
  readonly node: NodeView;
  readonly ports: readonly PortView[];
  readonly device: Device;
  readonly services: StrategyServices;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Tells what is being waited for or done; shown in the node's timeline. */
  progress(message: string, details?: JsonObject): void;
}

/** `wait`: the machine goes on by itself and reports later. */
export interface StrategyResult {
  readonly next: 'done' | 'wait';
  readonly changes?: NodeChanges;
}

/** A step that a strategy contributes to deploying, cleaning, verifying or servicing. */
export interface StrategyStep {
  readonly kind: StepKind;
  readonly interface: StepInterface;
  readonly name: string;
  readonly priority: number;
  readonly abortable: boolean;
  readonly requiresRamdisk: boolean;
  readonly arguments: Readonly<Record<string, StepArgument>>;
  run(task: Task, args: JsonObject): Promise<StrategyResult>;
}

interface StrategyBase<Name extends StrategyInterfaceName> {
  readonly interface: Name;
  /** The implementation's name: `ipxe`, `direct`, `fake`. */
  readonly name: string;
  /** The driver_info fields it reads. */
  readonly properties?: ObjectSchema<unknown>;
  /** Whether the node has what is needed. No contact with hardware. Throws INVALID_OPTIONS. */
  validate(task: Task): Promise<void>;
}

/** How a machine is made to boot the deploy agent, and later its own system. */
export interface BootStrategy extends StrategyBase<'boot'> {
  prepareRamdisk(task: Task, kernelParameters: Readonly<Record<string, string>>): Promise<NodeChanges | undefined>;
  cleanUpRamdisk(task: Task): Promise<NodeChanges | undefined>;
  prepareInstance(task: Task): Promise<NodeChanges | undefined>;
  cleanUpInstance(task: Task): Promise<NodeChanges | undefined>;
}

/** How a system gets onto the machine. Every method is idempotent: it runs again after a crash. */
export interface DeployStrategy extends StrategyBase<'deploy'> {
  readonly steps: readonly StrategyStep[];
  prepare(task: Task): Promise<NodeChanges | undefined>;
  cleanUp(task: Task): Promise<NodeChanges | undefined>;
  tearDown(task: Task): Promise<StrategyResult>;
  prepareCleaning(task: Task): Promise<StrategyResult>;
  tearDownCleaning(task: Task): Promise<NodeChanges | undefined>;
}

export interface InspectStrategy extends StrategyBase<'inspect'> {
  inspect(task: Task): Promise<StrategyResult>;
  abort(task: Task): Promise<void>;
}

export interface RescueStrategy extends StrategyBase<'rescue'> {
  rescue(task: Task): Promise<StrategyResult>;
  unrescue(task: Task): Promise<StrategyResult>;
  cleanUp(task: Task): Promise<NodeChanges | undefined>;
}

export interface StorageStrategy extends StrategyBase<'storage'> {
  attachVolumes(task: Task): Promise<NodeChanges | undefined>;
  detachVolumes(task: Task): Promise<NodeChanges | undefined>;
  /** False: the machine boots from a volume. */
  shouldWriteImage(task: Task): Promise<boolean>;
}

/** Which network a machine is in, by phase. */
export type NetworkPhase = 'provisioning' | 'cleaning' | 'rescuing' | 'inspection' | 'servicing' | 'tenant';

export interface NetworkStrategy extends StrategyBase<'network'> {
  connect(task: Task, phase: NetworkPhase): Promise<NodeChanges | undefined>;
  disconnect(task: Task, phase: NetworkPhase): Promise<NodeChanges | undefined>;
}

export interface StrategyByInterface {
  boot: BootStrategy;
  deploy: DeployStrategy;
  inspect: InspectStrategy;
  network: NetworkStrategy;
  rescue: RescueStrategy;
  storage: StorageStrategy;
}

export type Strategy = StrategyByInterface[StrategyInterfaceName];
