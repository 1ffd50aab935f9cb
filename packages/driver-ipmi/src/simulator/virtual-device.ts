import { createHash, randomBytes } from 'node:crypto';
import {
  FAULT_KINDS, invalidOptions, printValue, Secret, type BootDeviceSetting, type FaultKind, type FaultSwitches, type VirtualDevice, type VirtualDeviceOptions,
  type VirtualMachineState,
} from '@ferric/core';
import {
  BMC_FAULT_KINDS, startBmc, type BmcFaultKind, type BmcOptions, type VirtualBmc, type VirtualBootDevice, type VirtualUser,
} from '@ferric/ipmi-raw-buffer/simulator';

export interface VirtualIpmiDeviceOptions extends VirtualDeviceOptions {
  /** What the machine is enrolled as. Default `ipmi`. */
  readonly hardwareType?: string;
  /** Everything else that can be set of the BMC. The first user is the one of `driverInfo`; default `admin` with a generated password. */
  readonly bmc?: Omit<BmcOptions, 'name' | 'host'>;
}

/** A machine with a BMC. */
export interface VirtualIpmiDevice extends VirtualDevice {
  /** The BMC itself, for what is not common to all virtual devices. */
  readonly bmc: VirtualBmc;
}

/** A machine that was installed in EFI mode and starts from its disk. */
const INSTALLED = { device: 'disk', efi: true, persistent: true } as const;

/**
 * Starts a machine with a BMC on a free UDP port of 127.0.0.1, switched off and set to start from its disk.
 * @throws INVALID_OPTIONS for options that the BMC does not take
 */
export async function startVirtualDevice(options: VirtualIpmiDeviceOptions = {}): Promise<VirtualIpmiDevice> {
  const name = options.name ?? `ipmi-${randomBytes(3).toString('hex')}`;
  const users = options.bmc?.users ?? [{ name: 'admin', password: new Secret(randomBytes(8).toString('hex')) }];
  const bmc = await startBmc({ ...options.bmc, name, users, ...(options.host === undefined ? {} : { host: options.host }) });
  bmc.machine.bootChoice = INSTALLED;
  const driverInfo = driverInfoOf(bmc, users[0], options.bmc?.kgKey);
  return {
    name,
    hardwareType: options.hardwareType ?? 'ipmi',
    driverInfo,
    wrongDriverInfo: { ...driverInfo, ipmi_password: randomBytes(8).toString('hex') },
    ports: [{ address: macAddressOf(name) }],
    bmc,
    state: stateOf(bmc),
    faults: faultsOf(bmc),
    activity: activityOf(bmc),
    watchPower: (listener) => bmc.watchPower(listener),
    [Symbol.asyncDispose]: () => bmc[Symbol.asyncDispose](),
  };
}

function driverInfoOf({ host, port }: VirtualBmc, user: VirtualUser | undefined, kgKey: Secret | string | undefined): Readonly<Record<string, unknown>> {
  return {
    ipmi_address: host,
    ipmi_port: port,
    ...(user === undefined || user.name === '' ? {} : { ipmi_username: user.name }),
    ...(user === undefined ? {} : { ipmi_password: Secret.from(user.password).reveal() }),
    ...(kgKey === undefined ? {} : { ipmi_hex_kg_key: Secret.from(kgKey).reveal() }),
  };
}

/** Boot devices that both the BMC and the contract have a word for. */
const BOOT_DEVICES = ['pxe', 'disk', 'safe', 'cdrom', 'bios', 'floppy'] as const satisfies readonly (VirtualBootDevice & BootDeviceSetting['device'])[];

function stateOf({ machine }: VirtualBmc): VirtualMachineState {
  return {
    get power() {
      return machine.power;
    },
    set power(power) {
      machine.power = power;
    },
    get bootDevice() {
      const choice = machine.bootChoice;
      return { device: BOOT_DEVICES.find((device) => device === choice?.device) ?? null, persistent: choice?.persistent ?? null };
    },
    set bootDevice({ device, persistent }) {
      const known = BOOT_DEVICES.find((each) => each === device);
      machine.bootChoice = known === undefined ? undefined : { device: known, efi: machine.bootChoice?.efi ?? true, persistent: persistent ?? false };
    },
  };
}

const isCommon = (kind: BmcFaultKind): kind is BmcFaultKind & FaultKind => kind in FAULT_KINDS;

/** The faults of the BMC that are in the common vocabulary; `bmc.faults` has more. */
function faultsOf({ faults }: VirtualBmc): FaultSwitches {
  const supported: ReadonlySet<FaultKind> = new Set((Object.keys(BMC_FAULT_KINDS) as BmcFaultKind[]).filter(isCommon));
  return {
    supported,
    inject(fault) {
      const kind = [...supported].find((each): each is BmcFaultKind & FaultKind => each === fault.kind);
      if (kind === undefined) {
        throw invalidOptions('Fault', [{ field: 'kind', problem: 'invalid', expected: `one of ${[...supported].join(', ')}`, received: printValue(fault.kind) }]);
      }
      faults.inject({ ...fault, kind });
    },
    clear: () => faults.clear(),
  };
}

function activityOf(bmc: VirtualBmc): VirtualDevice['activity'] {
  return {
    get openConnections() {
      return bmc.activity.openSessions;
    },
    get mostConcurrentExchanges() {
      return bmc.activity.mostConcurrentExchanges;
    },
    get changeCommands() {
      return bmc.activity.changeCommands;
    },
    get authenticationAttempts() {
      return bmc.activity.authenticationAttempts;
    },
  };
}

/** A network card of the machine, always the same for one name. 52:54:00 is used by virtual machines. */
function macAddressOf(name: string): string {
  const digits = createHash('sha256').update(name).digest('hex');
  return ['52', '54', '00', digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6)].join(':');
}
