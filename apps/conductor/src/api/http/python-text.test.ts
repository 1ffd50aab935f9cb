import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { plainScalar, pythonScalar, pythonText } from './python-text.js';

describe('pythonText', () => {
  test.each([
    [null, 'None'],
    [true, 'True'],
    [false, 'False'],
    [1.5, '1.5'],
    ['text', "'text'"],
    ["it's", '"it\'s"'],
    ['both \' and "', "'both \\' and \"'"],
    ['line\nbreak\t\\ \u0007', "'line\\nbreak\\t\\\\ \\x07'"],
    [[1, 'a', null], "[1, 'a', None]"],
    [{ op: 'remove', path: '/extra/none' }, "{'op': 'remove', 'path': '/extra/none'}"],
  ])('%j', (value, text) => {
    expect(pythonText(value)).toBe(text);
  });

  test('hides secrets at any depth', () => {
    expect(pythonText({ a: [new Secret('hidden')] })).toBe("{'a': ['******']}");
  });
});

test('error texts repeat scalars, but no documents and no long texts', () => {
  expect(pythonScalar({ password: 'x' })).toBe('{...}');
  expect(pythonScalar(['x'])).toBe('[...]');
  expect(pythonScalar(new Secret({ a: 'x' }))).toBe("'******'");
  expect(plainScalar('x'.repeat(500))).toBe(`${'x'.repeat(200)}...`);
});
