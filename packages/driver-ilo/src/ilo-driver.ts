import {
  CONTRACT, createClosing, createGateRegistry, invalidOptions, MAXIMUM_TIMEOUT_MS, printValue, silentLogger, systemClock,
  type Capability, type Closing, type Device, type DeviceContext, type Driver, type OptionIssue,
} from '@ferric/core';
import { createIloClient, type IloPauses } from './client/index.js';
import { createClientPool, type ClientPool, type CreateClient, type Lease } from './client-pool.js';
import { createIloBios } from './ilo-bios.js';
import { createIloBootDevice, createIloBootMode, createIloHttpBoot, createIloSecureBoot } from './ilo-boot.js';
import { createIloFirmware } from './ilo-firmware.js';
import { createIloIndicators } from './ilo-indicators.js';
import { createMachine, type IloMachine } from './ilo-machine.js';
import { createIloEventLog, createIloInventory, createIloNmi, createIloSensors } from './ilo-monitoring.js';
import { iloAccess, iloDriverInfo, type IloDriverInfo, type IloDriverName } from './ilo-options.js';
import { createIloPower } from './ilo-power.js';
import { createIloRaid } from './ilo-raid.js';
import { createIloVendorMethods } from './ilo-vendor-methods.js';
import { createIloVirtualMedia } from './ilo-virtual-media.js';
import type { RestartPacing } from './restart.js';
import { createIloSteps } from './steps/index.js';
import { createUnusedFieldWarning, type UnusedFieldWarning } from './unused-fields.js';

/** What all devices of a driver get unless {@link Driver.open} is given another. Everything has a default. */
export interface IloDriverSettings extends Pick<DeviceContext, 'logger' | 'clock' | 'gate' | 'transcript'> {
  /**
   * How long a client is kept after its last device was closed, with its session and what it knows of the iLO. Milliseconds, default 300000: longer
   * than the pause between two readings of all machines by a conductor, which opens its devices anew each time.
   */
  readonly idleMs?: number;
  /** How fast machines are asked. The defaults are what real ones need; smaller ones are for simulated ones. */
  readonly pauses?: Partial<IloPauses>;
  /** How an iLO is spoken to. Default: `createIloClient`. */
  readonly createClient?: CreateClient;
}

const IDLE_MS = 300_000;

/**
 * Makes the driver `ilo`. It keeps one client, with one session at most, for each controller and user, until it is disposed or nobody uses it for a while.
 * @throws INVALID_OPTIONS for times that are none.
 */
export function createIloDriver(settings: IloDriverSettings = {}): Driver<IloDriverInfo> {
  return createDriver('ilo', settings);
}

/** Makes the driver `ilo5`: `ilo` with what only iLO 5 and later have. Throws as {@link createIloDriver}. */
export function createIlo5Driver(settings: IloDriverSettings = {}): Driver<IloDriverInfo> {
  return createDriver('ilo5', settings);
}

/** Makes both, which share their clients: a machine that uses both has one session. Throws as {@link createIloDriver}. */
export function createIloDrivers(settings: IloDriverSettings = {}): readonly Driver<IloDriverInfo>[] {
  const pool = createPool(settings);
  let open = 2;
  const release = async (): Promise<void> => {
    open -= 1;
    if (open === 0) await pool[Symbol.asyncDispose]();
  };
  return [createDriver('ilo', settings, { pool, release }), createDriver('ilo5', settings, { pool, release })];
}

interface SharedPool {
  readonly pool: ClientPool;
  release(): Promise<void>;
}

function createPool({ idleMs = IDLE_MS, pauses, createClient = createIloClient }: IloDriverSettings): ClientPool {
  checkTimes({ idleMs, ...pauses });
  return createClientPool({ createClient, idleMs, pauses });
}

function ownPool(settings: IloDriverSettings): SharedPool {
  const pool = createPool(settings);
  return { pool, release: async () => pool[Symbol.asyncDispose]() };
}

