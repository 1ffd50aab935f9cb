import { optionIssues, type CallOptions, type VendorMethod, type VendorMethods } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createFakeBmc } from '../test/fake-bmc.js';
import { makeMachine } from '../test/make-machine.js';
import { createIpmiVendorMethods } from './ipmi-vendor-methods.js';

async function call({ methods }: VendorMethods, name: string, args: object, options?: CallOptions): Promise<unknown> {
  const method = methods[name] as VendorMethod<unknown> | undefined;
  expect.assert(method !== undefined);
  return method.call(method.arguments.parse(args), options);
}

const methodsOf = (bmc = createFakeBmc()): { readonly bmc: typeof bmc; readonly vendor: VendorMethods } => ({ bmc, vendor: createIpmiVendorMethods(makeMachine(bmc)) });

// Source: a recorded answer of Ironic 21.4 to GET /v1/nodes/{node}/vendor_passthru/methods of a node with the driver ipmi.
test("the methods are those of Ironic's ipmitool, with its words", () => {
  const { methods } = methodsOf().vendor;
  const shown = Object.entries(methods).map(([name, { httpMethods, async, description, attach, requireExclusiveLock }]) => [
    name, { http_methods: httpMethods, async, description, attach, require_exclusive_lock: requireExclusiveLock },
  ]);
  expect(Object.fromEntries(shown)).toEqual({
    bmc_reset: {
      http_methods: ['POST'], async: true, attach: false, require_exclusive_lock: true,
      description: "Reset the BMC. Required argument: 'warm' (Boolean) - for warm (True) or cold (False) reset.",
    },
    send_raw: {
      http_methods: ['POST'], async: true, attach: false, require_exclusive_lock: true,
      description: "Send raw bytes to the BMC. Required argument: 'raw_bytes' - a string of raw bytes (e.g. '0x00 0x01').",
    },
  });
});

describe('send_raw', () => {
  test('sends the bytes once and yields the answer', async () => {
    const { bmc, vendor } = methodsOf();
    bmc.answers.set('2e/39', (data) => [0, ...data.toReversed()]);
    expect(await call(vendor, 'send_raw', { raw_bytes: '0x2e 0x39 0x01 0x02' })).toEqual({ data: '0x02 0x01' });
    expect(bmc.requests).toEqual(['2e/39 01 02']);
    expect(bmc.options[0]).toMatchObject({ repeatable: false });
  });

  test.each([
    ['0x06 0x3b 0x02', [], 1],
    ['0x06 0x3c 0x01 0x02 0x03 0x04', [], 1],
    ['0x06 0x3d 0x00', [], 0],
    ['0x2c 0x3b', [], 0],
    ['0x06 0x3b 0x02', [{ channel: 7, address: 0x72 }], 0],
  ])('%s with bridge %j: the session that all share is not left changed', async (raw_bytes, bridge, closed) => {
    for (const fate of ['answered', 'answer lost'] as const) {
      const bmc = createFakeBmc();
      const key = raw_bytes.slice(2, 9).replace(' 0x', '/');
      bmc.answers.set(key, () => [0]);
      bmc.fates.set(key, [fate]);
      const [result] = await Promise.allSettled([call(createIpmiVendorMethods(makeMachine(bmc, { bridge })), 'send_raw', { raw_bytes })]);
      expect([result.status, bmc.sessionsClosed]).toEqual([fate === 'answered' ? 'fulfilled' : 'rejected', closed]);
    }
  });

  test('tells what the BMC declines', async () => {
    const { vendor } = methodsOf();
    await expect(call(vendor, 'send_raw', { raw_bytes: '0x2e 0x39' })).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { completionCode: '0xc1' } });
  });

  test.each([[{}, 'missing'], [{ raw_bytes: '' }, 'invalid'], [{ raw_bytes: '0x07 0x01' }, 'invalid'], [{ raw_bytes: 6 }, 'invalid']])(
    '%j is refused with its field',
    async (args, problem) => {
      const { bmc, vendor } = methodsOf();
      const error: unknown = await call(vendor, 'send_raw', args).catch((reason: unknown) => reason);
      expect(optionIssues(error)).toMatchObject([{ field: 'raw_bytes', problem }]);
      expect(bmc.requests).toEqual([]);
    },
  );

  test('a number that ipmitool takes for octal is named', async () => {
    const error: unknown = await call(methodsOf().vendor, 'send_raw', { raw_bytes: '0x06 010' }).catch((reason: unknown) => reason);
    expect(optionIssues(error)).toMatchObject([{ field: 'raw_bytes', problem: 'invalid', expected: expect.stringContaining('"010"') }]);
  });
});

describe('bmc_reset', () => {
  test.each([
    [{ warm: true }, '06/03', 'warm'],
    [{ warm: 'false' }, '06/02', 'cold'],
    [{}, '06/03', 'warm'],
  ])('%j', async (args, command, reset) => {
    const { bmc, vendor } = methodsOf();
    bmc.answers.set(command, () => [0]);
    expect(await call(vendor, 'bmc_reset', args)).toEqual({ reset, answered: true });
    expect(bmc.changes).toEqual([command]);
    expect(bmc.sessionsClosed).toBe(1);
  });

  test('of a BMC that restarts without an answer is no failure', async () => {
    const { bmc, vendor } = methodsOf();
    bmc.answers.set('06/02', () => [0]);
    bmc.fates.set('06/02', ['answer lost']);
    expect(await call(vendor, 'bmc_reset', { warm: false })).toEqual({ reset: 'cold', answered: false });
    expect(bmc.changes).toEqual(['06/02']);
  });

  test('of a BMC that is away is one', async () => {
    const { bmc, vendor } = methodsOf();
    bmc.fates.set('06/01', ['request lost']);
    await expect(call(vendor, 'bmc_reset', {})).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(bmc.changes).toEqual([]);
  });

  test('that the BMC does not know is refused', async () => {
    const { bmc, vendor } = methodsOf();
    await expect(call(vendor, 'bmc_reset', { warm: true })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(bmc.sessionsClosed).toBe(0);
  });
});
