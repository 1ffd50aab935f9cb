import { describe, expect, test } from 'vitest';
import { type ClientBench, startBench, stateOf } from './bench-client.js';
import { DEVICE_ID, type Seen } from './scripted-bmc.js';

const GET_DEVICE_ID = { netFn: 0x06, command: 0x01 };
const POWER_CYCLE = { netFn: 0x00, command: 0x02, data: Uint8Array.of(2) };

/** A bench with its session open. */
async function openBench(...settings: Parameters<typeof startBench>): Promise<ClientBench> {
  const bench = startBench(...settings);
  await bench.client.session();
  return bench;
}

/** Drops the first `count` requests of a kind. */
function losing(command: string, count: number): (seen: Seen) => readonly Buffer[] | undefined {
  let lost = 0;
  return (seen) => (seen.command === command && lost++ < count ? [] : undefined);
}

describe('retransmission', () => {
  test('a lost request is sent again under the same number, and a new session sequence number', async () => {
    const { bmc, client, clock } = await openBench();
    bmc.behaviour = losing('06/01', 2);
    const call = client.raw(GET_DEVICE_ID);
    await clock.advance(3000);
    expect((await call).completionCode).toBe(0);
    const sent = bmc.requests('06/01');
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ rqSeq }) => rqSeq)).size).toBe(1);
    expect(sent.map(({ sequence }) => sequence)).toEqual([2, 3, 4]);
    expect(client.counters.retransmitted).toBe(2);
    await client[Symbol.asyncDispose]();
  });

  test('what must not happen twice is sent once, and the error says that it may have happened', async () => {
    const { bmc, client, clock } = await openBench();
    bmc.behaviour = losing('00/02', 1);
    const call = client.raw(POWER_CYCLE, { repeatable: false, step: 'Chassis Control' });
    call.catch(() => undefined);
    await clock.advance(19_999);
    expect(await stateOf(call)).toBe('pending');
    await clock.advance(1);
    await expect(call).rejects.toMatchObject({
      code: 'TIMEOUT', hint: 'The BMC may have done it: read the state before trying again.', details: { step: 'Chassis Control', address: '192.0.2.10:623' },
    });
    await clock.advance(100_000);
    expect(bmc.requests('00/02')).toHaveLength(1);
    await client[Symbol.asyncDispose]();
    expect(bmc.openSessions).toBe(0);
  });

  test('a slow answer to it is still taken', async () => {
    const { bmc, client, clock, send } = await openBench();
    let late: Buffer | undefined;
    bmc.behaviour = (seen) => {
      if (seen.command !== '00/02') return undefined;
      late = bmc.respond(seen, [0x00]);
      return [];
    };
    const call = client.raw(POWER_CYCLE, { repeatable: false });
    await clock.advance(15_000);
    send(late ?? Buffer.alloc(0));
    expect((await call).completionCode).toBe(0);
    await client[Symbol.asyncDispose]();
  });

  test('a slow BMC that answers each copy is understood, and the later answers satisfy nobody', async () => {
    const { bmc, client, clock, send } = await openBench();
    const late: Seen[] = [];
    bmc.behaviour = (seen) => {
      if (seen.command !== '06/01' || late.length >= 3) return undefined;
      late.push(seen);
      return [];
    };
    const call = client.raw(GET_DEVICE_ID);
    await clock.advance(4000);
    expect(late).toHaveLength(3);
    const answers = late.map((seen, index) => bmc.respond(seen, [0x00, index]));
    for (const answer of answers) send(answer);
    expect([...(await call).data]).toEqual([0]);
    expect(client.counters).toMatchObject({ unexpected: 2 });
    await client[Symbol.asyncDispose]();
  });
});

