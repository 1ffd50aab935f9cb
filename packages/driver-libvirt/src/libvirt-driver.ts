import {
  CONTRACT, createClosing, createGateRegistry, invalidOptions, MAXIMUM_TIMEOUT_MS, printValue, silentLogger, systemClock,
  type Closing, type Device, type DeviceContext, type Driver,
} from '@ferric/core';
import { createClientPool, type ClientPool, type CreateLibvirtClient, type Lease, type PoolContext } from './client-pool.js';
import { createLibvirtClient } from './client/libvirt-client.js';
import type { FetchImage } from './image-source.js';
import { createLibvirtBootDevice } from './libvirt-boot-device.js';
import { createLibvirtBootMode } from './libvirt-boot-mode.js';
import { createLibvirtConsole } from './libvirt-console.js';
import { createLibvirtInventory } from './libvirt-inventory.js';
import { createMachine, type Machine } from './libvirt-machine.js';
import { createLibvirtNmi } from './libvirt-nmi.js';
import { domainTarget, hypervisorAccess, LIBVIRT_DRIVER_NAME, libvirtDriverInfo, type LibvirtDriverInfo } from './libvirt-options.js';
import { createLibvirtPower } from './libvirt-power.js';
import { createLibvirtSecureBoot } from './libvirt-secure-boot.js';
import { createLibvirtVirtualMedia } from './libvirt-virtual-media.js';
import { createMediaVolumes } from './media-volumes.js';
import { readMany } from './read-many.js';

/** What all devices of a driver get unless {@link Driver.open} is given another. Everything has a default. */
export interface LibvirtDriverSettings extends Pick<DeviceContext, 'logger' | 'clock' | 'gate' | 'transcript'> {
  /**
   * How long a connection is kept after its last device was closed, with what is known of its domains. Milliseconds, default 300000: longer
   * than the pause between two readings of all machines by a conductor, which opens its devices anew each time.
   */
  readonly idleMs?: number;
  /** How images are fetched. Default: the platform's `fetch`. */
  readonly fetch?: FetchImage;
  /** How clients are made. Default: `createLibvirtClient`. */
  readonly createClient?: CreateLibvirtClient;
}

const IDLE_MS = 300_000;

/**
 * Makes the driver `staging-libvirt`. It keeps one connection to each daemon, for all machines on it, until it is disposed or nobody uses it.
 * @throws INVALID_OPTIONS for an `idleMs` that is no time.
 */
export function createLibvirtDriver(settings: LibvirtDriverSettings = {}): Driver<LibvirtDriverInfo> {
  const { idleMs = IDLE_MS } = settings;
  if (!(idleMs >= 0 && idleMs <= MAXIMUM_TIMEOUT_MS)) {
    const expected = `a number of milliseconds from 0 to ${MAXIMUM_TIMEOUT_MS}`;
    throw invalidOptions('Driver of libvirt', [{ field: 'idleMs', problem: 'invalid', expected, received: printValue(idleMs) }]);
  }
  const gates = createGateRegistry(settings.clock);
  const pool = createClientPool({ createClient: settings.createClient ?? createLibvirtClient, idleMs });
  const driverClosing = createClosing('The driver was closed');
  const machines = new WeakMap<Device, Machine>();
  const shared = { gate: (...args: Parameters<typeof gates.gate>) => gates.gate(...args), ...settings };

  return {
    contract: CONTRACT,
    name: LIBVIRT_DRIVER_NAME,
    driverInfo: libvirtDriverInfo,
    validate(info, context) {
      domainTarget(info, context);
    },
    open(info, context) {
      const opened = openDevice({ info, context: { ...shared, ...context }, settings, pool, driverClosing });
      machines.set(opened.device, opened.machine);
      return opened.device;
    },
    readMany: (devices, options) => readMany(devices, (device) => machines.get(device), options),
    async [Symbol.asyncDispose]() {
      await driverClosing[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}

interface DeviceParts {
  readonly info: LibvirtDriverInfo;
  readonly context: DeviceContext & Pick<PoolContext, 'gate'>;
  readonly settings: LibvirtDriverSettings;
  readonly pool: ClientPool;
  readonly driverClosing: Closing;
}

function openDevice({ info, context, settings, pool, driverClosing }: DeviceParts): { readonly device: Device; readonly machine: Machine } {
  const { clock = systemClock, logger = silentLogger } = context;
  const deviceClosing = createClosing('The device was closed');
  // What is shared by many machines logs for none of them.
  const poolContext: PoolContext = { clock, logger: settings.logger ?? logger, transcript: context.transcript, gate: context.gate };
  let lease: Lease | undefined;

  const machine = createMachine({
    target: () => domainTarget(info, context),
    clock,
    logger,
    hypervisor: () => (lease ??= pool.lease(hypervisorAccess(info), poolContext)).hypervisor,
    guard: (options, work) => driverClosing.guard(options, (call) => deviceClosing.guard(call, work)),
  });
  const consoles = createLibvirtConsole(machine);

  const device: Device = {
    power: createLibvirtPower(machine),
    bootDevice: createLibvirtBootDevice(machine),
    bootMode: createLibvirtBootMode(machine),
    secureBoot: createLibvirtSecureBoot(machine),
    virtualMedia: createLibvirtVirtualMedia(machine, createMediaVolumes(info.libvirt_storage_pool, settings.fetch ?? fetch)),
    inventory: createLibvirtInventory(machine),
    console: consoles.console,
    nmi: createLibvirtNmi(machine),
    async [Symbol.asyncDispose]() {
      await deviceClosing[Symbol.asyncDispose]();
      await consoles[Symbol.asyncDispose]();
      lease?.[Symbol.dispose]();
    },
  };
  return { device, machine };
}
