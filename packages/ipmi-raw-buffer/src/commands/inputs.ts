import { invalidOptions, type OptionIssue, printValue } from '@ferric/core';

/** The issue with a number outside its range; nothing when it is right. */
export function integerIssue(field: string, value: unknown, minimum: number, maximum: number): readonly OptionIssue[] {
  if (Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum) return [];
  return [{ field, problem: 'invalid', expected: `an integer from ${minimum} to ${maximum}`, received: printValue(value) }];
}

/** The issue with a word that is not in a table; nothing when it is right. */
export function choiceIssue(field: string, value: unknown, choices: Readonly<Record<string, unknown>>): readonly OptionIssue[] {
  if (typeof value === 'string' && Object.hasOwn(choices, value)) return [];
  return [{ field, problem: 'invalid', expected: `one of ${Object.keys(choices).join(', ')}`, received: printValue(value) }];
}

/** @throws INVALID_OPTIONS with all issues, if there are any */
export function refuseIssues(subject: string, issues: readonly OptionIssue[]): void {
  if (issues.length > 0) throw invalidOptions(subject, issues);
}

/** @throws INVALID_OPTIONS for a channel number outside 0..15; 14 is the one that the request comes by */
export function checkChannel(subject: string, channel: number): void {
  refuseIssues(subject, integerIssue('channel', channel, 0, 15));
}

/** The name of a value in a table of values by name. */
export function nameOf<Name extends string>(table: Readonly<Record<Name, number>>, value: number): Name | undefined {
  return (Object.keys(table) as Name[]).find((name) => table[name] === value);
}
