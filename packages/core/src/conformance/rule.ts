import type { Capability } from '../device/device.js';
import type { PowerTarget } from '../device/power.js';
import type { FaultKind } from '../virtual-device/virtual-device.js';
import type { Bench } from './bench.js';
import type { ConformanceSubject } from './subject.js';

/** What is known of a driver and its simulator before any rule runs; decides which rules apply. */
export interface RuleFacts {
  readonly driver: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly targets: ReadonlySet<PowerTarget>;
  readonly faults: ReadonlySet<FaultKind>;
  /** The simulator offers wrong credentials. */
  readonly hasCredentials: boolean;
  readonly secretFields: readonly string[];
  readonly readsMany: boolean;
  readonly validates: boolean;
  readonly hasPlugin: boolean;
  readonly hasVendorMethods: boolean;
}

/** Times that all rules share. Milliseconds. */
export interface RuleLimits {
  /** A call to a simulator in good health settles within this. */
  readonly callMs: number;
  /** The deadline that rules set for calls that cannot succeed. */
  readonly deadlineMs: number;
  /** What a call may take longer than its deadline, and how soon it must settle after an abort: room for a busy machine. */
  readonly graceMs: number;
}

export interface RuleContext {
  readonly subject: ConformanceSubject;
  readonly facts: RuleFacts;
  readonly limits: RuleLimits;
  /**
   * A fresh simulator, host, driver and device. All of it is disposed when the rule has ended.
   * @param started called when the simulator runs and before the driver is made.
   */
  bench(started?: () => void): Promise<Bench>;
  /** What a rule found out that others may use again, by name; made once in a run. */
  shared<T>(name: string, make: () => Promise<T>): Promise<T>;
}

/** One thing that every driver does. */
export interface Rule {
  /** Also the anchor of its explanation. */
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** Why the rule does not apply; undefined when it does. */
  readonly exempt?: (facts: RuleFacts) => string | undefined;
  /** Throws an AssertionError when the driver breaks the rule. */
  check(context: RuleContext): Promise<void>;
}

export function ruleLink(id: string): string {
  return `docs/adding-a-driver.md#${id}`;
}
