/**
 * The rules that every driver keeps, without a test framework: `checkDriver` reports on each.
 * @packageDocumentation
 */
export { checkDriver } from './check-driver.js';
export type { CheckDriverOptions } from './check-driver.js';
export { formatReport } from './report.js';
export type { ConformanceReport, RuleReport, RuleStatus } from './report.js';
export { ruleLink } from './rule.js';
export type { Rule, RuleContext, RuleFacts, RuleLimits } from './rule.js';
export { CONFORMANCE_RULES } from './rules.js';
export type { ConformanceSubject } from './subject.js';
