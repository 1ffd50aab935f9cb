import { describe, expect, test } from 'vitest';
import { encodeBridgedFrame } from '../../src/client/bridge.js';
import { startBench } from './bench-client.js';
import { response, type Seen } from './scripted-bmc.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const TARGET = { channel: 0, address: 0x2c };
const TRANSIT = { channel: 0, address: 0x82 };
const BEHIND = { channel: 7, address: 0x72 };
const request = { netFn: 0x06, command: 0x01 };

describe('the wrapped request', () => {
  test('one hop, as ipmitool sent it to ipmi_sim', () => {
    expect(hex(encodeBridgedFrame({ ...request, bridge: [TARGET] }, 1))).toBe('2018c8810434402c18bc200401db07');
  });

  test('two hops, as ipmitool sent it', () => {
    expect(hex(encodeBridgedFrame({ ...request, bridge: [TRANSIT, BEHIND] }, 9))).toBe('2018c88124344082186620243447721876202401bb41e7');
  });

  test('lun and data belong to the innermost', () => {
    const frame = encodeBridgedFrame({ netFn: 0x2e, command: 0xca, lun: 2, data: Uint8Array.of(0x57, 1, 0), bridge: [TARGET] }, 1);
    expect(hex(frame.subarray(6, 14))).toBe('402cba1a2004ca57');
  });
});

/** The response of the target, and the responses of those who carry it, to the request inside `seen`. */
function inner(seen: Seen, depth: number): Seen {
  const payload = seen.payload.subarray(7, -1);
  return depth === 1 ? { ...seen, payload } : inner({ ...seen, payload }, depth - 1);
}

describe.each([['one hop', [TARGET]], ['two hops', [TRANSIT, BEHIND]]] as const)('%s', (_name, bridge) => {
  const target = (seen: Seen, answer: readonly number[]): Buffer => response(inner(seen, bridge.length), answer);
  /** The answer of the target inside those of all who carry it. */
  const nested = (seen: Seen, answer: readonly number[]): Buffer =>
    [...bridge.keys()].toReversed().reduce((carried, level) => response(level === 0 ? seen : inner(seen, level), [0, ...carried]), target(seen, answer));

  test('an answer inside that of Send Message', async () => {
    const { bmc, client } = startBench();
    bmc.behaviour = (seen) => (seen.command === '06/34' ? [bmc.sealMessage(seen, nested(seen, [0x00, 0x50, 0x01]))] : undefined);
    const { completionCode, data } = await client.raw({ ...request, bridge });
    expect([completionCode, ...data]).toEqual([0x00, 0x50, 0x01]);
    await client[Symbol.asyncDispose]();
  });

  test('an empty answer of Send Message, and then that of the target', async () => {
    const { bmc, client } = startBench();
    bmc.behaviour = (seen) => (seen.command === '06/34' ? [bmc.respond(seen, [0x00]), bmc.sealMessage(seen, target(seen, [0xc1]))] : undefined);
    expect(await client.raw({ ...request, bridge })).toMatchObject({ completionCode: 0xc1 });
    expect(client.counters.unexpected).toBe(0);
    await client[Symbol.asyncDispose]();
  });

  test('the answer of the target before the empty one', async () => {
    const { bmc, client } = startBench();
    bmc.behaviour = (seen) => (seen.command === '06/34' ? [bmc.sealMessage(seen, target(seen, [0x00, 7])), bmc.respond(seen, [0x00])] : undefined);
    expect(await client.raw({ ...request, bridge })).toMatchObject({ completionCode: 0 });
    await client[Symbol.asyncDispose]();
  });

  test('a refusal of the BMC names the first hop', async () => {
    const { bmc, client } = startBench();
    bmc.behaviour = (seen) => (seen.command === '06/34' ? [bmc.respond(seen, [0x83])] : undefined);
    await expect(client.raw({ ...request, bridge }, { step: 'Get Device ID' })).rejects.toMatchObject({
      code: 'NOT_FOUND', message: expect.stringContaining(`Send Message to 0x${bridge[0].address.toString(16)} on channel 0`), details: { completionCode: '0x83' },
    });
    expect(bmc.requests('06/34')).toHaveLength(1);
    await client[Symbol.asyncDispose]();
  });

  test('an answer of somebody else is not taken', async () => {
    const { bmc, client } = startBench();
    bmc.behaviour = (seen) => {
      if (seen.command !== '06/34') return undefined;
      const other = response(inner(seen, bridge.length), [0x00, 0xee], { rqSeq: (seen.rqSeq + 1) % 64 });
      return [bmc.sealMessage(seen, other), bmc.sealMessage(seen, nested(seen, [0x00, 0x50]))];
    };
    expect([...(await client.raw({ ...request, bridge })).data]).toEqual([0x50]);
    expect(client.counters.unexpected).toBe(1);
    await client[Symbol.asyncDispose]();
  });
});

