import { randomBytes } from 'node:crypto';
import type { BootDeviceName, BootDeviceSetting, VirtualDevice, VirtualDeviceOptions, VirtualMachineState } from '@ferric/core';
import { FACTS, type Generation } from './generations.js';
import { startIlo, type VirtualIlo } from './ilo.js';
import type { IloOptions } from './ilo-options.js';
import { type BootOverride, type BootRecord, type LegacyDevice, NO_OVERRIDE, type OverrideTarget } from './machine/boot.js';
import type { SourceKind } from './machine/boot-sources.js';
import type { Machine } from './machine/machine.js';

export interface VirtualIloDeviceOptions extends VirtualDeviceOptions, Omit<IloOptions, 'name' | 'host' | 'generation'> {
  /** Default `gen10`. */
  readonly generation?: Generation;
}

/** A machine with an iLO. */
export interface VirtualIloDevice extends VirtualDevice {
  /** The iLO itself, for what is not common to all virtual devices. */
  readonly ilo: VirtualIlo;
}

/**
 * Starts a machine with an iLO on a free port of 127.0.0.1, switched off. It starts from its disk: drives without a medium
 * are passed over.
 * @throws as {@link startIlo}
 */
export async function startVirtualDevice(options: VirtualIloDeviceOptions = {}): Promise<VirtualIloDevice> {
  const { generation = 'gen10', ...settings } = options;
  const ilo = await startIlo({ ...settings, generation });
  const driverInfo = {
    ilo_address: ilo.host,
    ilo_username: ilo.username,
    ilo_password: ilo.password,
    client_port: ilo.port,
    ilo_tls_fingerprint: ilo.fingerprint,
    ...(options.tls === 'legacy' ? { ilo_tls_profile: 'legacy' } : {}),
  };
  return {
    name: ilo.name,
    hardwareType: FACTS[generation].iloNumber === 4 ? 'ilo' : 'ilo5',
    driverInfo,
    wrongDriverInfo: { ...driverInfo, ilo_password: randomBytes(8).toString('hex') },
    ports: ilo.machine.hardware.networkPorts.map(({ macAddress }) => ({ address: macAddress })),
    ilo,
    state: stateOf(ilo.machine),
    faults: ilo.faults,
    activity: ilo.activity,
    watchPower: (listener) => ilo.machine.power.watch(listener),
    bootsFrom: () => bootsFrom(ilo.machine),
    [Symbol.asyncDispose]: () => ilo[Symbol.asyncDispose](),
  };
}

/** What the contract calls the things that a machine boots from. */
const NAME_OF_KIND: Readonly<Record<SourceKind, BootDeviceName | null>> = {
  cdrom: 'cdrom', floppy: 'floppy', usb: null, disk: 'disk', pxe: 'pxe', http: 'uefihttp', iscsi: 'iscsiboot', shell: null,
};
const NAME_OF_TARGET: Readonly<Record<OverrideTarget, BootDeviceName | null>> = {
  None: null, Cd: 'cdrom', Hdd: 'disk', Usb: null, SDCard: null, Utilities: null, Diags: null, BiosSetup: 'bios', Pxe: 'pxe', UefiShell: null,
  UefiHttp: 'uefihttp', UefiTarget: 'iscsiboot',
};
const NAME_OF_LEGACY: Readonly<Record<LegacyDevice, BootDeviceName | null>> = { CDROM: 'cdrom', FLOPPY: 'floppy', USB: null, HDD: 'disk', NETWORK: 'pxe' };

async function bootsFrom(machine: Machine): Promise<BootDeviceName | null> {
  const { boot, power } = machine;
  // A system that starts its machine anew by itself is seen by nobody.
  if (!power.isInPost) return bootDeviceOf(machine).device;
  const ended = Promise.withResolvers<BootDeviceName | null>();
  const watches = [boot.watch((record) => ended.resolve(nameOfSource(record))), power.watch(() => ended.resolve(null))];
  return ended.promise.finally(() => watches.forEach((watch) => watch[Symbol.dispose]()));
}

function nameOfSource({ source }: BootRecord): BootDeviceName | null {
  return source === 'none' ? null : source === 'setup' ? 'bios' : NAME_OF_KIND[source];
}

function stateOf(machine: Machine): VirtualMachineState {
  return {
    get power() {
      return machine.power.isOn ? 'power on' : 'power off';
    },
    set power(power) {
      machine.power.put(power === 'power on');
    },
    get bootDevice() {
      return bootDeviceOf(machine);
    },
    set bootDevice({ device, persistent }) {
      const target = device === null ? undefined : (Object.keys(NAME_OF_TARGET) as OverrideTarget[]).find((each) => NAME_OF_TARGET[each] === device);
      machine.boot.override = target === undefined ? NO_OVERRIDE : { enabled: persistent === false ? 'Once' : 'Continuous', target, uefiTarget: 'None' };
    },
  };
}

function bootDeviceOf({ boot, bios }: Machine): BootDeviceSetting {
  const { override } = boot;
  if (override.enabled !== 'Disabled') return { device: nameOfOverride(boot.sources, override), persistent: override.enabled === 'Continuous' };
  const [legacy] = boot.legacyOrder;
  const [source] = boot.orderedSources;
  if (bios.mode === 'bios') return { device: legacy === undefined ? null : NAME_OF_LEGACY[legacy], persistent: true };
  return { device: source === undefined ? null : NAME_OF_KIND[source.kind], persistent: true };
}

function nameOfOverride(sources: Machine['boot']['sources'], { target, uefiTarget }: BootOverride): BootDeviceName | null {
  if (target !== 'UefiTarget') return NAME_OF_TARGET[target];
  const source = sources.find(({ name, devicePath }) => name === uefiTarget || devicePath === uefiTarget);
  return source === undefined ? null : NAME_OF_KIND[source.kind];
}
