import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { DXP_DEFAULTS, ibootDriverInfo } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('|'));

test('the page has examples, the first with the client alone', () => {
  const blocks = codeBlocks(readme);
  expect(blocks).toHaveLength(3);
  expect(blocks[0]).toContain("import { createDxpClient } from '@ferric/driver-iboot/client'");
});

test('the page says that no device was there to try', () => {
  expect(readme).toMatch(/\*\*No iBoot was at hand/);
});

test('the page explains every field of driver_info with its default and range', () => {
  const properties = ibootDriverInfo.jsonSchema['properties'] as Record<string, { default?: unknown; minimum?: number; maximum?: number }>;
  for (const [field, { default: preset, minimum, maximum }] of Object.entries(properties)) {
    const row = rows.find((line) => line.includes(`| \`${field}\` |`));
    expect([field, row]).toEqual([field, expect.stringContaining(preset === undefined ? '| required |' : `| ${String(preset)} |`)]);
    if (minimum !== undefined && maximum !== undefined) expect(row).toMatch(new RegExp(`${minimum}(\\.\\.|, )${maximum}`));
  }
});

test('the page explains the times of the client with their defaults', () => {
  for (const [field, preset] of Object.entries(DXP_DEFAULTS)) expect(rows.find((line) => line.startsWith(`| \`${field}\` |`))).toContain(`| ${preset} |`);
});

test('the page names only codes that exist', () => {
  const codes = rows.flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  expect(codes).toEqual(['INVALID_OPTIONS', 'UNREACHABLE', 'TIMEOUT', 'AUTH_FAILED', 'PROTOCOL_FAULT', 'REFUSED', 'NOT_FOUND', 'BUSY', 'UNSUPPORTED', 'ABORTED']);
  for (const code of codes) expect(FERRIC_ERROR_CODES).toHaveProperty(code);
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});
