import type { PowerState } from '@ferric/core';

/** How the machine stands, more closely than on and off. `changing`: a power cycle or reset is under way. */
export type PowerCondition =
  | 'on' | 'connected standby' | 'light sleep' | 'deep sleep' | 'hibernated' | 'off' | 'changing' | 'other';

/** The power of a machine as its management engine tells it. */
export interface AmtPowerStatus {
  /** Sleep is on, hibernation is off: what happens to memory decides. */
  readonly state: Extract<PowerState, 'power on' | 'power off' | 'unknown'>;
  readonly condition: PowerCondition;
  /** What {@link AmtPowerStatus.state} alone does not say, for people. */
  readonly detail?: string;
  /** CIM_AssociatedPowerManagementService.PowerState as it came. */
  readonly powerState: number;
  /** Numbers that RequestPowerStateChange takes now. Absent: the firmware does not tell. */
  readonly accepted?: readonly number[];
}

interface StateFacts {
  readonly state: AmtPowerStatus['state'];
  readonly condition: PowerCondition;
  readonly detail?: string;
}

const OFF: StateFacts = { state: 'power off', condition: 'off' };
const changing = (what: string): StateFacts => ({ state: 'unknown', condition: 'changing', detail: `${what} is under way` });
const other = (what: string): StateFacts => ({ state: 'unknown', condition: 'other', detail: what });

/**
 * Sources: DSP1027, table of PowerState; Intel AMT Implementation and Reference Guide, "Get System Power State". Names of 5 to 9 vary between
 * versions of CIM; the meaning of the numbers is what MeshCentral and go-wsman-messages found on devices.
 */
const STATES: ReadonlyMap<number, StateFacts> = new Map([
  [1, other('AMT has no name for the power state')],
  [2, { state: 'power on', condition: 'on' }],
  [3, { state: 'power on', condition: 'light sleep', detail: 'in light sleep (S1 or S2)' }],
  [4, { state: 'power on', condition: 'deep sleep', detail: 'in deep sleep (S3)' }],
  [5, changing('a power cycle')],
  [6, OFF],
  [7, { state: 'power off', condition: 'hibernated', detail: 'hibernated (S4)' }],
  [8, OFF],
  [9, changing('a power cycle')],
  [10, changing('a reset')],
  [11, other('a diagnostic interrupt (NMI) is being handled')],
  [12, OFF],
  [13, OFF],
  [14, changing('a reset')],
  [15, changing('a power cycle')],
  [16, changing('a power cycle')],
  [17, other('a diagnostic interrupt (INIT) is being handled')],
]);

/** What the number of a device means. @param inStandby the operating system says that it saves power (Modern Standby) */
export function describePower(powerState: number, inStandby = false): Omit<AmtPowerStatus, 'accepted'> {
  const facts = STATES.get(powerState) ?? other(`AMT tells the power state ${powerState}, which has no known meaning`);
  if (facts.condition === 'on' && inStandby) return { state: 'power on', condition: 'connected standby', detail: 'in connected standby', powerState };
  return { ...facts, powerState };
}

/** Whether the machine is on but does nothing until it is woken. */
export function isAsleep({ condition }: Pick<AmtPowerStatus, 'condition'>): boolean {
  return condition === 'light sleep' || condition === 'deep sleep';
}
