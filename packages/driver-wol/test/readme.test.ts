import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatWithOptions } from 'node:util';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { afterEach, expect, test, vi } from 'vitest';
import { wolDriverInfo } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The TypeScript blocks of a page, as their readers copy them. */
function codeBlocks(page: string): readonly string[] {
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
}

/** What a block says it prints: the comments behind its `console.log`. */
function promisedOutput(code: string): readonly string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment = '']) => comment);
}

/** Runs a block unchanged, as a module of its own beside this package's sources; yields what it printed. */
async function runBlock(code: string): Promise<readonly string[]> {
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...values: readonly unknown[]) => {
    printed.push(formatWithOptions({ colors: false }, ...values));
  });
  const file = fileURLToPath(new URL(`readme-block-${randomUUID()}.ts`, import.meta.url));
  await writeFile(file, code);
  try {
    await import(/* @vite-ignore */ file);
  } finally {
    await rm(file);
  }
  return printed;
}

afterEach(() => {
  vi.restoreAllMocks();
});

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
  expect(await runBlock(code)).toEqual(promised);
});
