import type { JsonObject, JsonValue } from '../json.js';
import type { CallOptions } from '../time/call-options.js';

/** One firmware setting with what is known about it. Names as the vendor gives them. */
export interface BiosSetting {
  readonly name: string;
  readonly value: JsonValue;
  readonly attributeType?: 'Enumeration' | 'String' | 'Integer' | 'Boolean' | 'Password';
  readonly allowableValues?: readonly string[];
  readonly lowerBound?: number;
  readonly upperBound?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly readOnly?: boolean;
  readonly resetRequired?: boolean;
}

export interface Bios {
  read(options?: CallOptions): Promise<readonly BiosSetting[]>;
  /**
   * Takes effect at the next boot where the firmware says so. Idempotent.
   * Throws INVALID_OPTIONS naming each setting that is not there, is read only or has a value that is not accepted; then nothing is changed.
   */
  apply(settings: Readonly<Record<string, JsonValue>>, options?: CallOptions): Promise<void>;
  factoryReset(options?: CallOptions): Promise<void>;
}

/** Disk arrays in Ironic's terms: `{ logical_disks: [...] }`. */
export interface Raid {
  /** JSON Schema of the accepted target configuration. */
  readonly configurationSchema: JsonObject;
  read(options?: CallOptions): Promise<JsonObject>;
  /**
   * Makes these arrays besides those that are there. Idempotent: one that is there already is not made again.
   * `wait` when the machine has to boot its ramdisk for it; then {@link Raid.read} tells what came of it.
   */
  create(configuration: JsonObject, options?: CallOptions): Promise<'done' | 'wait'>;
  /** Deletes all arrays with what is on them. Idempotent. */
  delete(options?: CallOptions): Promise<'done' | 'wait'>;
}

export interface FirmwareComponent {
  readonly component: string;
  readonly currentVersion: string;
  readonly vendor?: string;
  readonly model?: string;
}

export interface Firmware {
  read(options?: CallOptions): Promise<readonly FirmwareComponent[]>;
  update(updates: readonly { readonly component: string; readonly url: URL }[], options?: CallOptions): Promise<'done' | 'wait'>;
}

/** A serial console: what the machine prints can be iterated, what is written reaches it. */
export interface ConsoleSession extends AsyncDisposable {
  readonly output: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array, options?: CallOptions): Promise<void>;
}

export interface Console {
  /**
   * How a client reaches the console over the network, as `console_info` of Ironic's API shows it: `{ type, url }`.
   * Left out: only who holds the device can open it.
   */
  readonly info?: JsonObject;
  open(options?: CallOptions): Promise<ConsoleSession>;
}
