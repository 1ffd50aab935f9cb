import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FerricError } from '@ferric/core';
import { decodePresencePong, encodePresencePing } from '../../src/lan/asf.js';
import { decodeCipherSuiteRecords } from '../../src/lan/cipher-suite-records.js';
import { SUITES } from '../../src/lan/cipher-suites.js';
import { decodeOpenSessionResponse } from '../../src/lan/open-session.js';
import { decodePacket, HEADER_BYTES, writePacketHeader } from '../../src/lan/packet.js';
import { decodePacketV15, encodeOpenPacketV15 } from '../../src/lan/packet-v15.js';
import { decodeRakp2, decodeRakp4 } from '../../src/lan/rakp.js';
import { answers, decodeResponseFrame, encodeRequestFrame } from '../../src/message/frame.js';
import { LAN_DECODERS } from '../fuzz-lan.js';

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What is thrown; everything else is a failure of the test. */
function faultOf(decode: () => unknown): FerricError {
  try {
    decode();
  } catch (error) {
    if (FerricError.is(error)) return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
}

describe('frame of a message', () => {
  test('worked example: Set Session Privilege Level', () => {
    expect(hexOf(encodeRequestFrame({ netFn: 6, command: 0x3b, sequence: 1, data: Uint8Array.of(4) }))).toBe('2018c881043b043c');
  });

  test.each([
    ['addresses swapped', '811c6320043b00049d'],
    ['addresses as in the request', '201cc420043b00049d'],
  ])('a response with its %s answers', (_name, hex) => {
    const response = decodeResponseFrame(bytesOf(hex));
    expect(response).toMatchObject({ netFn: 7, sequence: 1, command: 0x3b, completionCode: 0, responderAddress: 0x20 });
    expect(hexOf(response.data)).toBe('04');
    expect(answers(response, { netFn: 6, command: 0x3b, sequence: 1 })).toBe(true);
  });

  test.each([
    ['sequence', { netFn: 6, command: 0x3b, sequence: 2 }],
    ['network function', { netFn: 4, command: 0x3b, sequence: 1 }],
    ['command', { netFn: 6, command: 0x3c, sequence: 1 }],
  ])('another %s is no answer', (_name, request) => {
    expect(answers(decodeResponseFrame(bytesOf('811c6320043b00049d')), request)).toBe(false);
  });

  test('a wrong checksum is a fault, unless the packet is proved as a whole', () => {
    for (const hex of ['811c6420043b00049d', '811c6320043b00049e']) {
      expect(faultOf(() => decodeResponseFrame(bytesOf(hex)))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { step: 'IPMI message', received: hex } });
      expect(decodeResponseFrame(bytesOf(hex), false)).toMatchObject({ command: 0x3b, completionCode: 0 });
    }
  });

  test('any request ends in checksums that make both sums zero', () => {
    const request = fc.record({
      netFn: fc.integer({ min: 0, max: 31 }).map((half) => half * 2), lun: fc.integer({ min: 0, max: 3 }), sequence: fc.integer({ min: 0, max: 63 }),
      command: fc.integer({ min: 0, max: 255 }), data: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(fc.property(request, (fields) => {
      const frame = encodeRequestFrame(fields);
      const sum = (part: Uint8Array): number => part.reduce((total, byte) => total + byte, 0) % 256;
      expect([sum(frame.subarray(0, 3)), sum(frame.subarray(3)), frame.length]).toEqual([0, 0, fields.data.length + 7]);
      expect([(frame[1] ?? 0) >> 2, (frame[1] ?? 0) & 3, (frame[4] ?? 0) >> 2, frame[5]]).toEqual([fields.netFn, fields.lun, fields.sequence, fields.command]);
    }));
  });
});

describe('presence ping', () => {
  test('the ping', () => {
    expect(hexOf(encodePresencePing(5))).toBe('0600ff06000011be80050000');
  });

  test('a pong of a controller with IPMI, and one without', () => {
    const pong = '0600ff06 000011be 40050010 000011be 00000000 81 00 000000000000';
    expect(decodePresencePong(bytesOf(pong))).toEqual({ tag: 5, enterprise: 4542, oemDefined: 0, supportsIpmi: true });
    expect(decodePresencePong(bytesOf(pong.replace('81 00', '01 00')))).toMatchObject({ supportsIpmi: false });
  });

  test.each(['', '0600ff06', '0600ff07000011be400500100000', '0600ff06 000011bf 40050010 000011be 00000000 81 00 000000000000'])('%j is no pong', (hex) => {
    expect(faultOf(() => decodePresencePong(bytesOf(hex)))).toMatchObject({ code: 'PROTOCOL_FAULT' });
  });
});

describe('channel cipher suites', () => {
  const standard = (id: number, authentication: number[], integrity: number[], confidentiality: number[]): object =>
    ({ id, enterprise: null, authentication, integrity, confidentiality });

  test('as captured', () => {
    expect(decodeCipherSuiteRecords(bytesOf('c0 03 01 41 81 c0 11 03 44 81'))).toEqual([standard(3, [1], [1], [1]), standard(17, [3], [4], [1])]);
  });

  test('algorithms left out, several of one kind, and suites of a manufacturer', () => {
    expect(decodeCipherSuiteRecords(bytesOf('c0 00 00 c1 80 57 01 00 01 41 44 81 82'))).toEqual([
      standard(0, [0], [], []),
      { id: 0x80, enterprise: 343, authentication: [1], integrity: [1, 4], confidentiality: [1, 2] },
    ]);
  });

  test('rubbish and half a head end the list, what came before is kept', () => {
    expect(decodeCipherSuiteRecords(bytesOf('c0 03 01 41 81 ff 00'))).toEqual([standard(3, [1], [1], [1])]);
    expect(decodeCipherSuiteRecords(bytesOf('c0 03 01 41 81 c1 80 57'))).toEqual([standard(3, [1], [1], [1])]);
    expect(decodeCipherSuiteRecords(bytesOf('42'))).toEqual([]);
  });
});

describe('answers of the handshake that decline', () => {
  const decoders = {
    'open session': decodeOpenSessionResponse,
    'RAKP 2': (payload: Uint8Array) => decodeRakp2(payload, SUITES[17]),
    'RAKP 4': (payload: Uint8Array) => decodeRakp4(payload, SUITES[3]),
  };

  test.each(Object.entries(decoders))('%s: two bytes are enough, the session id may follow', (_name, decode) => {
    expect(decode(bytesOf('07 12'))).toEqual({ tag: 7, status: 0x12, consoleSessionId: undefined, body: null });
    expect(decode(bytesOf('07 0d 0000 a4a3a2a0'))).toEqual({ tag: 7, status: 0x0d, consoleSessionId: 0xa0a2a3a4, body: null });
    expect(faultOf(() => decode(bytesOf('07')))).toMatchObject({ code: 'PROTOCOL_FAULT' });
  });

  test.each(Object.entries(decoders))('%s: whoever accepts must say all of it', (_name, decode) => {
    expect(faultOf(() => decode(bytesOf('07 00 0000 a4a3a2a0')))).toMatchObject({ code: 'PROTOCOL_FAULT' });
  });
});

describe('answers of the handshake that are too short', () => {
  const head = '07 00 0000 a4a3a2a0';

  test.each([
    ['RAKP 2', () => decodeRakp2(bytesOf(`${head} ${'11'.repeat(32)} ${'ee'.repeat(20)}`), SUITES[17])],
    ['RAKP 4', () => decodeRakp4(bytesOf(`${head} ${'ee'.repeat(11)}`), SUITES[3])],
    ['RAKP 4 in half a datagram', () => decodePacket(bytesOf(`0600ff07 0615 00000000 00000000 1400 ${head} ${'ee'.repeat(11)}`))],
  ])('%s: the error shows nothing of the code', (_name, decode) => {
    const { message, details } = faultOf(decode);
    expect(details.received).toMatch(/\.\.\.$/);
    expect(`${message} ${JSON.stringify(details)}`).not.toMatch(/ee|11/);
  });
});

describe('packets', () => {
  test('payload, ids and flags of any packet come back', () => {
    const number = fc.integer({ min: 0, max: 0xffffffff });
    const type = fc.integer({ min: 0, max: 0x3f }).filter((value) => value !== 2);
    fc.assert(fc.property(type, fc.uint8Array({ maxLength: 100 }), number, number, (payloadType, payload, sessionId, sequence) => {
      const datagram = Buffer.concat([Buffer.alloc(HEADER_BYTES), payload]);
      writePacketHeader(datagram, { payloadType, sessionId, sequence }, payload.length);
      const packet = decodePacket(datagram);
      expect(packet).toMatchObject({ payloadType, encrypted: false, authenticated: false, sessionId, sequence });
      expect(hexOf(packet.payload)).toBe(hexOf(payload));
    }));
  });

  test('the head of an OEM payload is passed over', () => {
    const packet = decodePacket(bytesOf('0600ff07 06 02 57010000 0100 04030201 08070605 0200 aabb'));
    expect(packet).toMatchObject({ payloadType: 2, sessionId: 0x01020304, sequence: 0x05060708 });
    expect(hexOf(packet.payload)).toBe('aabb');
  });

  test('packets of IPMI 1.5: lengths that network chips dislike get one byte more, and surplus is ignored', () => {
    for (const [messageBytes, datagramBytes] of [[41, 55], [42, 57], [43, 57], [70, 85]] as const) {
      const message = Buffer.alloc(messageBytes, 0x42);
      const datagram = encodeOpenPacketV15(message);
      expect(datagram).toHaveLength(datagramBytes);
      expect(hexOf(decodePacketV15(Buffer.concat([datagram, Buffer.alloc(3)])).message)).toBe(hexOf(message));
    }
  });
});

describe.each(LAN_DECODERS)('$name', ({ decode }) => {
  test('any bytes give a value or a typed fault', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 128 }), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        expect(FerricError.is(error) && error.code).toBe('PROTOCOL_FAULT');
      }
    }), { numRuns: 300 });
  });

  test('so do the beginnings of a true packet of each kind', () => {
    const samples = [
      '0600ff0706c0a4a3a2a00100000020000cf38b10c388f6a6acb97c34d489f7425044a183a35cd6d122f1a23bf005cb20ffff020755bb7bf8473ccdc264629c710274e962',
      '0600ff07024de3af88821000004293a302eec5c64a847283643230003f09811c6320103b000491',
      '0600ff0706130000000000000000480000000000a4a3a2a0145eb41a3a5ba3d1bbc0473f599b1e9c676f2d69706d692d6532650000000000dae32197b7d6e03440e6235ed26bcd19eae0d3c613148d773e93a06d79ab1cde',
    ];
    for (const sample of samples.map(bytesOf)) {
      for (const start of [0, 4, 16]) {
        for (let end = start; end <= sample.length; end += 1) {
          try {
            decode(sample.subarray(start, end));
          } catch (error) {
            expect(FerricError.is(error) && error.code, `${start}..${end}`).toBe('PROTOCOL_FAULT');
          }
        }
      }
    }
    expect(samples).toHaveLength(3);
  });
});
