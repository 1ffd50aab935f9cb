import { describe, expect, test } from 'vitest';
import { FerricError } from './ferric-error.js';
import { invalidOptions, optionIssues, printValue } from './invalid-options.js';

describe('invalidOptions', () => {
  const issues = [
    { field: 'amt_address', problem: 'missing', expected: 'Address of the machine' },
    { field: 'amt_port', problem: 'invalid', expected: 'a whole number from 1 to 65535', received: '"0x10"' },
    { field: 'amt_password', problem: 'invalid', expected: 'a text that is not empty' },
    { field: 'amt_adress', problem: 'unknown', expected: 'known are amt_address, amt_port' },
  ] as const;

  test('tells every issue at once: the field, what is accepted and what came', () => {
    const error = invalidOptions('driver_info of staging-amt', issues);
    expect(error.code).toBe('INVALID_OPTIONS');
    expect(error.retryable).toBe(false);
    expect(error.message).toBe(
      'driver_info of staging-amt: amt_address is required: Address of the machine; ' +
        'amt_port must be a whole number from 1 to 65535, got "0x10"; amt_password must be a text that is not empty; ' +
        'amt_adress is not known: known are amt_address, amt_port',
    );
  });

  test('gives the issues back as data', () => {
    expect(optionIssues(invalidOptions('x', issues))).toEqual(issues);
    expect(optionIssues(new FerricError('INVALID_OPTIONS', 'without issues'))).toEqual([]);
    expect(optionIssues(new FerricError('BUSY', 'x', { details: { issues: ['not options'] } }))).toEqual([]);
    expect(optionIssues(new Error('x'))).toEqual([]);
  });
});

describe('printValue', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  test.each([
    ['text', '"text"'],
    ['', '""'],
    [5, '5'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [10n, '10'],
    [Symbol('s'), 'Symbol(s)'],
    [{ a: [1] }, '{"a":[1]}'],
    [Object.create(null), '{}'],
    [circular, 'an object'],
  ])('prints %o', (value, printed) => {
    expect(printValue(value)).toBe(printed);
  });

  test('stays short', () => {
    expect(printValue('x'.repeat(500)).length).toBe(80);
    expect(printValue('x'.repeat(500)).endsWith('...')).toBe(true);
  });

  test('hides what looks like a secret inside the value', () => {
    expect(printValue('https://admin:hunter22@192.0.2.1/')).toBe('"https://admin:******@192.0.2.1/"');
    expect(printValue({ amt_password: 'hunter22' })).not.toContain('hunter22');
    expect(printValue([{ deep: { my_token: 'hunter22' } }])).not.toContain('hunter22');
  });
});
