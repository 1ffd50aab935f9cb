import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { createFakeHost } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import { iloDriverInfo } from '../src/index.js';
import { plugin } from '../src/plugin.js';
import { createIloBench } from './ilo-bench.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('|'));

test('the page has examples, the first with the client alone', () => {
  const blocks = codeBlocks(readme);
  expect(blocks).toHaveLength(2);
  expect(blocks[0]).toContain("import { createIloClient } from '@ferric/driver-ilo/client'");
});

test('the page says that no device was there to try', () => {
  expect(readme).toMatch(/\*\*No ProLiant server was at hand/);
});

test('the page explains every field of driver_info with its default and range', () => {
  const properties = iloDriverInfo.jsonSchema['properties'] as Record<string, { default?: unknown; minimum?: number; maximum?: number; enum?: readonly string[] }>;
  const required = new Set(iloDriverInfo.jsonSchema['required'] as readonly string[]);
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

test('the page has a row for every step, with its priority, its type and its arguments', () => {
  const common = new Set(createIloBench('ilo').device.steps?.map(({ name }) => name));
  const steps = (createIloBench('ilo5').device.steps ?? []).filter(({ kind }) => kind === 'clean');
  for (const { name, priority, arguments: described } of steps) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\` |`));
    expect([name, row]).toEqual([name, expect.stringContaining(`| ${priority} | ${common.has(name) ? 'both' : 'ilo5'} |`)]);
    for (const argument of Object.keys(described)) expect(row).toContain(`\`${argument}\``);
  }
});

test('the page names every vendor method and the hardware types by all their names', () => {
  for (const method of Object.keys(createIloBench('ilo').device.vendor?.methods ?? {})) expect(readme).toContain(`\`${method}\``);
  const { hardwareTypes } = plugin.create(createFakeHost());
  for (const name of hardwareTypes.flatMap((type) => [type.name, ...(type.aliases ?? []).map((alias) => alias.name)])) expect(readme).toContain(`\`${name}\``);
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', { timeout: 30_000 }, async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});
