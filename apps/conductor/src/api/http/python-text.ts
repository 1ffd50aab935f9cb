import { MASK, Secret, type Sealed } from '@ferric/core';

/** Longest value that an error text repeats. */
const LONGEST_TEXT = 200;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A value as Python prints it, which is how clients of Ironic know error texts: `{'op': 'remove', 'path': '/extra/none'}`.
 * Secrets are `'******'`.
 */
export function pythonText(value: Sealed): string {
  if (Secret.is(value)) return `'${MASK}'`;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map((item: Sealed) => pythonText(item)).join(', ')}]`;
  const members = Object.entries(value as Readonly<Record<string, Sealed>>);
  return `{${members.map(([key, item]) => `${quoted(key)}: ${pythonText(item)}`).join(', ')}}`;
}

/** A value for an error text: scalars as Python prints them, documents only by their brackets, everything cut short. */
export function pythonScalar(value: Sealed): string {
  if (Array.isArray(value)) return '[...]';
  if (typeof value === 'object' && value !== null && !Secret.is(value)) return '{...}';
  return shortened(pythonText(value));
}

/** The same, but texts stand without quotes, as in `Expected UUID for marker: x`. */
export function plainScalar(value: Sealed): string {
  return typeof value === 'string' ? shortened(value) : pythonScalar(value);
}

/** A text that may be too long to repeat. */
export function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll(/[\\\p{Cc}]/gu, (character) => ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}
