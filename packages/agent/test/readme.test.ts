import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES, FerricError, type FerricErrorCode } from '@ferric/core';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import * as client from '../src/client/index.js';
import * as everything from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});

test('the tables name every function that sends a command, and only codes that exist', () => {
  const named = new Set([...readme.matchAll(/`([a-z][A-Za-z]+)`/g)].map(([, name]) => name));
  const helpers = ['createAgentClient', 'executedStep', 'readAgentSteps', 'resultOf'];
  const functions = Object.entries(client).filter(([, value]) => typeof value === 'function').map(([name]) => name);
  expect(functions.filter((name) => !helpers.includes(name) && !named.has(name))).toEqual([]);
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \|.*\| (yes|no) \|$/gm)].map(([, code = '', retryable]) => ({ code: code as FerricErrorCode, retryable }));
  expect(rows.length).toBeGreaterThan(8);
  for (const { code, retryable } of rows) {
    expect(FERRIC_ERROR_CODES).toHaveProperty(code);
    expect([code, retryable === 'yes']).toEqual([code, new FerricError(code, 'x').retryable]);
  }
});

test('the package offers all of its client', () => {
  expect(Object.keys(client).filter((name) => !(name in everything))).toEqual([]);
});
