import type { Driver, Secret } from '@ferric/core';
import { expectTypeOf, test } from 'vitest';
import { createFakeDriver, fakeDriverInfo, type FakeDriverInfo } from './index.js';

test('driver_info comes out of its schema with defaults and a sealed password', () => {
  expectTypeOf(createFakeDriver).returns.toEqualTypeOf<Driver<FakeDriverInfo>>();
  expectTypeOf(fakeDriverInfo.parse({})).toEqualTypeOf<FakeDriverInfo>();
  expectTypeOf<FakeDriverInfo['fake_password']>().toEqualTypeOf<Secret | undefined>();
  expectTypeOf<FakeDriverInfo['fake_power_delay_ms']>().toEqualTypeOf<number>();
});