function createDriver(name: IloDriverName, settings: IloDriverSettings, { pool, release }: SharedPool = ownPool(settings)): Driver<IloDriverInfo> {
  const gates = createGateRegistry(settings.clock);
  const driverClosing = createClosing('The driver was closed');
  const warnOfUnused = createUnusedFieldWarning();
  const shared = { gate: (...args: Parameters<typeof gates.gate>) => gates.gate(...args), ...settings };
  let released: Promise<void> | undefined;
  return {
    contract: CONTRACT,
    name,
    driverInfo: iloDriverInfo,
    open: (info, context) => openDevice({ name, info, context: { ...shared, ...context }, settings, pool, driverClosing, warnOfUnused }),
    async [Symbol.asyncDispose]() {
      await driverClosing[Symbol.asyncDispose]();
      await (released ??= release());
    },
  };
}

interface DeviceParts {
  readonly name: IloDriverName;
  readonly info: IloDriverInfo;
  readonly context: DeviceContext & Required<Pick<DeviceContext, 'gate'>>;
  readonly settings: IloDriverSettings;
  readonly pool: ClientPool;
  readonly driverClosing: Closing;
  readonly warnOfUnused: UnusedFieldWarning;
}

function openDevice({ name, info, context, settings, pool, driverClosing, warnOfUnused }: DeviceParts): Device {
  const { clock = systemClock, logger = silentLogger } = context;
  const deviceClosing = createClosing('The device was closed');
  const access = iloAccess(info);
  const address = addressOf(access);
  warnOfUnused(info, address, logger);
  const openedAt = pool.accessChanges;
  let lease: Lease | undefined;
  const machine = createMachine({
    info, driver: name, clock, logger, address, keepDriverInfo: context.keepDriverInfo,
    lease: () =>
      (lease ??= pool.lease(access, {
        clock,
        // What is shared by many devices logs for none of them.
        logger: settings.logger ?? logger,
        transcript: context.transcript,
        gate: (gateSettings) => context.gate(address, gateSettings),
      }, openedAt)),
    guard: (options, work) => driverClosing.guard(options, (call) => deviceClosing.guard(call, work)),
  });
  const pacing: RestartPacing = { clock, lookMs: settings.pauses?.powerMs, beforeRestart: context.beforeRestart };
  return {
    power: createIloPower(machine),
    bootDevice: createIloBootDevice(machine),
    bootMode: createIloBootMode(machine),
    virtualMedia: createIloVirtualMedia(machine),
    sensors: createIloSensors(machine),
    inventory: createIloInventory(machine),
    firmware: createIloFirmware(machine),
    indicators: createIloIndicators(machine),
    eventLog: createIloEventLog(machine),
    vendor: createIloVendorMethods(machine),
    steps: createIloSteps(machine, pacing),
    ...capabilitiesOf(machine, pacing),
    async [Symbol.asyncDispose]() {
      await deviceClosing[Symbol.asyncDispose]();
      lease?.[Symbol.dispose]();
    },
  };
}

/** What not every generation has. */
const CAPABILITIES = {
  secureBoot: createIloSecureBoot,
  httpBoot: createIloHttpBoot,
  bios: createIloBios,
  nmi: createIloNmi,
  raid: createIloRaid,
} as const satisfies Partial<Record<Capability, (machine: IloMachine, pacing: RestartPacing) => unknown>>;

function capabilitiesOf(machine: IloMachine, pacing: RestartPacing): Partial<Device> {
  const present = Object.entries(CAPABILITIES).filter(([name]) => (machine.facts.capabilities as ReadonlySet<string>).has(name));
  return Object.fromEntries(present.map(([name, create]) => [name, create(machine, pacing)]));
}

/** `192.0.2.10:443`, `[2001:db8::1]:443` */
function addressOf({ host, port }: ReturnType<typeof iloAccess>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function checkTimes(times: Readonly<Record<string, number>>): void {
  const issues = Object.entries(times)
    .filter(([, value]) => !(value >= 0 && value <= MAXIMUM_TIMEOUT_MS))
    .map(([field, value]): OptionIssue => {
      return { field, problem: 'invalid', expected: `a number of milliseconds from 0 to ${MAXIMUM_TIMEOUT_MS}`, received: printValue(value) };
    });
  if (issues.length > 0) throw invalidOptions('Driver of iLO', issues);
}
