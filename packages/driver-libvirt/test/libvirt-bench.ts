import { FerricError, type Device, type DeviceContext, type Driver } from '@ferric/core';
import { createRecordingLogger, type RecordingLogger } from '@ferric/core/testing';
import { createLibvirtDriver, type LibvirtDriverSettings } from '../src/libvirt-driver.js';
import type { LibvirtDriverInfo } from '../src/libvirt-options.js';
import { startVirtualHypervisor, type VirtualDomain, type VirtualHypervisor, type VirtualHypervisorOptions } from '../src/simulator/index.js';

/** A hypervisor in memory, a driver, and a device of one of its machines. */
export interface LibvirtBench extends AsyncDisposable {
  readonly hypervisor: VirtualHypervisor;
  /** The machine as it is behind the daemon's back. */
  readonly domain: VirtualDomain;
  readonly driver: Driver<LibvirtDriverInfo>;
  readonly device: Required<Pick<Device, 'power' | 'bootDevice' | 'bootMode' | 'secureBoot' | 'virtualMedia' | 'inventory' | 'console' | 'nmi'>> &
    AsyncDisposable;
  readonly logger: RecordingLogger;
  /** Another device. */
  open(info?: object, context?: DeviceContext): LibvirtBench['device'];
  /** How many calls reach the daemon while this runs. */
  callsOf(work: () => Promise<unknown>): Promise<number>;
}

export interface LibvirtBenchOptions extends VirtualHypervisorOptions {
  /** Which machine the device is; found by its name. Default the first. */
  readonly domain?: string;
  readonly driver?: LibvirtDriverSettings;
  /** More driver_info. */
  readonly info?: object;
}

export async function openLibvirtBench({ domain: wanted, driver: settings, info = {}, ...options }: LibvirtBenchOptions = {}): Promise<LibvirtBench> {
  const hypervisor = await startVirtualHypervisor(options);
  const domain = wanted === undefined ? (hypervisor.domains[0] as VirtualDomain) : hypervisor.domain(wanted);
  const logger = createRecordingLogger();
  const driver = createLibvirtDriver({ logger, ...settings });
  const open: LibvirtBench['open'] = (more = {}, context = {}) =>
    driver.open(
      driver.driverInfo.parse({ libvirt_uri: hypervisor.uri, libvirt_domain: domain.name, ...info, ...more }),
      context,
    ) as LibvirtBench['device'];
  return {
    hypervisor,
    domain,
    driver,
    device: open(),
    logger,
    open,
    async callsOf(work) {
      const before = hypervisor.activity.calls;
      await work();
      return hypervisor.activity.calls - before;
    },
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await hypervisor[Symbol.asyncDispose]();
    },
  };
}

/** The FerricError of a call that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<FerricError> {
  const error: unknown = await promise.then(
    (value) => new Error(`it succeeded with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (FerricError.is(error)) return error;
  throw error;
}
