import { randomBytes } from 'node:crypto';
import type { BootDeviceName, Clock, VirtualDevice, VirtualDeviceOptions, VirtualMachineState } from '@ferric/core';
import { type AmtDevice, startAmtDevice } from './amt-device.js';
import type { AmtDeviceOptions } from './device-options.js';
import type { BootTarget } from './machine/boot-unit.js';

export interface VirtualAmtOptions extends VirtualDeviceOptions, Omit<AmtDeviceOptions, 'name' | 'host'> {
  /**
   * The state of the machine tells what it started from last, as {@link VirtualMachineState.bootDevice}: AMT itself has no boot device that stays.
   * Default false: the state tells nothing of it.
   */
  readonly showsBootDevice?: boolean;
}

/** A machine with AMT. */
export interface VirtualAmtDevice extends VirtualDevice {
  /** All that it can do besides. */
  readonly device: AmtDevice;
}

const BOOT_DEVICES: Readonly<Record<BootTarget, BootDeviceName | null>> = {
  disk: 'disk', pxe: 'pxe', cdrom: 'cdrom', bios: 'bios', uefihttp: 'uefihttp', diagnostic: null, redirected: null, recovery: null,
};

/** Starts a machine, which is off. @throws as {@link startAmtDevice} */
export async function startVirtualDevice(options: VirtualAmtOptions = {}, clock?: Clock): Promise<VirtualAmtDevice> {
  const { showsBootDevice = false, ...deviceOptions } = options;
  const device = await startAmtDevice(deviceOptions, clock);
  const { machine, host, port, tlsPort, username, password, certificate } = device;
  const isSecure = port === undefined;
  const driverInfo = {
    amt_address: host,
    amt_port: isSecure ? tlsPort : port,
    amt_username: username,
    amt_password: password,
    amt_protocol: isSecure ? 'https' : 'http',
    ...(isSecure ? { amt_tls_fingerprint: certificate?.fingerprint } : {}),
    ...(isSecure && device.generation < 12 ? { amt_tls_profile: 'legacy' } : {}),
  };
  return {
    name: device.name,
    hardwareType: 'staging-amt',
    driverInfo,
    wrongDriverInfo: { ...driverInfo, amt_password: randomBytes(8).toString('hex') },
    ports: [{ address: machine.identity.macAddress }],
    state: showsBootDevice ? withBootDevice(device) : machine.power.power.state,
    watchPower: machine.power.power.watch,
    faults: device.faults,
    activity: device.activity,
    device,
    [Symbol.asyncDispose]: () => Promise.resolve(device[Symbol.asyncDispose]()),
  };
}

function withBootDevice({ machine }: AmtDevice): VirtualMachineState {
  const { state } = machine.power.power;
  return {
    get power() {
      return state.power;
    },
    set power(power) {
      state.power = power;
    },
    get bootDevice() {
      const last = machine.boot.history.at(-1)?.target ?? machine.boot.usual;
      return { device: BOOT_DEVICES[last], persistent: false };
    },
  };
}
