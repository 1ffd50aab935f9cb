import { readFileSync } from 'node:fs';
import { optionIssues, type JsonValue, type VendorMethod } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createFakeDriver } from './fake-driver.js';
import { fakeDriverInfo } from './fake-options.js';

interface Exchange {
  readonly request: { readonly body?: JsonValue };
  readonly response: { readonly body: JsonValue };
}

function recorded(name: string): Exchange {
  return JSON.parse(readFileSync(new URL(`../test/fixtures/${name}.json`, import.meta.url), 'utf8')) as Exchange;
}

const { vendor } = createFakeDriver().open(fakeDriverInfo.parse({}));
const methods = vendor?.methods ?? {};

async function call(name: string, args: unknown): Promise<unknown> {
  const method = methods[name] as VendorMethod<unknown>;
  return method.call(method.arguments.parse(args));
}

describe('vendor methods', () => {
  test('are listed as Ironic lists them, with first_method beside', () => {
    const listed = Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [
        name,
        {
          http_methods: method.httpMethods,
          async: method.async,
          description: method.description,
          attach: method.attach,
          require_exclusive_lock: method.requireExclusiveLock,
        },
      ]),
    );
    expect(listed).toEqual({
      first_method: { http_methods: ['POST'], async: true, description: 'Test if the value of bar is baz', attach: false, require_exclusive_lock: true },
      ...(recorded('088-vendor-methods').response.body as object),
    });
  });

  test.each(['090-vendor-sync', '091-vendor-sync-query-method'])('third_method_sync answers as recorded in %s', async (name) => {
    const exchange = recorded(name);
    expect(await call('third_method_sync', exchange.request.body)).toBe(exchange.response.body);
  });

  test.each([
    ['first_method', 'baz'],
    ['second_method', 'kazoo'],
    ['third_method_sync', 'meow'],
    ['fourth_method_shared_lock', 'woof'],
  ])('%s looks for %s', async (name, word) => {
    expect(await call(name, { bar: word })).toBe(true);
    expect(await call(name, { bar: `${word}!` })).toBe(false);
  });

  test('name the argument that is missing', async () => {
    const error: unknown = await call('third_method_sync', recorded('094-vendor-missing-arg').request.body).catch((reason: unknown) => reason);
    expect(optionIssues(error)).toMatchObject([{ field: 'bar', problem: 'missing' }]);
  });
});
