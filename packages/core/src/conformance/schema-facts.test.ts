import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../json.js';
import { checkDescriptions, wrongValues } from './schema-facts.js';

test.each<[JsonObject, unknown[]]>([
  [{ type: 'string' }, [{ unexpected: true }]],
  [{ type: 'integer' }, [{ unexpected: true }]],
  [{ type: ['string', 'null'] }, [{ unexpected: true }]],
  [{ enum: ['a', 'b'] }, [{ unexpected: true }]],
  [{ const: 5 }, [{ unexpected: true }]],
  [{ type: 'object' }, [['unexpected']]],
  [{ anyOf: [{ type: 'string' }, { type: 'object' }] }, [['unexpected']]],
  [{ anyOf: [{ type: 'array' }, { type: 'object' }] }, [true]],
  [{ anyOf: [{ type: 'array' }, { type: 'object' }, { type: 'boolean' }] }, []],
  [{ anyOf: [{ type: 'string' }, {}] }, []],
  [{}, []],
])('wrongValues(%j)', (property, values) => {
  expect(wrongValues(property)).toEqual(values);
});

describe('checkDescriptions', () => {
  const schema = (jsonSchema: JsonObject) => ({ parse: () => ({}), jsonSchema });

  test('takes an object of described properties', () => {
    expect(() => checkDescriptions('A field', schema({ type: 'object', properties: { a: { description: 'Something' } } }))).not.toThrow();
    expect(() => checkDescriptions('A field', schema({ type: 'object' }))).not.toThrow();
  });

  test.each<[JsonObject, RegExp]>([
    [{ type: 'object', properties: { a: { description: ' ' }, b: { description: 'x' } } }, /A field has no description[^]*'a'/],
    [{ type: 'string' }, /describes no object/],
    [{ type: 'object', undefined: undefined as unknown as null }, /JSON cannot carry/],
  ])('refuses %j', (jsonSchema, says) => {
    expect(() => checkDescriptions('A field', schema(jsonSchema))).toThrow(says);
  });
});
