import { FerricError } from './ferric-error.js';

export { printValue } from './print-value.js';

/** One thing wrong with one field. */
export interface OptionIssue {
  /** Dotted path as the user wrote it: `wol_port`, `local_link_connection.port_id`. */
  readonly field: string;
  readonly problem: 'missing' | 'invalid' | 'unknown';
  /** What is accepted, for a person. */
  readonly expected: string;
  /** What came, printed; left out when the field is secret or missing. */
  readonly received?: string;
}

function describe(issue: OptionIssue): string {
  if (issue.problem === 'missing') return `${issue.field} is required: ${issue.expected}`;
  if (issue.problem === 'unknown') return `${issue.field} is not known: ${issue.expected}`;
  const received = issue.received === undefined ? '' : `, got ${issue.received}`;
  return `${issue.field} must be ${issue.expected}${received}`;
}

/**
 * The error for bad input: all issues at once, each naming its field, what is accepted and what came.
 * @returns a FerricError with code INVALID_OPTIONS and `details.issues`.
 */
export function invalidOptions(subject: string, issues: readonly OptionIssue[]): FerricError {
  return new FerricError('INVALID_OPTIONS', `${subject}: ${issues.map(describe).join('; ')}`, {
    details: { issues: issues.map((issue) => ({ ...issue })) },
    hint: 'Correct the named fields and try again; nothing was changed or sent.',
  });
}

/** The issues of an INVALID_OPTIONS error, or an empty list for any other error. */
export function optionIssues(error: unknown): readonly OptionIssue[] {
  if (!FerricError.is(error) || error.code !== 'INVALID_OPTIONS') return [];
  const issues = error.details['issues'];
  return Array.isArray(issues) ? (issues as unknown as OptionIssue[]) : [];
}
