import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startBench } from './bench-client.js';
import { DEVICE_ID, response } from './scripted-bmc.js';

const GET_DEVICE_ID = { netFn: 0x06, command: 0x01 };
const AUTH_TYPES = { none: 0x01, md2: 0x02, md5: 0x04, password: 0x10 };

describe('a session of IPMI 1.5', () => {
  test.each([['MD5', AUTH_TYPES.md5 | AUTH_TYPES.password | AUTH_TYPES.none, 2], ['the password', AUTH_TYPES.password | AUTH_TYPES.none, 4], ['nothing', AUTH_TYPES.none, 0]])(
    'proved by %s',
    async (_name, authTypes, authType) => {
      const { bmc, client, wire } = startBench({ protocol: '1.5' }, { authTypes });
      expect(await client.session()).toEqual({ protocol: '1.5', cipherSuite: null, privilegeLevel: 'administrator', guid: null });
      const { completionCode, data } = await client.raw(GET_DEVICE_ID);
      expect([completionCode, ...data]).toEqual(DEVICE_ID);
      await client[Symbol.asyncDispose]();
      expect(bmc.seen.map(({ what, command, datagram, sequence }) => [what === 'request' ? command : what, datagram[4], sequence])).toEqual([
        ['capabilities', 0, 0], ['challenge', 0, 0], ['activate', authType, 0],
        ['06/3b', authType, 0x23a8a188], ['06/01', authType, 0x23a8a189], ['06/3c', authType, 0x23a8a18a],
      ]);
      expect(client.counters).toMatchObject({ sessionsOpened: 1, sessionsClosed: 1, forged: 0, replayed: 0 });
      expect(wire.connections).toBe(0);
    },
  );

  test('is refused by a BMC that offers only MD2', async () => {
    const { client } = startBench({ protocol: '1.5' }, { authTypes: AUTH_TYPES.md2 });
    await expect(client.session()).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { authTypes: [1] } });
  });

  test('an unknown user is refused once', async () => {
    const { bmc, client } = startBench({ protocol: '1.5', username: 'nobody' });
    await expect(client.session()).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { step: 'Get Session Challenge', completionCode: '0x81' } });
    expect(bmc.seen).toHaveLength(2);
  });

  test('a wrong password, which this BMC answers by silence, is sent twice at most; the error names it as a possibility and is not to be retried', async () => {
    const { bmc, client, clock } = startBench({ protocol: '1.5', password: 'wrong' });
    const call = client.session();
    call.catch(() => undefined);
    await clock.advance(60_000);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', retryable: false, hint: expect.stringContaining('wrong password'), details: { step: 'Activate Session' } });
    expect(bmc.count('activate')).toBe(2);
  });

  test('an activation whose answer was lost, and whose repetition is declined, starts over once', async () => {
    for (const times of [1, 2]) {
      const { bmc, client, clock } = startBench({ protocol: '1.5' });
      let activations = 0;
      bmc.behaviour = (seen) => {
        if (seen.what !== 'activate' || activations >= 2 * times) return undefined;
        activations += 1;
        const message = response(seen, [0x85]);
        return activations % 2 === 1 ? [] : [Buffer.concat([Buffer.from('0600ff07000000000000000000', 'hex'), Buffer.from([message.length]), message])];
      };
      const call = client.session();
      call.catch(() => undefined);
      await clock.advance(5000);
      if (times === 1) expect(await call).toMatchObject({ protocol: '1.5' });
      else await expect(call).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', details: { completionCode: '0x85' } });
      expect([bmc.count('challenge'), bmc.count('activate')]).toEqual([2, times === 1 ? 3 : 4]);
      await client[Symbol.asyncDispose]();
    }
  });

  test('forged and repeated packets are dropped and counted', async () => {
    const { bmc, client } = startBench({ protocol: '1.5' });
    await client.session();
    bmc.behaviour = (seen, usual) => {
      if (seen.command !== '06/01') return undefined;
      const [answer = Buffer.alloc(0)] = usual();
      const without = Buffer.concat([answer.subarray(0, 4), Buffer.alloc(1), answer.subarray(5, 13), answer.subarray(29)]);
      return [Buffer.from(answer).fill(0, 13, 14), without, answer, answer];
    };
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    bmc.behaviour = () => undefined;
    await client[Symbol.asyncDispose]();
    expect(client.counters).toMatchObject({ forged: 2, replayed: 1 });
  });

  test('an activation that is not proved is ignored', async () => {
    const { bmc, client, clock } = startBench({ protocol: '1.5' });
    let forged = 0;
    bmc.behaviour = (seen, usual) => (seen.what === 'activate' && forged++ === 0 ? usual().map((answer) => Buffer.from(answer).fill(0, 13, 29)) : undefined);
    const call = client.session();
    await clock.advance(1200);
    expect(await call).toMatchObject({ protocol: '1.5' });
    expect(client.counters.forged).toBe(1);
    await client[Symbol.asyncDispose]();
  });

  test('an answer that cannot be read does not show the password that it holds', async () => {
    const { bmc, client, clock } = startBench({ protocol: '1.5', password: 'planted' }, { password: 'planted', authTypes: AUTH_TYPES.password });
    bmc.behaviour = (seen, usual) => (seen.what === 'activate' ? usual().map((answer) => answer.subarray(0, 40)) : undefined);
    const call = client.session();
    call.catch(() => undefined);
    await clock.advance(5000);
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'PROTOCOL_FAULT', details: { step: 'IPMI 1.5 packet' } });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(Buffer.from('planted').toString('hex'));
  });

  test('silence of the first packet is UNREACHABLE', async () => {
    const { bmc, client, clock } = startBench({ protocol: '1.5' });
    bmc.behaviour = () => [];
    const call = client.session();
    call.catch(() => undefined);
    await clock.advance(9000);
    await expect(call).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(bmc.seen).toHaveLength(4);
  });

  test('carries no payloads', async () => {
    const { client } = startBench({ protocol: '1.5' });
    await expect(client.openPayload(1, { receive: () => undefined, ended: () => undefined })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await client[Symbol.asyncDispose]();
  });
});
