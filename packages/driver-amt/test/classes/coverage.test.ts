import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const ANSWERS = /\.(?:xml|http)$/;

/** Calls that assert what is in a file, or read it for an assertion. */
const USE = /\b(?:expectInstance|expectItems|expectContext|fixtureElement|fixtureItems|fixtureBody|fixtureText|faultOf)\(\s*'([^']+)'/g;

test('every recorded answer is asserted by a test of this folder', () => {
  const answers = globSync('**', { cwd: FIXTURES }).filter((path) => ANSWERS.test(path));
  const sources = globSync('*.test.ts', { cwd: import.meta.dirname }).map((path) => readFileSync(join(import.meta.dirname, path), 'utf8'));
  const used = new Set(sources.flatMap((source) => [...source.matchAll(USE)].map(([, path]) => path)));
  expect(answers.filter((path) => !used.has(path))).toEqual([]);
  expect(answers.length).toBeGreaterThanOrEqual(80);
});
