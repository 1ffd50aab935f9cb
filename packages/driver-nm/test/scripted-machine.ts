import { createDeviceMemory, silentLogger, systemClock, withDeadline, type DeviceMemory, type Logger } from '@ferric/core';
import type { IpmiCall, IpmiMachine } from '@ferric/driver-ipmi';
import { decodeSdrRecord, type BridgeHop, type RequestCarrier } from '@ferric/ipmi-raw-buffer';
import type { VirtualControllers } from '@ferric/ipmi-raw-buffer/simulator';
import { notPassedOn, printRequest } from './scripted-bmc.js';

/** A BMC without a network: controllers behind it, and the records that it tells. Both may be changed. */
export interface ScriptedMachine extends IpmiMachine {
  controllers: VirtualControllers;
  records: readonly Uint8Array[];
  /** Thrown in place of the next answer. */
  failure: Error | undefined;
  /** `records` for each reading of them, else the request: `0:2c 2eca570100`. */
  readonly seen: readonly string[];
}

export interface ScriptedMachineParts {
  readonly controllers?: VirtualControllers;
  readonly records?: readonly Uint8Array[];
  readonly memory?: DeviceMemory;
  readonly logger?: Logger;
  readonly bridge?: readonly BridgeHop[];
}

export function scriptedMachine(parts: ScriptedMachineParts = {}): ScriptedMachine {
  const { memory = createDeviceMemory(), logger = silentLogger, bridge = [] } = parts;
  const address = '192.0.2.10:623';
  const seen: string[] = [];
  const machine: ScriptedMachine = {
    controllers: parts.controllers ?? {},
    records: parts.records ?? [],
    failure: undefined,
    seen,
    clock: systemClock,
    logger,
    memory,
    bridge,
    address,
    perform: ({ what, timeoutMs }, options, work) =>
      withDeadline(options, { what, defaultTimeoutMs: timeoutMs, details: { address } }, (deadline) =>
        work({
          deadline,
          bmc,
          records: async () => {
            seen.push('records');
            const records = machine.records.map((record) => decodeSdrRecord(record));
            return { repository: { records, source: 'repository', info: null, complete: true, warnings: [] } };
          },
          // Of a session, which is not there, nobody has need.
        } as unknown as IpmiCall),
      ),
  };
  const bmc: RequestCarrier = {
    address,
    async raw(request) {
      seen.push(printRequest(request));
      const { failure } = machine;
      machine.failure = undefined;
      if (failure !== undefined) throw failure;
      const [hop] = request.bridge ?? [];
      const controller = hop === undefined ? undefined : machine.controllers[hop.address];
      if (controller === undefined || controller.channel !== hop?.channel) throw notPassedOn(0x83);
      const reply = controller.handle({ netFn: request.netFn, lun: request.lun ?? 0, command: request.command, data: request.data ?? new Uint8Array(0) });
      if (reply === undefined) throw notPassedOn(0xc3);
      return reply;
    },
  };
  return machine;
}
