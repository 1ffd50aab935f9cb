import { createHash } from 'node:crypto';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createBench, type HandAnswer, type HandConsole, hex, readAnswer, request } from './hand-console.js';

// Sessions of IPMI 1.5, written by hand.

const RMCP = hex('0600ff07');
const le32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const OUTBOUND = 0x4de3af88;

type Code = (sessionId: Buffer, sequence: number, message: Buffer) => Buffer;
const padded = (password: string): Buffer => Buffer.concat([Buffer.from(password)], 16);
const md5 =
  (password: string): Code =>
  (sessionId, sequence, message) =>
    createHash('md5').update(Buffer.concat([padded(password), sessionId, message, le32(sequence), padded(password)])).digest();
const plain =
  (password: string): Code =>
  () =>
    padded(password);
const CODES = { 2: md5, 4: plain } as const;

function packet(authType: number, sequence: number, sessionId: Buffer, code: Buffer, message: Buffer): Buffer {
  return Buffer.concat([RMCP, Buffer.of(authType), le32(sequence), sessionId, code, Buffer.of(message.length), message]);
}

interface Parts {
  readonly authType: number;
  readonly sequence: number;
  readonly sessionId: Buffer;
  readonly code: Buffer;
  readonly message: Buffer;
}

function parts(datagram: Buffer): Parts {
  const authType = datagram.readUInt8(4);
  const end = authType === 0 ? 13 : 29;
  return {
    authType, sequence: datagram.readUInt32LE(5), sessionId: datagram.subarray(9, 13), code: datagram.subarray(13, end),
    message: datagram.subarray(end + 1, end + 1 + datagram.readUInt8(end)),
  };
}

interface LegacySession {
  readonly sessionId: Buffer;
  /** Number that the next packet shall have. */
  readonly inbound: number;
  readonly authType: number;
  readonly activation: { readonly request: Buffer; readonly answer: Buffer };
  send(sequence: number, message: Buffer, authType?: number): readonly Buffer[];
}

function challenge(peer: HandConsole, type: number, name: string): HandAnswer {
  return peer.ask(0x06, 0x39, [type, ...Buffer.concat([Buffer.from(name)], 16)]);
}

function open(peer: HandConsole, type: 2 | 4, password: string, { name = 'admin', privilege = 4, first = OUTBOUND, spoil = false } = {}): LegacySession | string {
  const answer = challenge(peer, type, name);
  if (answer.completionCode !== 0) return answer.completionCode.toString(16);
  const given = hex(answer.data);
  const [temporary, random] = [given.subarray(0, 4), spoil ? Buffer.alloc(16, 1) : given.subarray(4, 20)];
  const code = CODES[type](password);
  const message = request(0x06, 0x3a, [type, privilege, ...random, ...le32(first)], 3);
  const activate = packet(type, 0, temporary, code(temporary, 0, message), message);
  peer.send(activate);
  const [reply] = peer.take();
  if (reply === undefined) return 'silence';
  const read = parts(reply);
  expect([read.authType, read.sequence, read.sessionId]).toEqual([type, first, temporary]);
  expect(read.code).toEqual(code(temporary, first, read.message));
  const activated = readAnswer(read.message);
  if (activated.completionCode !== 0) return activated.completionCode.toString(16);
  const data = hex(activated.data);
  const sessionId = data.subarray(1, 5);
  const authType = data.readUInt8(0);
  expect(data.readUInt8(9)).toBe(privilege);
  return {
    sessionId, authType, inbound: data.readUInt32LE(5), activation: { request: activate, answer: reply },
    send(sequence, sent, used = authType) {
      peer.send(packet(used, sequence, sessionId, used === 0 ? Buffer.alloc(0) : code(sessionId, sequence, sent), sent));
      return peer.take();
    },
  };
}

function opened(peer: HandConsole, type: 2 | 4 = 2, password = 'secret', options = {}): LegacySession {
  const session = open(peer, type, password, options);
  if (typeof session === 'string') throw new Error(session);
  return session;
}

const SELF_TEST = request(0x06, 0x04, [], 7);

