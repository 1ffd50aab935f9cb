import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { FerricError, Secret } from '@ferric/core';
import { createFakeClock, createFakeConnection, createRecordingLogger, type FakeClock, type FakeConnection, type RecordingLogger } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, greetFreely, ScriptedDaemon, settle } from '../../test/scripted-daemon.js';
import type { SaslExchange, SecurityLayer } from './sasl/mechanism.js';
import { negotiateSasl } from './sasl-negotiation.js';
import { createRpcConnection } from './rpc/connection.js';
import { openSession, type Session, type SessionSettings } from './session.js';
import { parseLibvirtUri } from './uri.js';
import type { Message } from './wire/message.js';
import { connectionProcedures } from './wire/procedures/connection.js';
import { authenticationProcedures } from './wire/procedures/authentication.js';
import { XdrReader, type XdrWriter } from './wire/xdr.js';

const PASSWORD = 'correct horse';
const credentials = { username: 'ferric', password: new Secret(PASSWORD) };
const AUTH_FAILED = 45;

let wire: FakeConnection;
let daemon: ScriptedDaemon;
let clock: FakeClock;
let logger: RecordingLogger;
let progress: { step: string };

beforeEach(() => {
  wire = createFakeConnection();
  daemon = new ScriptedDaemon(wire.server);
  clock = createFakeClock();
  logger = createRecordingLogger();
  progress = { step: '' };
});

afterEach(() => wire[Symbol.dispose]());

function open(settings: SessionSettings = {}, uri = 'qemu+tcp://127.0.0.1/system', secure = true, signal = new AbortController().signal): Promise<Session> {
  const transport = { stream: wire.client, peer: 'memory', secure };
  return openSession(transport, parseLibvirtUri(uri), { clock, logger, ...settings }, signal, progress);
}

const offer = (...types: readonly number[]): ScriptedDaemon =>
  greetFreely(daemon).answer(66, (call) =>
    daemon.reply(call, (writer) => {
      writer.uint32(types.length);
      for (const type of types) writer.int32(type);
    }),
  );

const offerMechanisms = (text: string): ScriptedDaemon => offer(1).answer(67, (call) => daemon.reply(call, (writer) => writer.string(text)));

const procedures = (): readonly number[] => daemon.received.map((message) => message.procedure);

describe('opening', () => {
  it('asks how to log in, then for keepalive, then opens the hypervisor once', async () => {
    const chunks: Buffer[] = [];
    wire.server.on('data', (chunk: Buffer) => chunks.push(chunk));
    greetFreely(daemon);
    const { connection } = await open();
    expect(Buffer.concat(chunks).toString('hex')).toBe(
      '0000001c200080860000000100000042000000000000000000000000' +
        '0000002020008086000000010000003c0000000000000001000000000000000a' +
        '0000003820008086000000010000000100000000000000020000000000000001' +
        '0000000e71656d753a2f2f2f73797374656d000000000000',
    );
    expect([connection.failure, progress.step]).toEqual([undefined, 'opening the hypervisor']);
    await connection[Symbol.asyncDispose]();
  });

  it('takes an empty list for no authentication', async () => {
    greetFreely(daemon).answer(66, (call) => daemon.reply(call, (writer) => writer.uint32(0)));
    await open();
    expect(procedures()).toEqual([66, 60, 1]);
  });

  it('pings only a daemon that knows pings, and when pings are wanted', async () => {
    greetFreely(daemon).answer(60, (call) => daemon.reply(call, (writer) => writer.int32(0)));
    const { connection } = await open();
    await clock.advance(600_000);
    expect([procedures(), connection.failure]).toEqual([[66, 60, 1], undefined]);
  });

  it('does not ask for keepalive when it is off, so that the daemon does not ping either', async () => {
    greetFreely(daemon);
    await open({ keepAlive: false });
    expect(procedures()).toEqual([66, 1]);
  });

  it('goes on with a daemon that is too old for the question', async () => {
    greetFreely(daemon).answer(60, (call) => daemon.refuse(call, 39, 'unknown procedure: 60'));
    await open();
    expect(procedures()).toEqual([66, 60, 1]);
  });

  it('destroys the transport and tells why when the daemon refuses', async () => {
    greetFreely(daemon).answer(1, (call) => daemon.refuse(call, 38, 'Failed to connect socket'));
    const error = await failure(open());
    expect(error).toMatchObject({ details: { address: '127.0.0.1:16509', procedure: 'connect_open', libvirtCode: 38 } });
    expect([wire.client.destroyed, clock.pendingTimers]).toEqual([true, 0]);
  });

  it('given up at any point leaves nothing behind', async () => {
    for (const silentAt of [66, 67, 68, 60, 1]) {
      wire = createFakeConnection();
      daemon = new ScriptedDaemon(wire.server);
      if (silentAt === 67 || silentAt === 68) offerMechanisms('SCRAM-SHA-256');
      else greetFreely(daemon);
      const reached = Promise.withResolvers<undefined>();
      daemon.answer(silentAt, () => reached.resolve(undefined));
      const controller = new AbortController();
      const opening = open({ credentials }, undefined, true, controller.signal);
      await reached.promise;
      controller.abort(new Error('enough'));
      await expect(opening).rejects.toThrow('enough');
      expect([wire.client.destroyed, clock.pendingTimers]).toEqual([true, 0]);
    }
  });

  it('fails as UNREACHABLE when the daemon goes away, at whatever point', async () => {
    for (const goesAt of [66, 67, 68, 60, 1]) {
      wire = createFakeConnection();
      daemon = new ScriptedDaemon(wire.server);
      if (goesAt === 67 || goesAt === 68) offerMechanisms('SCRAM-SHA-256');
      else greetFreely(daemon);
      daemon.answer(goesAt, () => wire.server.end());
      const error = await failure(open({ credentials }));
      expect(error).toMatchObject({ code: 'UNREACHABLE', details: { address: '127.0.0.1:16509' } });
      expect(clock.pendingTimers).toBe(0);
    }
  });
});

