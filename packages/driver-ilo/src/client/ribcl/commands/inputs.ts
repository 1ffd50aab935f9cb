import { invalidOptions, printValue, Secret, type OptionIssue } from '@ferric/core';

const PRINTABLE = /^[\u0020-\u007e]*$/;

/** What is wrong with a text that is to stand in an attribute; undefined when nothing is. */
export function textIssue(field: string, value: unknown, longest: number): OptionIssue | undefined {
  const fits = typeof value === 'string' && value !== '' && value.length <= longest && PRINTABLE.test(value);
  return fits ? undefined : { field, problem: 'invalid', expected: `1 to ${longest} printable characters of ASCII`, received: printValue(value) };
}

/**
 * What is wrong with a secret that is sent as it is; undefined when nothing is. A quotation mark would end the attribute,
 * and firmware that is older than entity processing has no way to write one.
 */
export function secretIssue(field: string, value: unknown, longest: number): OptionIssue | undefined {
  const text: unknown = Secret.is(value) ? value.reveal() : undefined;
  const fits = typeof text === 'string' && text !== '' && text.length <= longest && PRINTABLE.test(text) && !text.includes('"');
  return fits ? undefined : { field, problem: 'invalid', expected: `a Secret of 1 to ${longest} printable characters of ASCII without a double quotation mark` };
}

/** One of a list of words. */
export function wordIssue(field: string, value: unknown, words: readonly string[]): OptionIssue | undefined {
  const fits = typeof value === 'string' && words.includes(value);
  return fits ? undefined : { field, problem: 'invalid', expected: `one of ${words.join(', ')}`, received: printValue(value) };
}

/** @throws INVALID_OPTIONS with all that is wrong, before anything is sent. */
export function checkInputs(subject: string, issues: readonly (OptionIssue | undefined)[]): void {
  const found = issues.filter((issue) => issue !== undefined);
  if (found.length > 0) throw invalidOptions(subject, found);
}

/** How RIBCL writes a truth value. */
export function yesOrNo(value: boolean): 'Yes' | 'No' {
  return value ? 'Yes' : 'No';
}
