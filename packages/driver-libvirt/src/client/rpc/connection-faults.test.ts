import { createFakeClock, createFakeConnection, type FakeConnection } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, packetOf, replyTo, ScriptedDaemon, settle } from '../../../test/scripted-daemon.js';
import type { SecurityLayer } from '../sasl/mechanism.js';
import { encodeMessage, type Message } from '../wire/message.js';
import { connectionProcedures } from '../wire/procedures/connection.js';
import { createRpcConnection, type OwnedRpcConnection } from './connection.js';
import { protocolFault } from './connection-errors.js';

let wire: FakeConnection;
let daemon: ScriptedDaemon;
let connection: OwnedRpcConnection;

beforeEach(() => {
  wire = createFakeConnection();
  daemon = new ScriptedDaemon(wire.server);
  connection = createRpcConnection({ stream: wire.client, peer: 'memory', secure: true }, { clock: createFakeClock(), address: 'test:1' });
});

afterEach(() => wire[Symbol.dispose]());

const ask = (): Promise<number> => connection.call(connectionProcedures.supportsFeature, { feature: 7 });
const answer = (call: Message, value = 1): Buffer => replyTo(call, (writer) => writer.int32(value));
const changed = (message: Buffer, offset: number, value: number): Buffer => {
  const copy = Buffer.from(message);
  copy.writeUInt32BE(value, offset);
  return copy;
};

describe('a message that the protocol does not allow ends the connection, and all calls with it', () => {
  const cases: readonly (readonly [string, (call: Message) => Buffer, RegExp])[] = [
    ['a reply to a serial that was never sent', (call) => answer({ ...call, serial: 77 }), /no call/],
    ['a second reply to the same call', (call) => Buffer.concat([answer(call), answer(call)]), /no call/],
    ['a reply that names another procedure', (call) => answer({ ...call, procedure: 4 }), /procedure 4 was answered/],
    ['a reply that names another program', (call) => answer({ ...call, program: 0x2000_8087 }), /was answered in place of/],
    ['a reply that is neither good nor bad', (call) => changed(answer(call), 24, 2), /status 2/],
    ['a reply with file descriptors', (call) => changed(answer(call), 16, 5), /type 5/],
    ['a call', (call) => encodeMessage(call), /type 0/],
    ['a call with file descriptors', (call) => changed(answer(call), 16, 4), /type 4/],
    ['a type that does not exist', (call) => changed(answer(call), 16, 99), /type 99/],
    ['a packet of a stream for a call that has not been answered', (call) => packetOf(call, 2, Buffer.from('abc')), /before the reply/],
    ['another version of the protocol', (call) => changed(answer(call), 8, 2), /version 2/],
    ['a length below that of a header', () => Buffer.from('0000001b', 'hex'), /length is 27/],
    ['a length above the limit, before room is made for it', () => Buffer.from('7fffffff', 'hex'), /length is 2147483647/],
    ['another protocol', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n'), /length is/],
  ];

  it.each(cases)('%s', async (_name, message, text) => {
    const calls = [failure(ask().then(async () => connection.ended.then((error) => Promise.reject(error)))), failure(ask())];
    const [first] = await daemon.take(2);
    daemon.write(message(first as Message));
    for (const call of calls) {
      const error = await call;
      expect(error).toMatchObject({ code: 'PROTOCOL_FAULT', details: { address: 'test:1' } });
      expect(error.message).toMatch(text);
    }
    expect(wire.client.destroyed).toBe(true);
  });

  it('nothing behind it is looked at', async () => {
    const [bad, good] = [failure(ask()), failure(ask())];
    const calls = await daemon.take(2);
    daemon.write(answer({ ...(calls[0] as Message), procedure: 4 }), answer(calls[1] as Message, 5));
    expect([(await bad).code, (await good).code]).toEqual(['PROTOCOL_FAULT', 'PROTOCOL_FAULT']);
  });
});

describe('what comes too late is dropped', () => {
  it('packets of streams that are over', async () => {
    const result = ask();
    const call = await daemon.next();
    daemon.write(packetOf({ ...call, serial: 500 }, 2, Buffer.from('abc')), answer(call, 3));
    expect(await result).toBe(3);
  });
});

/** Flips all bits: enough to see what went through it. */
const flip: SecurityLayer = {
  wrap: (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0xff)),
  unwrap: (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0xff)),
};

describe('a security layer', () => {
  it('that a reply switches on is in force for the very next byte, both ways', async () => {
    const sealed: Buffer[] = [];
    const seen: number[] = [];
    connection.onEvent({ name: 'event', number: 318, payload: { write: () => undefined, read: (reader) => reader.int32() } }, (value) => seen.push(value));
    const first = connection.call(connectionProcedures.supportsFeature, { feature: 7 }, { onReply: () => connection.secure(flip) });
    const call = await daemon.next();
    const event = encodeMessage({ program: call.program, procedure: 318, type: 2, serial: 0, status: 0 }, (writer) => writer.int32(44));
    // One chunk, cut in the middle of what is sealed.
    const behind = flip.wrap(event);
    daemon.write(answer(call), behind.subarray(0, 17));
    expect(await first).toBe(1);
    wire.server.removeAllListeners('data').on('data', (chunk: Buffer) => sealed.push(chunk));
    const second = ask();
    daemon.write(behind.subarray(17));
    await settle();
    expect(seen).toEqual([44]);
    const sent = flip.unwrap(Buffer.concat(sealed));
    expect(sent.toString('hex')).toBe('0000002020008086000000010000003c00000000000000010000000000000007');
    daemon.write(flip.wrap(answer({ ...call, serial: 1 }, 9)));
    expect(await second).toBe(9);
  });

  it('that finds a forgery ends the connection', async () => {
    connection.secure({
      wrap: (bytes) => Buffer.from(bytes),
      unwrap() {
        throw protocolFault('test:1', 'a forged unit');
      },
    });
    const call = failure(ask());
    daemon.write(Buffer.from('whatever'));
    expect(await call).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('a forged unit') as string });
  });
});
