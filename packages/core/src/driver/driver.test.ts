import { describe, expect, test } from 'vitest';
import { defineVendorMethod } from '../device/vendor.js';
import { objectSchema, z } from '../zod.js';
import { CONTRACT, createDeviceMemory } from './driver.js';

test('this is contract 1', () => {
  expect(CONTRACT).toBe(1);
});

describe('createDeviceMemory', () => {
  test('keeps what it is told, per memory', () => {
    const memory = createDeviceMemory({ old: 1 });
    memory.set('boot', { device: 'pxe' });
    expect([memory.get('old'), memory.get('boot'), memory.get('none')]).toEqual([1, { device: 'pxe' }, undefined]);
    memory.delete('boot');
    memory.delete('none');
    expect([memory.get('boot'), createDeviceMemory().get('old')]).toEqual([undefined, undefined]);
  });

  test('names of methods of objects are keys like any other', () => {
    expect(createDeviceMemory().get('constructor')).toBeUndefined();
  });
});

test('a vendor method keeps its arguments schema when it is stored among others', async () => {
  const method = defineVendorMethod({
    description: 'Adds', httpMethods: ['POST'], async: false, attach: false, requireExclusiveLock: true,
    arguments: objectSchema('arguments', z.object({ a: z.number(), b: z.number().default(1) })),
    call: async ({ a, b }) => a + b,
  });
  expect(await method.call(method.arguments.parse({ a: 2 }))).toBe(3);
});
