import { Buffer } from 'node:buffer';
import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, GOLDEN, toHex } from '../../test/golden.js';
import { decodeHelloAnswer, decodeRelays, decodeResult, type DxpCommand, encodeCommand, encodeHello } from './dxp-messages.js';

const header = { username: 'admin', password: 'admin', sequence: 1235 };

function codeOf(work: () => unknown): string {
  try {
    return `no error, but ${JSON.stringify(work())}`;
  } catch (error) {
    return FerricError.is(error) ? error.code : `not a FerricError: ${String(error)}`;
  }
}

describe('what is sent', () => {
  test.each<[name: keyof typeof GOLDEN, command: DxpCommand, sequence: number, length: number]>([
    ['relay1On', { kind: 'set relay', relay: 1, state: 'on' }, 1235, 49],
    ['relay1Off', { kind: 'set relay', relay: 1, state: 'off' }, 1235, 49],
    ['readRelays', { kind: 'read relays' }, 1235, 47],
    ['readRelaysSecond', { kind: 'read relays' }, 1237, 47],
    ['pulse1OffFor5s', { kind: 'pulse relay', relay: 1, state: 'off', widthSeconds: 5 }, 1235, 51],
    ['keepAlive', { kind: 'keep alive' }, 1235, 47],
  ])('%s is the worked packet, byte for byte', (name, command, sequence, length) => {
    const bytes = encodeCommand(command, { ...header, sequence });
    expect(toHex(bytes)).toBe(GOLDEN[name]);
    expect(bytes).toHaveLength(length);
  });

  test('hello is nine letters', () => {
    expect(toHex(encodeHello())).toBe(GOLDEN.hello);
  });

  test('the longest width and number fill both of their bytes', () => {
    const bytes = encodeCommand({ kind: 'pulse relay', relay: 32, state: 'on', widthSeconds: 65_535 }, { ...header, sequence: 65_535 });
    expect(toHex(bytes.subarray(45))).toBe('ffff2001ffff');
    expect(toHex(encodeCommand({ kind: 'pulse relay', relay: 1, state: 'on', widthSeconds: 0x0102 }, header).subarray(49))).toBe('0201');
  });

  test('name and password fill 20 bytes and stay apart, in UTF-8', () => {
    const bytes = Buffer.from(encodeCommand({ kind: 'keep alive' }, { username: 'ü'.repeat(10), password: 'p'.repeat(20), sequence: 0 }));
    expect(bytes.toString('hex', 1, 22)).toBe(`${'c3bc'.repeat(10)}00`);
    expect(bytes.toString('hex', 22, 43)).toBe(`${'70'.repeat(20)}00`);
  });

  test('every command of every user has its parts where they belong', () => {
    const credential = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => Buffer.byteLength(text) <= 20 && !text.includes('\0'));
    fc.assert(
      fc.property(credential, credential, fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 0, max: 32 }), (username, password, sequence, relay) => {
        const bytes = Buffer.from(encodeCommand({ kind: 'set relay', relay, state: 'off' }, { username, password, sequence }));
        expect(bytes).toHaveLength(49);
        expect([bytes[0], bytes[43], bytes[44], bytes.readUInt16LE(45), bytes[47], bytes[48]]).toEqual([3, 1, 0, sequence, relay, 0]);
        const field = (text: string): string => Buffer.concat([Buffer.from(text), Buffer.alloc(21)]).toString('hex', 0, 21);
        expect([bytes.toString('hex', 1, 22), bytes.toString('hex', 22, 43)]).toEqual([field(username), field(password)]);
      }),
    );
  });
});

describe('what comes back', () => {
  test('a sequence number is little-endian', () => {
    expect(decodeHelloAnswer(fromHex(GOLDEN.helloAnswer))).toBe(1234);
    expect(decodeHelloAnswer(fromHex('ffff'))).toBe(65_535);
    expect(decodeHelloAnswer(fromHex('0001'))).toBe(256);
  });

  test('0 is done and 1 is failed', () => {
    expect([decodeResult(fromHex('00')), decodeResult(fromHex('01'))]).toEqual(['done', 'failed']);
  });

  test('a list has one state for each relay, the first relay first', () => {
    expect(decodeRelays(fromHex('0100000001'))).toEqual(['on', 'off', 'off', 'off', 'on']);
    expect(decodeRelays(fromHex('01'.repeat(32)))).toHaveLength(32);
  });

  test.each([
    ['hello', () => decodeHelloAnswer(fromHex(''))],
    ['hello', () => decodeHelloAnswer(fromHex('d2'))],
    ['hello', () => decodeHelloAnswer(fromHex('d20400'))],
    ['a result', () => decodeResult(fromHex(''))],
    ['a result', () => decodeResult(fromHex('02'))],
    ['a result', () => decodeResult(fromHex('0000'))],
    ['a list', () => decodeRelays(fromHex(''))],
    ['a list', () => decodeRelays(fromHex('0102'))],
    ['a list', () => decodeRelays(fromHex('00'.repeat(33)))],
  ])('%s of another form is a protocol fault', (_what, decode) => {
    expect(codeOf(decode)).toBe('PROTOCOL_FAULT');
  });

  test('an error says what was expected and what came, in short', () => {
    const call = (): unknown => decodeRelays(fromHex('fe'.repeat(100)), { address: '192.0.2.7', step: 'read relays' });
    expect(call).toThrow(
      expect.objectContaining({
        details: { address: '192.0.2.7', step: 'read relays', expected: '1 to 32 bytes, each 0 or 1', received: `100 bytes ${'fe'.repeat(40)}...` },
        hint: expect.stringContaining('AES'),
      }),
    );
  });

  test('whatever bytes come, there is a value or a protocol fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const decode of [decodeHelloAnswer, decodeResult, decodeRelays]) expect(codeOf(() => decode(bytes))).toMatch(/^(PROTOCOL_FAULT$|no error)/);
      }),
    );
  });
});
