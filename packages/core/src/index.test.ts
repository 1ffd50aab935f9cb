import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const sources = globSync('**/*.ts', { cwd: import.meta.dirname }).filter((file) => !/\.test(-d)?\.ts$/.test(file));
const read = (file: string): string => readFileSync(new URL(`./${file}`, import.meta.url), 'utf8');

test('the index has named exports only and no logic', () => {
  const statements = read('index.ts').split(/;\s*\n/).map((statement) => statement.trim()).filter((statement) => statement !== '');
  expect(statements.length).toBeGreaterThan(20);
  expect(statements.filter((statement) => !/^export (type )?(\{|\*)/.test(statement))).toEqual([]);
});

test('vitest is needed by nothing but testDriver, and only its own entry leads there', () => {
  expect(sources.length).toBeGreaterThan(40);
  expect(sources.filter((file) => /from 'vitest'/.test(read(file)))).toEqual(['conformance/test-driver.ts']);
  expect(sources.filter((file) => /from '\.{1,2}\/(.*\/)?test-driver\.js'/.test(read(file)))).toEqual(['conformance/index.ts']);
  expect(sources.filter((file) => /from '\.{1,2}\/(.*\/)?conformance\/index\.js'/.test(read(file)))).toEqual([]);
});

test('the contracts name no third-party library: only the zod helper does, and testDriver', () => {
  const foreign = sources.filter((file) => /from '(?!node:|\.{1,2}\/)/.test(read(file)));
  expect(foreign.toSorted()).toEqual(['conformance/test-driver.ts', 'schema/zod-issues.ts', 'zod.ts']);
});
