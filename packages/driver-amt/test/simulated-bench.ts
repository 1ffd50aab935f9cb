import { createDeviceMemory, type Device, type DeviceMemory, type VendorMethod } from '@ferric/core';
import { createFakeHost, type FakeHost } from '@ferric/core/testing';
import { expect } from 'vitest';
import { createAmtDriver } from '../src/index.js';
import { startVirtualDevice, type AmtDevice, type VirtualAmtDevice, type VirtualAmtOptions } from '../src/simulator/index.js';

/** A driver with a simulated machine that it reaches over the network. */
export interface SimulatedBench extends AsyncDisposable {
  readonly machine: VirtualAmtDevice;
  readonly amt: AmtDevice;
  readonly host: FakeHost;
  readonly memory: DeviceMemory;
  readonly device: Device;
  open(fields?: Readonly<Record<string, unknown>>): Device;
  /** A vendor method of the device, with its arguments as a client sends them. */
  call(name: string, args?: unknown): Promise<unknown>;
}

/** Real machines need seconds; what is simulated does not. */
const QUICK = { spacingMs: 30, pollMs: 10 } as const;

export async function startSimulatedBench(options: VirtualAmtOptions = {}, fields: Readonly<Record<string, unknown>> = {}): Promise<SimulatedBench> {
  const machine = await startVirtualDevice(options);
  const host = createFakeHost({ transcriptLimit: 10_000 });
  const memory = createDeviceMemory();
  const driver = createAmtDriver({ logger: host.logger, clock: host.clock, transcript: host.transcript, gate: (...args) => host.gates.gate(...args), powerPacing: QUICK });
  const open = (more: Readonly<Record<string, unknown>> = {}): Device =>
    driver.open(driver.driverInfo.parse({ ...machine.driverInfo, amt_action_wait: 1, ...fields, ...more }), { memory });
  const device = open();
  return {
    machine, host, memory, device, open,
    amt: machine.device,
    async call(name, args = {}) {
      const method: VendorMethod | undefined = device.vendor?.methods[name];
      expect.assert(method !== undefined);
      return method.call(method.arguments.parse(args));
    },
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await machine[Symbol.asyncDispose]();
    },
  };
}

/** What the machine started from, at each start. */
export function boots({ amt }: SimulatedBench): readonly string[] {
  return amt.machine.boot.history.map(({ target }) => target);
}
