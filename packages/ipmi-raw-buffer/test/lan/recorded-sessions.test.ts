import { describe, expect, test } from 'vitest';
import { decodeOpenSessionResponse, encodeOpenSessionRequest } from '../../src/lan/open-session.js';
import { encodePacket, PAYLOAD_TYPES } from '../../src/lan/packet.js';
import { AUTH_TYPES, decodePacketV15, encodeOpenPacketV15, encodePacketV15, verifyAuthCode } from '../../src/lan/packet-v15.js';
import { Protection } from '../../src/lan/protection.js';
import { decodeRakp2, decodeRakp4, encodeRakp1, encodeRakp3, rakp2Code, rakp3Code, rakp4Code } from '../../src/lan/rakp.js';
import { answers, decodeResponseFrame, encodeRequestFrame } from '../../src/message/frame.js';
import { blockBehind, recordedV15, recordedV20 } from './recorded-sessions.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sessions = recordedV20();
const isSealed = (raw: Buffer): boolean => raw[4] === 6 && ((raw[5] ?? 0) & 0xc0) === 0xc0;

test('the recordings cover both suites, two servers and serial over LAN', () => {
  expect(sessions.map(({ id, packets }) => [id, packets.filter(({ raw }) => isSealed(raw)).length])).toEqual([
    ['suite17-sol', 36], ['auto-cipher-suites', 14], ['suite17-bootdev', 18], ['golden-3', 14], ['golden-17', 14],
  ]);
});

describe.each(sessions)('$id', ({ suite, password, packets, exchange, keys, noted }) => {
  const raw = (type: number): string => hex(packets.find((packet) => packet.raw[4] === 6 && packet.raw[5] === type)?.raw ?? Buffer.alloc(0));
  const payload = (type: number): Buffer => Buffer.from(raw(type), 'hex').subarray(16);
  const { consoleSessionId, bmcSessionId, consoleRandom, role, username } = exchange;

  test('the keys are those that the recording tool derived', () => {
    if (noted === undefined) expect(hex(keys.k2)).toHaveLength(64);
    else expect([hex(keys.sik.export()), hex(keys.k1.export()), hex(keys.k2)]).toEqual([noted.sik, noted.k1, noted.k2]);
  });

  test('the handshake is rebuilt byte for byte', () => {
    expect(hex(encodePacket(PAYLOAD_TYPES.openSessionRequest, encodeOpenSessionRequest({ tag: 0, privilegeLevel: 0, consoleSessionId, suite })))).toBe(raw(0x10));
    expect(hex(encodePacket(PAYLOAD_TYPES.rakp1, encodeRakp1({ tag: 0, bmcSessionId, consoleRandom, role, username })))).toBe(raw(0x12));
    expect(hex(encodePacket(PAYLOAD_TYPES.rakp3, encodeRakp3({ tag: 0, status: 0, bmcSessionId, code: rakp3Code(suite, password, exchange) })))).toBe(raw(0x14));
  });

  test('the answers of the handshake are read, and their codes are right', () => {
    const { authentication, integrity, confidentiality } = suite;
    expect(decodeOpenSessionResponse(payload(0x11))).toMatchObject({ status: 0, consoleSessionId, body: { bmcSessionId, authentication, integrity, confidentiality } });
    const rakp2 = decodeRakp2(payload(0x13), suite);
    expect(rakp2).toMatchObject({ tag: 0, status: 0, consoleSessionId });
    expect(hex(rakp2.body?.code ?? Buffer.alloc(0))).toBe(hex(rakp2Code(suite, password, exchange)));
    expect(hex(decodeRakp4(payload(0x15), suite).body ?? Buffer.alloc(0))).toBe(hex(rakp4Code(suite, keys, exchange)));
  });

  test('each packet of the session is opened and sealed again byte for byte', () => {
    for (const packet of packets.filter((one) => isSealed(one.raw))) {
      const sessionId = packet.from === 'console' ? bmcSessionId : consoleSessionId;
      const opened = new Protection(suite, keys).open(packet.raw, sessionId);
      expect(hex(opened?.payload ?? Buffer.alloc(0))).toBe(hex(packet.plain));
      const { payloadType = 0, sequence = 0 } = opened ?? {};
      const sealed = new Protection(suite, keys).seal({ payloadType, sessionId, sequence }, packet.plain, blockBehind(packet.raw.subarray(16, 32), keys));
      expect(hex(sealed)).toBe(hex(packet.raw));
    }
  });

  test('the requests are framed as ipmitool frames them, and each is answered by the next message', () => {
    const messages = packets.filter(({ raw: bytes }) => bytes[4] === 6 && bytes[5] === 0xc0);
    for (const { plain } of messages.filter(({ from }) => from === 'console')) {
      const [, netFnAndLun = 0, , , sequenceAndLun = 0, command = 0] = plain;
      const request = { netFn: netFnAndLun >> 2, lun: netFnAndLun & 3, sequence: sequenceAndLun >> 2, command };
      expect(hex(encodeRequestFrame({ ...request, data: plain.subarray(6, -1) }))).toBe(hex(plain));
      expect(messages.some((answer) => answer.from === 'bmc' && answers(decodeResponseFrame(answer.plain), request))).toBe(true);
    }
  });

  test('a changed byte anywhere in a packet is noticed', () => {
    const packet = packets.find((one) => isSealed(one.raw) && one.from === 'bmc');
    const bytes = packet?.raw ?? Buffer.alloc(0);
    expect(new Protection(suite, keys).open(bytes, consoleSessionId)).toBeDefined();
    for (let index = 4; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      expect(openQuietly(new Protection(suite, keys), changed, consoleSessionId), `byte ${index}`).toBeUndefined();
    }
  });
});

describe('v15-md5', () => {
  const password = Buffer.alloc(16, 'secret\0\0\0\0\0\0\0\0\0\0');

  test('each packet is read, its code is right, and it is rebuilt byte for byte', () => {
    const packets = recordedV15();
    expect(packets).toHaveLength(20);
    for (const { raw, plain } of packets) {
      const packet = decodePacketV15(raw);
      expect(hex(packet.message)).toBe(hex(plain));
      if (packet.authType === AUTH_TYPES.none) expect(hex(encodeOpenPacketV15(plain))).toBe(hex(raw));
      else expect([verifyAuthCode(packet, password), hex(encodePacketV15({ ...packet, password }, plain))]).toEqual([true, hex(raw)]);
    }
  });

  test('a wrong password or a changed byte gives another code', () => {
    const [packet] = recordedV15().filter(({ raw, from }) => from === 'bmc' && raw[4] === 2);
    const bytes = packet?.raw ?? Buffer.alloc(0);
    expect(verifyAuthCode(decodePacketV15(bytes), Buffer.alloc(16, 'other'))).toBe(false);
    for (const index of [5, 9, 13, 30, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 0x80;
      expect(verifyAuthCode(decodePacketV15(changed), password), `byte ${index}`).toBe(false);
    }
  });

  test('the straight password is the code', () => {
    const datagram = encodePacketV15({ authType: AUTH_TYPES.password, sequence: 1, sessionId: 2, password }, Buffer.from('2018c881180166', 'hex'));
    expect(hex(datagram)).toBe(`0600ff07040100000002000000${hex(password)}072018c881180166`);
  });
});

function openQuietly(protection: Protection, datagram: Buffer, sessionId: number): unknown {
  try {
    return protection.open(datagram, sessionId);
  } catch {
    return undefined;
  }
}
