import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import * as library from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('|'));

test('every function that the page names is there', () => {
  const named = [...readme.matchAll(/`((?:get|set|read|list|find|require|decode|create|change|reset|clear|delete|insert|eject|push|run|start|wait|while)[A-Z][A-Za-z]*)`/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(45);
  expect(named.filter((name) => !(name in library))).toEqual([]);
});

test('it tells only codes that exist', () => {
  const codes = rows.flatMap((line) => /^\| `([A-Z_]+)` \|/.exec(line)?.[1] ?? []);
  expect(codes).toHaveLength(12);
  for (const code of codes) expect(FERRIC_ERROR_CODES).toHaveProperty(code);
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});
