import type { JsonObject } from '../json.js';
import type { CallOptions } from '../time/call-options.js';

/** One measured value with its unit and limits. */
export interface SensorReading {
  readonly name: string;
  /** `temperature`, `fan`, `voltage`, `power`, ... as the controller classes it. */
  readonly kind: string;
  /** Null when the sensor exists but has no value now. */
  readonly value: number | string | null;
  /** Unit of a numeric value: `degrees C`, `RPM`, `V`, `W`. */
  readonly unit?: string;
  readonly status: 'ok' | 'warning' | 'critical' | 'unknown';
  readonly thresholds?: {
    readonly lowerCritical?: number;
    readonly lowerWarning?: number;
    readonly upperWarning?: number;
    readonly upperCritical?: number;
  };
  readonly at: Date;
}

export interface Sensors {
  read(options?: CallOptions): Promise<readonly SensorReading[]>;
}

/** What the controller knows about the parts of the machine. */
export interface Inventory {
  read(options?: CallOptions): Promise<InventoryReport>;
}

export interface InventoryReport {
  readonly vendor?: string;
  readonly model?: string;
  readonly serialNumber?: string;
  readonly cpus?: number;
  readonly memoryMegabytes?: number;
  readonly cpuArchitecture?: string;
  readonly macAddresses?: readonly string[];
  /** Everything else, as the protocol names it. */
  readonly raw?: JsonObject;
}

/** One entry of the controller's own log. */
export interface EventLogEntry {
  readonly id: string;
  readonly at: Date | null;
  readonly severity: 'information' | 'warning' | 'critical';
  readonly message: string;
  readonly sensor?: string;
}

export interface EventLog {
  read(options?: CallOptions): Promise<readonly EventLogEntry[]>;
  clear(options?: CallOptions): Promise<void>;
}

/** Sends a non-maskable interrupt, so that a hung system writes its crash dump. Not idempotent. */
export interface Nmi {
  inject(options?: CallOptions): Promise<void>;
}
