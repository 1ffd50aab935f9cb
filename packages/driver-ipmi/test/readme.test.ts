import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { ipmiDriverInfo } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('|'));

test('the page explains every field of driver_info with its default, and no other', () => {
  const properties = ipmiDriverInfo.jsonSchema['properties'] as Record<string, { default?: unknown }>;
  const explained = rows.flatMap((line) => /^\| `(ipmi_\w+)` \|/.exec(line)?.[1] ?? []);
  expect(explained.toSorted()).toEqual(Object.keys(properties).toSorted());
  for (const [field, property] of Object.entries(properties)) {
    const [, , , preset] = rows.find((line) => line.startsWith(`| \`${field}\` |`))?.split('|') ?? [];
    if (property.default !== undefined) expect([field, preset?.trim()]).toEqual([field, String(property.default)]);
  }
});

test('it tells only codes that exist', () => {
  const codes = rows.flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  expect(codes.length).toBeGreaterThan(8);
  for (const code of codes) expect(FERRIC_ERROR_CODES).toHaveProperty(code);
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});
