import type { CallOptions, EventLogEntry, InventoryReport, SensorReading } from '@ferric/core';

export interface IloSensors {
  read(options?: CallOptions): Promise<readonly SensorReading[]>;
}

export interface IloNetworkPort {
  /** `Port 1` */
  readonly name: string;
  /** Lower case with colons. */
  readonly macAddress: string;
}

export interface IloInventoryReport extends InventoryReport {
  /** By the rules of Ironic's inspection; 0 when there is no disk that the controller knows. */
  readonly localGigabytes: number;
  readonly ports: readonly IloNetworkPort[];
  /** Ironic's node capabilities by name: `secure_boot: 'true'`. All values are texts; what is not known is left out. */
  readonly capabilities: Readonly<Record<string, string>>;
}

export interface IloInventory {
  /** Some of it is known to the controller only after the server has been on. Nothing is switched for it. */
  read(options?: CallOptions): Promise<IloInventoryReport>;
}

/** `server`: the integrated management log. `controller`: what happened on the iLO. */
export type IloLogName = 'server' | 'controller';

export interface IloEventLog {
  /** Default: both logs, ids begin with the name of the log. */
  read(log?: IloLogName, options?: CallOptions): Promise<readonly EventLogEntry[]>;
  /** Default: both logs. */
  clear(log?: IloLogName, options?: CallOptions): Promise<void>;
}
