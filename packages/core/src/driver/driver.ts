import type { Device } from '../device/device.js';
import type { PowerReading } from '../device/power.js';
import type { VendorMethods } from '../device/vendor.js';
import type { Gate, GateSettings } from '../gate/gate.js';
import type { JsonValue } from '../json.js';
import type { Logger } from '../logging/logger.js';
import type { DriverInfoSchema } from '../schema/object-schema.js';
import type { Sealed } from '../secrets/masking.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';
import type { TranscriptSink } from '../transcript/transcript.js';
import type { DeviceInterfaceName } from './interfaces.js';

/** The version of these contracts. A conductor refuses any other. */
export const CONTRACT = 1;

/** A network port of the machine, as far as a driver needs it. */
export interface DevicePort {
  /** MAC address, lower case with colons. */
  readonly address: string;
  readonly pxeEnabled: boolean;
}

/**
 * A small map per machine that outlives the process when a conductor keeps it, for what the hardware itself forgets.
 * Values are JSON; no secrets.
 */
export interface DeviceMemory {
  get(key: string): JsonValue | undefined;
  set(key: string, value: JsonValue): void;
  delete(key: string): void;
}

/** What a device is given besides its driver_info. Everything has a default. */
export interface DeviceContext {
  /** Ports of the node. Default: none. */
  readonly ports?: readonly DevicePort[];
  /** Default: silent. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** The gate of an address; settings count for the first call of an address only. Default: the driver's own gates. */
  readonly gate?: (address: string, settings?: GateSettings) => Gate;
  /** Default: no transcript, which costs nothing. */
  readonly transcript?: TranscriptSink;
  /** Default: kept in memory for as long as the device is open. */
  readonly memory?: DeviceMemory;
  /**
   * Writes fields of the machine's driver_info that the device has changed at the controller, such as a password, before the promise resolves; null
   * removes a field. A conductor lends it to steps only. Default: none; then a device makes no change that its driver_info would have to tell.
   */
  readonly keepDriverInfo?: (changes: Readonly<Record<string, Sealed>>) => Promise<void>;
  /**
   * Called by a device that starts a running machine anew as a part of other work, such as a change of disk arrays, before it does; it waits for the promise.
   * What runs on the machine is taken leave of, and what it is to boot is set up once more, through this device. A conductor lends it to steps only.
   * Default: none.
   */
  readonly beforeRestart?: () => Promise<void>;
}

/** Turns validated driver_info into devices, and owns what they share (sockets, sessions, pools). */
export interface Driver<Info = never> extends AsyncDisposable {
  readonly contract: typeof CONTRACT;
  /** Ironic's interface name: `staging-wol`, `ipmitool`, `fake`. */
  readonly name: string;
  readonly driverInfo: DriverInfoSchema<Info>;
  /**
   * Checks what the schema alone cannot see: fields against each other or against the machine's ports. No I/O.
   * The calls of a device throw the same for what they need; this tells it before anything is asked of the machine.
   * @param context its memory tells what earlier calls learned of the machine; nothing is written there
   * @param interfaceName the interface that is asked about. Left out: all that the driver has
   * @throws INVALID_OPTIONS naming what is missing (`ports`) or wrong.
   */
  validate?(info: Info, context?: DeviceContext, interfaceName?: DeviceInterfaceName): void;
  /** No I/O: the device connects when it is first used. */
  open(info: Info, context?: DeviceContext): Device;
  /** Methods that concern the driver and no node. */
  readonly vendor?: VendorMethods;
  /** Present when the protocol reads many machines in one exchange. Settles each device by itself, in the given order. */
  readMany?(devices: readonly Device[], options?: CallOptions): Promise<readonly PromiseSettledResult<PowerReading>[]>;
}

/** A driver whose type of driver_info does not matter to the holder, as a conductor keeps it. */
export type AnyDriver = Driver<unknown>;

/** Gives up the type of driver_info, for lists of drivers. */
export function anyDriver<Info>(driver: Driver<Info>): AnyDriver {
  return driver as unknown as AnyDriver;
}

/** A memory that lasts as long as the process. */
export function createDeviceMemory(initial: Readonly<Record<string, JsonValue>> = {}): DeviceMemory {
  const values = new Map(Object.entries(initial));
  return {
    get: (key) => values.get(key),
    set: (key, value) => void values.set(key, value),
    delete: (key) => void values.delete(key),
  };
}
