import { describe, expect, test } from 'vitest';
import { BMC_GUID, DEVICE_ID, ScriptedBmc, type BmcSession } from './scripted-bmc.js';
import { startBench } from './bench-client.js';

const GET_DEVICE_ID = { netFn: 0x06, command: 0x01 };
const data = DEVICE_ID.slice(1);

describe('a session', () => {
  test('is opened when first used, serves all requests, and is closed by disposing', async () => {
    const { bmc, client, wire } = startBench();
    expect(wire.connections).toBe(0);
    for (let round = 0; round < 3; round += 1) {
      const response = await client.raw(GET_DEVICE_ID);
      expect([response.completionCode, ...response.data]).toEqual([0, ...data]);
    }
    expect(bmc.seen.map(({ what, command }) => command || what)).toEqual(['open', 'RAKP 1', 'RAKP 3', '06/3b', '06/01', '06/01', '06/01']);
    expect(bmc.openSessions).toBe(1);
    await client[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    expect(bmc.requests('06/3c')).toHaveLength(1);
    expect([bmc.openSessions, wire.connections]).toEqual([0, 0]);
    expect(client.counters).toMatchObject({ sessionsOpened: 1, sessionsClosed: 1, sent: 8, received: 8, retransmitted: 0, forged: 0, replayed: 0, unexpected: 0 });
    await expect(client.raw(GET_DEVICE_ID)).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test.each([0, 1, 2, 3, 17] as const)('with cipher suite %i', async (suite) => {
    const { bmc, client } = startBench({ cipherSuite: suite }, { suites: [suite] });
    expect(await client.session()).toEqual({ protocol: '2.0', cipherSuite: suite, privilegeLevel: 'administrator', guid: Uint8Array.from(BMC_GUID) });
    expect((await client.raw(GET_DEVICE_ID)).data).toHaveLength(data.length);
    await client[Symbol.asyncDispose]();
    expect(bmc.openSessions).toBe(0);
  });

  test.each([1, 2, 3, 17] as const)('with cipher suite %i refuses a BMC that does not know the password', async (suite) => {
    const { bmc, client } = startBench({ cipherSuite: suite }, { suites: [suite], password: 'other' });
    await expect(client.session()).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    expect(bmc.sessions.filter(({ active }) => active)).toEqual([]);
  });

  test('with the key of the BMC', async () => {
    const { client } = startBench({ kgKey: '00ff10', cipherSuite: 17 }, { kgKey: Buffer.from('00ff10', 'hex') });
    expect(await client.session()).toMatchObject({ cipherSuite: 17 });
    await client[Symbol.asyncDispose]();
  });

  test.each([[undefined, '0102'], ['0102', undefined], ['0102', '0103']])('with key %s where the BMC has %s is refused', async (own, theirs) => {
    const { client } = startBench(own === undefined ? {} : { kgKey: own }, theirs === undefined ? {} : { kgKey: Buffer.from(theirs, 'hex') });
    await expect(client.session()).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { step: 'RAKP 4' } });
  });

  test('of the null user without password', async () => {
    const { client } = startBench({ username: '', password: '' }, { username: '', password: '' });
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    await client[Symbol.asyncDispose]();
  });

  test.each([['user', 2], ['operator', 3], ['administrator', 4]] as const)('asks for the level of %s everywhere', async (privilegeLevel, level) => {
    const { bmc, client } = startBench({ privilegeLevel });
    expect(await client.session()).toMatchObject({ privilegeLevel });
    const [open, rakp1] = bmc.seen;
    expect([open?.payload[1], rakp1?.payload[24], bmc.requests('06/3b')[0]?.data[0]]).toEqual([level, 0x10 | level, level]);
    await client[Symbol.asyncDispose]();
  });

  test('with a BMC that puts the level of the open request into its codes', async () => {
    class LevelBmc extends ScriptedBmc {
      override roleAndName(session: BmcSession): Buffer {
        return Buffer.concat([Buffer.from([session.privilegeLevel]), session.rakp1.subarray(27)]);
      }
    }
    const { client, bmc } = startBench({}, {}, new LevelBmc());
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    await client[Symbol.asyncDispose]();
    expect(bmc.openSessions).toBe(0);
  });

  test('serves requests that are asked at the same time, one after the other', async () => {
    const { bmc, client } = startBench();
    const commands = [0x01, 0x02, 0x03, 0x04, 0x05];
    const responses = await Promise.all(commands.map(async (command) => client.raw({ netFn: 0x2e, command })));
    expect(responses.map(({ completionCode }) => completionCode)).toEqual([0xc1, 0xc1, 0xc1, 0xc1, 0xc1]);
    expect(bmc.seen.slice(4).map(({ command }) => command)).toEqual(['2e/01', '2e/02', '2e/03', '2e/04', '2e/05']);
    expect(bmc.count('open')).toBe(1);
    const numbers = bmc.seen.slice(4).map(({ rqSeq }) => rqSeq);
    expect(new Set(numbers).size).toBe(5);
    expect(bmc.seen.slice(3).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    await client[Symbol.asyncDispose]();
  });

  test('is closed after it was idle, and opened again when needed', async () => {
    const { bmc, client, clock, wire } = startBench({ idleMs: 5000 });
    await client.raw(GET_DEVICE_ID);
    await clock.advance(4000);
    await client.raw(GET_DEVICE_ID);
    await clock.advance(4999);
    expect(bmc.openSessions).toBe(1);
    await clock.advance(1);
    expect([bmc.openSessions, wire.connections, clock.pendingTimers]).toEqual([0, 0, 0]);
    await client.raw(GET_DEVICE_ID);
    expect(bmc.openSessions).toBe(1);
    await client[Symbol.asyncDispose]();
    expect(client.counters).toMatchObject({ sessionsOpened: 2, sessionsClosed: 2 });
  });

  test('is closed by close, and the next request opens another', async () => {
    const { bmc, client } = startBench();
    await client.close();
    expect(bmc.seen).toEqual([]);
    await client.raw(GET_DEVICE_ID);
    await client.close();
    expect(bmc.openSessions).toBe(0);
    await client.raw(GET_DEVICE_ID);
    await client[Symbol.asyncDispose]();
    expect([bmc.sessions.length, bmc.openSessions]).toEqual([2, 0]);
  });

  test('counts as closed when the BMC does not answer that', async () => {
    const { bmc, client, clock, wire } = startBench();
    await client.raw(GET_DEVICE_ID);
    bmc.behaviour = () => [];
    const closed = client.close();
    await clock.advance(1200);
    await closed;
    expect(bmc.requests('06/3c')).toHaveLength(1);
    expect([wire.connections, clock.pendingTimers]).toEqual([0, 0]);
    await client[Symbol.asyncDispose]();
  });

  test('nothing of the password or the key can be seen in the client', async () => {
    const { client } = startBench({ password: 'planted-secret', kgKey: 'ab12cd34' });
    const { inspect } = await import('node:util');
    expect(inspect(client, { depth: null, showHidden: true })).not.toMatch(/planted-secret|ab12cd34/);
    await client[Symbol.asyncDispose]();
  });
});

describe('cipher suites', () => {
  test('17 is used where the BMC knows it', async () => {
    const { client } = startBench();
    expect(await client.session()).toMatchObject({ cipherSuite: 17 });
    await client[Symbol.asyncDispose]();
  });

  test('3 is used where it does not, and tried first from then on', async () => {
    const { bmc, client } = startBench({}, { suites: [3] });
    expect(await client.session()).toMatchObject({ cipherSuite: 3 });
    expect(bmc.count('open')).toBe(2);
    await client.close();
    expect(await client.session()).toMatchObject({ cipherSuite: 3 });
    expect(bmc.count('open')).toBe(3);
    await client[Symbol.asyncDispose]();
  });

  test('one that was named is used or nothing', async () => {
    const { bmc, client } = startBench({ cipherSuite: 17 }, { suites: [3] });
    await expect(client.session()).rejects.toMatchObject({ code: 'UNSUPPORTED', retryable: false, details: { step: 'open session', status: '0x11' } });
    expect(bmc.count('open')).toBe(1);
  });

  test('a BMC that knows neither is told as such', async () => {
    const { bmc, client } = startBench({}, { suites: [1, 0] });
    await expect(client.session()).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { status: '0x11' } });
    expect(bmc.count('open')).toBe(2);
  });

  test('a BMC that chooses weaker algorithms than asked for is not followed', async () => {
    const { bmc, client } = startBench({ cipherSuite: 3 });
    bmc.behaviour = (seen, usual) => {
      if (seen.what !== 'open') return undefined;
      const [answer = Buffer.alloc(0)] = usual();
      // Confidentiality: none.
      answer[16 + 12 + 20] = 0;
      return [answer];
    };
    await expect(client.session()).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { step: 'open session' } });
    expect(bmc.count('RAKP 1')).toBe(0);
  });
});
