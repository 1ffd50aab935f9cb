import { invalidOptions, printValue } from '../errors/invalid-options.js';
import { OPTIONAL_CAPABILITIES } from '../device/device.js';
import { FerricError } from '../errors/ferric-error.js';
import { systemClock } from '../time/clock.js';
import { Workshop } from './bench.js';
import { describe, settled } from './outcome.js';
import type { ConformanceReport, RuleReport } from './report.js';
import { type Rule, type RuleContext, type RuleFacts, ruleLink, type RuleLimits } from './rule.js';
import { CONFORMANCE_RULES } from './rules.js';
import type { ConformanceSubject } from './subject.js';

/** Longest time that one rule may take, however badly the driver hangs. Milliseconds. */
export const RULE_LIMIT_MS = 60_000;

export interface CheckDriverOptions {
  /** Ids of the rules to check. Default: all. */
  readonly only?: readonly string[];
}

/** One pass over a driver: its facts, and what rules have found out for each other. */
export class ConformanceRun {
  readonly #subject: ConformanceSubject;
  readonly #found = new Map<string, Promise<unknown>>();

  constructor(subject: ConformanceSubject) {
    this.#subject = subject;
  }

  /** What is known before any rule runs. Throws when the simulator cannot be started or the driver cannot be made. */
  async facts(): Promise<RuleFacts> {
    const workshop = new Workshop(this.#subject);
    try {
      const { driver, device, virtualDevice } = await workshop.bench();
      return {
        driver: driver.name,
        capabilities: new Set(['power', ...OPTIONAL_CAPABILITIES.filter((name) => device[name] !== undefined)]),
        targets: device.power.targets,
        faults: virtualDevice.faults.supported,
        hasCredentials: virtualDevice.wrongDriverInfo !== undefined,
        secretFields: driver.driverInfo.secretFields,
        readsMany: driver.readMany !== undefined,
        validates: driver.validate !== undefined,
        hasPlugin: this.#subject.plugin !== undefined,
        hasVendorMethods: device.vendor !== undefined || driver.vendor !== undefined,
      };
    } finally {
      await workshop[Symbol.asyncDispose]();
    }
  }

  /** Runs one rule with everything fresh, for a limited time, and cleans up after it. Throws what the rule throws. */
  async check(rule: Rule, facts: RuleFacts): Promise<void> {
    const workshop = new Workshop(this.#subject);
    const context: RuleContext = {
      subject: this.#subject,
      facts,
      limits: limitsOf(this.#subject),
      bench: (started) => workshop.bench(started),
      shared: (name, make) => this.#shared(name, make),
    };
    try {
      const outcome = await settled(rule.check(context), RULE_LIMIT_MS);
      if (outcome.status === 'rejected') throw outcome.reason;
      if (outcome.status === 'pending') throw new FerricError('TIMEOUT', `The rule did not end within ${RULE_LIMIT_MS} ms: something in the driver hangs`);
    } finally {
      await workshop[Symbol.asyncDispose]();
    }
  }

  #shared<T>(name: string, make: () => Promise<T>): Promise<T> {
    const found = (this.#found.get(name) as Promise<T> | undefined) ?? make();
    this.#found.set(name, found);
    return found;
  }
}

function limitsOf(subject: ConformanceSubject): RuleLimits {
  return { callMs: subject.callTimeMs ?? 5000, deadlineMs: 300, graceMs: 1000 };
}

/**
 * Checks a driver against all rules, one after the other, and reports on each. Needs no test framework.
 * A driver that hangs fails the rule; it never hangs the check.
 * @throws INVALID_OPTIONS when `only` names a rule that does not exist.
 */
export async function checkDriver(subject: ConformanceSubject, options: CheckDriverOptions = {}): Promise<ConformanceReport> {
  const rules = selectRules(options.only);
  const run = new ConformanceRun(subject);
  let facts: RuleFacts;
  try {
    facts = await run.facts();
  } catch (error) {
    return { driver: 'unknown', passed: false, rules: rules.map((rule) => report(rule, 'failed', 0, { error: asError(error) })) };
  }
  const reports: RuleReport[] = [];
  for (const rule of rules) reports.push(await checkRule(run, rule, facts));
  return { driver: facts.driver, passed: reports.every((each) => each.status !== 'failed'), rules: reports };
}

async function checkRule(run: ConformanceRun, rule: Rule, facts: RuleFacts): Promise<RuleReport> {
  const reason = rule.exempt?.(facts);
  if (reason !== undefined) return report(rule, 'not applicable', 0, { reason });
  const startedAt = systemClock.monotonicMs();
  const took = (): number => Math.round(systemClock.monotonicMs() - startedAt);
  try {
    await run.check(rule, facts);
    return report(rule, 'passed', took());
  } catch (error) {
    return report(rule, 'failed', took(), { error: asError(error) });
  }
}

function report(rule: Rule, status: RuleReport['status'], tookMs: number, more: Pick<RuleReport, 'error' | 'reason'> = {}): RuleReport {
  return { id: rule.id, title: rule.title, why: rule.why, link: ruleLink(rule.id), status, tookMs, ...more };
}

function selectRules(only: readonly string[] | undefined): readonly Rule[] {
  const known = CONFORMANCE_RULES.map((rule) => rule.id);
  const unknown = only?.filter((id) => !known.includes(id)) ?? [];
  if (unknown.length > 0) {
    const expected = `ids among ${known.join(', ')}`;
    throw invalidOptions('checkDriver', unknown.map((id) => ({ field: 'only', problem: 'invalid', expected, received: printValue(id) })));
  }
  return CONFORMANCE_RULES.filter((rule) => only?.includes(rule.id) ?? true);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new FerricError('INTERNAL', `Something was thrown that is no error: ${describe(error)}`);
}
