import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES, PROVISION_STATES } from '@ferric/core';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { BOOTS_IN_STATE, createIpxeBoot, DEFAULT_BOOT_SETTINGS, INSTANCE_BOOTS } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('|'));

test('the page has examples, the first with the library alone', () => {
  const blocks = codeBlocks(readme);
  expect(blocks.length).toBeGreaterThanOrEqual(2);
  expect(blocks[0]).toContain("import { bootScript, DEFAULT_BOOT_SETTINGS } from '@ferric/ipxe-config'");
});

test('the page explains every field of driver_info and every setting with its default, and only codes that exist', () => {
  const properties = createIpxeBoot({ name: 'ipxe', settings: DEFAULT_BOOT_SETTINGS }).properties?.jsonSchema['properties'];
  for (const [field, property] of Object.entries(properties as Record<string, { default?: unknown }>)) {
    const row = rows.find((line) => line.startsWith(`| \`${field}\` |`));
    expect([field, row]).toEqual([field, expect.stringContaining(property.default === undefined ? 'the setting' : String(property.default))]);
  }
  for (const [name, value] of Object.entries(DEFAULT_BOOT_SETTINGS)) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\` |`));
    expect([name, row?.split('|')[3]]).toEqual([name, expect.stringContaining(String(value))]);
  }
  const codes = rows.flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  expect(codes).toEqual(['INVALID_OPTIONS', 'CONFLICT', 'INTERNAL']);
  for (const code of codes) expect(FERRIC_ERROR_CODES).toHaveProperty(code);
});

test('the page names every state in which a machine boots, and every kind of instance', () => {
  const table = readme.slice(readme.indexOf('## What a machine gets'), readme.indexOf('## Options'));
  for (const state of PROVISION_STATES) expect([state, table.includes(`\`${state}\``)]).toEqual([state, BOOTS_IN_STATE[state].length > 0]);
  for (const kind of INSTANCE_BOOTS) expect(table).toContain(`| \`${kind}\` |`);
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});