describe('closing', () => {
  it('rejects what is under way at once, says good-bye, and closes', async () => {
    greetFreely(daemon);
    let goodbye: Message | undefined;
    daemon.answer(2, (call) => (goodbye = call));
    const session = await open({ concurrency: 1 });
    const calls = [1, 2].map(() => failure(session.connection.call(connectionProcedures.getUri, undefined)));
    await daemon.next();
    const closing = session.close();
    expect((await Promise.all(calls)).map((error) => error.code)).toEqual(['ABORTED', 'ABORTED']);
    await settle();
    expect(wire.client.destroyed).toBe(false);
    daemon.reply(goodbye as Message);
    await closing;
    expect([wire.client.closed, clock.pendingTimers]).toEqual([true, 0]);
    expect(procedures()).toEqual([66, 60, 1, 110, 2]);
  });

  it('does not wait for a daemon that does not answer, and may be asked for twice', async () => {
    greetFreely(daemon).answer(2, () => undefined);
    const session = await open();
    const closing = Promise.all([session.close(), session.close()]);
    await settle();
    expect(procedures().filter((procedure) => procedure === 2)).toHaveLength(1);
    await clock.advance(2_000);
    await closing;
    expect([wire.client.closed, clock.pendingTimers]).toEqual([true, 0]);
  });
});

