import { createFakeClock, createFakeConnection, type FakeClock, type FakeConnection } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorPacketOf, failure, packetOf, replyTo, ScriptedDaemon, settle } from '../../../test/scripted-daemon.js';
import type { Message } from '../wire/message.js';
import { connectionProcedures } from '../wire/procedures/connection.js';
import { domainProcedures } from '../wire/procedures/domain.js';
import { storageProcedures } from '../wire/procedures/storage.js';
import { createRpcConnection, type OwnedRpcConnection } from './connection.js';
import type { RpcStream } from './rpc-connection.js';

const [OK, ERROR, CONTINUE] = [0, 1, 2];
const MIB = 1_048_576;
const range = { volume: { pool: 'default', name: 'disk', key: '/disk' }, offset: 0n, length: 0n, flags: 0 };
const console = { domain: { name: 'vm', uuid: '00000000-0000-0000-0000-000000000000', id: 1 }, device: null, flags: 0 };

let wire: FakeConnection;
let daemon: ScriptedDaemon;
let clock: FakeClock;
let connection: OwnedRpcConnection;

beforeEach(() => {
  wire = createFakeConnection();
  daemon = new ScriptedDaemon(wire.server);
  clock = createFakeClock();
  connection = createRpcConnection({ stream: wire.client, peer: 'memory', secure: true }, { clock, address: 'test:1' });
});

afterEach(() => wire[Symbol.dispose]());

type Kind = 'upload' | 'download' | 'console';

async function open(kind: Kind): Promise<{ stream: RpcStream; call: Message }> {
  const opening =
    kind === 'console'
      ? connection.openStream(domainProcedures.openConsole, console)
      : connection.openStream(kind === 'upload' ? storageProcedures.volUpload : storageProcedures.volDownload, range);
  const call = await daemon.next();
  daemon.reply(call);
  return { stream: await opening, call };
}

/** Takes what was sent on a stream until the client says how it ends. */
async function receiveUpload(): Promise<{ data: Buffer; sizes: number[]; last: Message }> {
  const chunks: Buffer[] = [];
  for (;;) {
    const message = await daemon.next();
    if (message.status !== CONTINUE) return { data: Buffer.concat(chunks), sizes: chunks.map((chunk) => chunk.length), last: message };
    chunks.push(message.payload);
  }
}

