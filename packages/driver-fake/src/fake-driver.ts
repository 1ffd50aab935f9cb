import {
  CONTRACT, createClosing, createDeviceMemory, createGateRegistry, type Closing, type Device, type DeviceContext, type DeviceMemory, type Driver,
} from '@ferric/core';
import { createFakeClient } from './client/index.js';
import { createFakeBios } from './fake-bios.js';
import { createFakeBootDevice } from './fake-boot-device.js';
import { createFakeBootMode, createFakeSecureBoot } from './fake-boot-mode.js';
import { createPerformAction } from './fake-call.js';
import { createFakeConsoles } from './fake-console.js';
import { createFakeIndicators } from './fake-indicators.js';
import { createMemoryMachine, type FakeMachine } from './fake-machine.js';
import { fakeDriverInfo, type FakeDriverInfo } from './fake-options.js';
import { createFakePower } from './fake-power.js';
import { createFakeRaid } from './fake-raid.js';
import { createFakeSteps } from './fake-steps.js';
import { createFakeVendorMethods } from './fake-vendor-methods.js';

/** What all devices of a driver get unless {@link Driver.open} is given another. Everything has a default. */
export type FakeDriverSettings = Pick<DeviceContext, 'logger' | 'clock' | 'gate' | 'transcript'>;

/** Makes the driver behind `fake-hardware`. It holds no socket: closing it ends the calls of all its devices. */
export function createFakeDriver(settings: FakeDriverSettings = {}): Driver<FakeDriverInfo> {
  const gates = createGateRegistry(settings.clock);
  const driverClosing = createClosing('The driver was closed');
  return {
    contract: CONTRACT,
    name: 'fake',
    driverInfo: fakeDriverInfo,
    open: (info, context) => openDevice(info, { gate: (address) => gates.gate(address), ...settings, ...context }, driverClosing),
    [Symbol.asyncDispose]: () => driverClosing[Symbol.asyncDispose](),
  };
}

function openDevice(info: FakeDriverInfo, context: DeviceContext, driverClosing: Closing): Device {
  const deviceClosing = createClosing('The device was closed');
  const memory = context.memory ?? createDeviceMemory();
  const machine = chooseMachine(info, context, memory);
  const details = info.fake_address === undefined ? {} : { address: info.fake_address };
  const perform = createPerformAction({
    script: info, context, memory, details,
    guard: (options, work) => driverClosing.guard(options, (call) => deviceClosing.guard(call, work)),
  });
  const consoles = createFakeConsoles(machine, perform);
  return {
    power: createFakePower(machine, perform, details, context.clock),
    bootDevice: createFakeBootDevice(machine, perform),
    bootMode: createFakeBootMode(machine, perform),
    secureBoot: createFakeSecureBoot(machine, perform),
    indicators: createFakeIndicators(machine, perform),
    bios: createFakeBios(machine, perform),
    raid: createFakeRaid(machine, perform),
    console: consoles.console,
    vendor: createFakeVendorMethods(perform),
    steps: createFakeSteps(perform, context.logger),
    async [Symbol.asyncDispose]() {
      consoles.close();
      await deviceClosing[Symbol.asyncDispose]();
    },
  };
}

function chooseMachine(info: FakeDriverInfo, context: DeviceContext, memory: DeviceMemory): FakeMachine {
  const { fake_address: address, fake_port: port, fake_password: password } = info;
  if (address === undefined || port === undefined) return createMemoryMachine(memory);
  const gate = context.gate?.(`${address}:${port}`);
  return createFakeClient({ address, port, password, gate, clock: context.clock, transcript: context.transcript });
}
