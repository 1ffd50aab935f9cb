import type { Device } from '../device/device.js';
import type { StepKind, StepInterface, StepArgument } from '../device/step.js';
import type { JsonObject } from '../json.js';
import type { Logger } from '../logging/logger.js';
import type { NodeView } from '../node/node.js';
import type { PortView } from '../node/port.js';
import type { PortgroupView } from '../node/portgroup.js';
import type { ObjectSchema } from '../schema/object-schema.js';
import type { Sealed } from '../secrets/masking.js';
import type { Secret } from '../secrets/secret.js';
import type { Clock } from '../time/clock.js';
import type { StrategyInterfaceName } from './interfaces.js';
import type { MediaServices } from './media-services.js';

/** What a strategy wants changed on the node; merged key by key by the conductor, null removes a key. */
export interface NodeChanges {
  readonly properties?: JsonObject;
  readonly instanceInfo?: { readonly [key: string]: Sealed };
  readonly driverInternalInfo?: { readonly [key: string]: Sealed };
  /** The disk arrays that the machine has now; replaces what was known before. */
  readonly raidConfig?: JsonObject;
  /** Ports that the node shall have; one that it has already, by its address, stays as it is. */
  readonly ports?: readonly FoundPort[];
  /** What becomes of the internal_info of ports of the node, by their UUIDs; merged key by key, null removes a key. */
  readonly portInfo?: Readonly<Record<string, JsonObject>>;
  /** The same for port groups. */
  readonly portgroupInfo?: Readonly<Record<string, JsonObject>>;
  /** What an inspection found; replaces what the one before found. */
  readonly inventory?: FoundInventory;
}

/** A network port that an inspection found. */
export interface FoundPort {
  /** MAC address, lower case with colons. */
  readonly address: string;
  readonly pxeEnabled: boolean;
}

/** What an inspection found: the inventory as `GET /v1/nodes/{node}/inventory` shows it, and everything else. */
export interface FoundInventory {
  readonly inventory: JsonObject;
  readonly pluginData: JsonObject;
}

/** Services that the conductor lends to strategies. */
export interface StrategyServices {
  /**
   * The address under which this node reaches the conductor: `http://192.0.2.1:6385`, without a slash at its end.
   * It is the configured one, or else the one under which the machine last spoke to the conductor.
   * Throws CONFLICT when neither is known.
   */
  conductorUrl(node: NodeView): string;
  /**
   * An http or https address from which the machine can fetch what `reference` names: http and https as they are, `file:///...` below
   * one of the folders that the conductor serves. Throws INVALID_OPTIONS for any other scheme, and for a file outside or one that is not there.
   */
  downloadUrl(node: NodeView, reference: string): Promise<string>;
  /**
   * The SHA-2 checksum of a `file:///...` image, hex digits. It may take a while the first time; progress is told. Throws as `downloadUrl`.
   */
  fileChecksum(reference: string, algorithm: 'sha256' | 'sha512', options: { readonly signal: AbortSignal }): Promise<string>;
  /** Builds a config drive, ready for the deploy agent: base64 of gzip of an ISO 9660 image with the label `config-2`. Throws UNSUPPORTED when no tool for it is installed. */
  buildConfigDrive(content: ConfigDriveContent, options: { readonly signal: AbortSignal }): Promise<Secret>;
  /** Images for the virtual drives of machines. */
  readonly media: MediaServices;
}

/** What goes into a config drive, as clients of the API give it. */
export interface ConfigDriveContent {
  readonly metaData: JsonObject;
  readonly networkData?: JsonObject;
  readonly vendorData?: JsonObject;
  /** Text as it is, or an object that is written as JSON. */
  readonly userData?: Secret | JsonObject;
}

/** Everything a strategy may use while it works on one node. It holds the node's lock. */
export interface Task {
  /** The record as this task knows it last: after {@link Task.keep} with its changes, and with what others wrote until then. */
  readonly node: NodeView;
  /** Ports and port groups of the node in order of creation, with what this task kept of their internal_info. */
  readonly ports: readonly PortView[];
  readonly portgroups: readonly PortgroupView[];
  readonly device: Device;
  /** The other strategies of the node; undefined where it has none. */
  readonly boot: BootStrategy | undefined;
  readonly network: NetworkStrategy | undefined;
  readonly storage: StorageStrategy | undefined;
  readonly services: StrategyServices;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Tells what is being waited for or done; shown in the node's timeline. No secrets. */
  progress(message: string, details?: JsonObject): void;
  /** Writes changes at once: what must be known before the machine is told to act on it. */
  keep(changes: NodeChanges): Promise<void>;
}

