import { MASK, Secret } from '@ferric/core';
import type { RequestElement } from './wire/encode-request.js';
import { maskMarkup } from './wire/mask-markup.js';

/** Shorter ones would tear holes into texts that have nothing to do with them. */
const SHORTEST = 4;

/** Takes the secrets of one call, and whatever looks like one, out of a text that goes to people. */
export type MaskSecrets = (text: string) => string;

/** How a controller may write a character that is special in XML: as it is, or as an entity. */
const WRITTEN: Readonly<Record<string, string>> = { '&': '&(?:amp;|#38;)?', '<': '(?:<|&lt;|&#60;)', '>': '(?:>|&gt;|&#62;)', "'": "(?:'|&apos;|&#39;)" };

/** @param secrets those that were sent: a controller repeats parts of a request in which it finds a mistake */
export function createMask(secrets: readonly Secret[]): MaskSecrets {
  const known = secrets
    .map((secret) => secret.reveal())
    .filter((text) => text.length >= SHORTEST)
    // The longest first: one secret may be the beginning of another.
    .toSorted((a, b) => b.length - a.length)
    .map((text) => new RegExp(text.replace(/[^\w]/g, toPattern), 'g'));
  return (text) => maskMarkup(known.reduce((rest, pattern) => rest.replace(pattern, MASK), text));
}

/** The secrets in a request. */
export function secretsIn(element: RequestElement): readonly Secret[] {
  const own = Object.values(element.attributes ?? {}).filter((value): value is Secret => Secret.is(value));
  return [...own, ...(element.children ?? []).flatMap(secretsIn)];
}

function toPattern(character: string): string {
  return WRITTEN[character] ?? character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
}
