import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { FerricError, formatFrame, optionIssues, Secret, TranscriptRecorder } from '@ferric/core';
import { createFakeClock, createFakeConnection } from '@ferric/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, GOLDEN, toHex } from '../../test/golden.js';
import { startRawUnit } from '../../test/raw-unit.js';
import { type OpenStream, openTcpStream } from './open-stream.js';
import { createDxpClient, type DxpClient, type DxpClientSettings } from './dxp-client.js';
import { FOUR_RELAYS, FOUR_STATES, hangUp, open, rejection, say } from '../../test/dxp-client-bench.js';

describe('on the wire', () => {
  test('a change is hello, its answer, and the worked packet', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00']);
    await using client = open(unit);
    await client.setRelay(1, 'on');
    expect(unit.received).toEqual([GOLDEN.hello, GOLDEN.relay1On]);
  });

  test('so are the other commands', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00']);
    await using client = open(unit, { idleMs: 0 });
    await client.setRelay(1, 'off');
    await client.pulseRelay(1, 'off', 5);
    await client.keepAlive();
    expect(await client.readRelays()).toEqual(['off']);
    expect(unit.received.filter((each) => each !== GOLDEN.hello)).toEqual([GOLDEN.relay1Off, GOLDEN.pulse1OffFor5s, GOLDEN.keepAlive, GOLDEN.readRelays]);
    expect(unit.connections).toBe(4);
  });

  test('several commands follow one hello, each two numbers further', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00', FOUR_RELAYS]);
    await using client = open(unit);
    await client.keepAlive();
    expect(await client.readRelays()).toEqual(FOUR_STATES);
    expect(unit.received).toEqual([GOLDEN.hello, GOLDEN.keepAlive, GOLDEN.readRelaysSecond]);
    expect(unit.connections).toBe(1);
  });

  test('numbers go on behind 65535 with 0', async () => {
    await using unit = await startRawUnit(['feff', '00', '00', '00']);
    await using client = open(unit);
    for (let time = 0; time < 3; time += 1) await client.keepAlive();
    expect(unit.received.slice(1).map((command) => command.slice(-4))).toEqual(['ffff', '0100', '0300']);
  });

  test('a unit that counts from 0 is sent one less', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00']);
    await using client = open(unit, { relayBase: 0 });
    await client.setRelay(1, 'on');
    expect(unit.received[1]?.slice(-4)).toBe('0001');
  });
});

