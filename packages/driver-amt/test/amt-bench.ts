import { createDeviceMemory, type Device, type DeviceInterfaceName, type DeviceMemory } from '@ferric/core';
import { createFakeClock, createRecordingLogger, type FakeClock, type RecordingLogger } from '@ferric/core/testing';
import { type AmtDriverInfo, createAmtDriver } from '../src/index.js';
import { createFakeAmt, type FakeAmt } from './fake-amt.js';
import { run } from './run.js';

/** A device of the driver, with a machine that has no network behind it. */
export interface AmtBench extends AsyncDisposable {
  readonly amt: FakeAmt;
  readonly clock: FakeClock;
  readonly memory: DeviceMemory;
  readonly logger: RecordingLogger;
  readonly device: Device;
  /** Another device of the same machine, as a conductor opens one for each piece of work. */
  open(fields?: Readonly<Record<string, unknown>>): Device;
  /** As a conductor asks whether an interface can be used. */
  validate(interfaceName?: DeviceInterfaceName): void;
  /** Lets time pass until a call has settled. */
  run<T>(call: Promise<T>): Promise<T>;
}

export function createAmtBench(fields: Readonly<Record<string, unknown>> = {}): AmtBench {
  const amt = createFakeAmt();
  const clock = createFakeClock();
  const memory = createDeviceMemory();
  const logger = createRecordingLogger();
  const driver = createAmtDriver({ clock, logger, createWsman: () => amt.wsman });
  const infoWith = (more: Readonly<Record<string, unknown>> = {}): AmtDriverInfo =>
    driver.driverInfo.parse({ amt_address: '192.0.2.10', amt_username: 'admin', amt_password: 'planted-secret', ...fields, ...more });
  const open = (more?: Readonly<Record<string, unknown>>): Device => driver.open(infoWith(more), { memory });
  const validate = (interfaceName?: DeviceInterfaceName): void => driver.validate?.(infoWith(), { memory }, interfaceName);
  return { amt, clock, memory, logger, device: open(), open, validate, run: (call) => run(clock, call), [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose]() };
}
