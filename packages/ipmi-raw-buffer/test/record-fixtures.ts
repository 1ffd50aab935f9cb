import { readFileSync } from 'node:fs';

/** The bytes that hexadecimal digits write. */
export function bytes(hexadecimal: string): Uint8Array {
  return new Uint8Array(Buffer.from(hexadecimal.replaceAll(/\s/g, ''), 'hex'));
}

export interface SdrFixture {
  readonly id: string;
  readonly record: string;
  /** Completion code first. */
  readonly reading_reply?: string;
  readonly expect: {
    readonly record_id: number;
    readonly sdr_version: string;
    readonly record_type: number;
    readonly kind: string;
    readonly body_length: number;
    readonly name?: string;
    readonly name_encoding?: string;
    readonly owner_id?: string;
    readonly owner_lun?: number;
    readonly channel?: number;
    readonly sensor_number?: number;
    readonly entity_id?: number;
    readonly entity_instance?: number;
    readonly sensor_type?: number;
    readonly event_reading_type?: number;
    readonly entity_name?: string;
    readonly sensor_type_name?: string;
    readonly class?: 'threshold' | 'discrete';
    readonly reading?: { readonly value?: string; readonly tolerance?: string; readonly unit?: string; readonly text?: string };
    readonly status?: string;
    readonly states_asserted?: readonly string[];
    readonly thresholds?: Readonly<Record<string, string>>;
    readonly nominal?: string;
    readonly normal_min?: string;
    readonly normal_max?: string;
    readonly hysteresis_positive?: string;
    readonly hysteresis_negative?: string;
    readonly sensor_min?: string;
    readonly sensor_max?: string;
    readonly readable?: string;
    readonly settable?: string;
    readonly factors?: Readonly<Record<string, number>>;
    readonly share_count?: number;
    readonly id_modifier?: string;
    readonly id_modifier_offset?: number;
    readonly entity_instance_increments?: boolean;
    readonly shared_sensors?: readonly { readonly number: number; readonly name: string; readonly entity_instance: number }[];
    readonly device_access_address?: string;
    readonly device_slave_address?: string;
    readonly slave_address?: string;
    readonly fru_device_id?: number;
    readonly logical?: boolean;
    readonly lun?: number;
    readonly private_bus?: number;
    readonly device_type?: string;
    readonly device_type_modifier?: string;
    readonly presence?: string;
    readonly capabilities?: string;
    readonly ipmitool_capabilities?: Readonly<Record<string, 'Yes' | 'No'>>;
    readonly manufacturer_id?: number;
    readonly oem_data?: string;
  };
}

export interface ReadingFixture {
  readonly id: string;
  readonly record: string;
  readonly raw: number;
  readonly expect: { readonly text_ipmitool: string; readonly value?: number };
}

export interface SelFixture {
  readonly id: string;
  readonly record: string;
  readonly expect: {
    readonly record_id: number;
    readonly record_type: number;
    readonly timestamp?: number;
    readonly time_kind?: string;
    readonly generator_id?: number;
    readonly evm_rev?: number;
    readonly sensor_type?: number;
    readonly sensor_number?: number;
    readonly direction?: string;
    readonly event_type?: number;
    readonly offset?: number;
    readonly event_data?: string;
    readonly manufacturer_id?: number;
    readonly oem_data?: string;
  };
}

export interface StateFixture {
  readonly id: string;
  readonly record: string;
  readonly event_type: number;
  readonly sensor_type: number;
  readonly sensor_type_name: string;
  readonly offset: number;
  readonly expect: string;
}

export interface FruAreaFixture {
  readonly offset: number;
  readonly length: number;
  readonly checksum_ok: boolean;
  readonly type?: number;
  readonly language?: number;
  readonly mfg_date?: string | null;
  readonly end_marker?: boolean;
  readonly error?: string;
  readonly [text: string]: string | number | boolean | null | undefined;
}

export interface FruFixture {
  readonly id: string;
  readonly data: string;
  readonly expect: {
    readonly header_ok: boolean;
    readonly error?: string;
    readonly internal_use_offset?: number;
    readonly areas: { readonly chassis?: FruAreaFixture; readonly board?: FruAreaFixture; readonly product?: FruAreaFixture };
    readonly multirecord?: readonly {
      readonly type: number;
      readonly format: number;
      readonly last: boolean;
      readonly data: string;
      readonly header_ok: boolean;
      readonly data_ok: boolean;
    }[];
  };
}

function load(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));
}

export const SDR_FIXTURES = load('sdr') as { readonly records: readonly SdrFixture[]; readonly readings: readonly ReadingFixture[] };
export const SEL_FIXTURES = load('sel') as {
  readonly live: readonly SelFixture[];
  readonly constructed: readonly SelFixture[];
  readonly states: readonly StateFixture[];
};
export const FRU_FIXTURES = load('fru') as { readonly cases: readonly FruFixture[] };