describe('the way to log in', () => {
  it.each([
    ['none when it is offered', [2, 0, 1], '', [66, 60, 1]],
    ['polkit without credentials', [2], '', [66, 70, 60, 1]],
    ['what the URI says', [0, 2], '?auth=polkit', [66, 70, 60, 1]],
  ])('is %s', async (_name, types, query, expected) => {
    offer(...types).answer(70, (call) => daemon.reply(call, (writer) => writer.int32(1)));
    await open({}, `qemu+tcp://127.0.0.1/system${query}`);
    expect(procedures()).toEqual(expected);
  });

  it.each([
    ['an open connection', false, '', 1],
    ['a protected one', true, '', 0],
    ['an open one whose URI says that none is right', false, '?auth=none', 0],
  ])('is none where the daemon asks for nothing; with credentials and %s, the log warns of an open door as it should', async (_name, secure, query, warnings) => {
    offer(0);
    await open({ credentials }, `qemu+tcp://127.0.0.1/system${query}`, secure);
    expect(procedures()).toEqual([66, 60, 1]);
    expect(logger.at('warn')).toHaveLength(warnings);
  });

  it('is not none when the URI insists on SASL: nobody on the way can take it out', async () => {
    offer(0);
    expect(await failure(open({ credentials }, 'qemu+tcp://127.0.0.1/system?auth=sasl', false))).toMatchObject({ code: 'AUTH_FAILED', details: { offered: ['none'] } });
  });

  it('is SASL when there are credentials and the daemon leaves the choice', async () => {
    offer(0, 1).answer(67, (call) => daemon.reply(call, (writer) => writer.string('GSSAPI')));
    expect(await failure(open({ credentials }))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(procedures()).toEqual([66, 67]);
  });

  it('that the URI names and the daemon does not offer is AUTH_FAILED', async () => {
    offer(1);
    const error = await failure(open({}, 'qemu+tcp://127.0.0.1/system?auth=none'));
    expect(error).toMatchObject({ code: 'AUTH_FAILED', details: { address: '127.0.0.1:16509', offered: ['sasl'] } });
  });

  it('that nobody knows is UNSUPPORTED', async () => {
    offer(9);
    expect(await failure(open())).toMatchObject({ code: 'UNSUPPORTED', details: { address: '127.0.0.1:16509', offered: ['type 9'] } });
  });

  it('by polkit may end in a refusal', async () => {
    offer(2).answer(70, (call) => daemon.refuse(call, 79, 'authentication cancelled'));
    expect(await failure(open())).toMatchObject({ code: 'AUTH_FAILED', details: { address: '127.0.0.1:16509' } });
  });

  it('by SASL without credentials names what is missing and what is offered', async () => {
    offerMechanisms('DIGEST-MD5,GSSAPI');
    const error = await failure(open());
    expect(error).toMatchObject({ code: 'AUTH_FAILED', details: { address: '127.0.0.1:16509', offered: 'DIGEST-MD5,GSSAPI' } });
    expect(error.hint).toMatch(/sasl_username.*sasl_password/);
  });

  it('by a mechanism that is not known here is UNSUPPORTED, with the address', async () => {
    offerMechanisms('GSSAPI');
    expect(await failure(open({ credentials }))).toMatchObject({ code: 'UNSUPPORTED', details: { address: '127.0.0.1:16509' } });
    expect(procedures()).toEqual([66, 67]);
  });
});

/** What `auth_sasl_start` and `auth_sasl_step` carry; for start, behind the name of the mechanism. */
function readSasl(call: Message): { mechanism: string | undefined; absent: number; text: string } {
  const reader = new XdrReader(call.payload);
  const mechanism = call.procedure === 68 ? reader.string() : undefined;
  const absent = reader.int32();
  const count = reader.uint32();
  return { mechanism, absent, text: String.fromCharCode(...Array.from({ length: count }, () => reader.int32())) };
}

function writeSasl(writer: XdrWriter, complete: number, text: string | undefined): void {
  writer.int32(complete);
  writer.int32(text === undefined ? 1 : 0);
  writer.uint32(text?.length ?? 0);
  for (const byte of Buffer.from(text ?? '')) writer.int32(byte);
}

/** A server of SCRAM-SHA-256 after RFC 5802, for one login. */
function scramServer(password: string): { first: (text: string) => string; last: (text: string) => string | undefined } {
  const salt = Buffer.from('0123456789abcdef');
  let exchange = '';
  return {
    first(text) {
      const bare = text.replace(/^n,,/, '');
      const reply = `r=${/r=(.*)$/.exec(bare)?.[1]}server,s=${salt.toString('base64')},i=4096`;
      exchange = `${bare},${reply}`;
      return reply;
    },
    last(text) {
      const salted = pbkdf2Sync(password, salt, 4096, 32, 'sha256');
      const [withoutProof = '', proof = ''] = text.split(',p=');
      const whole = `${exchange},${withoutProof}`;
      const clientKey = createHmac('sha256', salted).update('Client Key').digest();
      const stored = createHash('sha256').update(clientKey).digest();
      const signature = createHmac('sha256', stored).update(whole).digest();
      const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] as number))).toString('base64');
      if (proof !== expected) return undefined;
      const serverKey = createHmac('sha256', salted).update('Server Key').digest();
      return `v=${createHmac('sha256', serverKey).update(whole).digest('base64')}`;
    },
  };
}

