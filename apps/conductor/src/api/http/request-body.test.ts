import { describe, expect, test } from 'vitest';
import { parseBody } from './request-body.js';

const parse = (text: string) => parseBody(Buffer.from(text));
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('parseBody', () => {
  test('reads JSON, and nothing as nothing', () => {
    expect(parse('{"a": [1, {"b": null}]}')).toEqual({ a: [1, { b: null }] });
    expect(parse('')).toBeUndefined();
    expect(parse(' \n')).toBeUndefined();
    expect(parse('\uFEFF{}')).toEqual({});
  });

  test.each([
    ['malformed JSON', '{bad', 'The body is not valid JSON: line 1 column 2.'],
    ['JSON that ends early', '{"driver":', 'The body is not valid JSON.'],
    ['too deep nesting', nested(26), 'The body is nested deeper than 25 levels.'],
    ['a NUL in a text', '{"a": "\\u0000"}', 'Texts must not contain NUL characters.'],
    ['a NUL in a name', '{"\\u0000": 1}', 'Texts must not contain NUL characters.'],
    ['a name that objects treat specially', '{"extra": {"__proto__": {}}}', "'__proto__' is not accepted as a name."],
  ])('refuses %s', (_case, text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ status: 400, message }));
  });

  test('accepts what is nested as deeply as allowed', () => {
    expect(() => parse(nested(25))).not.toThrow();
  });

  test('survives nesting beyond any stack', () => {
    expect(() => parse(nested(400_000))).toThrow(expect.objectContaining({ status: 400 }));
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(() => parseBody(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(expect.objectContaining({ status: 400, message: 'The body is not valid UTF-8.' }));
  });

  test('never repeats a piece of the body', () => {
    for (const text of ['{"password": "hunter2" oops}', '"hunter2', 'hunter2']) {
      expect(() => parse(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter') as string }));
    }
  });
});
