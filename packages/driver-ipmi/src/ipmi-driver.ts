import {
  CONTRACT, createClosing, createDeviceMemory, createGateRegistry, invalidOptions, MAXIMUM_TIMEOUT_MS, printValue, silentLogger, systemClock,
  type Closing, type Device, type DeviceContext, type Driver, type GateSettings, type VendorMethod,
} from '@ferric/core';
import { printAddress } from './bmc-address.js';
import { createBootMemory } from './boot-memory.js';
import { createClientPool, type ClientPool, type CreateIpmiClient, type Lease } from './client-pool.js';
import { createIpmiBootDevice } from './ipmi-boot-device.js';
import { createBootFlagsKeeper } from './ipmi-boot-flags.js';
import { createIpmiBootMode } from './ipmi-boot-mode.js';
import { createIpmiConsole } from './ipmi-console.js';
import { createIpmiEventLog } from './ipmi-event-log.js';
import { createIpmiIndicators } from './ipmi-indicators.js';
import { createIpmiInventory } from './ipmi-inventory.js';
import { createMachine, type IpmiMachine } from './ipmi-machine.js';
import { createIpmiNmi } from './ipmi-nmi.js';
import { bmcAccess, bridgeOf, IPMI_DRIVER_NAME, ipmiDriverInfo, type IpmiDriverInfo } from './ipmi-options.js';
import { createIpmiPower } from './ipmi-power.js';
import { createIpmiSensors } from './ipmi-sensors.js';
import { createIpmiVendorMethods } from './ipmi-vendor-methods.js';
import { createRecordCache, type RecordCache } from './record-cache.js';

/** What all devices of a driver get unless {@link Driver.open} is given another. Everything has a default. */
export interface IpmiDriverSettings extends Pick<DeviceContext, 'logger' | 'clock' | 'gate' | 'transcript'> {
  /**
   * How long a client is kept for the next device after its last one was closed; its session ends after 5 s without a request, or with it.
   * Milliseconds, default 20000.
   */
  readonly idleMs?: number;
  /** How clients are made. Default: `createIpmiClient` of `@ferric/ipmi-raw-buffer`. */
  readonly createClient?: CreateIpmiClient;
}

/** What another hardware type on top of IPMI adds. */
export interface IpmiExtension {
  /** Ironic's name of the interfaces: `staging-nm`. */
  readonly name: string;
  /** Vendor methods besides `send_raw` and `bmc_reset`. */
  vendorMethods(machine: IpmiMachine): Readonly<Record<string, VendorMethod>>;
}

const IDLE_MS = 20_000;

/** BMCs have few sessions, and other tools want one too. A process that looks after thousands would hold most of them open between two looks. */
const SESSION_IDLE_MS = 5000;

/** A BMC takes one request after the other; more than a few that wait are a sign that it does not keep up. */
const BMC_GATE: GateSettings = { concurrency: 1, queueLimit: 64 };

/**
 * Makes the driver `ipmitool`. It keeps one session with each BMC, for all devices on it, until it is disposed or nobody uses it for a while;
 * all of them share the same sockets, one for each address family, but for further users of one BMC.
 * @throws INVALID_OPTIONS for an `idleMs` that is no time.
 */
export function createIpmiDriver(settings: IpmiDriverSettings = {}, extension?: IpmiExtension): Driver<IpmiDriverInfo> {
  const { idleMs = IDLE_MS } = settings;
  if (!(idleMs >= 0 && idleMs <= MAXIMUM_TIMEOUT_MS)) {
    const expected = `a number of milliseconds from 0 to ${MAXIMUM_TIMEOUT_MS}`;
    throw invalidOptions('Driver of IPMI', [{ field: 'idleMs', problem: 'invalid', expected, received: printValue(idleMs) }]);
  }
  const gates = createGateRegistry(settings.clock);
  const pool = createClientPool({ createClient: settings.createClient, idleMs, sessionIdleMs: SESSION_IDLE_MS });
  const driverClosing = createClosing('The driver was closed');
  const shared = { gate: (...args: Parameters<typeof gates.gate>) => gates.gate(...args), ...settings };
  const records = createRecordCache();

  return {
    contract: CONTRACT,
    name: extension?.name ?? IPMI_DRIVER_NAME,
    driverInfo: ipmiDriverInfo,
    open: (info, context) => openDevice({ info, context: { ...shared, ...context }, settings, extension, pool, records, driverClosing }),
    async [Symbol.asyncDispose]() {
      await driverClosing[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}

interface DeviceParts {
  readonly info: IpmiDriverInfo;
  readonly context: DeviceContext & Required<Pick<DeviceContext, 'gate'>>;
  readonly settings: IpmiDriverSettings;
  readonly extension: IpmiExtension | undefined;
  readonly pool: ClientPool;
  readonly records: RecordCache;
  readonly driverClosing: Closing;
}

function openDevice({ info, context, settings, extension, pool, records, driverClosing }: DeviceParts): Device {
  const { clock = systemClock, logger = silentLogger, memory = createDeviceMemory() } = context;
  const deviceClosing = createClosing('The device was closed');
  const access = bmcAccess(info);
  const address = printAddress(access);
  const bridge = bridgeOf(info);
  let lease: Lease | undefined;

  const machine = createMachine({
    address, clock, logger, memory, bridge, records,
    gate: () => context.gate(address, BMC_GATE),
    // What is shared by many machines logs for none of them.
    lease: () => (lease ??= pool.lease(access, { clock, logger: settings.logger ?? logger, transcript: context.transcript })),
    guard: (options, work) => driverClosing.guard(options, (call) => deviceClosing.guard(call, work)),
  });
  const keeper = createBootFlagsKeeper(machine, { memory: createBootMemory(memory), disableTimeout: info.ipmi_disable_boot_timeout });
  const { bootDevice, beforeStart } = createIpmiBootDevice(machine, keeper, info.ipmi_force_boot_device);
  const vendor = createIpmiVendorMethods(machine);
  // Serial over LAN is a part of the session with the BMC itself, and came with IPMI 2.0.
  const consoles = bridge.length > 0 || info.ipmi_protocol_version === '1.5' ? undefined : createIpmiConsole(machine);

  return {
    power: createIpmiPower({ machine, beforeStart }),
    bootDevice,
    bootMode: createIpmiBootMode(machine, keeper),
    sensors: createIpmiSensors(machine),
    eventLog: createIpmiEventLog(machine),
    inventory: createIpmiInventory(machine),
    nmi: createIpmiNmi(machine),
    indicators: createIpmiIndicators(machine),
    ...(consoles === undefined ? {} : { console: consoles.console }),
    vendor: extension === undefined ? vendor : { methods: { ...vendor.methods, ...extension.vendorMethods(machine) } },
    async [Symbol.asyncDispose]() {
      await deviceClosing[Symbol.asyncDispose]();
      await consoles?.[Symbol.asyncDispose]();
      lease?.[Symbol.dispose]();
    },
  };
}
