import { readFileSync } from 'node:fs';
import { FERRIC_ERROR_CODES } from '@ferric/core';
import { expect, test } from 'vitest';
import { codeBlocks, promisedOutput, runBlock } from '../../../readme.shared.js';
import * as library from '../src/index.js';
import { createNmVendorMethods } from '../src/nm-vendor-methods.js';
import { scriptedMachine } from './scripted-machine.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('|'));

test('the page lists every method with its function and its HTTP methods', () => {
  const methods = createNmVendorMethods(scriptedMachine());
  const listed = rows.flatMap((row) => {
    const [, name = '', method = '', http = ''] = /^\| `(\w+)` \| `(\w+)` \| ([A-Z, ]+) \|/.exec(row) ?? [];
    return name === '' ? [] : [{ name, method, http }];
  });
  expect(listed.map(({ method }) => method)).toEqual(Object.keys(methods));
  for (const { name, method, http } of listed) {
    expect(library).toHaveProperty(name);
    expect([method, http]).toEqual([method, methods[method]?.httpMethods.join(', ')]);
  }
});

test('it explains every field and every word of the requests', () => {
  const schemas = Object.values(createNmVendorMethods(scriptedMachine())).map((method) => method.arguments.jsonSchema);
  const fields = new Set(schemas.flatMap((schema) => Object.keys(schema['properties'] ?? {})));
  fields.delete('enable');
  const words = JSON.stringify(schemas).matchAll(/"enum":\[([^\]]*)\]/g);
  for (const name of [...fields, ...[...words].flatMap(([, list = '']) => JSON.parse(`[${list}]`) as string[])]) {
    if (['domain', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'].includes(name)) continue;
    expect(rows.join('\n')).toMatch(new RegExp(`["\`]${name}["\`]`));
  }
});

test('it tells only codes that exist', () => {
  const codes = rows.flatMap((line) => [...(/^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|/.exec(line)?.[1] ?? '').matchAll(/[A-Z_]+/g)].map(String));
  expect(codes.length).toBeGreaterThan(8);
  for (const code of codes) expect(FERRIC_ERROR_CODES).toHaveProperty(code);
});

test.each(codeBlocks(readme).map((code, index) => ({ number: index + 1, code })))('example $number runs unchanged and prints what it says', async ({ code }) => {
  const promised = promisedOutput(code);
  expect(promised.length).toBeGreaterThan(0);
  expect(await runBlock(code, import.meta.dirname)).toEqual(promised);
});