test('a refusal of the transit controller names the second hop', async () => {
  const { bmc, client } = startBench();
  bmc.behaviour = (seen) => (seen.command === '06/34' ? [bmc.respond(seen, [0x00]), bmc.sealMessage(seen, response(inner(seen, 1), [0x81]))] : undefined);
  await expect(client.raw({ ...request, bridge: [TRANSIT, BEHIND] })).rejects.toMatchObject({ message: expect.stringContaining('Send Message to 0x72 on channel 7'), details: { completionCode: '0x81' } });
  await client[Symbol.asyncDispose]();
});

test('a bridged request that is lost is sent again under the same numbers', async () => {
  const { bmc, client, clock } = startBench();
  let lost = 0;
  bmc.behaviour = (seen) => (seen.command !== '06/34' ? undefined : lost++ === 0 ? [] : [bmc.sealMessage(seen, response(seen, [0, ...response(inner(seen, 1), [0x00])]))]);
  const call = client.raw({ ...request, bridge: [TARGET] });
  await clock.advance(1200);
  expect((await call).completionCode).toBe(0);
  const [first, second] = bmc.requests('06/34');
  expect(hex(first?.payload ?? Buffer.alloc(0))).toBe(hex(second?.payload ?? Buffer.alloc(1)));
  await client[Symbol.asyncDispose]();
});

describe('a silent controller behind the BMC', () => {
  const PASSED_ON = (bmc: ReturnType<typeof startBench>['bmc'], seen: Seen): readonly Buffer[] => [bmc.respond(seen, [0x00])];

  test.each([
    ['the only hop', [TARGET], PASSED_ON, '0x2c on channel 0'],
    ['the first of two', [TRANSIT, BEHIND], PASSED_ON, '0x82 on channel 0'],
    ['the second of two', [TRANSIT, BEHIND], (bmc, seen) => [bmc.respond(seen, [0x00]), bmc.sealMessage(seen, response(inner(seen, 1), [0x00]))], '0x72 on channel 7'],
  ] as const satisfies readonly (readonly [string, readonly object[], typeof PASSED_ON, string])[])('%s is named, and the session is kept', async (_name, bridge, answer, hop) => {
    const { bmc, client, clock } = startBench();
    bmc.behaviour = (seen) => (seen.command === '06/34' ? answer(bmc, seen) : undefined);
    const call = client.raw({ ...request, bridge });
    call.catch(() => undefined);
    await clock.advance(9000);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true, details: { hop }, message: expect.stringContaining(hop) });
    expect((await client.raw(request)).completionCode).toBe(0);
    expect([client.counters.sessionsOpened, bmc.requests('06/34').length]).toEqual([1, 4]);
    await client[Symbol.asyncDispose]();
  });

  test('is named at the deadline of the caller too, also when the request must not be repeated', async () => {
    const { bmc, client, clock } = startBench();
    bmc.behaviour = (seen) => (seen.command === '06/34' ? PASSED_ON(bmc, seen) : undefined);
    const call = client.raw({ ...request, bridge: [TARGET] }, { repeatable: false, timeoutMs: 3000 });
    call.catch(() => undefined);
    await clock.advance(3000);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', details: { waitedFor: 'the answer of 0x2c on channel 0 to 1 packets' } });
    expect((await client.raw(request)).completionCode).toBe(0);
    expect(client.counters.sessionsOpened).toBe(1);
    await client[Symbol.asyncDispose]();
  });
});
