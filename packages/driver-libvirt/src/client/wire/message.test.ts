import { errorCode } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { encodeMessage, HEADER_BYTES, type Message, MessageAssembler, type MessageHeader } from './message.js';

const LONGEST = 33_554_432 + 4;
const HEADER: MessageHeader = { program: 0x2000_8086, procedure: 66, type: 0, serial: 0, status: 0 };

function message(payload: Uint8Array, serial = 0): Buffer {
  return encodeMessage({ ...HEADER, serial }, (writer) => writer.fixed(payload));
}

function assemble(chunks: readonly Buffer[]): { readonly messages: readonly Message[]; readonly pending: boolean } {
  const assembler = new MessageAssembler();
  const messages = chunks.flatMap((chunk) => [...assembler.push(chunk)]);
  return { messages, pending: assembler.pending };
}

function cut(bytes: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return errorCode(error);
  }
  return 'nothing thrown';
}

test('the example of the protocol: auth_list', () => {
  expect(encodeMessage(HEADER).toString('hex')).toBe('0000001c200080860000000100000042000000000000000000000000');
});

test('a message comes back as it was', () => {
  fc.assert(
    fc.property(
      fc.record({
        program: fc.integer({ min: 0, max: 0xffff_ffff }),
        procedure: fc.integer({ min: 0, max: 0xffff_ffff }),
        type: fc.integer({ min: 0, max: 6 }),
        serial: fc.integer({ min: 0, max: 0xffff_ffff }),
        status: fc.integer({ min: 0, max: 2 }),
      }),
      (header) => {
        expect(assemble([encodeMessage(header, (writer) => writer.string('payload'))])).toMatchObject({ messages: [header], pending: false });
      },
    ),
  );
});

test('messages are found however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 }), (payloads, sizes) => {
      const bytes = Buffer.concat(payloads.map((payload, serial) => message(payload, serial)));
      const chunks: Buffer[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      const { messages, pending } = assemble(chunks);
      expect(pending).toBe(false);
      expect(messages.map(({ serial }) => serial)).toEqual(payloads.map((_, serial) => serial));
      for (const [index, payload] of payloads.entries()) expect(messages[index]?.payload.subarray(0, payload.length)).toEqual(Buffer.from(payload));
    }),
  );
});

test('byte by byte', () => {
  const bytes = Buffer.concat([message(Buffer.from('one')), message(Buffer.from('another'), 1)]);
  expect(assemble(cut(bytes, 1)).messages.map(({ payload }) => payload.toString())).toEqual(['one\0', 'another\0']);
});

test('a thousand messages in one chunk, and the begin of one more', () => {
  const bytes = Buffer.concat([...Array.from({ length: 1000 }, (_, serial) => message(Buffer.from('x'), serial)), message(Buffer.from('y')).subarray(0, 30)]);
  const { messages, pending } = assemble([bytes]);
  expect(messages).toHaveLength(1000);
  expect(messages.at(-1)?.serial).toBe(999);
  expect(pending).toBe(true);
});

test.each([1, 3, 4, 27, 28, 31])('it is in the middle of a message after %i bytes', (length) => {
  const assembler = new MessageAssembler();
  const bytes = message(Buffer.from('four'));
  expect([...assembler.push(bytes.subarray(0, length))]).toEqual([]);
  expect(assembler.pending).toBe(true);
  expect([...assembler.push(bytes.subarray(length))]).toHaveLength(1);
  expect(assembler.pending).toBe(false);
});

test('what was taken stays as it was while more arrives', () => {
  const assembler = new MessageAssembler();
  const first = message(Buffer.from('first message'));
  const taken = [...assembler.push(first.subarray(0, 10)), ...assembler.push(first.subarray(10))];
  const second = message(Buffer.from('other content'));
  for (const part of cut(second, 7)) taken.push(...assembler.push(part));
  expect(taken.map(({ payload }) => payload.toString('utf8', 0, 13))).toEqual(['first message', 'other content']);
});

describe('lengths that no message has', () => {
  test.each([0, 1, 27, LONGEST + 1, 0x8000_0000, 0xffff_ffff])('%i', (length) => {
    const bytes = Buffer.alloc(HEADER_BYTES);
    bytes.writeUInt32BE(length);
    using room = vi.spyOn(Buffer, 'allocUnsafe');
    expect(codeOf(() => assemble([bytes]))).toBe('PROTOCOL_FAULT');
    expect(room).not.toHaveBeenCalled();
    expect(codeOf(() => assemble(cut(bytes, 1)))).toBe('PROTOCOL_FAULT');
  });

  test('the longest is believed, and takes no room before its bytes are there', () => {
    const bytes = Buffer.alloc(5000);
    bytes.writeUInt32BE(LONGEST);
    using room = vi.spyOn(Buffer, 'allocUnsafe');
    expect(assemble(cut(bytes, 100)).pending).toBe(true);
    const sizes = room.mock.calls.map(([size]) => size);
    expect(Math.max(...sizes)).toBeLessThan(20_000);
  });
});

test('a program of another version', () => {
  const bytes = encodeMessage(HEADER);
  bytes.writeUInt32BE(2, 8);
  expect(codeOf(() => assemble([bytes]))).toBe('PROTOCOL_FAULT');
  expect(codeOf(() => assemble(cut(bytes, 5)))).toBe('PROTOCOL_FAULT');
});

test('the longest message goes out and comes in; a longer one does not go out', () => {
  const payload = Buffer.alloc(LONGEST - HEADER_BYTES, 7);
  const bytes = message(payload);
  expect(bytes.length).toBe(LONGEST);
  const [whole, ...more] = assemble(cut(bytes, 65_536)).messages;
  expect(more).toEqual([]);
  expect(whole?.payload.equals(payload)).toBe(true);
  expect(codeOf(() => message(Buffer.alloc(payload.length + 4)))).toBe('INVALID_OPTIONS');
});

test('a message of 10 MB in pieces of 64 KiB is moved a few times, not once for each piece', () => {
  const bytes = message(Buffer.alloc(10_000_000, 1));
  const chunks = cut(bytes, 65_536);
  using copies = vi.spyOn(Buffer.prototype, 'copy');
  using joins = vi.spyOn(Buffer, 'concat');
  expect(assemble(chunks).messages).toHaveLength(1);
  const moved = copies.mock.results.reduce((sum, { value }) => sum + (value as number), 0);
  expect(moved).toBeLessThan(3.5 * bytes.length);
  expect(joins).not.toHaveBeenCalled();
});
