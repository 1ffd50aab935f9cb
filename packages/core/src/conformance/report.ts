export type RuleStatus = 'passed' | 'failed' | 'not applicable';

/** What came of one rule. */
export interface RuleReport {
  readonly id: string;
  readonly title: string;
  /** What goes wrong for users of a driver that breaks it. */
  readonly why: string;
  /** Where the rule is explained: `docs/adding-a-driver.md#abort-while-waiting`. */
  readonly link: string;
  readonly status: RuleStatus;
  /** Present when the rule failed. */
  readonly error?: Error;
  /** Present when it does not apply. */
  readonly reason?: string;
  /** Milliseconds. */
  readonly tookMs: number;
}

/** What came of all of them. */
export interface ConformanceReport {
  /** The driver's name, or `unknown` when it could not even be made. */
  readonly driver: string;
  /** True when no rule failed. */
  readonly passed: boolean;
  readonly rules: readonly RuleReport[];
}

const MARKS: Readonly<Record<RuleStatus, string>> = { passed: 'ok  ', failed: 'FAIL', 'not applicable': '--  ' };

/** The report as text for people: failed rules first, each with its reason and link. */
export function formatReport(report: ConformanceReport): string {
  const order: readonly RuleStatus[] = ['failed', 'passed', 'not applicable'];
  const lines = order.flatMap((status) => report.rules.filter((rule) => rule.status === status).flatMap(formatRule));
  const count = (status: RuleStatus): number => report.rules.filter((rule) => rule.status === status).length;
  return [`${report.driver}: ${count('passed')} passed, ${count('failed')} failed, ${count('not applicable')} not applicable`, ...lines].join('\n');
}

function formatRule(rule: RuleReport): string[] {
  const first = `${MARKS[rule.status]} ${rule.id}: ${rule.title}${rule.reason === undefined ? '' : ` (${rule.reason})`}`;
  if (rule.error === undefined) return [first];
  return [first, `       ${rule.error.message.replaceAll('\n', '\n       ')}`, `       Why: ${rule.why}`, `       See ${rule.link}`];
}
