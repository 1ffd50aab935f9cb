import { expectTypeOf, test } from 'vitest';
import { readHostPower, readLicences, readProductName, type RibclClient, type RibclLicence, type RibclResult } from '../../src/client/ribcl/index.js';

declare const client: RibclClient;

test('a command decides what it yields', () => {
  expectTypeOf(client.run(readHostPower())).resolves.toEqualTypeOf<'power on' | 'power off'>();
});

test('results of several commands keep their order and types', () => {
  expectTypeOf(client.readAll([readProductName(), readLicences()])).resolves.toEqualTypeOf<readonly [RibclResult<string>, RibclResult<readonly RibclLicence[]>]>();
});
