import { createHash } from 'node:crypto';
import type { JsonObject } from '@ferric/core';

/** The tag of a resource's present state: weak, eight digits, as the iLO gives it. */
export function etagOf(body: JsonObject): string {
  return `W/"${createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 8).toUpperCase()}"`;
}

/** Whether what a client remembers is still so. A weak tag is taken for a strong one. */
export function etagMatches(wanted: string | undefined, present: string): boolean {
  if (wanted === undefined || wanted.trim() === '*') return true;
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '');
  return wanted.split(',').some((tag) => bare(tag) === bare(present));
}
