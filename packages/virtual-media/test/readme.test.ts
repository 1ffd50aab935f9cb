import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { DEFAULT_BOOT_SETTINGS } from '@ferric/ipxe-config';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { createVirtualMediaBoot } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('|'));

test('the page explains every field of driver_info with its default, and only codes that exist', () => {
  const properties = createVirtualMediaBoot({ boot: DEFAULT_BOOT_SETTINGS }).properties?.jsonSchema['properties'];
  for (const [field, property] of Object.entries(properties as Record<string, { default?: unknown }>)) {
    const row = rows.slice(rows.findIndex((line) => line.startsWith('| `driver_info`'))).find((line) => line.startsWith(`| \`${field}\` |`));
    const preset = field === 'external_http_url' ? "the conductor's" : String(property.default ?? 'the setting');
    expect([field, row]).toEqual([field, expect.stringContaining(preset)]);
  }
  const codes = rows.flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  expect(codes).toEqual(['INVALID_OPTIONS', 'CONFLICT', 'INTERNAL']);
  for (const code of codes) expect(FERRIC_ERROR_CODES).toHaveProperty(code);
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});