describe('SASL', () => {
  const serve = (password: string, lie = false): void => {
    const server = scramServer(password);
    offerMechanisms('SCRAM-SHA-256')
      .answer(68, (call) => daemon.reply(call, (writer) => writeSasl(writer, 0, server.first(readSasl(call).text))))
      .answer(69, (call) => {
        const last = server.last(readSasl(call).text);
        if (last === undefined) daemon.refuse(call, AUTH_FAILED, 'authentication failed: authentication failed');
        else daemon.reply(call, (writer) => writeSasl(writer, 1, lie ? `v=${Buffer.alloc(32).toString('base64')}` : last));
      });
  };

  it('logs in with the credentials', async () => {
    serve(PASSWORD);
    await open({ credentials });
    expect(procedures()).toEqual([66, 67, 68, 69, 60, 1]);
    const start = daemon.received.find((message) => message.procedure === 68) as Message;
    expect(readSasl(start)).toMatchObject({ mechanism: 'SCRAM-SHA-256', absent: 0, text: expect.stringMatching(/^n,,n=ferric,r=/) as string });
  });

  it('tries a wrong password once, and shows it nowhere', async () => {
    serve('another password');
    const error = await failure(open({ credentials }));
    expect(error).toMatchObject({ code: 'AUTH_FAILED', retryable: false, details: { address: '127.0.0.1:16509', mechanism: 'SCRAM-SHA-256', libvirtCode: 45 } });
    expect(procedures()).toEqual([66, 67, 68, 69]);
    expect(wire.client.destroyed).toBe(true);
    expect(JSON.stringify([error.message, error.details, error.hint, String(error.stack)]) + logger.text()).not.toContain(PASSWORD);
  });

  it('does not believe a server that does not know the password either', async () => {
    serve(PASSWORD, true);
    expect((await failure(open({ credentials }))).code).toBe('AUTH_FAILED');
    expect(procedures()).not.toContain(1);
  });

  it('says with DIGEST-MD5 that it has no data at first, and warns once that it is weak', async () => {
    offerMechanisms('DIGEST-MD5').answer(68, (call) => daemon.refuse(call, AUTH_FAILED, 'no'));
    await failure(open({ credentials }, undefined, false));
    expect(readSasl(daemon.received.at(-1) as Message)).toEqual({ mechanism: 'DIGEST-MD5', absent: 1, text: '' });
    expect(logger.at('warn')).toHaveLength(1);
    expect(logger.text()).toContain('DIGEST-MD5 is out of date');
  });

  describe('negotiation', () => {
    const options = { signal: new AbortController().signal, timeoutMs: 1000 };
    const flip: SecurityLayer = { wrap: (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0xff)), unwrap: (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0xff)) };
    const connect = (): ReturnType<typeof createRpcConnection> => createRpcConnection({ stream: wire.client, peer: 'memory', secure: false }, { clock });
    const exchange = (parts: Partial<SaslExchange>): SaslExchange => ({ start: () => undefined, step: () => undefined, complete: () => undefined, ...parts });

    it('keeps apart no data and empty data, both ways', async () => {
      const seen: (string | undefined)[] = [];
      const note = (data: Uint8Array | undefined): undefined => void seen.push(data && Buffer.from(data).toString());
      const answers = ['', undefined, 'x'];
      daemon.answer(68, (call) => daemon.reply(call, (writer) => writeSasl(writer, 0, answers[0])));
      daemon.answer(69, (call) => daemon.reply(call, (writer) => writeSasl(writer, seen.length === 2 ? 1 : 0, answers[seen.length])));
      const empty = new Uint8Array();
      await negotiateSasl(connect(), { address: 'a', mechanism: 'M', exchange: exchange({ step: (data) => (note(data), seen.length === 1 ? empty : undefined), complete: note }), options });
      expect(seen).toEqual(['', undefined, 'x']);
      expect(daemon.received.map((call) => readSasl(call).absent)).toEqual([1, 0, 1]);
    });

    it('ends in a layer that is in force at once', async () => {
      const connection = connect();
      daemon.answer(68, (call) => {
        const event = call;
        daemon.reply(event, (writer) => writeSasl(writer, 1, undefined));
      });
      await negotiateSasl(connection, { address: 'a', mechanism: 'M', exchange: exchange({ complete: () => flip }), options });
      const sealed: Buffer[] = [];
      wire.server.removeAllListeners('data').on('data', (chunk: Buffer) => sealed.push(chunk));
      const call = failure(connection.call(authenticationProcedures.list, undefined));
      await settle();
      expect(flip.unwrap(Buffer.concat(sealed)).toString('hex')).toBe('0000001c200080860000000100000042000000000000000100000000');
      await connection[Symbol.asyncDispose]();
      await call;
    });

    it('does not go on without end', async () => {
      let steps = 0;
      daemon.answer(68, (call) => daemon.reply(call, (writer) => writeSasl(writer, 0, undefined)));
      daemon.answer(69, (call) => daemon.reply(call, (writer) => writeSasl(writer, 0, undefined)));
      const error = await failure(negotiateSasl(connect(), { address: 'a', mechanism: 'M', exchange: exchange({ step: () => void (steps += 1) }), options }));
      expect([error.code, steps]).toEqual(['PROTOCOL_FAULT', 10]);
    });

    it('passes on what the mechanism makes of the last answer', async () => {
      daemon.answer(68, (call) => daemon.reply(call, (writer) => writeSasl(writer, 1, 'v=wrong')));
      const complete = (): never => {
        throw new FerricError('AUTH_FAILED', 'The server does not know the password');
      };
      const error = await failure(negotiateSasl(connect(), { address: 'a', mechanism: 'M', exchange: exchange({ complete }), options }));
      expect(error).toMatchObject({ code: 'AUTH_FAILED', details: { address: 'a', mechanism: 'M' } });
    });
  });
});
