import { attributeOf, type RibclElement } from '../wire/element.js';
import { unreadable } from '../wire/unreadable.js';

/** A fact that an answer must hold. @throws PROTOCOL_FAULT when it is not there. */
export function required(value: string | undefined, what: string, element: RibclElement): string {
  if (value === undefined || value === '') throw unreadable(`${element.name} does not tell ${what}`);
  return value;
}

/** The value that a word of the controller stands for, without regard to case. @throws PROTOCOL_FAULT for any other word. */
export function oneOf<Value>(words: Readonly<Record<string, Value>>, word: string | undefined, what: string, element: RibclElement): Value {
  const upper = required(word, what, element).toUpperCase();
  if (Object.hasOwn(words, upper)) return words[upper] as Value;
  throw unreadable(`${element.name} tells ${what} in a word that is not known`, word);
}

/** A whole number; undefined for anything else, such as `N/A`. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The attributes of an element as an object, by name in upper case. */
export function attributesOf(element: RibclElement): Readonly<Record<string, string>> {
  return Object.fromEntries([...element.attributes.keys()].map((name) => [name, attributeOf(element, name) ?? '']));
}

/** A fact that may be missing or empty. */
export function textOrNull(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}
