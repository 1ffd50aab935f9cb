import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { wolDriverInfo } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the page has examples, the first with the library alone', () => {
  const blocks = codeBlocks(readme);
  expect(blocks.length).toBeGreaterThanOrEqual(2);
  expect(blocks[0]).toContain("import { wake } from '@ferric/driver-wol'");
});

test('the page explains every field of driver_info with its default, and only codes that exist', () => {
  const rows = readme.split('\n').filter((line) => line.startsWith('|'));
  for (const [field, property] of Object.entries(wolDriverInfo.jsonSchema['properties'] as Record<string, { default?: unknown }>)) {
    const row = rows.find((line) => line.includes(`| \`${field}\` |`));
    expect([field, row]).toEqual([field, expect.stringContaining(property.default === undefined ? '' : String(property.default))]);
  }
  const codes = rows.flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  expect(codes).toEqual(['INVALID_OPTIONS', 'UNREACHABLE', 'TIMEOUT', 'UNSUPPORTED', 'ABORTED']);
  for (const code of codes) expect(FERRIC_ERROR_CODES).toHaveProperty(code);
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});
