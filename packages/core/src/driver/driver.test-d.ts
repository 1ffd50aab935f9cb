import { expectTypeOf, test } from 'vitest';
import { defineVendorMethod, type VendorMethod } from '../device/vendor.js';
import { objectSchema, z } from '../zod.js';
import { anyDriver, type AnyDriver, type Driver } from './driver.js';
import type { PluginParts } from './plugin.js';

test('drivers of any driver_info fit into one list', () => {
  const driver = {} as Driver<{ readonly address: string }>;
  expectTypeOf(anyDriver(driver)).toEqualTypeOf<AnyDriver>();
  expectTypeOf<AnyDriver[]>().toExtend<PluginParts['drivers']>();
});

test('the arguments of a vendor method have the type of their schema', () => {
  const method = defineVendorMethod({
    description: 'x', httpMethods: ['GET'], async: false, attach: false, requireExclusiveLock: false,
    arguments: objectSchema('x', z.object({ count: z.number() })),
    call: async (args) => {
      expectTypeOf(args).toEqualTypeOf<{ count: number }>();
      return null;
    },
  });
  expectTypeOf(method).toEqualTypeOf<VendorMethod>();
});
