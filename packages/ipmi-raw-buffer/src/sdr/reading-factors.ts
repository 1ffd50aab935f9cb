import { requireBytes, signed } from '../message/bytes.js';

/** How a raw reading becomes a value. Source: IPMI 1.5, section 36.3 and table 37-1, bytes 25 to 30. */
export interface ReadingFactors {
  /** -512..511. */
  readonly m: number;
  /** -512..511. */
  readonly b: number;
  /** K1, -8..7: the power of ten that B is multiplied with. */
  readonly bExponent: number;
  /** K2, -8..7: the power of ten that the sum is multiplied with. */
  readonly resultExponent: number;
  /** In halves of a raw count, 0..63. */
  readonly tolerance: number;
  /** Hundredths of a percent, 0..1023, before its exponent. */
  readonly accuracy: number;
  /** 0..3. */
  readonly accuracyExponent: number;
  readonly direction: SensorDirection;
}

export type SensorDirection = 'unspecified' | 'input' | 'output' | 'reserved';

const DIRECTIONS: readonly SensorDirection[] = ['unspecified', 'input', 'output', 'reserved'];

export function sensorDirection(bits: number): SensorDirection {
  return DIRECTIONS[bits & 3] ?? 'reserved';
}

/** The six bytes from `M, least significant` to `R exponent, B exponent`. @throws FerricError PROTOCOL_FAULT */
export function decodeReadingFactors(bytes: Uint8Array): ReadingFactors {
  const factors = requireBytes('Reading factors', bytes, 6);
  const [mLow = 0, mHigh = 0, bLow = 0, bHigh = 0, accuracyHigh = 0, exponents = 0] = factors;
  return {
    m: signed(mLow | ((mHigh & 0xc0) << 2), 10),
    b: signed(bLow | ((bHigh & 0xc0) << 2), 10),
    bExponent: signed(exponents & 0x0f, 4),
    resultExponent: signed(exponents >> 4, 4),
    tolerance: mHigh & 0x3f,
    accuracy: (bHigh & 0x3f) | ((accuracyHigh & 0xf0) << 2),
    accuracyExponent: (accuracyHigh >> 2) & 3,
    direction: sensorDirection(accuracyHigh),
  };
}
