import { join, triple, word } from '../wire/bytes.js';

const VERSION = 0x51;
const BMC_OWNER = 0x20;

/** A record around its body. Source: IPMI 1.5, section 37. */
export function sdrRecord(type: number, body: Uint8Array | readonly number[], id = 0): Uint8Array {
  return Uint8Array.from(join(word(id), [VERSION, type, body.length], body));
}

/** Type and length, then Latin-1 text of at most 16 bytes. Source: IPMI 1.5, section 37.14. */
function idString(name: string): Uint8Array {
  const text = Buffer.from(name, 'latin1').subarray(0, 16);
  return join([0xc0 | text.length], text);
}

/** What a sensor belongs to. */
export interface EntityFields {
  readonly entityId: number;
  readonly entityInstance: number;
}

export interface FullSensorFields extends EntityFields {
  /** Record id; default 0: one that is free. */
  readonly id?: number;
  readonly number: number;
  readonly name: string;
  readonly sensorType: number;
  /** Default unsigned. */
  readonly format?: 'unsigned' | "one's complement" | "two's complement";
  /** Base unit. Source: IPMI 1.5, table 37-15. */
  readonly unit: number;
  /** -512..511, default 1. */
  readonly m?: number;
  /** -512..511, default 0. */
  readonly b?: number;
  /** -8..7, default 0. */
  readonly bExponent?: number;
  /** -8..7, default 0. */
  readonly resultExponent?: number;
  /** Default 0: linear. */
  readonly linearization?: number;
  /** Raw bytes; those that are given can be read and set. */
  readonly thresholds?: Partial<Record<keyof typeof THRESHOLD_BITS, number>>;
  /** Raw byte. */
  readonly nominal?: number;
  /** Positive and negative, raw counts. Default 1. */
  readonly hysteresis?: number;
}

/** Masks of thresholds, as records have them. Source: IPMI 1.5, table 37-1. */
const THRESHOLD_BITS = {
  lowerNonCritical: 0x01,
  lowerCritical: 0x02,
  lowerNonRecoverable: 0x04,
  upperNonCritical: 0x08,
  upperCritical: 0x10,
  upperNonRecoverable: 0x20,
} as const;
const FORMATS = { unsigned: 0x00, "one's complement": 0x40, "two's complement": 0x80 } as const;
const RAW_LIMITS = { unsigned: [0xff, 0x00], "one's complement": [0x7f, 0x80], "two's complement": [0x7f, 0x80] } as const;

/** A sensor with an analog value and thresholds. Source: IPMI 1.5, table 37-1. */
export function fullSensorRecord(fields: FullSensorFields): Uint8Array {
  const { m = 1, b = 0, bExponent = 0, resultExponent = 0, format = 'unsigned', thresholds = {}, hysteresis = 1 } = fields;
  const mask = Object.entries(THRESHOLD_BITS).reduce((bits, [name, bit]) => (thresholds[name as keyof typeof THRESHOLD_BITS] === undefined ? bits : bits | bit), 0);
  const has = (bit: number): boolean => (mask & bit) !== 0;
  // Each threshold has two events, going low and going high; a record names the one away from normal.
  const events = [0, 1, 2, 3, 4, 5].reduce((bits, index) => (has(1 << index) ? bits | (1 << (2 * index + (index < 3 ? 0 : 1))) : bits), 0);
  const eventMask = (compared: number): readonly number[] => word(events | (compared << 12));
  const [highest, lowest] = RAW_LIMITS[format];
  const raw = (name: keyof typeof THRESHOLD_BITS): number => thresholds[name] ?? 0;
  const body = join(
    [BMC_OWNER, 0x00, fields.number, fields.entityId, fields.entityInstance],
    // All initialised, scanning and events on; re-arms by itself, hysteresis and thresholds can be set, each event by itself.
    [0x7f, mask === 0 ? 0x60 : 0x68, fields.sensorType, 0x01],
    eventMask(mask & 0x07), eventMask((mask >> 3) & 0x07), [mask, mask],
    [FORMATS[format], fields.unit, 0x00],
    [fields.linearization ?? 0, m & 0xff, ((m >> 2) & 0xc0) | 1, b & 0xff, (b >> 2) & 0xc0, 0x00, ((resultExponent & 0x0f) << 4) | (bExponent & 0x0f)],
    [fields.nominal === undefined ? 0 : 0x01, fields.nominal ?? 0, 0, 0, highest, lowest],
    [raw('upperNonRecoverable'), raw('upperCritical'), raw('upperNonCritical'), raw('lowerNonRecoverable'), raw('lowerCritical'), raw('lowerNonCritical')],
    [hysteresis, hysteresis, 0, 0, 0], idString(fields.name),
  );
  return sdrRecord(0x01, body, fields.id);
}

export interface CompactSensorFields extends EntityFields {
  readonly id?: number;
  readonly number: number;
  readonly name: string;
  readonly sensorType: number;
  /** Default 0x6f: the states of the sensor type. */
  readonly eventType?: number;
  /** Bits of the states 0..14 that can be read. */
  readonly states: number;
  /** Sensors that share the record, numbered on. Default 1. */
  readonly count?: number;
}

/** A sensor with states. Source: IPMI 1.5, table 37-2. */
export function compactSensorRecord(fields: CompactSensorFields): Uint8Array {
  const states = word(fields.states);
  const body = join(
    [BMC_OWNER, 0x00, fields.number, fields.entityId, fields.entityInstance, 0x67, 0x40, fields.sensorType, fields.eventType ?? 0x6f],
    states, states, states,
    // No analog value.
    [0xc0, 0x00, 0x00, fields.count ?? 1, fields.count === undefined ? 0x00 : 0x01, 0, 0, 0, 0, 0, 0], idString(fields.name),
  );
  return sdrRecord(0x02, body, fields.id);
}

export interface FruLocatorFields extends EntityFields {
  readonly id?: number;
  readonly fruId: number;
  readonly name: string;
}

/** A FRU device behind the BMC. Source: IPMI 1.5, table 37-7. */
export function fruLocatorRecord({ id, fruId, name, entityId, entityInstance }: FruLocatorFields): Uint8Array {
  return sdrRecord(0x11, join([BMC_OWNER, fruId, 0x80, 0x00, 0x00, 0x10, 0x00, entityId, entityInstance, 0x00], idString(name)), id);
}

export interface ControllerLocatorFields extends EntityFields {
  readonly id?: number;
  /** 8-bit form. */
  readonly address: number;
  readonly channel: number;
  /** Bits: 7 chassis, 6 bridge, 5 event generator, 4 event receiver, 3 FRU, 2 SEL, 1 SDR repository, 0 sensor. */
  readonly capabilities: number;
  readonly name: string;
}

/** A management controller. Source: IPMI 1.5, table 37-8. */
export function controllerLocatorRecord({ id, address, channel, capabilities, name, entityId, entityInstance }: ControllerLocatorFields): Uint8Array {
  return sdrRecord(0x12, join([address, channel, 0x20, capabilities, 0, 0, 0, entityId, entityInstance, 0x00], idString(name)), id);
}

/** A record of a maker's own. Source: IPMI 1.5, table 37-11. */
export function oemRecord(manufacturerId: number, data: Uint8Array | readonly number[], id = 0): Uint8Array {
  return sdrRecord(0xc0, join(triple(manufacturerId), data), id);
}
