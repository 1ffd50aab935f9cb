import { maskText } from '../secrets/mask-text.js';

const LONGEST = 80;

/** A value as it may be shown in an error: short, quoted when it is text, without the passwords that may stand in it. */
export function printValue(value: unknown): string {
  const text = maskText(plainText(value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

function plainText(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  // JSON has no word for these: NaN would read as null.
  if (value === undefined || ['number', 'bigint', 'symbol'].includes(typeof value)) return String(value);
  try {
    return JSON.stringify(value) ?? 'an object';
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
}
