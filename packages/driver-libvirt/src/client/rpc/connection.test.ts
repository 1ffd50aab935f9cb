import { createFakeClock, createFakeConnection, type FakeClock, type FakeConnection } from '@ferric/core/testing';
import { type FerricError, TranscriptRecorder } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countListeners, eventMessage, failure, replyTo, ScriptedDaemon, settle } from '../../../test/scripted-daemon.js';
import type { Message } from '../wire/message.js';
import { authenticationProcedures } from '../wire/procedures/authentication.js';
import { connectionProcedures } from '../wire/procedures/connection.js';
import { domainProcedures } from '../wire/procedures/domain.js';
import { createRpcConnection, type OwnedRpcConnection, type RpcConnectionSettings } from './connection.js';

const { lookupById } = domainProcedures;

let wire: FakeConnection;
let daemon: ScriptedDaemon;
let clock: FakeClock;

beforeEach(() => {
  wire = createFakeConnection();
  daemon = new ScriptedDaemon(wire.server);
  clock = createFakeClock();
});

afterEach(() => wire[Symbol.dispose]());

function connect(settings: RpcConnectionSettings = {}): OwnedRpcConnection {
  return createRpcConnection({ stream: wire.client, peer: 'memory', secure: true }, { clock, address: 'test:1', ...settings });
}

