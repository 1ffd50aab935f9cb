import { createDeviceMemory } from '@ferric/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLocationMemory } from './location-memory.js';

test('keeps and forgets', () => {
  const memory = createLocationMemory(createDeviceMemory(), 'bmc');
  expect(memory.get()).toBeUndefined();
  memory.keep({ slaveAddress: 0x2c, channel: 6, lun: 2, sensors: { health: 1, exception: 2, operationalCapabilities: 3, alertThreshold: 4 } });
  expect(memory.get()).toEqual({ slaveAddress: 0x2c, channel: 6, lun: 2 });
  memory.forget();
  expect(memory.get()).toBeUndefined();
});

test('whatever is kept, it yields a location that can be used, or none', () => {
  const number = fc.oneof(fc.integer({ min: -300, max: 300 }), fc.double(), fc.string(), fc.constant(null));
  fc.assert(
    fc.property(fc.record({ bmc: fc.constant('bmc'), slave_address: number, channel: number, lun: number }), (kept) => {
      const location = createLocationMemory(createDeviceMemory({ node_manager: kept }), 'bmc').get();
      if (location === undefined) return;
      expect(location.slaveAddress >= 0 && location.slaveAddress <= 255 && location.channel >= 0 && location.channel <= 15).toBe(true);
    }),
  );
});
