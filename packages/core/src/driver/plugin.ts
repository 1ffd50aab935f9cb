import type { GateRegistry } from '../gate/gate-registry.js';
import type { Logger } from '../logging/logger.js';
import type { Clock } from '../time/clock.js';
import type { TranscriptSink } from '../transcript/transcript.js';
import type { AnyDriver, CONTRACT } from './driver.js';
import type { HardwareType } from './hardware-type.js';
import type { Strategy } from './strategy.js';

/** What a conductor gives to the plugins it loads. */
export interface PluginHost {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly gates: GateRegistry;
  /** Absent: transcripts are off. */
  readonly transcript?: TranscriptSink;
}

/** What a package adds to a conductor. Disposing the drivers closes everything it holds. */
export interface PluginParts {
  readonly hardwareTypes: readonly HardwareType[];
  readonly drivers: readonly AnyDriver[];
  readonly strategies: readonly Strategy[];
}

/**
 * What a driver package exports as `plugin` from its subpath `./plugin`. Its package.json carries
 * `"ferric": { "contract": 1 }`, which a conductor reads before it imports any code.
 */
export interface FerricPlugin {
  readonly contract: typeof CONTRACT;
  /** No I/O and no timers before the first device is used. */
  create(host: PluginHost): PluginParts;
}
