import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConsolePacket, decodeBmcPacket, encodeConsolePacket } from '../../src/sol/index.js';
import { bytes } from '../commands/scripted-bmc.js';

const text = (characters: string): Uint8Array => Uint8Array.from(Buffer.from(characters, 'latin1'));

describe('what ipmitool sent', () => {
  test.each<[string, ConsolePacket]>([
    ['00 01 07 00', { acknowledged: 1, accepted: 7 }],
    ['01 00 00 00 68 65 6c 6c 6f 0d', { sequence: 1, characters: text('hello\r') }],
    ['00 03 07 00', { acknowledged: 3, accepted: 7 }],
    ['02 00 00 10', { sequence: 2, generateBreak: true }],
  ])('%s', (hex, packet) => {
    expect(encodeConsolePacket(packet)).toEqual(bytes(hex));
  });
});

test('each operation has its bit', () => {
  expect(encodeConsolePacket({ nack: true })).toEqual(bytes('00 00 00 40'));
  expect(encodeConsolePacket({ ring: true, ctsPause: true })).toEqual(bytes('00 00 00 28'));
  expect(encodeConsolePacket({ dropCarrier: true, flushInbound: true, flushOutbound: true })).toEqual(bytes('00 00 00 07'));
  expect(encodeConsolePacket({ sequence: 15, acknowledged: 14, accepted: 255 })).toEqual(bytes('0f 0e ff 00'));
});

const quiet = { nack: false, transferUnavailable: false, deactivated: false, transmitOverrun: false, breakDetected: false };

describe('what the controller of go-ipmi sent', () => {
  test.each([
    ['01 00 00 00 6c 6f 67 69 6e 3a 20', { ...quiet, sequence: 1, acknowledged: 0, accepted: 0, characters: text('login: ') }],
    ['00 01 06 00', { ...quiet, sequence: 0, acknowledged: 1, accepted: 6, characters: new Uint8Array() }],
    ['03 01 06 00 68 65 6c 6c 6f 0d 0a', { ...quiet, sequence: 3, acknowledged: 1, accepted: 6, characters: text('hello\r\n') }],
    ['00 02 00 00', { ...quiet, sequence: 0, acknowledged: 2, accepted: 0, characters: new Uint8Array() }],
    ['00 04 01 10', { ...quiet, sequence: 0, acknowledged: 4, accepted: 1, deactivated: true, characters: new Uint8Array() }],
  ])('%s', (hex, packet) => {
    expect(decodeBmcPacket(bytes(hex))).toEqual(packet);
  });
});

test.each([
  ['40', 'nack'],
  ['20', 'transferUnavailable'],
  ['10', 'deactivated'],
  ['08', 'transmitOverrun'],
  ['04', 'breakDetected'],
] as const)('status %s is %s', (hex, name) => {
  expect(decodeBmcPacket(bytes(`00 00 00 ${hex}`))).toMatchObject({ ...quiet, [name]: true });
});

test('sequences have four bits, and the characters are a copy', () => {
  const datagram = bytes('f1 f2 03 00 41');
  const packet = decodeBmcPacket(datagram);
  datagram.fill(0);
  expect(packet).toMatchObject({ sequence: 1, acknowledged: 2, accepted: 3, characters: text('A') });
});

test('characters pass as they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 255 }), (characters) => {
      expect(decodeBmcPacket(encodeConsolePacket({ sequence: 1, characters })).characters).toEqual(characters);
    }),
  );
});
