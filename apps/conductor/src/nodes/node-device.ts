import {
  createDeviceMemory,
  FerricError,
  revealSealed,
  silentLogger,
  withFields,
  type AnyDriver,
  type Clock,
  type Device,
  type DeviceContext,
  type DeviceInterfaceName,
  type DeviceMemory,
  type GateRegistry,
  type JsonObject,
  type JsonValue,
  type Logger,
  type Node,
  type Port,
  type Sealed,
  type SealedObject,
  type TranscriptSink,
} from '@ferric/core';
import { requireDriver, type Registry } from '../compose/registry.js';

/** Which interface of the node a capability belongs to; an empty implementation takes the capability away. */
const CAPABILITY_INTERFACE = {
  bootDevice: 'management',
  bootMode: 'management',
  secureBoot: 'management',
  virtualMedia: 'management',
  httpBoot: 'management',
  sensors: 'management',
  inventory: 'management',
  nmi: 'management',
  indicators: 'management',
  eventLog: 'management',
  bios: 'bios',
  raid: 'raid',
  firmware: 'firmware',
  console: 'console',
  vendor: 'vendor',
} as const satisfies Partial<Record<keyof Device, DeviceInterfaceName>>;

/** Key of driver_internal_info under which drivers keep what the hardware forgets. */
export const DEVICE_MEMORY_KEY = 'device_memory';

/** The device of a node: each capability comes from the driver that the node's interface names. */
export interface NodeDevice extends Device {
  /** The device of the power interface as its driver made it: what {@link AnyDriver.readMany} takes. */
  readonly powerDevice: Device;
  /**
   * The device memory of the node's present record, by driver, with what this device changed since it was opened; undefined
   * when that is nothing. Keys that somebody else wrote meanwhile stay.
   */
  changedMemory(present: Node): SealedObject | undefined;
}

export interface NodeDeviceHost {
  readonly registry: Registry;
  readonly gates: GateRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transcript?: TranscriptSink | undefined;
}

/**
 * Opens the device of a node. No I/O.
 * @param lent what the drivers may change the node with; left out: nothing
 * @throws INVALID_OPTIONS when driver_info is not complete; UNSUPPORTED when a package is missing.
 */
export function openNodeDevice(host: NodeDeviceHost, node: Node, ports: readonly Port[], lent: Pick<DeviceContext, 'keepDriverInfo' | 'beforeRestart'> = {}): NodeDevice {
  const memories = new Map<string, RecordingMemory>();
  const opened = new Map<string, Device>();

  const open = (driver: AnyDriver): Device => {
    const known = opened.get(driver.name);
    if (known !== undefined) return known;
    const memory = recordingMemory(storedMemory(node, driver.name));
    const device = driver.open(driver.driverInfo.parse(driverInfoFor(driver, node)), {
      ...deviceContext(host, node, ports),
      memory,
      ...lent,
    });
    memories.set(driver.name, memory);
    opened.set(driver.name, device);
    return device;
  };
  const deviceOf = (name: DeviceInterfaceName): Device | undefined => {
    const driver = requireDriver(host.registry, name, node.interfaces[name]);
    return driver === undefined ? undefined : open(driver);
  };

  const power = deviceOf('power');
  if (power === undefined) throw new FerricError('INTERNAL', `Node ${node.uuid} has no power interface`);
  const capabilities = Object.entries(CAPABILITY_INTERFACE).flatMap(([capability, name]) => {
    const value = deviceOf(name)?.[capability as keyof typeof CAPABILITY_INTERFACE];
    return value === undefined ? [] : [[capability, value] as const];
  });
  const steps = [...opened].flatMap(([driverName, device]) =>
    (device.steps ?? []).filter((step) => node.interfaces[step.interface] === driverName),
  );

  return {
    power: power.power,
    powerDevice: power,
    ...(Object.fromEntries(capabilities) as Partial<Device>),
    ...(steps.length > 0 ? { steps } : {}),
    changedMemory(present) {
      const changed = [...memories].filter(([, memory]) => memory.changed);
      if (changed.length === 0) return undefined;
      const before = (present.driverInternalInfo[DEVICE_MEMORY_KEY] ?? {}) as Readonly<Record<string, SealedObject>>;
      return { ...before, ...Object.fromEntries(changed.map(([driverName, memory]) => [driverName, memory.applyTo(before[driverName] ?? {})])) };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...opened.values()].map((device) => device[Symbol.asyncDispose]()));
    },
  };
}

/**
 * driver_info as a driver reads it. Its secret fields stay sealed; its other fields come as they were written, also a text
 * that was sealed because a password stands in it, such as a URL.
 */
export function driverInfoFor(driver: AnyDriver, node: Node): Readonly<Record<string, Sealed>> {
  const known = (driver.driverInfo.jsonSchema['properties'] ?? {}) as JsonObject;
  const isOpen = (key: string): boolean => Object.hasOwn(known, key) && !driver.driverInfo.secretFields.includes(key);
  return Object.fromEntries(Object.entries(node.driverInfo).map(([key, value]) => [key, isOpen(key) ? revealSealed(value) : value]));
}

/** What a driver is given besides driver_info, without memory. */
export function deviceContext(host: NodeDeviceHost, node: Node, ports: readonly Port[]): DeviceContext {
  return {
    ports: ports.map((port) => ({ address: port.address, pxeEnabled: port.pxeEnabled })),
    logger: host.logger === silentLogger ? silentLogger : withFields(host.logger, { node: node.uuid }),
    clock: host.clock,
    gate: (address, settings) => host.gates.gate(address, settings),
    ...(host.transcript === undefined ? {} : { transcript: host.transcript }),
  };
}

/** What a driver has remembered of a node, to be looked at: what is written there is lost. */
export function deviceMemoryOf(node: Node, driverName: string): DeviceMemory {
  return createDeviceMemory(storedMemory(node, driverName));
}

function storedMemory(node: Node, driverName: string): Readonly<Record<string, JsonValue>> {
  const all = revealSealed(node.driverInternalInfo[DEVICE_MEMORY_KEY] ?? {}) as Record<string, JsonObject>;
  return all[driverName] ?? {};
}

interface RecordingMemory extends DeviceMemory {
  readonly changed: boolean;
  /** The memory as it is stored now with the changes made here. */
  applyTo(stored: SealedObject): SealedObject;
}

function recordingMemory(initial: Readonly<Record<string, JsonValue>>): RecordingMemory {
  const memory = createDeviceMemory(initial);
  const changedKeys = new Set<string>();
  return {
    get changed() {
      return changedKeys.size > 0;
    },
    get: (key) => memory.get(key),
    set(key, value) {
      if (JSON.stringify(memory.get(key)) === JSON.stringify(value)) return;
      changedKeys.add(key);
      memory.set(key, value);
    },
    delete(key) {
      if (memory.get(key) === undefined) return;
      changedKeys.add(key);
      memory.delete(key);
    },
    applyTo(stored) {
      const kept = Object.entries(stored).filter(([key]) => !changedKeys.has(key));
      const written = [...changedKeys].flatMap((key): readonly (readonly [string, JsonValue])[] => {
        const value = memory.get(key);
        return value === undefined ? [] : [[key, value]];
      });
      return Object.fromEntries([...kept, ...written]);
    },
  };
}

/** Secret fields of every driver a node of this type may use; the API masks them besides the well-known names. */
export function secretFieldsOf(registry: Registry): ReadonlySet<string> {
  return new Set(registry.drivers.flatMap((driver) => driver.driverInfo.secretFields));
}

