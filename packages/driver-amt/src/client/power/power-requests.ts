/** What the machine can be asked for by CIM_PowerManagementService.RequestPowerStateChange. */
export type AmtPowerRequest = keyof typeof POWER_REQUESTS;

interface RequestFacts {
  /** The number that is sent. */
  readonly value: number;
  /** For people. */
  readonly words: string;
  /** First generation of AMT that takes it; before, it is an error. */
  readonly since: number;
  /** Carried out by the operating system, so that Intel's Local Manageability Service must run in it. */
  readonly needsAgent: boolean;
}

/** Source: Intel AMT Implementation and Reference Guide, "Change System Power State" (table before and from 9.0). */
export const POWER_REQUESTS = {
  'power on': { value: 2, words: 'power on', since: 1, needsAgent: false },
  sleep: { value: 4, words: 'deep sleep', since: 9, needsAgent: true },
  'power cycle': { value: 5, words: 'power cycle', since: 1, needsAgent: false },
  hibernate: { value: 7, words: 'hibernate', since: 9, needsAgent: true },
  'power off': { value: 8, words: 'power off', since: 1, needsAgent: false },
  reset: { value: 10, words: 'reset', since: 1, needsAgent: false },
  interrupt: { value: 11, words: 'diagnostic interrupt (NMI)', since: 1, needsAgent: false },
  'graceful power off': { value: 12, words: 'graceful power off', since: 9, needsAgent: true },
  'graceful reset': { value: 14, words: 'graceful reset', since: 9, needsAgent: true },
} as const satisfies Readonly<Record<string, RequestFacts>>;

/** The names of requests by their numbers, those without a name left out. */
export function requestNames(values: readonly number[]): readonly AmtPowerRequest[] {
  return (Object.keys(POWER_REQUESTS) as AmtPowerRequest[]).filter((name) => values.includes(POWER_REQUESTS[name].value));
}
