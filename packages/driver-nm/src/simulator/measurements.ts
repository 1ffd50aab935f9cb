/** What was measured since the last reset. */
export interface Measurement {
  readonly current: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly average: number;
  /** Seconds since 1970 at which measuring began. */
  readonly since: number;
}

/** The statistics of one Node Manager. */
export interface Measurements {
  get(mode: number, domain: number, policy: number): Measurement;
  /** Takes note of one value. */
  measure(mode: number, domain: number, policy: number, value: number): void;
  /** Begins anew, with the present value. */
  reset(mode: number, domain: number, policy: number): void;
}

/** What a machine shows that nobody measured anything on: the example of the document of ironic-staging-drivers for power, its average for all else. */
const AT_FIRST = { current: 202, minimum: 150, maximum: 240, average: 200 } as const;
/** For how long it was measured at first. Seconds; same source. */
const MEASURED_AT_FIRST = 2125;

interface Kept {
  readonly mode: number;
  readonly domain: number;
  readonly policy: number;
  readonly count: number;
  readonly measurement: Measurement;
}

/** @param now seconds since 1970 */
export function createMeasurements(now: () => number): Measurements {
  const kept = new Map<string, Kept>();
  const began = now() - MEASURED_AT_FIRST;

  const find = (mode: number, domain: number, policy: number): Kept => {
    const known = kept.get(`${mode} ${domain} ${policy}`);
    return known ?? keep({ mode, domain, policy, count: 1, measurement: { ...AT_FIRST, since: began } });
  };
  const keep = (each: Kept): Kept => {
    kept.set(`${each.mode} ${each.domain} ${each.policy}`, each);
    return each;
  };

  return {
    get: (mode, domain, policy) => find(mode, domain, policy).measurement,
    measure(mode, domain, policy, value) {
      const each = find(mode, domain, policy);
      const { minimum, maximum, average, since } = each.measurement;
      const count = each.count + 1;
      const measurement = {
        current: value, minimum: Math.min(minimum, value), maximum: Math.max(maximum, value), average: average + (value - average) / count, since,
      };
      keep({ ...each, count, measurement });
    },
    reset(mode, domain, policy) {
      const { measurement: { current }, ...each } = find(mode, domain, policy);
      keep({ ...each, count: 1, measurement: { current, minimum: current, maximum: current, average: current, since: now() } });
    },
  };
}
