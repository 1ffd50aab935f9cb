import type { VirtualReading } from '../options.js';
import { byteAt } from '../wire/bytes.js';
import { hasThresholds, type StoredSensor } from './sdr-repository.js';

/** Raw thresholds in the order of Get Sensor Thresholds: lower non-critical, critical, non-recoverable, then upper. Source: IPMI 1.5, section 29.9. */
export type RawThresholds = readonly [number, number, number, number, number, number];

/** Where the record of a full sensor keeps them, in the same order. Source: IPMI 1.5, table 37-1. */
const THRESHOLD_OFFSETS = [41, 40, 39, 38, 37, 36] as const;
const READABLE_MASK_OFFSET = 18;
const SETTABLE_MASK_OFFSET = 19;
const CAPABILITIES_OFFSET = 11;
const UNITS_OFFSET = 20;

export function recordThresholds({ record }: StoredSensor): RawThresholds {
  const [a, b, c, d, e, f] = THRESHOLD_OFFSETS;
  return [byteAt(record, a), byteAt(record, b), byteAt(record, c), byteAt(record, d), byteAt(record, e), byteAt(record, f)];
}

/** Thresholds that commands may read, as a mask in the same order; 0 where the sensor has none. */
export function readableThresholds(sensor: StoredSensor): number {
  return accessAllows(sensor, [1, 2]) ? byteAt(sensor.record, READABLE_MASK_OFFSET) & 0x3f : 0;
}

export function settableThresholds(sensor: StoredSensor): number {
  return accessAllows(sensor, [2]) ? byteAt(sensor.record, SETTABLE_MASK_OFFSET) & 0x3f : 0;
}

/** Access to thresholds: 0 none, 1 readable, 2 settable, 3 fixed. Source: IPMI 1.5, table 37-1, byte 12. */
function accessAllows(sensor: StoredSensor, accesses: readonly number[]): boolean {
  return hasThresholds(sensor) && accesses.includes((byteAt(sensor.record, CAPABILITIES_OFFSET) >> 2) & 3);
}

/** How the format of a record orders raw bytes: unsigned, one's complement, two's complement. Source: IPMI 1.5, table 37-1, byte 21. */
function signed(record: Uint8Array, raw: number): number {
  const format = byteAt(record, UNITS_OFFSET) >> 6;
  if (format === 1) return raw >= 0x80 ? raw - 0xff : raw;
  return format === 2 && raw >= 0x80 ? raw - 0x100 : raw;
}

/** Bits 0..5: at or below a lower threshold, at or above an upper one. */
function comparison(sensor: StoredSensor, raw: number, thresholds: RawThresholds): number {
  const mask = readableThresholds(sensor);
  const value = signed(sensor.record, raw);
  return thresholds.reduce((bits, threshold, index) => {
    const limit = signed(sensor.record, threshold);
    const crossed = index < 3 ? value <= limit : value >= limit;
    return crossed && (mask & (1 << index)) !== 0 ? bits | (1 << index) : bits;
  }, 0);
}

/** What Get Sensor Reading tells behind the completion code. Source: IPMI 1.5, section 29.14. */
export function encodeReading(sensor: StoredSensor, reading: VirtualReading, thresholds: RawThresholds): readonly number[] {
  const { raw = 0, scanning = true, available = true } = reading;
  const flags = 0x80 | (scanning ? 0x40 : 0) | (available ? 0 : 0x20);
  const analog = hasThresholds(sensor);
  const states = reading.states ?? (analog ? comparison(sensor, raw, thresholds) : 0);
  // Reserved bits read as 1.
  if (analog) return [raw, flags, (states & 0x3f) | 0xc0];
  return [raw, flags, states & 0xff, ((states >> 8) & 0x7f) | 0x80];
}
