import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { errorCode, FERRIC_ERROR_CODES, FerricError, type FerricErrorCode, toFerricError } from './ferric-error.js';

const codes = Object.keys(FERRIC_ERROR_CODES) as FerricErrorCode[];

describe('FerricError', () => {
  test('carries code, details, hint and cause', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new FerricError('UNREACHABLE', 'refused', { cause, details: { address: '192.0.2.1' }, hint: 'Check the cable.' });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.hint]).toEqual(['FerricError', 'UNREACHABLE', 'refused', 'Check the cable.']);
    expect(error.details).toEqual({ address: '192.0.2.1' });
    expect(error.cause).toBe(cause);
    expect(inspect(error)).toContain('ECONNREFUSED');
  });

  test('has no cause at all when none was given, and keeps a falsy one', () => {
    expect('cause' in new FerricError('INTERNAL', 'x')).toBe(false);
    expect(new FerricError('INTERNAL', 'x', { cause: undefined })).toHaveProperty('cause', undefined);
    expect(new FerricError('INTERNAL', 'x', { cause: 0 }).cause).toBe(0);
  });

  test('only failures that pass by themselves are retryable unless the thrower says otherwise', () => {
    expect(codes.filter((code) => new FerricError(code, 'x').retryable)).toEqual(['UNREACHABLE', 'TIMEOUT', 'BUSY']);
    expect(new FerricError('UNREACHABLE', 'x', { retryable: false }).retryable).toBe(false);
    expect(new FerricError('REFUSED', 'x', { retryable: true }).retryable).toBe(true);
  });

  test('details cannot be changed afterwards, nor by the object they came from', () => {
    const details = { address: 'a' };
    const error = new FerricError('INTERNAL', 'x', { details });
    details.address = 'b';
    expect(error.details).toEqual({ address: 'a' });
    expect(() => Object.assign(error.details, { address: 'c' })).toThrow(TypeError);
  });

  test('its JSON holds what a reader needs and neither stack nor cause', () => {
    const error = new FerricError('BUSY', 'full', { cause: new Error('inner'), details: { queue: 3 }, hint: 'Wait.' });
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'BUSY', message: 'full', retryable: true, details: { queue: 3 }, hint: 'Wait.' });
    expect(JSON.parse(JSON.stringify(new FerricError('REFUSED', 'no')))).toEqual({ code: 'REFUSED', message: 'no', retryable: false });
  });

  test.each([null, undefined, 'text', {}, new Error('x'), { code: 'TIMEOUT' }, Object.assign(new Error('x'), { code: 'TIMEOUT' })])(
    '%s is none',
    (value) => {
      expect(FerricError.is(value)).toBe(false);
      expect(errorCode(value)).toBe('INTERNAL');
    },
  );

  test('is recognised across two installed copies of core', async () => {
    vi.resetModules();
    const other = await import('./ferric-error.js');
    expect(other.FerricError).not.toBe(FerricError);
    const foreign = new other.FerricError('AUTH_FAILED', 'denied');
    expect(foreign).not.toBeInstanceOf(FerricError);
    expect(FerricError.is(foreign)).toBe(true);
    expect(errorCode(foreign)).toBe('AUTH_FAILED');
    expect(toFerricError(foreign)).toBe(foreign);
    expect(other.FerricError.is(new FerricError('BUSY', 'x'))).toBe(true);
  });
});

describe('toFerricError', () => {
  test('passes a FerricError through and wraps anything else as INTERNAL', () => {
    const own = new FerricError('BUSY', 'x');
    expect(toFerricError(own)).toBe(own);
    const wrapped = toFerricError(new TypeError('x is not a function'), 'Reading the power state');
    expect([wrapped.code, wrapped.message]).toEqual(['INTERNAL', 'Reading the power state: x is not a function']);
    expect(wrapped.cause).toBeInstanceOf(TypeError);
  });

  test.each([['text', 'text'], [undefined, 'undefined'], [7n, '7'], [Symbol('s'), 'Symbol(s)'], [Object.create(null) as object, '{}'], [{ toString: 5 }, '{"toString":5}']])(
    'takes the thrown value %s',
    (thrown, shown) => {
      expect(toFerricError(thrown).message).toBe(`Unexpected failure: ${shown}`);
    },
  );
});