async function readAll(stream: RpcStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream.incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const ask = async (): Promise<void> => {
  const result = connection.call(connectionProcedures.supportsFeature, { feature: 7 });
  daemon.reply(await daemon.next(), (writer) => writer.int32(1));
  await result;
};

const nothingLeft = (): void => expect([connection.active, clock.pendingTimers, connection.failure]).toEqual([0, 0, undefined]);

describe('an upload', () => {
  it('sends packets that every daemon takes, byte for byte as libvirt does, and is complete when the daemon says so', async () => {
    const { stream, call } = await open('upload');
    const data = Buffer.alloc(600_001, 'abcdefg');
    const written = stream.write(data).then(() => stream.finish());
    const received = await receiveUpload();
    expect(received.sizes).toEqual([262_120, 262_120, 75_761]);
    expect(received.data.equals(data)).toBe(true);
    expect(received.last).toMatchObject({ type: 3, status: OK, procedure: 208, serial: call.serial });
    let done = false;
    void written.then(() => (done = true));
    await settle();
    expect(done).toBe(false);
    daemon.packet(call, OK);
    await written;
    nothingLeft();
  });

  it('does not pad its packets', async () => {
    const chunks: Buffer[] = [];
    const { stream } = await open('upload');
    wire.server.on('data', (chunk: Buffer) => chunks.push(chunk));
    await stream.write(Buffer.from('abcde'));
    await settle();
    // Length 33, program, version, procedure 208, type 3, serial 0, status 2, and five bytes.
    expect(Buffer.concat(chunks).toString('hex')).toBe('000000212000808600000001000000d00000000300000000000000026162636465');
  });

  it('leaves the bytes to their owner once they are handed over', async () => {
    const { stream } = await open('upload');
    const bytes = Buffer.from('before');
    await stream.write(bytes);
    bytes.write('after!');
    expect((await daemon.next()).payload.toString()).toBe('before');
  });

  it('sends nothing for no bytes, as an empty packet is the end of a file', async () => {
    const { stream } = await open('upload');
    await stream.write(Buffer.alloc(0));
    await settle();
    expect(daemon.received).toHaveLength(1);
  });

  it('keeps the order of writes that nobody waited for, and finishes behind them', async () => {
    const { stream, call } = await open('upload');
    const writes = ['one ', 'two ', 'three'].map((text) => stream.write(Buffer.from(text)));
    const finished = stream.finish();
    expect((await receiveUpload()).data.toString()).toBe('one two three');
    daemon.packet(call, OK);
    await Promise.all([...writes, finished]);
  });

  it('goes no faster than the daemon reads, and lets calls through meanwhile', async () => {
    const { stream, call } = await open('upload');
    daemon.stream.pause();
    let done = false;
    const written = stream.write(Buffer.alloc(20 * MIB, 1)).then(() => (done = true));
    await settle();
    expect(done).toBe(false);
    expect(wire.client.writableLength).toBeLessThan(MIB);
    const result = connection.call(connectionProcedures.supportsFeature, { feature: 7 });
    daemon.answer(60, (other) => daemon.reply(other, (writer) => writer.int32(5)));
    daemon.stream.resume();
    expect(await result).toBe(5);
    await written;
    const finished = stream.finish();
    const received = await receiveUpload();
    expect(received.data.length).toBe(20 * MIB);
    daemon.packet(call, OK);
    await finished;
    nothingLeft();
  });

  it('that the daemon refuses in the middle fails with its reason, in each thing that waits', async () => {
    const { stream, call } = await open('upload');
    daemon.stream.pause();
    const write = failure(stream.write(Buffer.alloc(4 * MIB)));
    const finish = failure(stream.finish());
    await settle();
    daemon.write(errorPacketOf(call, 38, 'No space left on device'));
    expect((await write).message).toContain('No space left on device');
    expect((await finish).message).toContain('No space left on device');
    expect((await failure(stream.write(Buffer.of(1)))).message).toContain('No space left');
    expect((await failure(readAll(stream))).message).toContain('No space left');
    await stream.abort();
    daemon.stream.resume();
    await daemon.next();
    await settle();
    expect(daemon.received.some((message) => message.status === ERROR)).toBe(false);
    await ask();
    nothingLeft();
  });

  it('of which a part was sent when its writer gave up is of no use any more, and is aborted', async () => {
    const { stream } = await open('upload');
    daemon.stream.pause();
    const controller = new AbortController();
    const write = stream.write(Buffer.alloc(4 * MIB), { signal: controller.signal });
    await settle();
    controller.abort(new Error('enough'));
    await expect(write).rejects.toThrow('enough');
    await expect(stream.finish()).rejects.toThrow('enough');
    daemon.stream.resume();
    expect((await receiveUpload()).last.status).toBe(ERROR);
  });

  it('times out when the daemon stops reading, counting from the last packet that went', async () => {
    const { stream } = await open('upload');
    wire.server.pause();
    wire.server.removeAllListeners('data');
    const write = failure(stream.write(Buffer.alloc(4 * MIB)));
    await settle();
    for (let round = 0; round < 4; round += 1) {
      await clock.advance(20_000);
      expect(wire.server.read()).not.toBeNull();
      await settle();
    }
    await clock.advance(29_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect(await write).toMatchObject({ code: 'TIMEOUT', details: { address: 'test:1', procedure: 'storage_vol_upload', timeoutMs: 30_000 } });
  });

  it('of which each write may have a time of its own', async () => {
    const { stream } = await open('upload');
    wire.server.pause();
    const writes = [failure(stream.write(Buffer.alloc(4 * MIB), { timeoutMs: 900 })), failure(stream.write(Buffer.alloc(1)))];
    await clock.advance(900);
    expect((await Promise.all(writes)).map((error) => error.details['timeoutMs'])).toEqual([900, 900]);
  });

  it('that is finished without a word of the daemon times out, and its late word is dropped', async () => {
    const { stream, call } = await open('upload');
    const finished = failure(stream.finish({ timeoutMs: 500 }));
    await receiveUpload();
    await clock.advance(500);
    expect(await finished).toMatchObject({ code: 'TIMEOUT', details: { address: 'test:1', procedure: 'storage_vol_upload' } });
    daemon.packet(call, OK);
    await settle();
    await stream.finish();
    await ask();
    nothingLeft();
  });

  it('that the daemon calls complete before it is, is not', async () => {
    const { stream, call } = await open('upload');
    await stream.write(Buffer.from('half'));
    await daemon.next();
    daemon.packet(call, OK);
    await settle();
    expect((await failure(stream.finish())).code).toBe('PROTOCOL_FAULT');
    await ask();
    nothingLeft();
  });
});

describe('a download', () => {
  it('may begin before the reply: the daemon reads and answers in different threads', async () => {
    const opening = connection.openStream(storageProcedures.volDownload, range);
    const call = await daemon.next();
    daemon.packet(call, CONTINUE, Buffer.from('early '));
    daemon.packet(call, CONTINUE, Buffer.from('bird '));
    await settle();
    daemon.reply(call);
    const stream = await opening;
    daemon.packet(call, CONTINUE, Buffer.from('and worm'));
    daemon.packet(call, CONTINUE);
    expect((await readAll(stream)).toString()).toBe('early bird and worm');
    const finished = stream.finish();
    await daemon.next();
    daemon.packet(call, OK);
    await finished;
    nothingLeft();
  });

  it('that has begun and is then refused, is refused', async () => {
    const opening = failure(connection.openStream(storageProcedures.volDownload, range));
    const call = await daemon.next();
    daemon.packet(call, CONTINUE, Buffer.from('early'));
    daemon.refuse(call, 50);
    expect(await opening).toMatchObject({ code: 'NOT_FOUND' });
    nothingLeft();
  });

  it('without a reply does not fill the memory', async () => {
    const opening = failure(connection.openStream(storageProcedures.volDownload, range));
    const call = await daemon.next();
    for (let packet = 0; packet < 65; packet += 1) daemon.packet(call, CONTINUE, Buffer.from('early'));
    expect(await opening).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('too many packets') });
  });

  it('gives all bytes in their order, ends at the empty packet, and is confirmed', async () => {
    const { stream, call } = await open('download');
    daemon.write(packetOf(call, CONTINUE, Buffer.from('abc')), packetOf(call, CONTINUE, Buffer.from('defg')), packetOf(call, CONTINUE));
    expect((await readAll(stream)).toString()).toBe('abcdefg');
    const finished = stream.finish();
    expect(await daemon.next()).toMatchObject({ type: 3, status: OK, payload: Buffer.alloc(0) });
    daemon.packet(call, OK);
    await finished;
    await stream.finish();
    nothingLeft();
  });

  it('whose bytes come in the same chunk as the reply loses none', async () => {
    const opening = connection.openStream(storageProcedures.volDownload, range);
    const call = await daemon.next();
    daemon.write(replyTo(call), packetOf(call, CONTINUE, Buffer.from('early')), packetOf(call, CONTINUE));
    expect((await readAll(await opening)).toString()).toBe('early');
  });

  it('can be read once', async () => {
    const { stream } = await open('download');
    stream.incoming[Symbol.asyncIterator]();
    expect(() => stream.incoming[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'CONFLICT' }) as Error);
  });

  it('gives what had arrived when the connection was lost, and then says so', async () => {
    const { stream, call } = await open('download');
    daemon.packet(call, CONTINUE, Buffer.from('abc'));
    await settle();
    wire.reset();
    await settle();
    const reader = stream.incoming[Symbol.asyncIterator]();
    expect((await reader.next()).value).toEqual(Buffer.from('abc'));
    const error = await failure(reader.next());
    expect(error).toMatchObject({ code: 'UNREACHABLE', details: { address: 'test:1', procedure: 'storage_vol_download' } });
    expect((await failure(stream.finish())).code).toBe('UNREACHABLE');
    await stream.abort();
    expect(clock.pendingTimers).toBe(0);
  });

  it('that fails in the middle throws what the daemon says behind what it sent', async () => {
    const { stream, call } = await open('download');
    daemon.write(packetOf(call, CONTINUE, Buffer.from('abc')), errorPacketOf(call, 38, 'Input/output error'), packetOf(call, CONTINUE, Buffer.from('late')));
    const reader = stream.incoming[Symbol.asyncIterator]();
    expect((await reader.next()).value).toEqual(Buffer.from('abc'));
    expect((await failure(reader.next())).message).toContain('Input/output error');
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    await ask();
    nothingLeft();
  });

  it('with a hole that nobody asked for fails as PROTOCOL_FAULT and is aborted; the connection goes on', async () => {
    const { stream, call } = await open('download');
    const hole = packetOf(call, CONTINUE, Buffer.alloc(12));
    hole.writeUInt32BE(6, 16);
    daemon.write(hole);
    expect((await failure(readAll(stream))).code).toBe('PROTOCOL_FAULT');
    expect(await daemon.next()).toMatchObject({ type: 3, status: ERROR });
    daemon.packet(call, OK);
    await ask();
    nothingLeft();
  });

  it('whose reader leaves the loop early throws the rest away and holds up nobody', async () => {
    const { stream, call } = await open('download');
    daemon.packet(call, CONTINUE, Buffer.from('first'));
    for (let index = 0; index < 12; index += 1) daemon.packet(call, CONTINUE, Buffer.alloc(262_120));
    await settle();
    expect(wire.client.isPaused()).toBe(true);
    for await (const chunk of stream.incoming) {
      expect(chunk.toString()).toBe('first');
      break;
    }
    for (let index = 0; index < 12; index += 1) daemon.packet(call, CONTINUE, Buffer.alloc(262_120));
    await ask();
    const aborted = stream.abort();
    expect(await daemon.next()).toMatchObject({ type: 3, status: ERROR });
    daemon.packet(call, OK);
    await aborted;
    nothingLeft();
  });
});

