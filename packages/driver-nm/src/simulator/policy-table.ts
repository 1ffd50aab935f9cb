/** A policy as the Node Manager keeps it: bytes as they came, since it is the bytes that it gives back. */
export interface VirtualPolicy {
  /** 0..4 */
  readonly domain: number;
  /** 0..255 */
  readonly id: number;
  readonly enabled: boolean;
  /** Trigger, correction and storage, action, limits and times: bytes 2 to 13 of Set Policy. */
  readonly settings: readonly number[];
  /** Start, stop and days, three bytes each. */
  readonly periods: readonly number[];
}

/** The policies of one Node Manager, by domain and id. */
export interface PolicyTable {
  get(domain: number, id: number): VirtualPolicy | undefined;
  set(policy: VirtualPolicy): void;
  delete(domain: number, id: number): void;
  readonly all: readonly VirtualPolicy[];
}

export function createPolicyTable(): PolicyTable {
  const policies = new Map<number, VirtualPolicy>();
  const keyOf = (domain: number, id: number): number => domain * 256 + id;
  return {
    get: (domain, id) => policies.get(keyOf(domain, id)),
    set: (policy) => void policies.set(keyOf(policy.domain, policy.id), policy),
    delete: (domain, id) => void policies.delete(keyOf(domain, id)),
    get all() {
      return [...policies.values()];
    },
  };
}

const MINUTES_IN_A_UNIT = 6;

/** Whether a policy rests at this time: in one of its periods, of which each is of some days of the week. UTC. */
export function isSuspended({ periods }: VirtualPolicy, now: Date): boolean {
  const unit = (now.getUTCHours() * 60 + now.getUTCMinutes()) / MINUTES_IN_A_UNIT;
  // The first bit is Monday, the first day of JavaScript is Sunday.
  const day = 1 << ((now.getUTCDay() + 6) % 7);
  for (let at = 0; at + 2 < periods.length; at += 3) {
    const [start = 0, stop = 0, days = 0] = periods.slice(at, at + 3);
    if ((days & day) !== 0 && unit >= start && unit < stop) return true;
  }
  return false;
}
