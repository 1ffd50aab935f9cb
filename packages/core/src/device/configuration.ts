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
  /** Takes effect at the next boot where the firmware says so. */
  apply(settings: Readonly<Record<string, JsonValue>>, options?: CallOptions): Promise<void>;
  factoryReset(options?: CallOptions): Promise<void>;
}

/** Disk arrays in Ironic's terms: `{ logical_disks: [...] }`. */
export interface Raid {
  /** JSON Schema of the accepted target configuration. */
  readonly configurationSchema: JsonObject;
  read(options?: CallOptions): Promise<JsonObject>;
  create(configuration: JsonObject, options?: CallOptions): Promise<'done' | 'wait'>;
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
  open(options?: CallOptions): Promise<ConsoleSession>;
}
