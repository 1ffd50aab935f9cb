import { defineVendorMethod, type VendorMethod, type VendorMethods } from '@ferric/core';
import { objectSchema, z } from '@ferric/core/zod';
import type { PerformAction } from './fake-call.js';
import type { DeviceAction } from './fake-script.js';

interface WordTest {
  readonly name: DeviceAction;
  /** The value of `bar` that makes the method answer true. */
  readonly word: string;
  readonly async: boolean;
  readonly requireExclusiveLock: boolean;
}

/** Source: Ironic, ironic/drivers/modules/fake.py (FakeVendorA, FakeVendorB), and a recorded list of its methods. */
const WORD_TESTS: readonly WordTest[] = [
  { name: 'first_method', word: 'baz', async: true, requireExclusiveLock: true },
  { name: 'second_method', word: 'kazoo', async: true, requireExclusiveLock: true },
  { name: 'third_method_sync', word: 'meow', async: false, requireExclusiveLock: true },
  { name: 'fourth_method_shared_lock', word: 'woof', async: true, requireExclusiveLock: false },
];

export function createFakeVendorMethods(perform: PerformAction): VendorMethods {
  return { methods: Object.fromEntries(WORD_TESTS.map((test) => [test.name, wordMethod(test, perform)])) };
}

function wordMethod({ name, word, async, requireExclusiveLock }: WordTest, perform: PerformAction): VendorMethod {
  return defineVendorMethod({
    description: `Test if the value of bar is ${word}`,
    httpMethods: ['POST'],
    async,
    attach: false,
    requireExclusiveLock,
    arguments: objectSchema(`Arguments of ${name}`, z.object({ bar: z.string().meta({ description: 'The word to compare' }) })),
    call: ({ bar }, options) => perform(name, options, async () => bar === word),
  });
}
