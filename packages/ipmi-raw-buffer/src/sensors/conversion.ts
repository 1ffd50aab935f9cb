import { signed } from '../message/bytes.js';
import type { ReadingFactors } from '../sdr/reading-factors.js';
import type { RawFormat } from '../sdr/record-types.js';
import { LINEAR, linearize } from './linearization.js';

/** Everything that turns raw bytes of one sensor into values. */
export interface Conversion {
  readonly rawFormat: RawFormat;
  /** 0..11. For a sensor without a formula the factors are asked for, and this is 0. */
  readonly linearization: number;
  readonly factors: ReadingFactors;
}

const NUMBER_OF: Readonly<Record<RawFormat, (raw: number) => number | null>> = {
  unsigned: (raw) => raw,
  // Both 0x00 and 0xff are zero.
  'ones-complement': (raw) => (raw < 0x80 ? raw : raw - 0xff),
  'twos-complement': (raw) => signed(raw, 8),
  none: () => null,
};

/** The raw byte as a number; null when the sensor has none. Source: IPMI 1.5, table 37-1, byte 21. */
export function rawNumber(raw: number, rawFormat: RawFormat): number | null {
  return NUMBER_OF[rawFormat](raw & 0xff);
}

/**
 * The value of a raw reading: L((M x + B 10^K1) 10^K2); null when it is not a finite number, as 1/0 is none.
 * Source: IPMI 1.5, section 36.3.
 */
export function convertReading(raw: number, { rawFormat, linearization, factors }: Conversion): number | null {
  const number = rawNumber(raw, rawFormat);
  if (number === null) return null;
  return linearize(linearization, power(factors.m * number + power(factors.b, factors.bExponent), factors.resultExponent));
}

/**
 * A hysteresis in raw counts as a difference of values: B plays no part. Null when it is not specified (0x00 and 0xff).
 * Source: IPMI 1.5, table 37-1, byte 43.
 */
export function convertHysteresis(raw: number, { rawFormat, linearization, factors }: Conversion): number | null {
  if (rawFormat === 'none' || raw === 0x00 || raw === 0xff) return null;
  return linearize(linearization, Math.abs(power(factors.m * raw, factors.resultExponent)));
}

/**
 * How far the value may be off, plus and minus; null for a formula that is not linear, since the tolerance counts raw steps.
 * Source: IPMI 1.5, table 37-1, byte 26.
 */
export function convertTolerance({ rawFormat, linearization, factors }: Conversion): number | null {
  if (rawFormat === 'none' || linearization !== LINEAR) return null;
  return Math.abs(power((factors.m * factors.tolerance) / 2, factors.resultExponent));
}

/** In percent of the value. Source: IPMI 1.5, table 37-1, bytes 28 and 29. */
export function accuracyPercent({ accuracy, accuracyExponent }: ReadingFactors): number {
  return power(accuracy, accuracyExponent) / 100;
}

/** Dividing by a whole power of ten is exact more often than multiplying with a fraction: 7 / 1000, not 7 * 0.001. */
function power(value: number, exponent: number): number {
  return exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent;
}
