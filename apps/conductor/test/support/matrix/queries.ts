import type { ArgumentTable } from '../../../src/api/http/arguments.js';

/** A value that a query argument of this schema accepts. */
export function queryValue(schema: Readonly<Record<string, unknown>>): string {
  const [choice] = (schema['enum'] ?? []) as readonly string[];
  if (choice !== undefined) return choice;
  const special = schema['format'] === 'uuid' ? '00000000-0000-4000-8000-000000000000' : schema['description'] === 'a MAC address' ? '52:54:00:00:00:01' : undefined;
  return special ?? { boolean: 'true', integer: '1' }[String(schema['type'])] ?? 'x';
}

/** The required arguments besides one, ready to stand before it. */
export function requiredBeside(query: ArgumentTable, name: string): string {
  const required = Object.entries(query).filter(([other, argument]) => other !== name && argument.required === true);
  return required.map(([other, { type }]) => `${other}=${queryValue(type.schema)}&`).join('');
}
