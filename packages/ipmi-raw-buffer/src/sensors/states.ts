import { GENERIC_STATES } from './generic-states.js';
import { ok, type StateMeaning } from './state-meaning.js';
import { SPECIFIC_STATES } from './specific-states.js';

export const THRESHOLD_TYPE = 0x01;
export const SENSOR_SPECIFIC_TYPE = 0x6f;
const STATES_OF_A_READING = 15;

/** What discrete states of a sensor depend on. */
export interface StateSource {
  readonly eventReadingType: number;
  readonly sensorType: number;
}

/** One asserted state. */
export interface SensorState extends StateMeaning {
  /** 0..14. */
  readonly offset: number;
}

/** What an offset says, or undefined where only the vendor knows. Sources: IPMI 1.5, tables 36-2 and 36-3. */
export function findStateMeaning({ eventReadingType, sensorType }: StateSource, offset: number): StateMeaning | undefined {
  const table = eventReadingType === SENSOR_SPECIFIC_TYPE ? SPECIFIC_STATES[sensorType] : GENERIC_STATES[eventReadingType];
  return table?.[offset] ?? undefined;
}

/** What an offset says; `state <offset>`, which counts as good, where only the vendor knows. */
export function stateMeaning(source: StateSource, offset: number): StateMeaning {
  return findStateMeaning(source, offset) ?? ok(`state ${offset}`);
}

/** The states that a reading of a discrete sensor asserts: bit 0 is state 0. */
export function assertedStates(source: StateSource, bits: number): readonly SensorState[] {
  return Array.from({ length: STATES_OF_A_READING }, (_, offset) => offset)
    .filter((offset) => (bits & (1 << offset)) !== 0)
    .map((offset) => ({ offset, ...stateMeaning(source, offset) }));
}