/** A call whose reply is a number that the test chooses. */
const ask = (connection: OwnedRpcConnection, options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<number> =>
  connection.call(connectionProcedures.supportsFeature, { feature: 7 }, options);

const answer = (call: Message, value: number): Buffer => replyTo(call, (writer) => writer.int32(value));

describe('calls', () => {
  it('are on the wire as libvirt 9.0.0 sends and answers them', async () => {
    const chunks: Buffer[] = [];
    wire.server.on('data', (chunk: Buffer) => chunks.push(chunk));
    const connection = connect();
    const types = connection.call(authenticationProcedures.list, undefined);
    await daemon.next();
    daemon.write(Buffer.from('000000242000808600000001000000420000000100000000000000000000000100000000', 'hex'));
    expect(await types).toEqual([0]);
    const open = connection.call(connectionProcedures.open, { name: 'qemu:///system', flags: 0 });
    await daemon.next();
    daemon.write(Buffer.from('0000001c200080860000000100000001000000010000000100000000', 'hex'));
    expect(await open).toBeUndefined();
    expect(Buffer.concat(chunks).toString('hex')).toBe(
      '0000001c200080860000000100000042000000000000000000000000' +
        '00000038200080860000000100000001000000000000000100000000' +
        '000000010000000e71656d753a2f2f2f73797374656d000000000000',
    );
  });

  it('get their own replies, in whatever order those come', async () => {
    const connection = connect();
    const results = [1, 2, 3, 4].map(() => ask(connection));
    const calls = await daemon.take(4);
    daemon.write(...[3, 0, 2, 1].map((index) => answer(calls[index] as Message, 100 + index)));
    expect(await Promise.all(results)).toEqual([100, 101, 102, 103]);
  });

  it('run by the thousand, no more on the wire than the limit, answered from the last to the first', async () => {
    const connection = connect({ concurrency: 50 });
    const results = Array.from({ length: 1000 }, (_, index) => connection.call(lookupById, { id: index }).then((domain) => domain.id));
    let sent = 0;
    let most = 0;
    while (sent < 1000) {
      const calls = await daemon.take(50);
      await settle();
      sent += calls.length;
      most = Math.max(most, daemon.received.length - sent + 50);
      expect([connection.active, connection.queued]).toEqual([50, 1000 - sent]);
      daemon.write(
        ...calls.toReversed().map((call) =>
          replyTo(call, (writer) => {
            writer.string('domain');
            writer.fixed(Buffer.alloc(16));
            writer.int32(call.payload.readInt32BE(0));
          }),
        ),
      );
    }
    expect(await Promise.all(results)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(most).toBe(50);
    expect([connection.active, connection.queued, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  it('of one turn leave in one write', async () => {
    let writes = 0;
    wire.server.on('data', () => (writes += 1));
    const connection = connect();
    const results = Array.from({ length: 20 }, () => ask(connection));
    const calls = await daemon.take(20);
    expect(writes).toBe(1);
    daemon.write(...calls.map((call) => answer(call, 1)));
    await Promise.all(results);
  });

  it('survive replies that come byte by byte', async () => {
    const connection = connect();
    const results = [ask(connection), ask(connection)];
    const calls = await daemon.take(2);
    for (const byte of Buffer.concat(calls.map((call, index) => answer(call, index)))) {
      daemon.write(Buffer.of(byte));
      await settle();
    }
    expect(await Promise.all(results)).toEqual([0, 1]);
  });

  it('are refused as BUSY when the queue is full, and only then', async () => {
    const connection = connect({ concurrency: 2, queueLimit: 3 });
    const results = Array.from({ length: 5 }, () => ask(connection));
    const error = await failure(ask(connection));
    expect(error.code).toBe('BUSY');
    expect(error.details).toEqual({ address: 'test:1', procedure: 'connect_supports_feature', queueLimit: 3 });
    for (let index = 0; index < 5; index += 1) daemon.write(answer(await daemon.next(), index));
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('reject with what the daemon says, and with code and place', async () => {
    const connection = connect();
    const call = failure(ask(connection));
    daemon.refuse(await daemon.next(), 42, 'Domain not found');
    const error = await call;
    expect(error).toMatchObject({ code: 'NOT_FOUND', details: { address: 'test:1', procedure: 'connect_supports_feature', libvirtCode: 42 } });
    expect(error.message).toContain('Domain not found');
  });

  it('reject readably when the daemon gives no reason', async () => {
    const connection = connect();
    const call = failure(ask(connection));
    daemon.refuse(await daemon.next(), 9, null);
    expect(await call).toMatchObject({ code: 'REFUSED', details: { libvirtCode: 9 } });
  });

  it('with arguments that do not fit reject as INVALID_OPTIONS, and send nothing', async () => {
    const connection = connect();
    expect((await failure(connection.call(lookupById, { id: 2 ** 40 }))).code).toBe('INVALID_OPTIONS');
    await expect(ask(connection, { timeoutMs: Number.NaN })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await settle();
    expect(daemon.received).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are refused when it is the wrong way to call a procedure', async () => {
    const connection = connect();
    const stream = connection.openStream(connectionProcedures.getHostname, undefined);
    expect(await failure(stream)).toMatchObject({ code: 'INVALID_OPTIONS', details: { address: 'test:1' } });
    const console = connection.call(domainProcedures.openConsole, { domain: { name: 'vm', uuid: '00000000-0000-0000-0000-000000000000', id: 1 }, device: null, flags: 0 });
    expect((await failure(console)).message).toContain('openStream');
    await settle();
    expect(daemon.received).toEqual([]);
  });

  it('whose reply cannot be read reject alone', async () => {
    const connection = connect();
    const [bad, good] = [failure(ask(connection)), ask(connection)];
    const calls = await daemon.take(2);
    daemon.write(replyTo(calls[0] as Message), answer(calls[1] as Message, 5));
    expect(await bad).toMatchObject({ code: 'PROTOCOL_FAULT', details: { address: 'test:1', procedure: 'connect_supports_feature' } });
    expect(await good).toBe(5);
    expect(connection.failure).toBeUndefined();
  });

  it('go out while the daemon does not read only as far as the stream takes them', async () => {
    const paused = createFakeConnection();
    paused.server.pause();
    const connection = createRpcConnection({ stream: paused.client, peer: 'memory', secure: true }, { clock, concurrency: 1000 });
    const xml = 'x'.repeat(100_000);
    const results: Promise<unknown>[] = [];
    for (let index = 0; index < 20; index += 1) {
      results.push(connection.call(domainProcedures.defineXml, { xml }).catch((error: unknown) => error));
      await settle();
    }
    expect(connection.active).toBeLessThan(4);
    expect(connection.queued).toBe(20 - connection.active);
    expect(paused.client.writableLength).toBeLessThan(400_000);
    await connection[Symbol.asyncDispose]();
    expect((await Promise.all(results)).map((error) => (error as FerricError).code)).toEqual(Array.from({ length: 20 }, () => 'ABORTED'));
  });
});

describe('giving up', () => {
  it('a call that waits for its turn takes it out of the queue', async () => {
    const connection = connect({ concurrency: 1 });
    const controller = new AbortController();
    const first = ask(connection);
    const second = ask(connection, { signal: controller.signal });
    const third = ask(connection);
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    expect(connection.queued).toBe(1);
    daemon.write(answer(await daemon.next(), 1));
    daemon.write(answer(await daemon.next(), 3));
    expect(await Promise.all([first, third])).toEqual([1, 3]);
    expect(daemon.received).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('a call that was sent rejects at once; its place is free and its late reply is dropped once that comes', async () => {
    const connection = connect({ concurrency: 1 });
    const controller = new AbortController();
    const first = ask(connection, { signal: controller.signal });
    const call = await daemon.next();
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    const second = ask(connection);
    expect([connection.active, connection.queued]).toEqual([1, 1]);
    daemon.write(answer(call, 1));
    const next = await daemon.next();
    expect(next.serial).not.toBe(call.serial);
    daemon.write(answer(next, 2));
    expect(await second).toBe(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('before it begins sends nothing', async () => {
    const connection = connect();
    await expect(ask(connection, { signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow('never');
    await settle();
    expect(daemon.received).toEqual([]);
  });

  it('leaves no listener on the signal, however the call ends', async () => {
    const connection = connect();
    const controller = new AbortController();
    const counts = countListeners(controller.signal);
    const answered = ask(connection, { signal: controller.signal });
    daemon.write(answer(await daemon.next(), 1));
    await answered;
    const refused = failure(ask(connection, { signal: controller.signal }));
    daemon.refuse(await daemon.next(), 9);
    await refused;
    const late = failure(ask(connection, { signal: controller.signal, timeoutMs: 10 }));
    await daemon.next();
    await clock.advance(10);
    expect((await late).code).toBe('TIMEOUT');
    const lost = failure(ask(connection, { signal: controller.signal }));
    await connection[Symbol.asyncDispose]();
    await lost;
    expect(counts()).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('by time rejects as TIMEOUT, also in the middle of a reply, and the connection goes on', async () => {
    const connection = connect();
    const slow = failure(ask(connection, { timeoutMs: 500 }));
    const call = await daemon.next();
    const reply = answer(call, 1);
    daemon.write(reply.subarray(0, 30));
    await clock.advance(499);
    expect(connection.active).toBe(1);
    await clock.advance(1);
    const error = await slow;
    expect(error).toMatchObject({ code: 'TIMEOUT', details: { address: 'test:1', procedure: 'connect_supports_feature', timeoutMs: 500 } });
    expect(error.hint).toContain('may have acted');
    daemon.write(reply.subarray(30));
    const next = ask(connection);
    daemon.write(answer(await daemon.next(), 2));
    expect(await next).toBe(2);
  });

  it('uses the time of the connection when the call names none', async () => {
    const connection = connect({ callTimeoutMs: 70, concurrency: 1 });
    const [sent, queued] = [failure(ask(connection)), failure(ask(connection))];
    await clock.advance(70);
    expect((await sent).details['timeoutMs']).toBe(70);
    expect((await queued).hint).toContain('not sent');
  });
});

describe('serials', () => {
  it('of calls that were given up are not used again before their answer has come, and wrap at 2^32', async () => {
    const connection = connect({ firstSerial: 2 ** 32 - 2 });
    const first = failure(ask(connection, { timeoutMs: 10 }));
    const calls = [await daemon.next()];
    await clock.advance(10);
    await first;
    for (let index = 0; index < 3; index += 1) {
      const result = ask(connection);
      const call = await daemon.next();
      calls.push(call);
      daemon.write(answer(call, index));
      expect(await result).toBe(index);
    }
    expect(calls.map((call) => call.serial)).toEqual([4294967294, 4294967295, 0, 1]);
  });
});

describe('events', () => {
  const lifecycle = { name: 'event', number: 318, payload: { write: () => undefined, read: (reader: { int32(): number }) => reader.int32() } };

  it('arrive in their order, before the reply that follows them, and not after they were stopped', async () => {
    const connection = connect();
    const seen: (number | string)[] = [];
    const subscription = connection.onEvent(lifecycle, (value) => {
      seen.push(value);
      if (value === 3) subscription[Symbol.dispose]();
    });
    const result = ask(connection).then(() => seen.push('reply'));
    const call = await daemon.next();
    daemon.write(...[1, 2, 3, 4].map((value) => eventMessage(318, (writer) => writer.int32(value))), answer(call, 1));
    await result;
    expect(seen).toEqual([1, 2, 3, 'reply']);
  });

  it('that nobody knows, and those of other programs, are ignored', async () => {
    const connection = connect();
    const result = ask(connection);
    const call = await daemon.next();
    const foreign = eventMessage(318, (writer) => writer.string('foreign'));
    foreign.writeUInt32BE(0x2000_8087, 4);
    daemon.write(eventMessage(999, (writer) => writer.string('new')), foreign, answer(call, 6));
    expect(await result).toBe(6);
  });

  it('do not reach a listener that an earlier one has just stopped', async () => {
    const connection = connect();
    const seen: string[] = [];
    connection.onEvent(lifecycle, () => {
      seen.push('first');
      second[Symbol.dispose]();
    });
    const second = connection.onEvent(lifecycle, () => seen.push('second'));
    daemon.event(318, (writer) => writer.int32(1));
    await settle();
    expect(seen).toEqual(['first']);
  });

  it('go to all others when one listener throws', async () => {
    const connection = connect();
    const seen: number[] = [];
    connection.onEvent(lifecycle, () => {
      throw new Error('mistake');
    });
    connection.onEvent(lifecycle, (value) => seen.push(value));
    daemon.event(318, (writer) => writer.int32(8));
    await settle();
    expect(seen).toEqual([8]);
    expect(connection.failure).toBeUndefined();
  });
});

describe('the end', () => {
  it('by the daemon rejects everything at once, sent or not, and says what may have happened', async () => {
    const connection = connect({ concurrency: 1 });
    const [sent, queued] = [failure(ask(connection)), failure(ask(connection))];
    await daemon.next();
    wire.server.end();
    expect(await sent).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { address: 'test:1', procedure: 'connect_supports_feature' } });
    expect((await sent).hint).toContain('may have acted');
    expect((await queued).hint).toContain('not sent');
    expect(connection.failure).toMatchObject({ code: 'UNREACHABLE' });
    expect(await connection.ended).toBe(connection.failure);
    expect(wire.client.destroyed).toBe(true);
    expect((await failure(ask(connection))).code).toBe('UNREACHABLE');
    expect(clock.pendingTimers).toBe(0);
  });

  it('by a reset keeps the cause', async () => {
    const connection = connect();
    const call = failure(ask(connection));
    wire.reset();
    expect((await call).message).toContain('ECONNRESET');
  });

  it('in the middle of a message says so', async () => {
    const connection = connect();
    const call = failure(ask(connection));
    wire.server.end(answer(await daemon.next(), 1).subarray(0, 10));
    expect((await call).message).toContain('in the middle of a message');
  });

  it('by disposing rejects everything as ABORTED, sends nothing more, and may be asked for twice', async () => {
    const connection = connect();
    const first = failure(ask(connection));
    await daemon.next();
    const unsent = failure(ask(connection));
    await connection[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    expect([(await first).code, (await unsent).code]).toEqual(['ABORTED', 'ABORTED']);
    await settle();
    expect(daemon.received).toHaveLength(1);
    expect((await failure(ask(connection))).code).toBe('ABORTED');
    expect([wire.client.closed, clock.pendingTimers]).toEqual([true, 0]);
  });

  it('comes at once when the transport was lost before it was handed over', async () => {
    wire.client.destroy();
    await settle();
    const connection = connect();
    expect((await failure(ask(connection))).code).toBe('UNREACHABLE');
    expect(await connection.ended).toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('the transcript', () => {
  it('shows each message whole, and secrets not at all', async () => {
    const transcript = new TranscriptRecorder();
    const connection = connect({ transcript });
    const plain = ask(connection);
    daemon.write(answer(await daemon.next(), 1));
    await plain;
    const secret = failure(connection.call(domainProcedures.defineXml, { xml: '<password>hunter2</password>' }));
    daemon.refuse(await daemon.next(), 27, 'hunter2 is not good');
    await secret;
    expect(transcript.frames.map(({ direction, label, peer, protocol }) => `${protocol} ${peer} ${direction} ${label}`)).toEqual([
      'libvirt memory out connect_supports_feature call 0',
      'libvirt memory in connect_supports_feature reply 0',
      'libvirt memory out domain_define_xml call 1 (not shown)',
      'libvirt memory in domain_define_xml reply 1 error (not shown)',
    ]);
    expect(transcript.frames.map(({ payload }) => Buffer.from(payload).toString('hex'))).toEqual([
      '0000002020008086000000010000003c00000000000000000000000000000007',
      '0000002020008086000000010000003c00000001000000000000000000000001',
      '',
      '',
    ]);
  });
});