/** `wait`: the machine goes on by itself and reports later. */
export interface StrategyResult {
  readonly next: 'done' | 'wait';
  readonly changes?: NodeChanges;
  /** With `wait`: what is waited for, as the rest of a sentence: `the deploy agent to report`. */
  readonly waitsFor?: string;
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
  /** Idempotent: it runs again after a crash, and must look before it repeats what was done. */
  run(task: Task, args: JsonObject): Promise<StrategyResult>;
  /**
   * Looks at a step that answered `wait`, each time the machine reports. It changes nothing unless it answers `done`.
   * Left out: the first report ends the step.
   */
  resume?(task: Task, args: JsonObject): Promise<StrategyResult>;
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

/** What a machine boots the deploy agent for. */
export const RAMDISK_PURPOSES = ['deploy', 'clean', 'inspect', 'rescue', 'service'] as const;
export type RamdiskPurpose = (typeof RAMDISK_PURPOSES)[number];

/** How a machine is made to boot the deploy agent, and later its own system. Every method is idempotent. None touches the power. */
export interface BootStrategy extends StrategyBase<'boot'> {
  /** True: what is prepared counts for a machine that is off while it is prepared; whoever can shall switch it off before. Default false. */
  readonly wantsMachineOff?: boolean;
  /**
   * Whether the parameters of this boot reach nobody but the machine and its controller, so that a Secret may be among them. Known without I/O.
   * Left out: no, and then {@link BootStrategy.prepareRamdisk} throws INVALID_OPTIONS for a Secret.
   */
  keepsSecrets?(task: Task, purpose: RamdiskPurpose): boolean;
  /**
   * Checks and makes what {@link BootStrategy.prepareRamdisk} needs, and changes nothing of the machine yet: it may still run, and a failure costs it nothing.
   * Left out: there is nothing to make.
   * @returns the rest of `prepareRamdisk`, in its place: for the machine as it shall be then
   */
  readyRamdisk?(task: Task, purpose: RamdiskPurpose, kernelParameters: Readonly<Record<string, string | Secret>>): Promise<() => Promise<NodeChanges | undefined>>;
  /** Makes the next boot load the agent, with these parameters besides the usual ones on the kernel's command line. */
  prepareRamdisk(task: Task, purpose: RamdiskPurpose, kernelParameters: Readonly<Record<string, string | Secret>>): Promise<NodeChanges | undefined>;
  cleanUpRamdisk(task: Task): Promise<NodeChanges | undefined>;
  /** Makes this and all later boots load what was deployed. */
  prepareInstance(task: Task): Promise<NodeChanges | undefined>;
  cleanUpInstance(task: Task): Promise<NodeChanges | undefined>;
}

/** Kinds of steps that run one after the other, with waits in between. */
export type StepSequence = Extract<StepKind, 'deploy' | 'clean'>;

/** How a system gets onto the machine. Every method is idempotent: it runs again after a crash. */
export interface DeployStrategy extends StrategyBase<'deploy'> {
  readonly steps: readonly StrategyStep[];
  /**
   * Steps that the machine itself offers once its ramdisk runs: asked whenever it reports while steps of this kind are under way.
   * The strategy asks the machine once for each boot and keeps the answer in driver_internal_info. Left out: there are none.
   */
  ramdiskSteps?(task: Task, kind: StepSequence): Promise<readonly StrategyStep[]>;
  prepare(task: Task): Promise<NodeChanges | undefined>;
  /** Forgets what {@link DeployStrategy.prepare} made; after a failed deployment and before tearing down. */
  cleanUp(task: Task): Promise<NodeChanges | undefined>;
  tearDown(task: Task): Promise<StrategyResult>;
  /** `wait`: the machine boots its ramdisk; the steps begin when it reports. */
  prepareCleaning(task: Task): Promise<StrategyResult>;
  /**
   * Called when a device is about to start the machine anew as a part of its step: the ramdisk that runs there has to come back. Left out: none does.
   * Idempotent.
   */
  beforeRestart?(task: Task): Promise<void>;
  /** After the last step, and after a cleaning that failed or was aborted. */
  tearDownCleaning(task: Task): Promise<NodeChanges | undefined>;
}

export interface InspectStrategy extends StrategyBase<'inspect'> {
  inspect(task: Task): Promise<StrategyResult>;
  /** Goes on with what the machine sent, after `wait`. Left out: {@link InspectStrategy.inspect} never waits. */
  resume?(task: Task, found: FoundInventory): Promise<StrategyResult>;
  /** Ends an inspection that waits, after an abort, a failure or when the time is over. */
  abort(task: Task): Promise<void>;
}

export interface RescueStrategy extends StrategyBase<'rescue'> {
  rescue(task: Task): Promise<StrategyResult>;
  /** Goes on when the machine reports, after `wait`. Left out: {@link RescueStrategy.rescue} never waits. */
  resume?(task: Task): Promise<StrategyResult>;
  unrescue(task: Task): Promise<StrategyResult>;
  /** After a rescue that failed or was aborted. */
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

/** A virtual interface: what a network service calls the place in one of its networks that a port of the machine takes. */
export interface Vif {
  /** A UUID or a name. */
  readonly id: string;
}

/** A wish for a virtual interface. Without a port or a port group the strategy chooses one; it never names both. */
export interface VifRequest extends Vif {
  readonly portUuid?: string;
  readonly portgroupUuid?: string;
}

/** How a machine gets into the networks that its work and its users need. Every method is idempotent but for the attaching. */
export interface NetworkStrategy extends StrategyBase<'network'> {
  connect(task: Task, phase: NetworkPhase): Promise<NodeChanges | undefined>;
  disconnect(task: Task, phase: NetworkPhase): Promise<NodeChanges | undefined>;
  /** The virtual interfaces that are attached to the node. It changes nothing and does not hold the node's lock. */
  listVifs(task: Task): Promise<readonly Vif[]>;
  /** Throws CONFLICT when it is attached to the node already, INVALID_OPTIONS when no port can take it. */
  attachVif(task: Task, request: VifRequest): Promise<NodeChanges | undefined>;
  /** Throws INVALID_OPTIONS when it is not attached to the node. */
  detachVif(task: Task, id: string): Promise<NodeChanges | undefined>;
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
