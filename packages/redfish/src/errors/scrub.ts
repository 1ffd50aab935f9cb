import { MASK, maskText, type Secret } from '@ferric/core';

/** A shorter value would be found everywhere. */
const SHORTEST_SECRET = 4;

/** Takes these secrets out of a text, and what else looks like one. Controllers repeat what they did not like, also a password. */
export function scrubber(secrets: readonly Secret[]): (text: string) => string {
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value.length >= SHORTEST_SECRET);
  // As they are, and as they stand in JSON.
  const forms = [...new Set(values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]))];
  return (text) => maskText(forms.reduce((clean, form) => clean.replaceAll(form, MASK), text));
}
