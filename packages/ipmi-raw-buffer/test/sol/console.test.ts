import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { activateConsole, type SolConsole } from '../../src/sol/index.js';
import { ACTIVATE, ACTIVATED, createFakeClient, DEACTIVATE, FACTS, type FakeClient } from './fake-client.js';

const text = (characters: string): Uint8Array => Uint8Array.from(Buffer.from(characters, 'latin1'));
const hex = (characters: string): string => Buffer.from(characters, 'latin1').toString('hex').match(/../g)?.join(' ') ?? '';

async function openConsole(client: FakeClient = createFakeClient()): Promise<{ client: FakeClient; clock: ReturnType<typeof createFakeClock>; sol: SolConsole }> {
  const clock = createFakeClock();
  return { client, clock, sol: await activateConsole(client, { clock }) };
}

/** Reads until so many bytes have come, or the output ends. */
async function read(sol: SolConsole, count: number): Promise<string> {
  let seen = '';
  for await (const chunk of sol.output) {
    seen += Buffer.from(chunk).toString('latin1');
    if (seen.length >= count) break;
  }
  return seen;
}

const failure = async (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, (error: unknown) => error);

describe('activation', () => {
  test('opens the payload first, asks for the protection of the session, and tells how it was opened', async () => {
    const { client, sol } = await openConsole();
    expect(client.bmc.requests).toEqual([ACTIVATE]);
    expect(client.bmc.seen[0]?.options.repeatable).toBe(false);
    expect(client.openChannels).toBe(1);
    expect(sol.activation).toMatchObject({ inboundSize: 255, port: 623 });
  });

  test.each([[0, '00'], [1, '00'], [2, '40'], [3, 'c0'], [17, 'c0']] as const)('suite %i asks for %s', async (cipherSuite, auxiliary) => {
    const client = createFakeClient({ script: () => ACTIVATED, facts: { ...FACTS, cipherSuite } });
    await activateConsole(client, { instance: 2 });
    expect(client.bmc.requests).toEqual([`06/48 01 02 ${auxiliary} 00 00 00`]);
  });

  test('IPMI 1.5 has none', async () => {
    const client = createFakeClient({ facts: { ...FACTS, protocol: '1.5', cipherSuite: null } });
    expect(await failure(activateConsole(client))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(client.bmc.requests).toEqual([]);
    expect(client.openChannels).toBe(0);
  });

  test('somebody else has it', async () => {
    const client = createFakeClient({ script: { [ACTIVATE]: '80' } });
    expect(await failure(activateConsole(client))).toMatchObject({ code: 'CONFLICT', hint: expect.stringContaining('takeOver') as string });
    expect(client.bmc.requests).toEqual([ACTIVATE]);
    expect(client.openChannels).toBe(0);
    expect(client.sessionsClosed).toBe(0);
  });

  test('it can be taken over, once', async () => {
    const answers = ['80', ACTIVATED];
    const client = createFakeClient({ script: (request) => (request === ACTIVATE ? answers.shift() : '00') });
    await activateConsole(client, { takeOver: true });
    expect(client.bmc.requests).toEqual([ACTIVATE, DEACTIVATE, ACTIVATE]);
    const stubborn = createFakeClient({ script: (request) => (request === ACTIVATE ? '80' : '00') });
    expect(await failure(activateConsole(stubborn, { takeOver: true }))).toMatchObject({ code: 'CONFLICT' });
    expect(stubborn.bmc.requests).toEqual([ACTIVATE, DEACTIVATE, ACTIVATE]);
    expect(stubborn.openChannels).toBe(0);
  });

  test.each([['81', 'REFUSED'], ['82', 'BUSY'], ['83', 'REFUSED'], ['c1', 'UNSUPPORTED']])('%s is %s, and the session is left', async (code, kind) => {
    const client = createFakeClient({ script: { [ACTIVATE]: code } });
    expect(await failure(activateConsole(client, { takeOver: true }))).toMatchObject({ code: kind });
    expect(client.bmc.requests).toEqual([ACTIVATE]);
    expect(client.openChannels).toBe(0);
  });

  test.each([{ instance: 0 }, { instance: 16 }, { tries: 0 }, { retryIntervalMs: 1 }, { unreadLimitBytes: 10 }])('%j is refused before anything is opened', async (options) => {
    const client = createFakeClient({ opening: () => Promise.reject(new Error('must not be opened')) });
    expect(await failure(activateConsole(client, options))).toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  test('what the machine prints before the activation is answered is kept', async () => {
    const client: FakeClient = createFakeClient({
      answering: async (request) => (request === ACTIVATE ? client.hear(`01 00 00 00 ${hex('login: ')}`) : undefined),
    });
    const sol = await activateConsole(client);
    expect(await read(sol, 7)).toBe('login: ');
    expect(client.sent).toEqual(['00 01 07 00']);
  });

  test('the end of an earlier console, told late, does not end this one', async () => {
    const client: FakeClient = createFakeClient({
      answering: async (request) => (request === ACTIVATE ? client.hear('00 04 01 10') : undefined),
    });
    const sol = await activateConsole(client);
    client.hear('01 00 00 00 41');
    expect(await read(sol, 1)).toBe('A');
  });

  test('a session that is lost on the way: activated where nobody listens, it is deactivated again', async () => {
    const reason = new Error('the controller forgot the session');
    const client: FakeClient = createFakeClient({
      answering: async (request) => (request === ACTIVATE ? client.loseSession(reason) : undefined),
    });
    expect(await failure(activateConsole(client))).toBe(reason);
    await createFakeClock().advance(0);
    expect(client.bmc.requests).toEqual([ACTIVATE, DEACTIVATE]);
    expect(client.openChannels).toBe(0);
  });

  test('given up while the payload is opened, it leaves the session when that is done', async () => {
    const opened = Promise.withResolvers<void>();
    const controller = new AbortController();
    const client = createFakeClient({ opening: () => opened.promise });
    const opening = failure(activateConsole(client, { signal: controller.signal }));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await opening).toBe(reason);
    opened.resolve();
    await createFakeClock().advance(0);
    expect(client.openChannels).toBe(0);
    expect(client.bmc.requests).toEqual([]);
  });

  test('given up while it is activated, it closes the session, and ends nobody else’s console', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const client = createFakeClient({
      answering: async (request) => {
        if (request !== ACTIVATE) return;
        controller.abort(reason);
        await new Promise(() => undefined);
      },
    });
    expect(await failure(activateConsole(client, { signal: controller.signal }))).toBe(reason);
    await createFakeClock().advance(0);
    expect(client.bmc.requests).toEqual([ACTIVATE]);
    expect(client.sessionsClosed).toBe(1);
    expect(client.openChannels).toBe(0);
  });

  test('it settles by its deadline', async () => {
    const clock = createFakeClock();
    const client = createFakeClient({ answering: (request) => (request === ACTIVATE ? new Promise(() => undefined) : Promise.resolve()) });
    const opening = failure(activateConsole(client, { clock, timeoutMs: 1000 }));
    await clock.advance(1000);
    expect(await opening).toMatchObject({ code: 'TIMEOUT', details: { address: '192.0.2.10:623' } });
    await clock.advance(0);
    expect(client.bmc.requests).toEqual([ACTIVATE]);
    expect(client.sessionsClosed).toBe(1);
    expect(client.openChannels).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test('activated by an answer that makes no sense: the session is closed', async () => {
    const client = createFakeClient({ script: { [ACTIVATE]: '00 00' } });
    expect(await failure(activateConsole(client))).toMatchObject({ code: 'PROTOCOL_FAULT' });
    await createFakeClock().advance(0);
    expect(client.bmc.requests).toEqual([ACTIVATE]);
    expect(client.sessionsClosed).toBe(1);
  });
});

describe('writing', () => {
  test('resolves when the controller has taken all', async () => {
    const { client, sol } = await openConsole();
    let taken = false;
    const write = sol.write(text('hello\r')).then(() => (taken = true));
    expect(client.sent).toEqual([`01 00 00 00 ${hex('hello\r')}`]);
    client.hear('00 01 02 00');
    await createFakeClock().advance(0);
    expect(taken).toBe(false);
    client.hear('00 02 04 00');
    await write;
    expect(client.sent.at(-1)).toBe(`02 00 00 00 ${hex('llo\r')}`);
  });

  test('no packet is longer than the controller takes', async () => {
    const client = createFakeClient({ script: { [ACTIVATE]: '00 00000000 1400 ff00 6f02 ffff', [DEACTIVATE]: '00' } });
    const { sol } = await openConsole(client);
    const write = sol.write(text('x'.repeat(20)));
    expect(client.sent[0]).toBe(`01 00 00 00 ${hex('x'.repeat(16))}`);
    client.hear('00 01 10 00');
    client.hear('00 02 04 00');
    await write;
  });

  test('the bytes are those of the call, whatever becomes of the array', async () => {
    const { client, sol } = await openConsole();
    void sol.write(text('a'));
    const bytes = text('secret');
    const write = sol.write(bytes);
    bytes.fill(0);
    client.hear('00 01 01 00');
    expect(client.sent.at(-1)).toBe(`02 00 00 00 ${hex('secret')}`);
    client.hear('00 02 06 00');
    await write;
  });

  test('nothing to write is written at once', async () => {
    const { client, sol } = await openConsole();
    await sol.write(new Uint8Array());
    expect(client.sent).toEqual([]);
  });

  test('what is no bytes is refused', async () => {
    const { client, sol } = await openConsole();
    expect(await failure(sol.write('hello' as unknown as Uint8Array))).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(client.sent).toEqual([]);
  });

  test('a packet is repeated each half second, and in the end the console is lost', async () => {
    const { client, clock, sol } = await openConsole();
    const write = failure(sol.write(text('a')));
    await clock.advance(499);
    expect(client.sent).toHaveLength(1);
    await clock.advance(1);
    expect(client.sent).toEqual(['01 00 00 00 61', '01 00 00 00 61']);
    await clock.advance(3500);
    expect(client.sent).toHaveLength(8);
    const lost = await write;
    expect(lost).toMatchObject({ code: 'TIMEOUT' });
    expect(await sol.ended).toEqual({ reason: 'lost', error: lost });
    expect(await failure(read(sol, 1))).toBe(lost);
    expect(await failure(sol.write(text('b')))).toBe(lost);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a machine that takes nothing makes it late, not lost', async () => {
    const { client, clock, sol } = await openConsole();
    const write = failure(sol.write(text('a'), { timeoutMs: 2100 }));
    for (const sequence of ['01', '02', '03', '04']) {
      client.hear(`00 ${sequence} 00 60`);
      await clock.advance(500);
    }
    await clock.advance(100);
    expect(await write).toMatchObject({ code: 'TIMEOUT', details: { step: 'Write to the console' } });
    // The packet that is under way may still be taken; it is not sent anew.
    const sent = client.sent.length;
    client.hear('00 05 00 00');
    await clock.advance(500);
    expect(client.sent).toHaveLength(sent);
    const next = sol.write(text('b'));
    expect(client.sent.at(-1)).toBe('06 00 00 00 62');
    client.hear('00 06 01 00');
    await next;
  });

  test('given up, it rejects with the reason, and what waits is not sent', async () => {
    const { client, sol } = await openConsole();
    void sol.write(text('a'));
    const controller = new AbortController();
    const write = failure(sol.write(text('never'), { signal: controller.signal }));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await write).toBe(reason);
    client.hear('00 01 01 00');
    expect(client.sent).toEqual(['01 00 00 00 61']);
  });

  test('so much may wait, and no more', async () => {
    const { client, sol } = await openConsole();
    const first = sol.write(new Uint8Array(60_000));
    expect(await failure(sol.write(new Uint8Array(6_000)))).toMatchObject({ code: 'BUSY', retryable: true });
    for (let sequence = 1, left = 60_000; left > 0; sequence = (sequence % 15) + 1, left -= 251) client.hear(`00 0${sequence.toString(16)} fb 00`);
    await first;
    const second = sol.write(new Uint8Array(6_000));
    expect(client.sent.at(-1)?.split(' ')).toHaveLength(255);
    await sol[Symbol.asyncDispose]();
    expect(await failure(second)).toMatchObject({ code: 'ABORTED' });
  });

  test('a break is a packet of its own', async () => {
    const { client, sol } = await openConsole();
    const sent = sol.sendBreak();
    expect(client.sent).toEqual(['01 00 00 10']);
    client.hear('00 01 00 00');
    await sent;
  });
});

describe('reading', () => {
  test('delivers what comes, once and in order', async () => {
    const { client, sol } = await openConsole();
    client.hear('01 00 00 00 41 42');
    client.hear('01 00 00 00 41 42');
    client.hear('02 00 00 00 43');
    expect(await read(sol, 3)).toBe('ABC');
    expect(client.sent).toEqual(['00 01 02 00', '00 01 02 00', '00 02 01 00']);
  });

  test('a reader that waits gets it at once', async () => {
    const { client, sol } = await openConsole();
    const iterator = sol.output[Symbol.asyncIterator]();
    const [first, second] = [iterator.next(), iterator.next()];
    client.hear('01 00 00 00 41');
    client.hear('02 00 00 00 42');
    expect(await Promise.all([first, second])).toEqual([{ done: false, value: text('A') }, { done: false, value: text('B') }]);
  });

  test('a slow reader stops the machine and then the controller, and a reader that goes on lets them go on', async () => {
    const client = createFakeClient();
    const sol = await activateConsole(client, { unreadLimitBytes: 1024, clock: createFakeClock() });
    const block = hex('x'.repeat(250));
    for (const sequence of ['01', '02', '03', '04', '05', '06']) client.hear(`${sequence} 00 00 00 ${block}`);
    expect(client.sent).toEqual(['00 01 fa 00', '00 02 fa 00', '00 03 fa 08', '00 04 fa 08', '00 05 fa 08', '00 06 00 48']);
    expect(await read(sol, 1250)).toHaveLength(1250);
    expect(client.sent.at(-1)).toBe('01 00 00 00');
  });

  test('letters by the thousand take few chunks', async () => {
    const { client, sol } = await openConsole();
    for (let index = 0; index < 3000; index += 1) client.hear(`0${((index % 15) + 1).toString(16)} 00 00 00 78`);
    await sol[Symbol.asyncDispose]();
    const lengths: number[] = [];
    for await (const { length } of sol.output) lengths.push(length);
    expect(lengths).toEqual([1024, 1024, 952]);
  });

  test('a reader that leaves does not stop the machine', async () => {
    const client = createFakeClient();
    const sol = await activateConsole(client, { unreadLimitBytes: 1024, clock: createFakeClock() });
    client.hear('01 00 00 00 41');
    expect(await read(sol, 1)).toBe('A');
    for (let index = 1; index < 40; index += 1) client.hear(`0${((index % 15) + 1).toString(16)} 00 00 00 ${hex('x'.repeat(250))}`);
    expect(client.sent.every((packet) => packet.endsWith(' 00'))).toBe(true);
    expect(() => sol.output[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  });

  test('what comes beside the characters is counted', async () => {
    const { client, sol } = await openConsole();
    client.hear('01 00 00 04');
    client.hear('02 00 00 08 41');
    client.hear('02 00 00');
    client.hear('');
    expect(sol.counters).toEqual({ breaks: 1, overruns: 1, malformed: 2 });
  });
});

describe('the end', () => {
  test('disposed: writes are given up, the controller is told, the session is left, twice is once', async () => {
    const { client, clock, sol } = await openConsole();
    client.hear('01 00 00 00 41');
    const write = failure(sol.write(text('a')));
    await Promise.all([sol[Symbol.asyncDispose](), sol[Symbol.asyncDispose]()]);
    await sol[Symbol.asyncDispose]();
    expect(client.bmc.requests).toEqual([ACTIVATE, DEACTIVATE]);
    expect(client.openChannels).toBe(0);
    expect(clock.pendingTimers).toBe(0);
    expect(await write).toMatchObject({ code: 'ABORTED' });
    expect(await sol.ended).toEqual({ reason: 'disposed', error: null });
    expect(await read(sol, 100)).toBe('A');
    expect(await failure(sol.write(text('b')))).toMatchObject({ code: 'CONFLICT' });
  });

  test.each(['80', 'c1', 'd4'])('the controller may decline the end with %s', async (code) => {
    const client = createFakeClient({ script: { [ACTIVATE]: ACTIVATED, [DEACTIVATE]: code } });
    const { sol } = await openConsole(client);
    await sol[Symbol.asyncDispose]();
    expect(client.openChannels).toBe(0);
  });

  test('ended by the controller: nothing more is sent, and nothing is deactivated that may be somebody else’s', async () => {
    const { client, clock, sol } = await openConsole();
    const write = failure(sol.write(text('a')));
    client.hear('01 00 00 10 41');
    expect(await write).toMatchObject({ code: 'CONFLICT' });
    expect(await sol.ended).toMatchObject({ reason: 'deactivated', error: { code: 'CONFLICT' } });
    client.hear('02 00 00 00 42');
    expect(client.sent).toEqual(['01 00 00 00 61']);
    const iterator = sol.output[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: text('A') });
    expect(await failure(iterator.next())).toMatchObject({ code: 'CONFLICT' });
    await sol[Symbol.asyncDispose]();
    expect(client.bmc.requests).toEqual([ACTIVATE]);
    expect(client.openChannels).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a session that is lost ends it with its reason', async () => {
    const { client, sol } = await openConsole();
    const reason = new Error('the controller forgot the session');
    const reading = failure(read(sol, 1));
    client.loseSession(reason);
    expect(await reading).toBe(reason);
    expect(await sol.ended).toEqual({ reason: 'lost', error: reason });
    await sol[Symbol.asyncDispose]();
    expect(client.bmc.requests).toEqual([ACTIVATE]);
  });

  test('a console that is lost is left alone: somebody else may have it', async () => {
    const { client, clock, sol } = await openConsole();
    void sol.write(text('a')).catch(() => undefined);
    await clock.advance(10_000);
    expect((await sol.ended).reason).toBe('lost');
    await sol[Symbol.asyncDispose]();
    expect(client.bmc.requests).toEqual([ACTIVATE]);
    expect(client.openChannels).toBe(0);
  });
});
