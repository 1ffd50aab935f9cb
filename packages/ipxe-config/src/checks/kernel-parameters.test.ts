import { describe, expect, test } from 'vitest';
import { checkKernelParameter, checkKernelParameters, kernelParametersProblem, parameterNames } from './kernel-parameters.js';

describe('checkKernelParameters', () => {
  const check = (value: unknown): string => checkKernelParameters({ name: 'field', value });

  test.each(['', 'quiet', 'a="b c" d="e"', 'a=b  c=d', "x='y"])('accepts %j', (value) => {
    expect(check(value)).toBe(value);
    expect(kernelParametersProblem(value)).toBeUndefined();
  });

  test.each([['a="b', 'with double quotes in pairs'], ['a="b  c"', 'without two blanks in a row inside of double quotes'], ['a="b ; c"', 'without ";"'], ['x token=hunter2', 'without secrets'], ['quiet initrd=mine', 'without initrd='], ['initrd=mine', 'without initrd=']])(
    'refuses %j', (value, expected) => {
      expect(() => check(value)).toThrow(`field must be ${expected}`);
      expect(kernelParametersProblem(value)).toContain(expected);
    });
});

describe('checkKernelParameter', () => {
  const check = (name: string, value: unknown): string => checkKernelParameter(name, { name: 'parameters', value });

  test('writes name and value', () => {
    expect([check('ipa-debug', '1'), check('x', ''), check('BOOTIF', '01-52-54')]).toEqual(['ipa-debug=1', 'x=', 'BOOTIF=01-52-54']);
  });

  test.each([
    ['', '1', 'parameters must be named by'], ['a b', '1', 'parameters must be named by'], ['-a', '1', 'parameters must be named by'], ['a=', '1', 'parameters must be named by'],
    ['a', 'b c', 'parameters.a must be a word without blanks'], ['a', '"b"', 'parameters.a must be without double quotes'], ['a', 5, 'parameters.a must be a text'],
    ['ipa-agent-token', 'x', 'parameters.ipa-agent-token must be without secrets'],
  ])('refuses %j=%j', (name, value, message) => {
    expect(() => check(name, value)).toThrow(message);
  });
});

test('parameterNames does not look into quotes', () => {
  expect(parameterNames('a=1 b c="d=2 e=3" f')).toEqual(new Set(['a', 'b', 'c', 'f']));
});
