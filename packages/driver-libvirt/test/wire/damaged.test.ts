import { errorCode } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventMessages } from '../../src/client/wire/event-messages.js';
import { remoteError } from '../../src/client/wire/remote-error.js';
import type { XdrCodec } from '../../src/client/wire/xdr.js';
import { decode, FIXTURES, isCall, isError, isEvent, isReply, PROCEDURES, readRecording, type RecordedMessage } from './recording.js';

// Real messages, damaged: the other side is at fault, and says so in no other way than PROTOCOL_FAULT.

/** How a recorded message is read, and under which name. */
function readerOf(message: RecordedMessage): readonly [string, XdrCodec<unknown>] | undefined {
  if (isError(message)) return ['an error', remoteError];
  if (isEvent(message)) {
    const event = Object.values(eventMessages).find(({ number }) => number === message.procedure);
    return event && [event.name, event.payload as XdrCodec<unknown>];
  }
  const procedure = PROCEDURES.get(message.procedure);
  if (procedure === undefined) return undefined;
  if (isCall(message)) return [`call of ${procedure.name}`, procedure.arguments];
  return isReply(message) ? [`reply of ${procedure.name}`, procedure.reply] : undefined;
}

/** Of each kind, the longest payload that is not so long that every offset takes for ever. */
const LONGEST = 20_000;
const samples = new Map<string, { readonly codec: XdrCodec<unknown>; readonly payload: Buffer }>();
for (const message of FIXTURES.flatMap(readRecording)) {
  const reader = readerOf(message);
  if (reader === undefined || message.payload.length === 0 || message.payload.length > LONGEST) continue;
  const [name, codec] = reader;
  if ((samples.get(name)?.payload.length ?? 0) < message.payload.length) samples.set(name, { codec, payload: message.payload });
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return errorCode(error);
  }
  return 'nothing thrown';
}

test('there is a sample of nearly everything', () => {
  expect(samples.size).toBeGreaterThan(110);
});

describe.each([...samples].map(([name, sample]) => ({ name, ...sample })))('$name', ({ codec, payload }) => {
  test('cut off anywhere, or with something behind it', () => {
    for (let length = 0; length < payload.length; length += 1) {
      const code = codeOf(() => decode(codec, payload.subarray(0, length)));
      if (code !== 'PROTOCOL_FAULT') expect(code, `cut at ${length}`).toBe('PROTOCOL_FAULT');
    }
    expect(codeOf(() => decode(codec, Buffer.concat([payload, Buffer.alloc(4)])))).toBe('PROTOCOL_FAULT');
  });

  test('with any bytes changed', () => {
    const damage = fc.array(fc.record({ at: fc.nat({ max: payload.length - 1 }), byte: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = Buffer.from(payload);
        for (const { at, byte } of changes) bytes[at] = byte;
        expect(['PROTOCOL_FAULT', 'nothing thrown']).toContain(codeOf(() => decode(codec, bytes)));
      }),
      { numRuns: 50 },
    );
  });
});
