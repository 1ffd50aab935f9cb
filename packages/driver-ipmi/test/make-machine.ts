import { createClosing, createDeviceMemory, createGate, systemClock, type Clock, type DeviceMemory, type Logger } from '@ferric/core';
import { createRecordingLogger } from '@ferric/core/testing';
import type { BridgeHop } from '@ferric/ipmi-raw-buffer';
import { createMachine, type IpmiMachine } from '../src/ipmi-machine.js';
import { createRecordCache } from '../src/record-cache.js';
import type { FakeBmc } from './fake-bmc.js';

export interface MachineSettings {
  readonly clock?: Clock;
  readonly memory?: DeviceMemory;
  readonly logger?: Logger;
  readonly bridge?: readonly BridgeHop[];
}

/** A machine behind a BMC without a network. */
export function makeMachine(bmc: FakeBmc, settings: MachineSettings = {}): IpmiMachine {
  const { clock = systemClock, memory = createDeviceMemory(), logger = createRecordingLogger(), bridge = [] } = settings;
  const closing = createClosing('The device was closed');
  const gate = createGate(bmc.client.address, {}, clock);
  const lease = { client: bmc.client, key: 'a key', [Symbol.dispose]: () => undefined };
  return createMachine({
    address: bmc.client.address, clock, logger, memory, bridge, records: createRecordCache(), lease: () => lease, gate: () => gate, guard: closing.guard,
  });
}

/** Lets the clock run in steps until a call has settled. */
export async function run<T>(clock: { advance(ms: number): Promise<void> }, call: Promise<T>, stepMs = 1000, limitMs = 3_600_000): Promise<T> {
  let settled = false;
  const watched = call.finally(() => {
    settled = true;
  });
  watched.catch(() => undefined);
  for (let passedMs = 0; !settled && passedMs < limitMs; passedMs += stepMs) await clock.advance(stepMs);
  return watched;
}
