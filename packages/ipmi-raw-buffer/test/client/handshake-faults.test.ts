import { describe, expect, test } from 'vitest';
import { startBench, stateOf } from './bench-client.js';
import { response, type Seen } from './scripted-bmc.js';

const GET_DEVICE_ID = { netFn: 0x06, command: 0x01 };
const STEPS = ['open', 'RAKP 1', 'RAKP 3'] as const;
const flip = (bytes: Buffer, index: number): Buffer => bytes.fill((bytes[index] ?? 0) ^ 0xff, index, index + 1);
/** The answer, cut down to its tag and a status. */
const briefly = (status: number) => (answer: Buffer): Buffer => Buffer.concat([answer.subarray(0, 14), Buffer.from([2, 0]), answer.subarray(16, 17), Buffer.from([status])]);
/** The answer, with nothing behind the session id but a status. */
const declined = (status: number) => (answer: Buffer): Buffer => Buffer.concat([answer.subarray(0, 14), Buffer.from([8, 0]), answer.subarray(16, 17), Buffer.from([status]), answer.subarray(18, 24)]);
const steps = (seen: readonly Seen[]): readonly string[] => seen.map(({ what, command }) => (what === 'request' ? command : what));

describe('wrong credentials', () => {
  test('a wrong password is tried once, for all who wait, and is never tried again', async () => {
    const { bmc, client, clock, wire } = startBench({ password: 'wrong' });
    const calls = await Promise.allSettled(Array.from({ length: 5 }, async () => client.raw(GET_DEVICE_ID)));
    for (const call of calls) expect(call).toMatchObject({ status: 'rejected', reason: { code: 'AUTH_FAILED', retryable: false, details: { address: '192.0.2.10:623', step: 'RAKP 2' } } });
    await clock.advance(120_000);
    // RAKP 3 with a status gives the place up; it carries no code.
    expect(steps(bmc.seen)).toEqual(['open', 'RAKP 1', 'RAKP 3']);
    expect([...(bmc.seen[2]?.payload.subarray(0, 2) ?? [])]).toEqual([bmc.seen[1]?.payload[0], 0x0f]);
    expect(bmc.seen[2]?.payload).toHaveLength(8);
    expect([bmc.openSessions, wire.connections, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test('an unknown user is refused once', async () => {
    const { bmc, client, clock } = startBench({ username: 'nobody' });
    await expect(client.raw(GET_DEVICE_ID)).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { step: 'RAKP 2', status: '0x0d' } });
    await clock.advance(120_000);
    expect(steps(bmc.seen)).toEqual(['open', 'RAKP 1']);
  });

  test('no secret is in the error', async () => {
    const { inspect } = await import('node:util');
    const { client } = startBench({ password: 'planted-secret' });
    const error: unknown = await client.raw(GET_DEVICE_ID).catch((reason: unknown) => reason);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('planted');
  });
});

describe('statuses', () => {
  test.each([
    [0x01, 'BUSY', true], [0x02, 'PROTOCOL_FAULT', false], [0x09, 'AUTH_FAILED', false], [0x0a, 'AUTH_FAILED', false], [0x0b, 'BUSY', true],
    [0x0d, 'AUTH_FAILED', false], [0x0f, 'PROTOCOL_FAULT', false], [0x12, 'PROTOCOL_FAULT', false], [0x77, 'PROTOCOL_FAULT', false],
  ])('0x%s in any step is %s', async (status, code, retryable) => {
    for (const step of STEPS) {
      const { bmc, client, clock, wire } = startBench();
      bmc.behaviour = (seen, usual) => (seen.what === step ? usual().map(declined(status)) : undefined);
      await expect(client.session(), step).rejects.toMatchObject({ code, retryable, details: { status: `0x${status.toString(16).padStart(2, '0')}` } });
      expect([wire.connections, clock.pendingTimers]).toEqual([0, 0]);
    }
  });

  test('a controller that lost track of the handshake is asked from the start, once', async () => {
    const { bmc, client } = startBench();
    let lost = 1;
    bmc.behaviour = (seen, usual) => (seen.what === 'RAKP 3' && lost-- > 0 ? usual().map(briefly(0x02)) : undefined);
    expect(await client.session()).toMatchObject({ cipherSuite: 17 });
    expect(bmc.count('open')).toBe(2);
    await client[Symbol.asyncDispose]();
  });

  test.each([
    ['too short for one', (status: number) => briefly(status)],
    ['where it is zero', (status: number) => (answer: Buffer) => declined(status)(answer).fill(0, 20, 24)],
  ])('a refusal without the session id of the console, %s, says nothing about the account', async (_name, spoil) => {
    for (const step of ['RAKP 1', 'RAKP 3']) {
      for (const status of [0x09, 0x0a, 0x0d]) {
        const { bmc, client } = startBench();
        bmc.behaviour = (seen, usual) => (seen.what === step ? usual().map(spoil(status)) : undefined);
        await expect(client.session(), step).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', retryable: true, details: { status: `0x0${status.toString(16)}` } });
      }
    }
  });

  test('a controller that chose anew for a second RAKP 1, and so declines RAKP 3, is asked from the start, once', async () => {
    for (const times of [1, 2]) {
      const { bmc, client, clock } = startBench({ cipherSuite: 17 });
      let mixedUp = times;
      let late: readonly Buffer[] = [];
      bmc.behaviour = (seen, usual) => {
        if (mixedUp === 0) return undefined;
        if (seen.what === 'RAKP 1') {
          const before = late;
          late = before.length === 0 ? usual() : [];
          return before;
        }
        if (seen.what !== 'RAKP 3') return undefined;
        mixedUp -= 1;
        return usual().map(declined(0x0f));
      };
      const call = client.session();
      call.catch(() => undefined);
      await clock.advance(5000);
      if (times === 1) expect(await call).toMatchObject({ cipherSuite: 17 });
      else await expect(call).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', hint: expect.stringContaining('The password is right'), details: { step: 'RAKP 4', status: '0x0f' } });
      expect(bmc.count('open')).toBe(2);
      await client[Symbol.asyncDispose]();
    }
  });

  test.each([0x02, 0x03, 0x04, 0x08, 0x0c, 0x11, 0x12, 0x77])('whatever status (%i) declines suite 17, suite 3 is tried', async (status) => {
    const { bmc, client } = startBench();
    bmc.behaviour = (seen, usual) => (seen.what === 'open' && seen.payload[12] === 3 ? usual().map(briefly(status)) : undefined);
    expect(await client.session()).toMatchObject({ cipherSuite: 3 });
    expect(bmc.count('open')).toBe(2);
    await client[Symbol.asyncDispose]();
  });

  test.each([0x01, 0x09, 0x0a, 0x0b])('a status (%i) that has nothing to do with the suite ends the handshake', async (status) => {
    const { bmc, client } = startBench();
    bmc.behaviour = (seen, usual) => (seen.what === 'open' ? usual().map(briefly(status)) : undefined);
    await expect(client.session()).rejects.toMatchObject({ details: { step: 'open session' } });
    expect(bmc.count('open')).toBe(1);
  });

  test('a privilege level that is refused is told, and the session closed', async () => {
    for (const completionCode of [0x80, 0x81, 0xd4]) {
      const { bmc, client } = startBench({}, { answers: { '06/3b': () => [completionCode] } });
      await expect(client.session()).rejects.toMatchObject({ code: 'AUTH_FAILED', retryable: false, details: { step: 'Set Session Privilege Level to administrator' } });
      expect([bmc.sessions.length, bmc.openSessions]).toEqual([1, 0]);
      expect(client.counters).toMatchObject({ sessionsOpened: 1, sessionsClosed: 1 });
    }
  });
});

describe('silence', () => {
  test('of the first packet is UNREACHABLE after four tries in growing waits', async () => {
    const { bmc, client, clock, wire } = startBench();
    const moments: number[] = [];
    bmc.behaviour = (seen) => {
      if (seen.what === 'open') moments.push(clock.monotonicMs());
      return [];
    };
    const call = client.raw(GET_DEVICE_ID);
    call.catch(() => undefined);
    await clock.advance(9000);
    await expect(call).rejects.toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { address: '192.0.2.10:623', step: 'open session' } });
    expect(moments).toHaveLength(4);
    for (const [index, ideal] of [1000, 1500, 2250].entries()) {
      const wait = (moments[index + 1] ?? 0) - (moments[index] ?? 0);
      expect(wait).toBeGreaterThanOrEqual(ideal * 0.9);
      expect(wait).toBeLessThanOrEqual(ideal * 1.1);
    }
    const opens = bmc.seen.filter(({ what }) => what === 'open');
    expect(new Set(opens.map(({ datagram }) => datagram.toString('hex'))).size).toBe(1);
    expect([wire.connections, clock.pendingTimers]).toEqual([0, 0]);
  });

  test.each(['RAKP 1', 'RAKP 3'] as const)('of %s is TIMEOUT', async (step) => {
    const { bmc, client, clock, wire } = startBench({ cipherSuite: 17 });
    bmc.behaviour = (seen) => (seen.what === step ? [] : undefined);
    const call = client.raw(GET_DEVICE_ID);
    call.catch(() => undefined);
    await clock.advance(9000);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', details: { step: step === 'RAKP 1' ? 'RAKP 2' : 'RAKP 4' } });
    expect(bmc.count(step)).toBe(4);
    expect([bmc.openSessions, wire.connections, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test('ends at the deadline of the caller, who is told that nothing was sent', async () => {
    const { bmc, client, clock, wire } = startBench();
    bmc.behaviour = () => [];
    const call = client.raw(GET_DEVICE_ID, { timeoutMs: 1500, step: 'Get Device ID' });
    call.catch(() => undefined);
    await clock.advance(1499);
    expect(await stateOf(call)).toBe('pending');
    await clock.advance(1);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', hint: 'It was not sent.', details: { step: 'Get Device ID', timeoutMs: 1500, waitedFor: 'the session to open' } });
    expect([wire.connections, clock.pendingTimers]).toEqual([0, 0]);
  });

  test.each([...STEPS, '06/3b'])('once at %s: the same packet is sent again and all goes on', async (step) => {
    const { bmc, client, clock } = startBench();
    let dropped = 0;
    bmc.behaviour = (seen) => (steps([seen])[0] === step && dropped++ === 0 ? [] : undefined);
    const call = client.raw(GET_DEVICE_ID);
    await clock.advance(1200);
    expect((await call).completionCode).toBe(0);
    const same = bmc.seen.filter((seen) => steps([seen])[0] === step);
    expect(same).toHaveLength(2);
    if (step !== '06/3b') expect(same[0]?.datagram.equals(same[1]?.datagram ?? Buffer.alloc(0))).toBe(true);
    await client[Symbol.asyncDispose]();
    expect([bmc.openSessions, bmc.sessions.length]).toEqual([0, 1]);
  });

  test('a BMC of IPMI 1.5 alone is told as such', async () => {
    const { bmc, client, clock } = startBench();
    bmc.behaviour = (seen) => {
      if (seen.what !== 'capabilities') return [];
      const message = response(seen, [0, 1, 0x14, 0x04, 0, 0, 0, 0, 0]);
      return [Buffer.concat([Buffer.from('0600ff07000000000000000000', 'hex'), Buffer.from([message.length]), message])];
    };
    const call = client.raw(GET_DEVICE_ID);
    call.catch(() => undefined);
    await clock.advance(1200);
    await expect(call).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('only IPMI 1.5') });
  });

  test('to RAKP 1 with suite 17 leads to suite 3', async () => {
    const { bmc, client, clock } = startBench();
    bmc.behaviour = (seen) => (seen.what === 'RAKP 1' && seen.session?.suite === 17 ? [] : undefined);
    const call = client.session();
    await clock.advance(9000);
    expect(await call).toMatchObject({ cipherSuite: 3 });
    await client[Symbol.asyncDispose]();
  });

  test.each([['open', 'UNREACHABLE'], ['RAKP 1', 'TIMEOUT'], ['RAKP 3', 'TIMEOUT']] as const)('after one unreadable answer to %s stays %s, and tells what came', async (step, code) => {
    const { bmc, client, clock } = startBench({ cipherSuite: 17 });
    let rubbish = 1;
    bmc.behaviour = (seen) => {
      if (seen.what !== step && seen.what !== 'capabilities') return undefined;
      return rubbish-- > 0 ? [Buffer.from('0600ff070600', 'hex')] : [];
    };
    const call = client.session();
    call.catch(() => undefined);
    await clock.advance(9000);
    await expect(call).rejects.toMatchObject({ code, retryable: true, details: { unreadable: expect.stringContaining('0600ff070600') } });
  });

  test('a BMC that is there but silent to suite 17 is asked for suite 3', async () => {
    const { bmc, client, clock } = startBench();
    bmc.behaviour = (seen) => (seen.what === 'open' && seen.payload[12] === 3 ? [] : undefined);
    const call = client.session();
    await clock.advance(9000);
    expect(await call).toMatchObject({ cipherSuite: 3 });
    await client[Symbol.asyncDispose]();
  });
});

describe('answers that are not meant', () => {
  test.each([
    // Whoever takes one of these for the true answer gets ids or codes that lead nowhere.
    ['another tag', (answer: Buffer) => flip(flip(answer, 24), 16)],
    ['another session', (answer: Buffer) => flip(flip(answer, 24), 20)],
    ['another type', (answer: Buffer) => flip(flip(answer, 24), 5)],
    ['a type that claims to be proved', (answer: Buffer) => flip(answer, 24).fill((answer[5] ?? 0) | 0x40, 5, 6)],
    ['half an answer', (answer: Buffer) => answer.subarray(0, 20)],
    ['rubbish', () => Buffer.from('deadbeef', 'hex')],
  ])('%s before the true one is ignored and counted, in every step', async (_name, spoil) => {
    const { bmc, client } = startBench();
    bmc.behaviour = (_seen, usual) => (_seen.what === 'request' ? undefined : usual().flatMap((answer) => [spoil(Buffer.from(answer)), answer]));
    expect(await client.session()).toMatchObject({ cipherSuite: 17 });
    expect(client.counters).toMatchObject({ unexpected: 3, sessionsOpened: 1 });
    await client[Symbol.asyncDispose]();
  });

  test('each answer twice, and once more in the session, does no harm and is not taken for a forgery', async () => {
    const { bmc, client, send } = startBench();
    const copies: Buffer[] = [];
    bmc.behaviour = (seen, usual) => {
      if (seen.what === 'request') return undefined;
      const answers = usual();
      copies.push(...answers);
      return [...answers, ...answers];
    };
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    for (const copy of copies) send(copy);
    expect(copies).toHaveLength(3);
    expect(client.counters).toMatchObject({ unexpected: 6, forged: 0 });
    await client[Symbol.asyncDispose]();
  });

  test('RAKP 4 before RAKP 3 is ignored', async () => {
    const { bmc, client } = startBench();
    bmc.behaviour = (seen, usual) => {
      if (seen.what !== 'RAKP 1') return undefined;
      const early = Buffer.from('0600ff07061500000000000000001800', 'hex');
      return [Buffer.concat([early, seen.payload.subarray(0, 4), seen.session?.rakp1.subarray(0, 4) ?? Buffer.alloc(4), Buffer.alloc(16)]), ...usual()];
    };
    expect(await client.session()).toMatchObject({ cipherSuite: 17 });
    await client[Symbol.asyncDispose]();
  });

  test('an answer that stays unreadable is what the error tells', async () => {
    const { bmc, client, clock } = startBench();
    bmc.behaviour = (seen, usual) => (seen.what === 'RAKP 1' ? usual().map((answer) => Buffer.concat([answer.subarray(0, 14), Buffer.from([30, 0]), answer.subarray(16, 46)])) : undefined);
    const call = client.session();
    call.catch(() => undefined);
    await clock.advance(9000);
    await expect(call).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', details: { step: 'RAKP 2' } });
  });

  test('a RAKP 4 that proves nothing ends the handshake', async () => {
    const { bmc, client } = startBench();
    bmc.behaviour = (seen, usual) => (seen.what === 'RAKP 3' ? usual().map((answer) => answer.fill(0, answer.length - 4)) : undefined);
    await expect(client.session()).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { step: 'RAKP 4' } });
  });
});

