import { expectTypeOf, test } from 'vitest';
import type { JsonValue } from '../json.js';
import { Secret } from './secret.js';

test('keeps the type of what it holds', () => {
  const text: Secret = new Secret('x');
  expectTypeOf(text.reveal()).toEqualTypeOf<string>();
  expectTypeOf(new Secret<number>(5).reveal()).toEqualTypeOf<number>();
  expectTypeOf<Secret>().toEqualTypeOf<Secret<string>>();
  expectTypeOf(Secret.from<string>('x')).toEqualTypeOf<Secret<string>>();
});

test('narrows an unknown value', () => {
  const value: unknown = new Secret('x');
  if (Secret.is(value)) expectTypeOf(value.reveal()).toEqualTypeOf<JsonValue>();
});

test('holds nothing that JSON cannot carry, and is no text', () => {
  expectTypeOf<typeof Secret<string>>().constructorParameters.toEqualTypeOf<[value: string]>();
  // @ts-expect-error a function is no JSON value
  new Secret(() => 'x');
  // @ts-expect-error only reveal() yields the text
  const text: string = new Secret('x');
  expectTypeOf(text).toEqualTypeOf<string>();
});
