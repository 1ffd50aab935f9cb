import type { Device } from '../device/device.js';
import { type AnyDriver, createDeviceMemory, type DeviceContext, type DeviceMemory } from '../driver/driver.js';
import type { PluginHost } from '../driver/plugin.js';
import { createFakeHost, type FakeHost } from '../testing/fake-host.js';
import type { TranscriptFrame } from '../transcript/transcript.js';
import type { VirtualDevice } from '../virtual-device/virtual-device.js';
import { settled, start } from './outcome.js';
import type { ConformanceSubject } from './subject.js';

type DriverInfo = Readonly<Record<string, unknown>>;

/** One machine and one driver, for one rule to work with. */
export interface Bench {
  readonly virtualDevice: VirtualDevice;
  readonly host: FakeHost;
  readonly driver: AnyDriver;
  /** A device of the machine, opened with what it needs. */
  readonly device: Device;
  /** What a conductor gives to a device of this machine. */
  readonly context: DeviceContext;
  /** Opens another device. Default: with what the machine needs. */
  open(driverInfo?: DriverInfo): Device;
  /** Calls back for each frame, after it was recorded. */
  onFrame(listener: ((frame: TranscriptFrame) => void) | undefined): void;
  /** The power state of the machine itself, once it has acted on everything that was sent to it. */
  machinePower(): Promise<'power on' | 'power off'>;
}

/** Longest time that cleaning up after a rule takes for one thing. Milliseconds. */
const CLEANING_MS = 2000;

/** Gathers what a rule started. */
export class Workshop implements AsyncDisposable {
  readonly #subject: ConformanceSubject;
  readonly #started: AsyncDisposable[] = [];

  constructor(subject: ConformanceSubject) {
    this.#subject = subject;
  }

  async startVirtualDevice(): Promise<VirtualDevice> {
    const virtualDevice = await this.#subject.startVirtualDevice();
    this.#started.push(virtualDevice);
    return virtualDevice;
  }

  /** A host whose transcript calls back; the driver that lives in it. */
  createDriver(onFrame: (frame: TranscriptFrame) => void): { readonly host: FakeHost; readonly pluginHost: PluginHost; readonly driver: AnyDriver } {
    const host = createFakeHost({ transcriptLimit: 10_000, logLimit: 10_000 });
    const pluginHost: PluginHost = {
      ...host,
      transcript: {
        record(frame) {
          host.transcript.record(frame);
          onFrame(frame);
        },
      },
    };
    const driver = this.#subject.createDriver(pluginHost);
    this.#started.push(driver);
    return { host, pluginHost, driver };
  }

  /** @param started called when the machine runs and before the driver is made. */
  async bench(started?: () => void): Promise<Bench> {
    const virtualDevice = await this.startVirtualDevice();
    started?.();
    const memory = createDeviceMemory();
    let listener: ((frame: TranscriptFrame) => void) | undefined;
    const { host, pluginHost, driver } = this.createDriver((frame) => listener?.(frame));
    const context = contextOf(virtualDevice, pluginHost, memory);
    const open = (driverInfo: DriverInfo = virtualDevice.driverInfo): Device => {
      const device = driver.open(driver.driverInfo.parse(driverInfo), context);
      this.#started.push(device);
      return device;
    };
    return {
      virtualDevice,
      host,
      driver,
      device: open(),
      context,
      open,
      onFrame: (next) => void (listener = next),
      async machinePower() {
        await virtualDevice.settled?.();
        return virtualDevice.state.power;
      },
    };
  }

  /** Disposes everything, the newest first; what fails or hangs here is the matter of the rules about lifetime. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#started.splice(0).toReversed()) {
      try {
        await settled(start('dispose', async () => each[Symbol.asyncDispose]()), CLEANING_MS);
      } catch {
        // A driver that cannot even be disposed has failed a rule already.
      }
    }
  }
}

function contextOf(virtualDevice: VirtualDevice, host: PluginHost, memory: DeviceMemory): DeviceContext {
  return {
    ports: virtualDevice.ports.map(({ address }) => ({ address, pxeEnabled: true })),
    logger: host.logger,
    clock: host.clock,
    memory,
    ...(host.transcript === undefined ? {} : { transcript: host.transcript }),
  };
}