describe('abort', () => {
  test.each([...STEPS, '06/3b'])('at %s rejects at once with the reason, and leaves nothing open', async (step) => {
    const { bmc, client, clock, wire } = startBench();
    const controller = new AbortController();
    const reason = new Error('enough');
    bmc.behaviour = (seen, usual) => {
      if (steps([seen])[0] !== step) return undefined;
      usual();
      controller.abort(reason);
      // The controller did its part, but its answer is lost.
      return [];
    };
    await expect(client.raw(GET_DEVICE_ID, { signal: controller.signal })).rejects.toBe(reason);
    await clock.advance(0);
    expect([bmc.openSessions, wire.connections, clock.pendingTimers]).toEqual([0, 0, 0]);
    const { sessionsOpened, sessionsClosed } = client.counters;
    expect(sessionsOpened).toBe(sessionsClosed);

    bmc.behaviour = () => undefined;
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    await client[Symbol.asyncDispose]();
    expect(bmc.openSessions).toBe(0);
  });

  test('of one caller does not end the handshake for the others', async () => {
    const { bmc, client } = startBench();
    const controller = new AbortController();
    bmc.behaviour = (seen) => {
      if (seen.what === 'RAKP 1') controller.abort('not any more');
      return undefined;
    };
    const first = client.raw(GET_DEVICE_ID, { signal: controller.signal });
    const second = client.raw(GET_DEVICE_ID);
    await expect(first).rejects.toBe('not any more');
    expect((await second).completionCode).toBe(0);
    expect([bmc.count('open'), bmc.requests('06/01').length]).toEqual([1, 1]);
    await client[Symbol.asyncDispose]();
  });

  test('of the last caller ends the handshake, and whoever comes right after it starts afresh', async () => {
    const { bmc, client } = startBench();
    const controller = new AbortController();
    let silent = true;
    bmc.behaviour = () => (silent ? [] : undefined);
    const first = client.raw(GET_DEVICE_ID, { signal: controller.signal });
    expect(await stateOf(first)).toBe('pending');
    silent = false;
    controller.abort('gone');
    const second = client.raw(GET_DEVICE_ID);
    await expect(first).rejects.toBe('gone');
    expect((await second).completionCode).toBe(0);
    await client[Symbol.asyncDispose]();
  });

  test('before the call sends nothing', async () => {
    const { bmc, client } = startBench();
    const reason = new Error('too late');
    await expect(client.raw(GET_DEVICE_ID, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(bmc.seen).toEqual([]);
  });

  test('by disposing the client ends the handshake too', async () => {
    const { bmc, client, clock, wire } = startBench();
    bmc.behaviour = (seen) => (seen.what === 'RAKP 1' ? [] : undefined);
    const call = client.raw(GET_DEVICE_ID);
    call.catch(() => undefined);
    expect(await stateOf(call)).toBe('pending');
    await client[Symbol.asyncDispose]();
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    expect([wire.connections, clock.pendingTimers]).toEqual([0, 0]);
  });
});
