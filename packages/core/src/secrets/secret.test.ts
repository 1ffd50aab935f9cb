import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { Secret, SECRET_TEXT } from './secret.js';

const PLANTED = 'hunter22-planted';

function* walk(value: unknown, seen = new Set<unknown>()): Generator<unknown> {
  yield value;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
  seen.add(value);
  for (const descriptor of Object.values(Object.getOwnPropertyDescriptors(value))) yield* walk(descriptor.value, seen);
  for (const symbol of Object.getOwnPropertySymbols(value)) yield* walk(Object.getOwnPropertyDescriptor(value, symbol)?.value, seen);
  yield* walk(Object.getPrototypeOf(value), seen);
}

describe('Secret', () => {
  const secret = new Secret(PLANTED);
  const holder = { password: secret, list: [secret], map: new Map([['key', secret]]) };

  test.each<[string, () => string]>([
    ['String()', () => String(secret)],
    ['a template', () => `${String(secret)} ${secret as unknown as string}`],
    ['concatenation', () => 'x' + (secret as unknown as string)],
    ['JSON', () => JSON.stringify(holder)],
    ['inspect', () => inspect(holder, { depth: null })],
    ['inspect with showHidden', () => inspect(holder, { depth: null, showHidden: true })],
    ['inspect without custom inspection', () => inspect(holder, { depth: null, showHidden: true, customInspect: false })],
    ['inspect of entries', () => inspect(Object.entries(holder), { depth: null })],
    ['an error message', () => inspect(new Error(`denied for ${String(secret)}`, { cause: holder }), { depth: null, showHidden: true })],
    ['a structured clone', () => inspect(structuredClone(secret), { showHidden: true })],
    ['a spread', () => inspect({ ...secret }, { showHidden: true })],
    ['toLocaleString', () => secret.toLocaleString()],
  ])('is not shown by %s', (_name, print) => {
    expect(print()).not.toContain(PLANTED);
  });

  test('no walk over properties, symbols and prototypes finds the value', () => {
    expect([...walk(secret)].filter((value) => value === PLANTED)).toEqual([]);
  });

  test('prints as a fixed text wherever it is printed', () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret), inspect({ secret }, { showHidden: true })]).toEqual([
      SECRET_TEXT,
      JSON.stringify(SECRET_TEXT),
      SECRET_TEXT,
      `{ secret: ${SECRET_TEXT} }`,
    ]);
  });

  test('reveals its value, whatever JSON value that is', () => {
    expect(secret.reveal()).toBe(PLANTED);
    for (const value of [0, false, null, '', ['x'], { a: 1 }]) expect(new Secret(value).reveal()).toBe(value);
  });

  test('cannot be changed', () => {
    expect(() => Object.assign(secret, { reveal: () => 'other' })).toThrow(TypeError);
    expect(secret.reveal()).toBe(PLANTED);
  });

  test('from() wraps a plain value and passes a Secret through', () => {
    expect(Secret.from(secret)).toBe(secret);
    expect(Secret.from('plain').reveal()).toBe('plain');
  });

  test.each([null, undefined, 'text', {}, []])('%j is none', (value) => {
    expect(Secret.is(value)).toBe(false);
  });

  test('works across two installed copies of core', async () => {
    vi.resetModules();
    const other = await import('./secret.js');
    expect(other.Secret).not.toBe(Secret);
    const foreign = new other.Secret(PLANTED);
    expect(Secret.is(foreign)).toBe(true);
    expect(Secret.from(foreign as unknown as Secret)).toBe(foreign);
    expect(foreign.reveal()).toBe(PLANTED);
    expect(inspect(foreign, { showHidden: true })).toBe(SECRET_TEXT);
  });
});
