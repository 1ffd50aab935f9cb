import type { Generation } from '../generations.js';

/** Values of PowerState. Source: DMTF CIM schema, CIM_AssociatedPowerManagementService.PowerState. */
export const POWER_STATE = {
  on: 2, lightSleep: 3, deepSleep: 4, cyclingSoft: 5, offHard: 6, hibernate: 7, offSoft: 8, cyclingHard: 9, busReset: 10,
} as const;

/** Values that may be asked for. Source: Intel AMT Implementation and Reference Guide, "Change System Power State". */
export const POWER_REQUEST = {
  on: 2, sleep: 4, cycle: 5, hibernate: 7, off: 8, reset: 10, nmi: 11, softOff: 12, softReset: 14,
} as const;

const ON: ReadonlySet<number> = new Set([POWER_STATE.on, POWER_STATE.lightSleep, POWER_STATE.deepSleep, POWER_STATE.busReset]);

/** True while the machine keeps its memory: asleep is not off. */
export const hasPower = (state: number): boolean => ON.has(state);

/** Its system runs. */
export const isRunning = (state: number): boolean => state === POWER_STATE.on;

const RESTING: ReadonlySet<number> = new Set([
  POWER_STATE.lightSleep, POWER_STATE.deepSleep, POWER_STATE.hibernate, POWER_STATE.offSoft, POWER_STATE.offHard,
]);

/** What the system has to do itself, by a service of Intel's that runs on it; from 9.0 on. In the order of a recorded answer. */
const BY_THE_SYSTEM: readonly number[] = [POWER_REQUEST.sleep, POWER_REQUEST.hibernate, POWER_REQUEST.softReset, POWER_REQUEST.softOff];

export interface PowerFacts {
  readonly state: number;
  readonly generation: Generation;
  /** The local management service runs whenever the system does. */
  readonly hasLocalService: boolean;
  /** It has connected standby instead of sleep. */
  readonly hasConnectedStandby: boolean;
}

/** What may be asked for now. While on: as recorded. Otherwise: device-management-toolkit/docs, "AMT Power States", start states. */
export function availableRequests({ state, generation, hasLocalService, hasConnectedStandby }: PowerFacts): readonly number[] {
  if (RESTING.has(state)) return [POWER_REQUEST.on];
  if (!isRunning(state)) return [];
  const bySystem = generation >= 9 && hasLocalService ? BY_THE_SYSTEM : [];
  const possible = hasConnectedStandby ? bySystem.filter((request) => request !== POWER_REQUEST.sleep) : bySystem;
  return [POWER_REQUEST.reset, POWER_REQUEST.off, POWER_REQUEST.cycle, POWER_REQUEST.nmi, ...possible];
}