describe('a slow reader', () => {
  const pour = (call: Message, packets: number): void => {
    for (let index = 0; index < packets; index += 1) daemon.packet(call, CONTINUE, Buffer.alloc(262_120, index));
  };

  it('holds the daemon up and loses nothing', async () => {
    const { stream, call } = await open('download');
    pour(call, 40);
    daemon.packet(call, CONTINUE);
    await settle();
    expect(wire.client.isPaused()).toBe(true);
    expect(wire.server.writableLength).toBeGreaterThan(8 * MIB);
    let bytes = 0;
    let last = -1;
    for await (const chunk of stream.incoming) {
      await clock.advance(5_000);
      bytes += chunk.length;
      expect(chunk[0]).toBeGreaterThanOrEqual(last);
      last = chunk[0] as number;
    }
    expect([bytes, last]).toEqual([40 * 262_120, 39]);
    expect(wire.client.isPaused()).toBe(false);
  });

  it('that takes nothing for ten seconds loses its stream, and the calls of the others go on', async () => {
    const { stream, call } = await open('download');
    pour(call, 8);
    await settle();
    const result = connection.call(connectionProcedures.supportsFeature, { feature: 7 }, { timeoutMs: 20_000 });
    const other = await daemon.next();
    daemon.reply(other, (writer) => writer.int32(4));
    await clock.advance(9_999);
    expect(connection.active).toBe(1);
    await clock.advance(1);
    expect(await result).toBe(4);
    expect(await daemon.next()).toMatchObject({ type: 3, status: ERROR, serial: call.serial });
    expect(await failure(readAll(stream))).toMatchObject({ code: 'BUSY', details: { address: 'test:1', procedure: 'storage_vol_download' } });
    daemon.packet(call, OK);
    await settle();
    nothingLeft();
  });

  it('does not make a living daemon look dead', async () => {
    connection.maintain({ pings: true, probe: async () => undefined });
    const { stream, call } = await open('download');
    daemon.write(...Array.from({ length: 30 }, () => packetOf(call, CONTINUE, Buffer.alloc(262_120))));
    const reader = stream.incoming[Symbol.asyncIterator]();
    for (let round = 0; round < 20; round += 1) {
      await reader.next();
      await clock.advance(9_000);
    }
    expect(connection.failure).toBeUndefined();
    await connection[Symbol.asyncDispose]();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a console', () => {
  it('goes both ways at the same time', async () => {
    const { stream, call } = await open('console');
    const reader = stream.incoming[Symbol.asyncIterator]();
    await stream.write(Buffer.from('ls\r'));
    expect((await daemon.next()).payload.toString()).toBe('ls\r');
    daemon.packet(call, CONTINUE, Buffer.from('ls\r\nfile\r\n'));
    expect((await reader.next()).value).toEqual(Buffer.from('ls\r\nfile\r\n'));
    const waiting = reader.next();
    const finished = stream.finish();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect((await daemon.next()).status).toBe(OK);
    // What was on its way.
    daemon.packet(call, CONTINUE, Buffer.from('logout'));
    daemon.packet(call, OK);
    await finished;
    expect((await failure(stream.write(Buffer.of(1)))).code).toBe('CONFLICT');
    nothingLeft();
  });
});

describe('aborting', () => {
  it('ends every reader and writer at once, swallows what is on its way, and waits for the confirmation', async () => {
    const { stream, call } = await open('console');
    const reading = failure(stream.incoming[Symbol.asyncIterator]().next());
    const aborted = stream.abort();
    expect((await reading).code).toBe('ABORTED');
    expect(await daemon.next()).toMatchObject({ type: 3, status: ERROR, payload: Buffer.alloc(0) });
    daemon.write(packetOf(call, CONTINUE, Buffer.from('late')), packetOf(call, OK));
    await aborted;
    await stream.abort();
    await stream[Symbol.asyncDispose]();
    await settle();
    expect(daemon.received.filter((message) => message.status === ERROR)).toHaveLength(1);
    nothingLeft();
  });

  it('throws away what nobody has read yet', async () => {
    const { stream, call } = await open('download');
    daemon.packet(call, CONTINUE, Buffer.from('unread'));
    await settle();
    const aborted = stream.abort();
    expect((await failure(stream.incoming[Symbol.asyncIterator]().next() as Promise<unknown>)).code).toBe('ABORTED');
    daemon.packet(call, OK);
    await aborted;
  });

  it('does not wait for ever for a daemon that says nothing', async () => {
    const { stream } = await open('download');
    let done = false;
    const aborted = stream.abort().then(() => (done = true));
    await clock.advance(4_999);
    expect(done).toBe(false);
    await clock.advance(1);
    await aborted;
  });

  it('by "await using" happens when the stream was not finished', async () => {
    const { stream, call } = await open('download');
    const ended = (async () => {
      await using _stream = stream;
    })();
    expect(await daemon.next()).toMatchObject({ type: 3, status: ERROR, serial: call.serial });
    daemon.packet(call, OK);
    await ended;
    nothingLeft();
  });

  it('while the stream is being opened closes the stream that the daemon opens nevertheless', async () => {
    const controller = new AbortController();
    const opening = connection.openStream(storageProcedures.volDownload, range, { signal: controller.signal });
    const call = await daemon.next();
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    daemon.write(replyTo(call), packetOf(call, CONTINUE, Buffer.from('data')));
    expect(await daemon.next()).toMatchObject({ type: 3, status: ERROR, procedure: 209, serial: call.serial });
    daemon.packet(call, OK);
    await ask();
    nothingLeft();
  });

  it('does not free the serial before the daemon is done with it', async () => {
    const other = createFakeConnection();
    daemon = new ScriptedDaemon(other.server);
    const small = createRpcConnection({ stream: other.client, peer: 'memory', secure: true }, { clock, firstSerial: 2 ** 32 - 1 });
    const opening = small.openStream(storageProcedures.volDownload, range);
    const call = await daemon.next();
    daemon.reply(call);
    const stream = await opening;
    const aborted = stream.abort();
    await daemon.next();
    const result = failure(small.call(connectionProcedures.supportsFeature, { feature: 7 }));
    expect((await daemon.next()).serial).toBe(0);
    daemon.packet(call, CONTINUE, Buffer.from('late'));
    await settle();
    expect(small.failure).toBeUndefined();
    await small[Symbol.asyncDispose]();
    await aborted;
    expect((await result).code).toBe('ABORTED');
  });
});