describe('an answer', () => {
  test('may come byte by byte, at any place', async () => {
    const byteByByte = (digits: string) => (socket: Socket) => {
      const bytes = [...fromHex(digits)];
      const next = (): void => {
        const byte = bytes.shift();
        if (byte !== undefined) socket.write(Uint8Array.of(byte), () => setImmediate(next));
      };
      next();
    };
    await using unit = await startRawUnit([byteByByte(GOLDEN.helloAnswer), byteByByte('00'), byteByByte('0100000100000001')]);
    await using client = open(unit);
    await client.setRelay(1, 'on');
    expect(await client.readRelays({ atLeast: 8 })).toEqual(['on', 'off', 'off', 'on', 'off', 'off', 'off', 'on']);
  });

  test('of unknown length is waited for until it is long enough and nothing more comes', async () => {
    const clock = createFakeClock();
    using connection = createFakeConnection();
    const { client: stream, server } = connection;
    server.on('data', (chunk: Buffer) => server.write(fromHex(toHex(chunk) === GOLDEN.hello ? GOLDEN.helloAnswer : '0100')));
    const client = createDxpClient({ address: 'unit', username: '', password: '', clock, openStream: async () => stream });
    let isDone = false;
    const reading = client.readRelays({ atLeast: 3 }).finally(() => (isDone = true));
    await clock.advance(900);
    server.write(fromHex('01'));
    await clock.advance(149);
    server.write(fromHex('00'));
    await clock.advance(149);
    expect(isDone).toBe(false);
    await clock.advance(1);
    expect(await reading).toEqual(['on', 'off', 'on', 'off']);
  });

  test('of known length is taken as soon as it is whole, and a shorter one is no list', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, FOUR_RELAYS], [GOLDEN.helloAnswer, FOUR_RELAYS], [GOLDEN.helloAnswer, '00000000', '0100']);
    await using client = open(unit, { answerTimeoutMs: 1000 });
    // Silence has ended the first two lists, so their connections are not used again: what might have come late must not be an answer to something else.
    expect([await client.readRelays(), await client.readRelays()]).toEqual([FOUR_STATES, FOUR_STATES]);
    expect(await client.readRelays()).toEqual(['off', 'off', 'off', 'off']);
    expect(unit.connections).toBe(3);
    const error = await rejection(client.readRelays());
    expect(error).toMatchObject({ code: 'TIMEOUT', details: { step: 'read relays', timeoutMs: 1000 } });
    expect(unit.connections).toBe(3);
  });

  test('that a long silence has cut is taken for whole once, but not for the number of relays', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '01'], [GOLDEN.helloAnswer, FOUR_RELAYS]);
    await using client = open(unit);
    expect([await client.readRelays(), await client.readRelays()]).toEqual([['on'], FOUR_STATES]);
  });

  test('of a unit that was exchanged for a smaller one is learned anew after one failure', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, FOUR_RELAYS], [GOLDEN.helloAnswer, FOUR_RELAYS], [GOLDEN.helloAnswer, '0100'], [GOLDEN.helloAnswer, '0100']);
    await using client = open(unit, { answerTimeoutMs: 1000 });
    await client.readRelays();
    await client.readRelays();
    expect(await rejection(client.readRelays())).toMatchObject({ code: 'TIMEOUT' });
    expect(await client.readRelays()).toEqual(['on', 'off']);
  });

  test('of a unit that was exchanged for a larger one is learned at once', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, FOUR_RELAYS], [GOLDEN.helloAnswer, '010101010101']);
    await using client = open(unit);
    await client.readRelays();
    expect(await client.readRelays()).toHaveLength(6);
  });

  test('may end with the connection', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, (socket) => void socket.end(fromHex(FOUR_RELAYS))]);
    await using client = open(unit);
    expect(await client.readRelays()).toEqual(FOUR_STATES);
  });

  test('that comes too late is not taken for the next one', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00'], [GOLDEN.helloAnswer, '00']);
    let arrived = 0;
    const openStream: OpenStream = async (endpoint, signal) => {
      const stream = await openTcpStream(endpoint, signal);
      return stream.on('data', (chunk: Buffer) => (arrived += chunk.length));
    };
    await using client = open(unit, { idleMs: 60_000, openStream });
    await client.keepAlive();
    for (const socket of unit.sockets) socket.write(fromHex('01'));
    await expect.poll(() => arrived).toBe(4);
    await client.keepAlive();
    expect(unit.connections).toBe(2);
  });

  test('cut at any place is never a result', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('', 'd2', 'd204'), fc.constantFrom('', '00'), async (greeting, answer) => {
        await using unit = await startRawUnit([(socket) => void (greeting === GOLDEN.helloAnswer ? socket.write(fromHex(greeting)) : socket.end(fromHex(greeting))), (socket) => void socket.end(fromHex(answer))]);
        await using client = open(unit);
        const outcome = await client.keepAlive().then(() => 'done', (error: unknown) => (FerricError.is(error) ? error.code : 'another error'));
        if (greeting === GOLDEN.helloAnswer) expect(outcome).toBe(answer === '00' ? 'done' : 'AUTH_FAILED');
        else expect(outcome).toBe(greeting === '' ? 'UNREACHABLE' : 'PROTOCOL_FAULT');
      }),
      { numRuns: 20 },
    );
  });

  test('of arbitrary bytes at arbitrary places is a value or an error with a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 4 }), async (chunks) => {
        const [first = new Uint8Array(), ...others] = chunks;
        await using unit = await startRawUnit([say(toHex(first)), ...others.map((chunk) => say(toHex(chunk))), hangUp]);
        await using client = open(unit, { answerTimeoutMs: 60 });
        const outcome = await client.setRelay(1, 'on').then(() => 'done', (error: unknown) => (FerricError.is(error) ? error.code : inspect(error)));
        expect(outcome).toMatch(/^(done|PROTOCOL_FAULT|UNREACHABLE|AUTH_FAILED|TIMEOUT|REFUSED|NOT_FOUND)$/);
      }),
      { numRuns: 40 },
    );
  });
});

