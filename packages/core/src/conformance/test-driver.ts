import { AssertionError } from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, test } from 'vitest';
import { ConformanceRun, RULE_LIMIT_MS } from './check-driver.js';
import { type Rule, ruleLink } from './rule.js';
import { CONFORMANCE_RULES } from './rules.js';
import type { ConformanceSubject } from './subject.js';

/**
 * Registers one vitest test for each rule that applies to this driver. Call it in a test file, at its top level or in a describe.
 * A test that fails says which rule was broken, why it matters and where to read about it.
 * @param name heads the tests: the driver's name.
 */
export function testDriver(name: string, subject: ConformanceSubject): void {
  describe(`${name} conforms`, async () => {
    // Which rules apply is known before they run: a rule that does not apply is no test that passes.
    const run = new ConformanceRun(subject);
    const facts = await run.facts();
    for (const rule of CONFORMANCE_RULES.filter((each) => each.exempt?.(facts) === undefined)) {
      test(`${rule.id}: ${rule.title}`, { timeout: RULE_LIMIT_MS + 10_000 }, async () => {
        await assertKept(rule, () => run.check(rule, facts));
      });
    }
  });
}

/** Fails with an explanation when the check does. */
async function assertKept(rule: Rule, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    throw explained(rule, error);
  }
}

/** The same failure, but its message also tells the rule, why it matters and where it is explained. */
function explained(rule: Rule, error: unknown): AssertionError {
  const what = error instanceof Error ? error.message : inspect(error);
  const failure = new AssertionError({ message: `${what}\n\nRule: ${rule.title}\nWhy: ${rule.why}\nSee ${ruleLink(rule.id)}` });
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  failure.stack = [`${failure.name}: ${failure.message}`, ...frames].join('\n');
  failure.cause = error;
  return failure;
}
