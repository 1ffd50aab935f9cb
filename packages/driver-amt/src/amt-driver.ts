import {
  CONTRACT, createClosing, createDeviceMemory, createGateRegistry, invalidOptions, MAXIMUM_TIMEOUT_MS, printValue, silentLogger, systemClock,
  type Closing, type Device, type DeviceContext, type Driver, type OptionIssue,
} from '@ferric/core';
import { createAmtBootDevice } from './amt-boot-device.js';
import { createAmtEventLog } from './amt-event-log.js';
import { createAmtInventory } from './amt-inventory.js';
import { createMachine } from './amt-machine.js';
import { createAmtNmi } from './amt-nmi.js';
import { AMT_DRIVER_NAME, amtAccess, amtDriverInfo, type AmtDriverInfo } from './amt-options.js';
import { createAmtPower } from './amt-power.js';
import { validateKeptBoot } from './amt-validation.js';
import { createAmtVendorMethods } from './amt-vendor-methods.js';
import { createBootChoice } from './boot-choice.js';
import { createClientPool, type ClientPool, type CreateWsman, type Lease } from './client-pool.js';
import { POWER_PACING, type PowerPacing } from './client/power/index.js';
import { addressOf } from './client/wsman/settings.js';

/** What all devices of a driver get unless {@link Driver.open} is given another. Everything has a default. */
export interface AmtDriverSettings extends Pick<DeviceContext, 'logger' | 'clock' | 'gate' | 'transcript'> {
  /**
   * How long a client is kept after its last device was closed, with what it knows of the machine. Its connection ends after 10 s without a request.
   * Milliseconds, default 300000: longer than the pause between two readings of all machines by a conductor, which opens its devices anew each time.
   */
  readonly idleMs?: number;
  /** How fast machines are asked. The defaults are what real ones need; smaller ones are for simulated ones. */
  readonly powerPacing?: Partial<PowerPacing>;
  /** How devices are spoken to. Default: `createWsman`. */
  readonly createWsman?: CreateWsman;
}

const IDLE_MS = 300_000;

/**
 * Makes the driver `staging-amt`. It keeps one client, with one connection at most, for each management engine and user, until it is disposed or
 * nobody uses it for a while.
 * @throws INVALID_OPTIONS for times that are none.
 */
export function createAmtDriver(settings: AmtDriverSettings = {}): Driver<AmtDriverInfo> {
  const { idleMs = IDLE_MS, powerPacing, createWsman } = settings;
  const pacing: PowerPacing = { ...POWER_PACING, ...powerPacing };
  checkTimes({ idleMs, ...pacing });
  const gates = createGateRegistry(settings.clock);
  const pool = createClientPool({ createWsman, idleMs, powerPacing: pacing });
  const driverClosing = createClosing('The driver was closed');
  const state = { closed: false };
  const shared = { gate: (...args: Parameters<typeof gates.gate>) => gates.gate(...args), ...settings };

  return {
    contract: CONTRACT,
    name: AMT_DRIVER_NAME,
    driverInfo: amtDriverInfo,
    validate: validateKeptBoot,
    open: (info, context) => openDevice({ info, context: { ...shared, ...context }, settings, pacing, pool, driverClosing, isDriverClosed: () => state.closed }),
    async [Symbol.asyncDispose]() {
      state.closed = true;
      await driverClosing[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}

interface DeviceParts {
  readonly info: AmtDriverInfo;
  readonly context: DeviceContext & Required<Pick<DeviceContext, 'gate'>>;
  readonly settings: AmtDriverSettings;
  readonly pacing: PowerPacing;
  readonly pool: ClientPool;
  readonly driverClosing: Closing;
  readonly isDriverClosed: () => boolean;
}

function openDevice({ info, context, settings, pacing, pool, driverClosing, isDriverClosed }: DeviceParts): Device {
  const { clock = systemClock, logger = silentLogger, memory = createDeviceMemory() } = context;
  const deviceClosing = createClosing('The device was closed');
  const access = amtAccess(info);
  const address = addressOf(access);
  let isDeviceClosed = false;
  let lease: Lease | undefined;

  const machine = createMachine({
    info, clock, logger, memory, address,
    isClosed: () => isDeviceClosed || isDriverClosed(),
    lease: () =>
      (lease ??= pool.lease(access, {
        clock,
        // What is shared by many machines logs for none of them.
        logger: settings.logger ?? logger,
        transcript: context.transcript,
        gate: (gateSettings) => context.gate(address, gateSettings),
      })),
    guard: (options, work) => driverClosing.guard(options, (call) => deviceClosing.guard(call, work)),
  });
  const bootChoice = createBootChoice({ memory, logger, httpsBootUrl: info.amt_https_boot_url });
  const power = createAmtPower({ machine, bootChoice, pacing });

  return {
    power: power.power,
    bootDevice: createAmtBootDevice(machine, bootChoice),
    inventory: createAmtInventory(machine),
    eventLog: createAmtEventLog(machine),
    nmi: createAmtNmi(machine),
    vendor: createAmtVendorMethods({ machine, power, bootChoice }),
    async [Symbol.asyncDispose]() {
      isDeviceClosed = true;
      await deviceClosing[Symbol.asyncDispose]();
      lease?.[Symbol.dispose]();
    },
  };
}

function checkTimes(times: Readonly<Record<string, number>>): void {
  const issues = Object.entries(times)
    .filter(([, value]) => !(value >= 0 && value <= MAXIMUM_TIMEOUT_MS))
    .map(([field, value]): OptionIssue => {
      return { field, problem: 'invalid', expected: `a number of milliseconds from 0 to ${MAXIMUM_TIMEOUT_MS}`, received: printValue(value) };
    });
  if (issues.length > 0) throw invalidOptions('Driver of AMT', issues);
}
