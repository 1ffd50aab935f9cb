import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { libvirtDriverInfo } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('|'));

test('the page has an example of the client alone and one of the driver', () => {
  const blocks = codeBlocks(readme);
  expect(blocks).toHaveLength(2);
  expect(blocks[0]).toContain("from '@ferric/driver-libvirt/client'");
});

test('the page explains every field of driver_info with its default', () => {
  for (const [field, property] of Object.entries(libvirtDriverInfo.jsonSchema['properties'] as Record<string, { default?: unknown }>)) {
    const row = rows.find((line) => line.startsWith(`| \`${field}\` |`));
    expect([field, row]).toEqual([field, expect.stringContaining(property.default === undefined ? '' : String(property.default))]);
  }
});

test('the page explains every code there is, but for defects of ours', () => {
  const codes = rows.flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  expect(new Set([...codes, 'INTERNAL'])).toEqual(new Set(Object.keys(FERRIC_ERROR_CODES)));
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect((await runBlock(code, import.meta.dirname)).slice(-promised.length)).toEqual(promised);
});
