import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, type Frame, FrameSplitter, FramingFault, MESSAGE_TYPE, PROGRAM, STATUS } from './frames.js';

/** `auth_list`, as the C library of libvirt 9.0.0 sends it. */
const AUTH_LIST = Buffer.from('0000001c 20008086 00000001 00000042 00000000 00000000 00000000'.replaceAll(' ', ''), 'hex');

function framesOf(...chunks: readonly Buffer[]): Frame[] {
  const splitter = new FrameSplitter();
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    splitter.push(chunk);
    for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) frames.push(frame);
  }
  return frames;
}

const HEADER = { program: PROGRAM.remote, version: 1, procedure: 66, type: MESSAGE_TYPE.call, serial: 0, status: STATUS.ok };

test('the recorded call is read, and the same is written', () => {
  expect(framesOf(AUTH_LIST)).toEqual([{ ...HEADER, payload: Buffer.alloc(0) }]);
  expect(encodeFrame(HEADER)).toEqual(AUTH_LIST);
});

test('the pong that libvirtd 9.0.0 sends', () => {
  const pong = encodeFrame({ program: PROGRAM.keepAlive, version: 1, procedure: 2, type: MESSAGE_TYPE.message, serial: 0, status: STATUS.ok });
  expect(pong.toString('hex')).toBe('0000001c6b6565700000000100000002000000020000000000000000');
});

test('messages come out alike however they were cut', () => {
  const messages = [Buffer.alloc(0), Buffer.from('one'), Buffer.alloc(70_000, 7), Buffer.from([1])];
  const stream = Buffer.concat(messages.map((payload, serial) => encodeFrame({ ...HEADER, serial }, payload)));
  const cuts = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 20 });
  fc.assert(
    fc.property(cuts, (places) => {
      const edges = [0, ...places.toSorted((a, b) => a - b), stream.length];
      const chunks = edges.slice(1).map((end, index) => stream.subarray(edges[index], end));
      expect(framesOf(...chunks).map(({ serial, payload }) => [serial, payload.length])).toEqual(messages.map((payload, serial) => [serial, payload.length]));
    }),
  );
  expect(framesOf(...[...stream.subarray(0, 100)].map((byte) => Buffer.from([byte]))).map(({ serial }) => serial)).toEqual([0, 1]);
});

describe('a length that no message has', () => {
  test.each([0, 4, 27, 33_554_437, 0x48545450, 0xffffffff])('%d is refused at once', (length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    expect(() => framesOf(bytes)).toThrow(FramingFault);
  });

  test('the longest is waited for', () => {
    expect(framesOf(Buffer.from('02000004', 'hex'))).toEqual([]);
  });
});
