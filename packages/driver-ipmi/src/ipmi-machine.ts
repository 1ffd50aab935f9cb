import {
  withDeadline, type CallOptions, type Clock, type Closing, type Deadline, type DeviceMemory, type Gate, type JsonObject, type Logger,
} from '@ferric/core';
import type { BridgeHop, IpmiClient, IpmiResponse, RequestCarrier, RequestOptions } from '@ferric/ipmi-raw-buffer';
import type { Lease } from './client-pool.js';
import type { KnownRecords, RecordCache } from './record-cache.js';

/** One call of a device under way. */
export interface IpmiCall {
  readonly deadline: Deadline;
  /** The controller of the machine, bridged where it stands behind another. A request waits for its turn and ends with the call. */
  readonly bmc: RequestCarrier;
  /** Facts for errors: the address. */
  readonly details: JsonObject;
  /** The session behind it, for what is more than requests: the console. */
  readonly client: IpmiClient;
  /** The sensor data records of the controller, as long as it says that they have not changed without reading them again. */
  records(): Promise<KnownRecords>;
}

/** What one call of a device is. */
export interface CallFacts {
  /** For errors: `read power`. */
  readonly what: string;
  /** Time for it when the caller names none. Milliseconds. */
  readonly timeoutMs: number;
}

/** One machine behind a device: everything that its capabilities share. */
export interface IpmiMachine {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: DeviceMemory;
  /** The controllers that requests pass through, outermost first; none for most machines. */
  readonly bridge: readonly BridgeHop[];
  /** `192.0.2.10:623`. */
  readonly address: string;
  /**
   * Runs one call of the device: with a deadline, and given up when the device is closed.
   * @throws the abort reason; TIMEOUT; INVALID_OPTIONS for a bad `timeoutMs`; ABORTED when the device is closed; else what `work` throws.
   */
  perform<T>(facts: CallFacts, options: CallOptions | undefined, work: (call: IpmiCall) => Promise<T>): Promise<T>;
}

export interface MachineParts {
  readonly address: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: DeviceMemory;
  readonly bridge: readonly BridgeHop[];
  readonly records: RecordCache;
  readonly lease: () => Lease;
  readonly gate: () => Gate;
  readonly guard: Closing['guard'];
}

export function createMachine(parts: MachineParts): IpmiMachine {
  const { address, clock, logger, memory, bridge } = parts;
  const details = { address };
  return {
    clock,
    logger,
    memory,
    address,
    bridge,
    perform: ({ what, timeoutMs }, options, work) =>
      parts.guard(options, (call) =>
        withDeadline(call, { what: `'${what}' at ${address}`, defaultTimeoutMs: timeoutMs, details, clock }, async (deadline) => {
          const { client, key } = parts.lease();
          const bmc = carrierOf(parts, client, deadline);
          const records = (): Promise<KnownRecords> => parts.records.read(`${key} ${JSON.stringify(bridge)}`, bmc, { signal: deadline.signal }, clock);
          return work({ deadline, details, client, bmc, records });
        }),
      ),
  };
}

/** The client as one call uses it. */
function carrierOf({ address, gate, bridge }: MachineParts, client: IpmiClient, deadline: Deadline): RequestCarrier {
  return {
    address,
    async raw(request, options = {}) {
      const bridged = bridge.length === 0 ? request : { ...request, bridge: [...bridge, ...(request.bridge ?? [])] };
      const exchange = (signal: AbortSignal): Promise<IpmiResponse> => client.raw(bridged, { ...options, signal, timeoutMs: timeFor(options, deadline) });
      return gate().run(exchange, { signal: signalOf(options, deadline) });
    },
  };
}

function timeFor({ timeoutMs = Number.POSITIVE_INFINITY }: RequestOptions, deadline: Deadline): number {
  return Math.max(1, Math.min(timeoutMs, deadline.remainingMs()));
}

function signalOf({ signal }: RequestOptions, deadline: Deadline): AbortSignal {
  return signal === undefined || signal === deadline.signal ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
}