describe('a session of 1.5', () => {
  test.each([2, 4] as const)('with authentication type %i', (type) => {
    const { bmc, console } = createBench();
    const session = opened(console(), type);
    const [answer] = session.send(session.inbound, SELF_TEST);
    const read = parts(answer ?? Buffer.alloc(0));
    expect([read.authType, read.sequence, read.sessionId]).toEqual([type, OUTBOUND + 1, session.sessionId]);
    expect(read.code).toEqual(CODES[type]('secret')(session.sessionId, OUTBOUND + 1, read.message));
    expect(readAnswer(read.message)).toMatchObject({ netFn: 7, command: 4, sequence: 7, completionCode: 0, data: '5500' });
    const [closed] = session.send(session.inbound + 1, request(0x06, 0x3c, [...session.sessionId], 8));
    expect(readAnswer(parts(closed ?? Buffer.alloc(0)).message).completionCode).toBe(0);
    expect(bmc.activity).toMatchObject({ openSessions: 0, sessionsOpened: 1, sessionsClosed: 1, authenticationAttempts: 1 });
  });

  test('takes the first sixteen bytes of a password', () => {
    const { console } = createBench({ users: [{ name: 'admin', password: 'sixteen-letters-more' }] });
    expect(opened(console(), 2, 'sixteen-letters-').authType).toBe(2);
  });

  test('is refused: name, password, level, number, place', () => {
    const users = [{ name: 'admin', password: 'secret' }, { name: 'op', password: 'x', privilegeLevel: 'operator' as const }];
    const { bmc, console } = createBench({ users, sessionLimit: 1 });
    expect(challenge(console(), 2, 'nobody').completionCode).toBe(0x81);
    expect(challenge(console(), 2, '').completionCode).toBe(0x82);
    expect(challenge(console(), 1, 'admin').completionCode).toBe(0xcc);
    expect(open(console(), 2, 'wrong')).toBe('silence');
    expect(open(console(), 2, 'x', { name: 'op' })).toBe('86');
    expect(open(console(), 2, 'secret', { first: 0 })).toBe('84');
    expect(open(console(), 2, 'secret', { spoil: true })).toBe('silence');
    expect([bmc.activity.sessionsOpened, bmc.activity.dropped.integrity]).toEqual([0, 2]);
    expect(opened(console()).authType).toBe(2);
    expect(open(console(), 2, 'secret')).toBe('81');
  });

  test('is not spoken when it is not offered', () => {
    expect(challenge(createBench({ legacyAuthentication: [] }).console(), 2, 'admin').completionCode).toBe(0xcc);
    expect(challenge(createBench({ legacyAuthentication: ['md5'] }).console(), 4, 'admin').completionCode).toBe(0xcc);
  });

  test('a repeated Activate Session gets the same answer and opens nothing', () => {
    const { bmc, console } = createBench();
    const peer = console();
    const session = opened(peer);
    expect(peer.exchange(session.activation.request)).toEqual(session.activation.answer);
    expect(bmc.activity).toMatchObject({ sessionsOpened: 1, openSessions: 1, authenticationAttempts: 1, duplicates: 1 });
  });

  test('packets with a wrong code, from before, or too far ahead are dropped', () => {
    const { bmc, console } = createBench();
    const peer = console();
    const session = opened(peer);
    peer.send(packet(2, session.inbound, session.sessionId, Buffer.alloc(16, 1), SELF_TEST));
    expect([peer.take(), bmc.activity.dropped.integrity]).toEqual([[], 1]);
    expect(session.send(session.inbound, SELF_TEST)).toHaveLength(1);
    expect(session.send(session.inbound, SELF_TEST)).toHaveLength(0);
    expect(session.send(session.inbound + 9, SELF_TEST)).toHaveLength(0);
    expect(session.send(session.inbound + 8, SELF_TEST)).toHaveLength(1);
    expect(session.send(session.inbound + 1, SELF_TEST)).toHaveLength(1);
    expect(bmc.activity.dropped.sequence).toBe(2);
  });

  test('a packet without a code is dropped, unless packets are not checked one by one', () => {
    const strict = createBench();
    const session = opened(strict.console());
    expect(session.send(session.inbound, SELF_TEST, 0)).toHaveLength(0);
    expect(strict.bmc.activity.dropped.integrity).toBe(1);
    const lax = opened(createBench({ perMessageAuthentication: false }).console());
    expect(lax.authType).toBe(0);
    const [answer] = lax.send(lax.inbound, SELF_TEST);
    expect(readAnswer(parts(answer ?? Buffer.alloc(0)).message).completionCode).toBe(0);
  });

  test('carries no payload but messages, and ends after a minute of silence', async () => {
    const clock = createFakeClock();
    const { bmc, console } = createBench({ clock });
    const session = opened(console());
    const [answer] = session.send(session.inbound, request(0x06, 0x48, [1, 1, 0xc6, 0, 0, 0], 8));
    expect(readAnswer(parts(answer ?? Buffer.alloc(0)).message).completionCode).toBe(0xd5);
    await clock.advance(60_001);
    expect(bmc.activity.openSessions).toBe(0);
    expect(session.send(session.inbound + 1, SELF_TEST)).toHaveLength(0);
  });
});
