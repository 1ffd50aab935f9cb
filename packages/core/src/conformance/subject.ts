import type { Capability } from '../device/device.js';
import type { AnyDriver } from '../driver/driver.js';
import type { FerricPlugin, PluginHost } from '../driver/plugin.js';
import type { StartVirtualDevice } from '../virtual-device/virtual-device.js';

/** What the conformance suite needs to know of a driver. */
export interface ConformanceSubject {
  /** Makes a fresh driver; the suite disposes it. */
  readonly createDriver: (host: PluginHost) => AnyDriver;
  /** Starts a fresh machine; the suite disposes it. */
  readonly startVirtualDevice: StartVirtualDevice;
  /** The capabilities that its devices have besides power. Any other must be absent. */
  readonly capabilities: readonly Exclude<Capability, 'power'>[];
  /** What the package exports from `./plugin`; its facts are checked too when given. */
  readonly plugin?: FerricPlugin;
  /** Exchanges that the driver may have under way at one controller. Default 1, as a gate allows by itself. */
  readonly concurrency?: number;
  /** Connections to one controller that the driver may keep open for later devices until it is disposed. Default 0. */
  readonly pooledConnections?: number;
  /** Machines that may be tried at the same time, where each costs much. Default: as many as a rule likes. */
  readonly machinesAtOnce?: number;
  /** Longest time that one call takes while the simulator is in good health. Milliseconds, default 5000. */
  readonly callTimeMs?: number;
}
