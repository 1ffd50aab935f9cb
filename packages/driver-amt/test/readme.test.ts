import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { createFakeHost } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { AMT_POWER_TARGETS, amtDriverInfo, NEXT_BOOT_DEVICES } from '../src/index.js';
import { createAmtBench } from './amt-bench.js';
import { plugin } from '../src/plugin.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('|'));

test('the page has examples, the first with the client alone', () => {
  const blocks = codeBlocks(readme);
  expect(blocks).toHaveLength(3);
  expect(blocks[0]).toContain("import { createAmtClient } from '@ferric/driver-amt/client'");
});

test('the page says that no device was there to try', () => {
  expect(readme).toMatch(/\*\*No machine with AMT was at hand/);
});

test('the page explains every field of driver_info with its default and range', () => {
  const properties = amtDriverInfo.jsonSchema['properties'] as Record<string, { default?: unknown; minimum?: number; maximum?: number; enum?: readonly string[] }>;
  const required = new Set(amtDriverInfo.jsonSchema['required'] as readonly string[]);
  for (const [field, { default: preset, minimum, maximum, enum: values }] of Object.entries(properties)) {
    const row = rows.find((line) => line.includes(`| \`${field}\` |`));
    expect([field, row]).toEqual([field, expect.any(String)]);
    if (required.has(field)) expect(row).toContain('| required |');
    if (preset !== undefined) expect(row).toContain(`| ${String(preset)} |`);
    if (minimum !== undefined && maximum !== undefined) expect(row).toContain(`${minimum}..${maximum}`);
    if (values !== undefined) expect(row).toContain(`| ${values.join(', ')} |`);
  }
});

test('the page names only codes that exist', () => {
  const codes = rows.flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  expect(codes.toSorted()).toEqual(Object.keys(FERRIC_ERROR_CODES).toSorted());
});

test('the page names every vendor method and every boot device', async () => {
  await using bench = createAmtBench();
  const vendor = rows.find((line) => line.startsWith('| vendor |')) ?? '';
  for (const method of Object.keys(bench.device.vendor?.methods ?? {})) expect(vendor).toContain(`\`${method}\``);
  const boot = rows.find((line) => line.startsWith('| `boot` |')) ?? '';
  for (const device of NEXT_BOOT_DEVICES) expect(boot).toContain(`\`${device}\``);
  for (const target of AMT_POWER_TARGETS.slice(-3)) expect(vendor).toContain(`\`${target}\``);
});

test('the page names the hardware type by all its names', () => {
  const [type] = plugin.create(createFakeHost()).hardwareTypes;
  for (const name of [type?.name, ...(type?.aliases ?? []).map((alias) => alias.name)]) expect(readme).toContain(`\`${name}\``);
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', { timeout: 30_000 }, async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});
