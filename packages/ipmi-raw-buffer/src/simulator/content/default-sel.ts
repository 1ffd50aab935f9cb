import { double, join, word } from '../wire/bytes.js';

export interface EventFields {
  readonly id: number;
  /** Seconds since 1970. */
  readonly seconds: number;
  readonly sensorType: number;
  readonly sensorNumber: number;
  readonly eventType: number;
  /** Default false: something came to be so. */
  readonly deasserted?: boolean;
  /** Three bytes; the first holds the offset. */
  readonly data: readonly [number, number, number];
}

const SYSTEM_EVENT = 0x02;
const BMC_GENERATOR = 0x0020;
const EVENT_REVISION = 0x04;

/** An event of a sensor of the BMC. Source: IPMI 1.5, table 26-1. */
export function systemEvent({ id, seconds, sensorType, sensorNumber, eventType, deasserted = false, data }: EventFields): Uint8Array {
  const direction = (deasserted ? 0x80 : 0) | eventType;
  return Uint8Array.from(join(word(id), [SYSTEM_EVENT], double(seconds), word(BMC_GENERATOR), [EVENT_REVISION, sensorType, sensorNumber, direction], data));
}

const NOON = Date.UTC(2026, 0, 15, 12, 0, 0) / 1000;

/** The log was cleared; CPU1 got too warm; it cooled down again. */
export const DEFAULT_SEL: readonly Uint8Array[] = [
  systemEvent({ id: 1, seconds: NOON, sensorType: 0x10, sensorNumber: 0x26, eventType: 0x6f, data: [0x02, 0xff, 0xff] }),
  systemEvent({ id: 2, seconds: NOON + 600, sensorType: 0x01, sensorNumber: 2, eventType: 0x01, data: [0x57, 86, 85] }),
  systemEvent({ id: 3, seconds: NOON + 660, sensorType: 0x01, sensorNumber: 2, eventType: 0x01, deasserted: true, data: [0x57, 83, 85] }),
];