describe('a session that the BMC forgot', () => {
  test('is opened again, once, and the request is answered', async () => {
    const { bmc, client, clock } = await openBench();
    const [forgotten] = bmc.sessions;
    if (forgotten !== undefined) forgotten.closed = true;
    const call = client.raw(GET_DEVICE_ID);
    await clock.advance(9000);
    expect((await call).completionCode).toBe(0);
    expect([bmc.sessions.length, bmc.openSessions, bmc.requests('06/01').length]).toEqual([2, 1, 1]);
    await client[Symbol.asyncDispose]();
    expect(client.counters).toMatchObject({ sessionsOpened: 2, sessionsClosed: 2 });
  });

  test('that answers logins but no requests is given up after the second session', async () => {
    const { bmc, client, clock } = await openBench();
    bmc.behaviour = losing('06/01', 100);
    const call = client.raw(GET_DEVICE_ID);
    call.catch(() => undefined);
    await clock.advance(19_000);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true, details: { step: 'request 06/01' } });
    expect([bmc.sessions.length, bmc.openSessions, bmc.requests('06/01').length]).toEqual([2, 0, 8]);
    expect(client.counters).toMatchObject({ sessionsOpened: 2, sessionsClosed: 2 });
    await client[Symbol.asyncDispose]();
  });

  test('with a BMC that is gone altogether, the request ends as UNREACHABLE', async () => {
    const { bmc, client, clock, wire } = await openBench();
    bmc.behaviour = () => [];
    const call = client.raw(GET_DEVICE_ID);
    call.catch(() => undefined);
    await clock.advance(19_000);
    await expect(call).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect([wire.connections, clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('answers that are not meant', () => {
  /** Sends something before the usual answer to Get Device ID. */
  async function withBefore(before: (bench: ClientBench, seen: Seen, usual: Buffer) => readonly Buffer[]): Promise<{ readonly data: readonly number[]; readonly bench: ClientBench }> {
    const bench = await openBench();
    bench.bmc.behaviour = (seen, usual) => {
      if (seen.command !== '06/01') return undefined;
      const [answer = Buffer.alloc(0)] = usual();
      return [...before(bench, seen, answer), answer];
    };
    const response = await bench.client.raw(GET_DEVICE_ID);
    bench.bmc.behaviour = () => undefined;
    await bench.client[Symbol.asyncDispose]();
    return { data: [response.completionCode, ...response.data], bench };
  }

  const changed = (bytes: Buffer, index: number): Buffer => Buffer.from(bytes).fill((bytes.at(index) ?? 0) ^ 0x10, index, index + 1);

  test('forged packets are dropped and counted', async () => {
    const { data, bench } = await withBefore((_bench, _seen, usual) => [
      changed(usual, usual.length - 1), changed(usual, 20), changed(usual, 10), changed(usual, 6),
      // The flags that say that it is encrypted, or proved.
      changed(usual, 5).fill(0x40, 5, 6), changed(usual, 5).fill(0x80, 5, 6), changed(usual, 5).fill(0x00, 5, 6), usual.subarray(0, usual.length - 1),
    ]);
    expect(data).toEqual(DEVICE_ID);
    expect(bench.client.counters).toMatchObject({ forged: 8, replayed: 0, unexpected: 0 });
  });

  test('a packet that was seen before is dropped and counted', async () => {
    const { bmc, client, send } = await openBench();
    let recorded: Buffer = Buffer.alloc(0);
    bmc.behaviour = (seen, usual) => {
      if (seen.command !== '06/01') return undefined;
      recorded = usual()[0] ?? recorded;
      return [recorded, recorded];
    };
    await client.raw(GET_DEVICE_ID);
    send(recorded);
    expect(client.counters).toMatchObject({ replayed: 2, unexpected: 0, forged: 0 });
    await client[Symbol.asyncDispose]();
  });

  test('packets far behind or ahead of the others are dropped and counted', async () => {
    const { bmc, client, send } = await openBench();
    await client.raw(GET_DEVICE_ID);
    const [session] = bmc.sessions;
    if (session === undefined) return expect.fail('no session');
    send(bmc.seal(session, 0, Buffer.alloc(8), session.outbound + 33));
    send(bmc.seal(session, 0, Buffer.alloc(8), session.outbound - 33));
    expect(client.counters).toMatchObject({ replayed: 2 });
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    await client[Symbol.asyncDispose]();
  });

  test('answers to something else, and messages that are none, satisfy nobody', async () => {
    const { data, bench } = await withBefore(({ bmc }, seen) => [
      bmc.respond(seen, [0, 99], { rqSeq: (seen.rqSeq + 1) % 64 }), bmc.respond(seen, [0, 99], { command: 0x02 }), bmc.respond(seen, [0, 99], { netFn: 0x05 }),
      bmc.sealMessage(seen, Buffer.from('20', 'hex')), bmc.sealMessage(seen, Buffer.alloc(0)),
    ]);
    expect(data).toEqual(DEVICE_ID);
    expect(bench.client.counters).toMatchObject({ unexpected: 5 });
  });

  test('datagrams that are no packets are counted', async () => {
    const { data, bench } = await withBefore(() => [Buffer.alloc(0), Buffer.from('06'), Buffer.from('0600ff06', 'hex'), Buffer.from('0600ff070600', 'hex')]);
    expect(data).toEqual(DEVICE_ID);
    expect(bench.client.counters).toMatchObject({ unexpected: 4 });
  });

  test('a duplicate-request answer is passed over', async () => {
    const { data, bench } = await withBefore(({ bmc }, seen) => [bmc.respond(seen, [0xcf])]);
    expect(data).toEqual(DEVICE_ID);
    expect(bench.client.counters).toMatchObject({ unexpected: 0 });
  });

  test('wrong checksums inside a proved packet do no harm, in an unproved one they do', async () => {
    for (const [suite, sent] of [[17, 1], [1, 4]] as const) {
      const { bmc, client, clock } = await openBench({ cipherSuite: suite }, { suites: [suite] });
      bmc.behaviour = (seen) => (seen.command === '06/01' ? [bmc.sealMessage(seen, Buffer.from([0x81, 0x1c, 0x00, 0x20, seen.rqSeq << 2, 0x01, 0x00, 0x55, 0x00]))] : undefined);
      const call = client.raw(GET_DEVICE_ID);
      call.catch(() => undefined);
      await clock.advance(9000);
      if (suite === 17) expect([...(await call).data]).toEqual([0x55]);
      else await expect(call).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
      expect(bmc.requests('06/01')).toHaveLength(sent);
      await client[Symbol.asyncDispose]();
    }
  });

  test('a timeout tells that what came could not be read', async () => {
    const { bmc, client, clock } = await openBench();
    bmc.behaviour = (seen) => (seen.command === '06/01' ? [bmc.sealMessage(seen, Buffer.from('abcd', 'hex'))] : undefined);
    const call = client.raw(GET_DEVICE_ID, { timeoutMs: 1000 });
    call.catch(() => undefined);
    await clock.advance(1000);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', details: { waitedFor: expect.stringContaining('could not be read (IPMI message: expected at least 8 bytes, got 2 bytes abcd)') } });
    await client[Symbol.asyncDispose]();
  });

  test('a late answer to a request that was given up is not taken for that of a later one', async () => {
    const { bmc, client, send } = await openBench();
    let givenUp: Seen | undefined;
    bmc.behaviour = (seen) => {
      if (seen.command !== '06/01') return undefined;
      givenUp = seen;
      return [];
    };
    const controller = new AbortController();
    const call = client.raw(GET_DEVICE_ID, { signal: controller.signal });
    call.catch(() => undefined);
    expect(await stateOf(call)).toBe('pending');
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    const seen = givenUp ?? expect.fail('it was not sent');
    // The numbers come round: with each request there is a late answer under the number of the one given up.
    bmc.behaviour = (request, usual) => (request.command === '06/01' ? [bmc.respond(seen, [0x00, 0xee]), ...usual()] : undefined);
    for (let round = 0; round < 130; round += 1) expect([...(await client.raw(GET_DEVICE_ID)).data]).toEqual(DEVICE_ID.slice(1));
    expect(client.counters).toMatchObject({ unexpected: 130 });
    send(bmc.respond(seen, [0x00]));
    await client[Symbol.asyncDispose]();
    expect(client.counters).toMatchObject({ sessionsOpened: 1, sessionsClosed: 1 });
  });
});

describe('a BMC that is busy', () => {
  const busyFor = (completionCode: number, times: number): { answers: Record<string, () => number[]>; asked: () => number } => {
    let asked = 0;
    return { asked: () => asked, answers: { '06/01': () => (asked++ < times ? [completionCode] : DEVICE_ID) } };
  };

  test.each([[0xc0, 700], [0xd2, 4000]])('0x%s is asked again after a while', async (completionCode, withinMs) => {
    const { answers, asked } = busyFor(completionCode, 3);
    const { client, clock } = await openBench({}, { answers });
    const call = client.raw(GET_DEVICE_ID);
    expect(await stateOf(call)).toBe('pending');
    await clock.advance(withinMs);
    expect((await call).completionCode).toBe(0);
    expect([asked(), client.counters.retransmitted]).toEqual([4, 0]);
    await client[Symbol.asyncDispose]();
  });

  test('for ever is told after six times', async () => {
    const { answers, asked } = busyFor(0xc0, 1000);
    const { client, clock } = await openBench({}, { answers });
    const call = client.raw(GET_DEVICE_ID);
    await clock.advance(4000);
    expect((await call).completionCode).toBe(0xc0);
    expect(asked()).toBe(6);
    await client[Symbol.asyncDispose]();
  });

  test('is told at once when it must not be sent twice, or the deadline comes first', async () => {
    const { answers, asked } = busyFor(0xd2, 1000);
    const { client, clock } = await openBench({}, { answers });
    expect((await client.raw(GET_DEVICE_ID, { repeatable: false })).completionCode).toBe(0xd2);
    expect((await client.raw(GET_DEVICE_ID, { timeoutMs: 900 })).completionCode).toBe(0xd2);
    expect([asked(), clock.monotonicMs()]).toEqual([2, 0]);
    await client[Symbol.asyncDispose]();
  });

  test('can be left at once, and the next request does not wait either', async () => {
    const { answers, asked } = busyFor(0xd2, 1);
    const { client } = await openBench({}, { answers });
    const controller = new AbortController();
    const call = client.raw(GET_DEVICE_ID, { signal: controller.signal });
    call.catch(() => undefined);
    expect(await stateOf(call)).toBe('pending');
    controller.abort('gone');
    await expect(call).rejects.toBe('gone');
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    expect(asked()).toBe(2);
    await client[Symbol.asyncDispose]();
  });
});

describe('the queue', () => {
  test('is bounded: one more is refused as BUSY', async () => {
    const { bmc, client, clock } = await openBench({ queueLimit: 3 });
    bmc.behaviour = losing('06/01', 1);
    const calls = Array.from({ length: 5 }, async () => client.raw(GET_DEVICE_ID));
    await expect(calls[4]).rejects.toMatchObject({ code: 'BUSY', retryable: true, details: { address: '192.0.2.10:623' } });
    await clock.advance(1200);
    expect((await Promise.all(calls.slice(0, 4))).map(({ completionCode }) => completionCode)).toEqual([0, 0, 0, 0]);
    await client[Symbol.asyncDispose]();
  });

  test('who waits leaves by his own deadline and signal, and the others go on', async () => {
    const { bmc, client, clock } = await openBench();
    bmc.behaviour = losing('06/01', 1);
    const controller = new AbortController();
    const first = client.raw(GET_DEVICE_ID);
    const second = client.raw({ netFn: 0x2e, command: 2 }, { timeoutMs: 500 });
    const third = client.raw({ netFn: 0x2e, command: 3 }, { signal: controller.signal });
    const fourth = client.raw({ netFn: 0x2e, command: 4 });
    for (const call of [second, third]) call.catch(() => undefined);
    await clock.advance(100);
    controller.abort('not needed');
    await expect(third).rejects.toBe('not needed');
    await clock.advance(400);
    await expect(second).rejects.toMatchObject({ code: 'TIMEOUT', hint: 'It was not sent.', details: { waitedFor: 'its turn' } });
    await clock.advance(1000);
    expect([(await first).completionCode, (await fourth).completionCode]).toEqual([0, 0xc1]);
    expect(bmc.seen.filter(({ command }) => command.startsWith('2e/')).map(({ command }) => command)).toEqual(['2e/04']);
    await client[Symbol.asyncDispose]();
    expect(clock.pendingTimers).toBe(0);
  });

  test('an abort in flight rejects at once and the session goes on', async () => {
    const { bmc, client } = await openBench();
    bmc.behaviour = losing('06/01', 1);
    const controller = new AbortController();
    const call = client.raw(GET_DEVICE_ID, { signal: controller.signal });
    const next = client.raw({ netFn: 0x2e, command: 4 });
    call.catch(() => undefined);
    expect(await stateOf(call)).toBe('pending');
    controller.abort('enough');
    await expect(call).rejects.toBe('enough');
    expect((await next).completionCode).toBe(0xc1);
    expect(bmc.count('open')).toBe(1);
    await client[Symbol.asyncDispose]();
  });

  test('disposing ends all of it as ABORTED and closes the session', async () => {
    const { bmc, client, clock } = await openBench();
    bmc.behaviour = losing('06/01', 1);
    const calls = Array.from({ length: 3 }, async () => client.raw(GET_DEVICE_ID));
    for (const call of calls) call.catch(() => undefined);
    expect(await stateOf(calls[0] ?? Promise.resolve())).toBe('pending');
    await client[Symbol.asyncDispose]();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    expect([bmc.openSessions, bmc.requests('06/01').length, clock.pendingTimers]).toEqual([0, 1, 0]);
  });
});

describe('what cannot be sent', () => {
  test.each([
    ['netFn', { netFn: 7, command: 1 }], ['netFn', { netFn: 64, command: 1 }], ['command', { netFn: 6, command: 256 }], ['command', { netFn: 6, command: 1.5 }],
    ['lun', { netFn: 6, command: 1, lun: 4 }], ['bridge', { netFn: 6, command: 1, bridge: [{ channel: 0, address: 2 }, { channel: 0, address: 2 }, { channel: 0, address: 2 }] }],
    ['bridge.0.address', { netFn: 6, command: 1, bridge: [{ channel: 0, address: 0x2d }] }], ['bridge.0.channel', { netFn: 6, command: 1, bridge: [{ channel: 16, address: 0x2c }] }],
  ])('%s', async (field, request) => {
    const { bmc, client } = startBench();
    await expect(client.raw(request)).rejects.toMatchObject({ code: 'INVALID_OPTIONS', details: { issues: [{ field, problem: 'invalid' }] } });
    expect(bmc.seen).toEqual([]);
  });

  test('more data than a packet takes', async () => {
    const { bmc, client } = await openBench();
    await expect(client.raw({ netFn: 0x2e, command: 1, data: new Uint8Array(1386) })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS', details: { issues: [{ field: 'data', expected: 'at most 1385 bytes', received: '1386 bytes' }] },
    });
    expect((await client.raw({ netFn: 0x2e, command: 1, data: new Uint8Array(1385) })).completionCode).toBe(0xc1);
    expect(bmc.requests('2e/01')[0]?.datagram.length).toBeLessThanOrEqual(1472);
    await client[Symbol.asyncDispose]();
  });

  test.each([0, -1, Number.NaN, 86_400_001])('a timeout of %s', async (timeoutMs) => {
    const { client } = startBench();
    await expect(client.raw(GET_DEVICE_ID, { timeoutMs })).rejects.toMatchObject({ code: 'INVALID_OPTIONS', details: { issues: [{ field: 'timeoutMs' }] } });
  });
});

describe('the transport', () => {
  test('a packet that cannot be sent is UNREACHABLE, and the next one may go through', async () => {
    const { client, wire } = await openBench();
    const { bmc } = wire;
    bmc.behaviour = (seen) => {
      if (seen.command === '06/01') wire.listener?.failed(Object.assign(new Error('send ENETUNREACH'), { code: 'ENETUNREACH' }));
      return [];
    };
    await expect(client.raw(GET_DEVICE_ID)).rejects.toMatchObject({ code: 'UNREACHABLE', cause: { code: 'ENETUNREACH' } });
    bmc.behaviour = () => undefined;
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    expect(bmc.count('open')).toBe(1);
    await client[Symbol.asyncDispose]();
  });
});
