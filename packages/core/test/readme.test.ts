import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatWithOptions } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { FERRIC_ERROR_CODES, FerricError, type FerricErrorCode } from '../src/index.js';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

afterEach(() => {
  vi.restoreAllMocks();
});

test('the first example runs unchanged and prints what it says', async () => {
  const [, code = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  const file = fileURLToPath(new URL(`readme-block-${randomUUID()}.ts`, import.meta.url));
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...values: readonly unknown[]) => void printed.push(formatWithOptions({ colors: false }, ...values)));
  await writeFile(file, code);
  try {
    await import(/* @vite-ignore */ file);
  } finally {
    await rm(file);
  }
  const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
  expect(promised).toHaveLength(4);
  expect(printed).toEqual(promised);
});

test('the table names every error code and whether a retry may help', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (yes|no) \|/gm)].map(([, code, retryable]) => [code, retryable === 'yes']);
  const codes = Object.keys(FERRIC_ERROR_CODES) as FerricErrorCode[];
  expect(rows).toEqual(codes.map((code) => [code, new FerricError(code, 'x').retryable]));
});
