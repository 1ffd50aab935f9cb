import type { RawThresholds } from '../sdr/record-types.js';
import type { SensorState } from './states.js';
import type { Severity } from './state-meaning.js';

export type ThresholdName = keyof RawThresholds;

interface ThresholdMeaning {
  readonly name: ThresholdName;
  readonly text: string;
  readonly severity: Severity;
  /** Its counterpart on the other side. */
  readonly mirrored: ThresholdName;
}

/** In the order of their bits. Source: IPMI 1.5, table 29-10 (thresholds) and 29-13 (comparison status). */
export const THRESHOLDS: readonly ThresholdMeaning[] = [
  { name: 'lowerNonCritical', text: 'at or below lower non-critical', severity: 'warning', mirrored: 'upperNonCritical' },
  { name: 'lowerCritical', text: 'at or below lower critical', severity: 'critical', mirrored: 'upperCritical' },
  { name: 'lowerNonRecoverable', text: 'at or below lower non-recoverable', severity: 'nonrecoverable', mirrored: 'upperNonRecoverable' },
  { name: 'upperNonCritical', text: 'at or above upper non-critical', severity: 'warning', mirrored: 'lowerNonCritical' },
  { name: 'upperCritical', text: 'at or above upper critical', severity: 'critical', mirrored: 'lowerCritical' },
  { name: 'upperNonRecoverable', text: 'at or above upper non-recoverable', severity: 'nonrecoverable', mirrored: 'lowerNonRecoverable' },
];

/** Names of the thresholds whose bits are set: bit 0 lower non-critical ... bit 5 upper non-recoverable. */
export function thresholdsOfMask(mask: number): readonly ThresholdName[] {
  return THRESHOLDS.filter((_, bit) => (mask & (1 << bit)) !== 0).map(({ name }) => name);
}

/** The same threshold as seen from the other side, for a formula under which a high raw reading is a low value. */
export function mirrorThreshold(name: ThresholdName): ThresholdName {
  return THRESHOLDS.find((threshold) => threshold.name === name)?.mirrored ?? name;
}

/** The thresholds that a reading has crossed, as states. `mirrored` when a high raw reading is a low value. */
export function crossedThresholds(bits: number, mirrored: boolean): readonly SensorState[] {
  return thresholdsOfMask(bits).map((crossed) => {
    const name = mirrored ? mirrorThreshold(crossed) : crossed;
    const offset = THRESHOLDS.findIndex((threshold) => threshold.name === name);
    return { offset, text: THRESHOLDS[offset]?.text ?? name, severity: THRESHOLDS[offset]?.severity ?? 'warning' };
  });
}
