import { invalidOptions, maskText, optionIssues, printValue, Secret, type FerricError, type OptionIssue } from '@ferric/core';
import { asScriptText, brokenRule, WORD_RULES, type ScriptText, type TextRule } from './script-text.js';

/** What every error begins with. */
const SUBJECT = 'Network boot';

/** A value from outside and the name that its owner knows it by. */
export interface Field {
  /** `driver_info.kernel_append_params`. */
  readonly name: string;
  readonly value: unknown;
}

/** The error for one field. The value is shown unless it may hold a secret. */
export function refuse(field: Field, expected: string): FerricError {
  const shown = Secret.is(field.value) || holdsSecret(field.value) ? {} : { received: printValue(field.value) };
  return invalidOptions(SUBJECT, [{ field: field.name, problem: 'invalid', expected, ...shown }]);
}

/** The error for a field that is not there. */
export function missing(name: string, expected: string): FerricError {
  return invalidOptions(SUBJECT, [{ field: name, problem: 'missing', expected }]);
}

/** Runs every check and throws one INVALID_OPTIONS with all issues; other errors pass as they are. */
export function checkAll(checks: readonly (() => unknown)[]): void {
  const issues = checks.flatMap((check) => issuesOf(check));
  if (issues.length > 0) throw invalidOptions(SUBJECT, issues);
}

function issuesOf(check: () => unknown): readonly OptionIssue[] {
  try {
    check();
    return [];
  } catch (error) {
    const issues = optionIssues(error);
    if (issues.length === 0) throw error;
    return issues;
  }
}

/** The clear text of a field. Throws INVALID_OPTIONS when it is no text. */
export function readText(field: Field): string {
  const value: unknown = Secret.is(field.value) ? field.value.reveal() : field.value;
  if (typeof value === 'string') return value;
  throw refuse(field, 'a text');
}

/** A text that keeps the rules, ready for a script. Throws INVALID_OPTIONS. */
export function checkText(field: Field, rules: readonly TextRule[]): ScriptText {
  const text = readText(field);
  const broken = brokenRule(text, rules);
  if (broken !== undefined) throw refuse(field, broken);
  return asScriptText(text);
}

/** A single word, ready for a script. Throws INVALID_OPTIONS. */
export function checkWord(field: Field): ScriptText {
  return checkText(field, WORD_RULES);
}

/** A word of a known form, ready for a script. Throws INVALID_OPTIONS. */
export function checkForm(field: Field, form: RegExp, expected: string): ScriptText {
  return checkText(field, [...WORD_RULES, { accepts: (text) => form.test(text), expected }]);
}

/** A whole number in a range. Throws INVALID_OPTIONS. */
export function checkInteger(field: Field, range: { readonly min: number; readonly max: number }): number {
  const { value } = field;
  if (typeof value === 'number' && Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  throw refuse(field, `a whole number from ${range.min} to ${range.max}`);
}

export const SECRET_EXPECTED = 'without secrets, for anybody on the network of the machine can read its boot script; leave them out';

/** Throws INVALID_OPTIONS for a text with a secret in it; `field` is who it came from. */
export function refuseSecrets(field: Field, text: string): void {
  if (holdsSecret(text)) throw refuse({ ...field, value: text }, SECRET_EXPECTED);
}

/** Whether a text holds what looks like a secret, such as `password=...`. */
export function holdsSecret(value: unknown): boolean {
  return typeof value === 'string' && maskText(value) !== value;
}
