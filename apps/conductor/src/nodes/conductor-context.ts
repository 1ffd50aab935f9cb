import type { Clock, GateRegistry, Logger, StrategyServices } from '@ferric/core';
import type { Registry } from '../compose/registry.js';
import type { Store } from '../store/store.js';
import type { NodeDeviceHost } from './node-device.js';
import type { NodeLocks } from './node-locks.js';
import type { Work } from './stored-node.js';

/** Times that an operator may change; each has its default in the configuration. */
export interface NodeSettings {
  /** Longest time for one call to a controller that a client waits for. Milliseconds. */
  readonly deviceTimeoutMs: number;
  /** Time in which a machine must reach a power state. Milliseconds. */
  readonly powerChangeTimeoutMs: number;
  /** The same for soft power off and soft reboot. Milliseconds. */
  readonly softPowerOffTimeoutMs: number;
  /** How long each part of cleaning, deploying and the like waits in all for a controller that does not answer. Milliseconds; 0 fails at once. */
  readonly outagePatienceMs: number;
  /** Whether nodes that do not say so themselves are cleaned after use. */
  readonly automatedClean: boolean;
  /** Time that a machine has to report while its node waits for it: deploying, cleaning, inspecting, entering rescue. Milliseconds. */
  readonly deployCallbackTimeoutMs: number;
  readonly cleanCallbackTimeoutMs: number;
  readonly inspectCallbackTimeoutMs: number;
  readonly rescueCallbackTimeoutMs: number;
}

/** Hands promised work to the workflow engine. Never rejects: what cannot be started now is started by the reconciler. */
export interface WorkStarter {
  start(work: Work, nodeUuid: string): void;
}

/** Work that nobody waits for and that ends with the process, such as an asynchronous vendor method. */
export interface BackgroundTasks {
  /** Runs it; failures are logged. The signal aborts when the conductor stops. */
  run(name: string, task: (signal: AbortSignal) => Promise<void>): void;
}

/** What the parts of the node service share. */
export interface ConductorContext {
  readonly store: Store;
  readonly registry: Registry;
  readonly gates: GateRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Name of this conductor; what `reservation` and `conductor` show. */
  readonly hostname: string;
  readonly settings: NodeSettings;
  readonly locks: NodeLocks;
  readonly devices: NodeDeviceHost;
  /** What strategies may use besides the machine. */
  readonly services: StrategyServices;
  readonly works: WorkStarter;
  readonly background: BackgroundTasks;
}
