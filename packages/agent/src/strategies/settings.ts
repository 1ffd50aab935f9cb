import { createAgentClient, type Agent, type AgentClientOptions } from '../client/index.js';

/** What is needed to speak with the agent on one machine. */
export type AgentConnection = Pick<AgentClientOptions, 'url' | 'token' | 'verifyCa' | 'clock' | 'attempts'>;

/** Which interfaces that an inspection finds become ports: those it booted from, those with an IP address, all, or none. */
export type AddedPorts = 'pxe' | 'active' | 'all' | 'disabled';

/** How the strategies of this package work. */
export interface AgentStrategySettings {
  /** Default: the client of this package. */
  readonly connect: (connection: AgentConnection) => Agent;
  /** How long a machine may take to switch itself off before it is cut off. Milliseconds, default 30000, as Ironic (6 times 5 s). */
  readonly powerOffWaitMs: number;
  /**
   * How long an agent may go on answering after it was told to switch its machine off, where nobody can ask for the power state.
   * Milliseconds, default 180000: a slow disk is synchronised first.
   */
  readonly silenceWaitMs: number;
  /** Pause between two looks at the port of such an agent; two in a row that find nobody are silence. Milliseconds, default 2000. */
  readonly silenceProbeMs: number;
  /** From when such an agent fell silent until its machine counts as off: its network goes before its power. Milliseconds, default 15000. */
  readonly powerOffGraceMs: number;
  /** How long the first heartbeat after an inspection is waited for, where only the agent can switch its machine off. Milliseconds, default 30000. */
  readonly firstHeartbeatWaitMs: number;
  /** Pause between two looks at a boot loader's installation. Milliseconds, default 6000, as Ironic. */
  readonly bootloaderPollMs: number;
  /** How long a boot loader's installation may take. Milliseconds, default 600000, as Ironic (100 times 6 s). */
  readonly bootloaderWaitMs: number;
  /** Firmware mode of machines that neither a capability `boot_mode`, an inspection nor the controller tells of. Default `bios`, which installs nothing. */
  readonly defaultBootMode: 'bios' | 'uefi';
  /** Whether raw images go straight to the disk instead of through the machine's memory. Default true. */
  readonly streamRawImages: boolean;
  /** Priority of the clean step `erase_devices` in place of the agent's own; 0 leaves it out. Default: the agent's. */
  readonly eraseDevicesPriority: number | undefined;
  /** The same for `erase_devices_metadata`. */
  readonly eraseDevicesMetadataPriority: number | undefined;
  /** Default `pxe`, as Ironic. */
  readonly addPorts: AddedPorts;
  /** Whether a machine is switched off after its inspection. Default true. */
  readonly powerOffAfterInspection: boolean;
  /** Whether a machine is switched off when its deployment failed while the agent ran. Default true. */
  readonly powerOffAfterFailure: boolean;
}

/** Defaults of {@link AgentStrategySettings}. */
export const DEFAULT_AGENT_STRATEGY_SETTINGS: AgentStrategySettings = {
  connect: (connection) => createAgentClient(connection),
  powerOffWaitMs: 30_000,
  silenceWaitMs: 180_000,
  silenceProbeMs: 2000,
  powerOffGraceMs: 15_000,
  firstHeartbeatWaitMs: 30_000,
  bootloaderPollMs: 6000,
  bootloaderWaitMs: 600_000,
  defaultBootMode: 'bios',
  streamRawImages: true,
  eraseDevicesPriority: undefined,
  eraseDevicesMetadataPriority: undefined,
  addPorts: 'pxe',
  powerOffAfterInspection: true,
  powerOffAfterFailure: true,
};