describe('secrets', () => {
  test('are in the packet and nowhere else', async () => {
    const password = 'Hunter2-Hunter2-2026';
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00', (socket) => void socket.write(`no such user admin/${password}`)]);
    const transcript = new TranscriptRecorder();
    await using client = open(unit, { password: new Secret(password), transcript });
    await client.setRelay(1, 'on');
    const error = await rejection(client.keepAlive());
    expect(unit.received[1]).toContain(Buffer.from(password).toString('hex'));
    const seen = [...transcript.frames.map((frame) => `${formatFrame(frame)} ${Buffer.from(frame.payload).toString('latin1')}`), inspect(client, { depth: null }), inspect(error, { depth: null })];
    expect(seen.join('\n')).not.toContain(password);
    expect(seen.join('\n')).not.toContain(Buffer.from(password).toString('hex'));
    expect(transcript.frames.map(({ direction, label, peer, protocol }) => `${direction} ${label} ${peer} ${protocol}`)).toEqual(
      ['out hello', 'in answer to hello', 'out set relay 1 on', 'in answer to set relay 1 on', 'out keep alive', 'in answer to keep alive'].map(
        (each) => `${each} tcp 127.0.0.1:${unit.port} dxp`,
      ),
    );
    expect(toHex(transcript.frames[2]?.payload as Uint8Array)).toBe(GOLDEN.relay1On.replace(`61646d696e${'00'.repeat(16)}0100`, `${'2a'.repeat(20)}000100`));
  });

  test('a transcript tells how an answer failed', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, hangUp], [say('d2')]);
    const transcript = new TranscriptRecorder();
    await using client = open(unit, { transcript, answerTimeoutMs: 300 });
    await rejection(client.keepAlive());
    await rejection(client.keepAlive());
    expect(transcript.frames.filter((frame) => frame.direction === 'in').map(({ label, payload }) => `${label} ${toHex(payload as Uint8Array)}`)).toEqual([
      'answer to hello d204', 'no answer to keep alive: the connection was closed ', 'part of an answer to hello d2',
    ]);
  });
});

describe('what cannot be used is refused before anything is sent', () => {
  test.each<[settings: Partial<DxpClientSettings>, fields: readonly string[]]>([
    [{ address: '' }, ['address']],
    [{ address: 'http://192.0.2.7' }, ['address']],
    [{ address: '192.0.2.7:9100' }, ['address']],
    [{ address: 'two words', port: 0 }, ['address', 'port']],
    [{ port: 65_536, idleMs: -1, connectTimeoutMs: 0, answerTimeoutMs: Number.NaN }, ['port', 'idleMs', 'connectTimeoutMs', 'answerTimeoutMs']],
    [{ relayBase: 2 as 1 }, ['relayBase']],
    [{ username: 'x'.repeat(21) }, ['username']],
    [{ username: 'ü'.repeat(11), password: 'a\0b' }, ['username', 'password']],
    [{ password: 'hunter2-hunter2-hunter2' }, ['password']],
  ])('settings %j', (settings, fields) => {
    const make = (): DxpClient => createDxpClient({ address: '192.0.2.7', username: 'admin', password: 'admin', ...settings });
    let error: unknown;
    try {
      make();
    } catch (thrown) {
      error = thrown;
    }
    expect(optionIssues(error).map((issue) => issue.field)).toEqual(fields);
    expect(inspect(error)).not.toContain('hunter2');
  });

  test.each(['192.0.2.7', 'iboot', 'iboot.lab.example', '::1', '2001:db8::7', 'fe80::1%eth0'])('the address %s is fine', (address) => {
    expect(createDxpClient({ address, username: '', password: '' })).toHaveProperty('readRelays');
  });

  test.each<[what: string, call: (client: DxpClient) => Promise<unknown>, fields: readonly string[]]>([
    ['relay 0', (client) => client.setRelay(0, 'on'), ['relay']],
    ['relay 33', (client) => client.setRelay(33, 'on'), ['relay']],
    ['relay 1.5', (client) => client.setRelay(1.5, 'on'), ['relay']],
    ['a state that nobody knows', (client) => client.setRelay(1, 'ON' as 'on'), ['state']],
    ['a width of 0', (client) => client.pulseRelay(1, 'off', 0), ['widthSeconds']],
    ['a width of 65536', (client) => client.pulseRelay(0, 'off', 65_536), ['relay', 'widthSeconds']],
    ['a list of at least 33', (client) => client.readRelays({ atLeast: 33 }), ['atLeast']],
    ['a deadline of 0', (client) => client.keepAlive({ timeoutMs: 0 }), ['timeoutMs']],
  ])('%s', async (_what, call, fields) => {
    await using unit = await startRawUnit([]);
    await using client = open(unit);
    expect(optionIssues(await rejection(call(client))).map((issue) => issue.field)).toEqual(fields);
    expect(unit.connections).toBe(0);
  });
});
