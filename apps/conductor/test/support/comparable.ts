import { Secret } from '@ferric/core';

/** A record in a form that tests can compare: secrets are shown, since two equal ones are different objects. */
export function comparable(value: unknown): unknown {
  if (Secret.is(value)) return { secret: value.reveal() };
  if (value instanceof Date) return { date: value.toISOString() };
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  // Pairs, so that a key named __proto__ counts like any other.
  return Object.entries(value).map(([key, item]) => [key, comparable(item)] as const).toSorted(([one], [other]) => (one < other ? -1 : 1));
}
