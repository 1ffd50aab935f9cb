import { describe, expect, test } from 'vitest';
import { formatFrame, type TranscriptFrame, TranscriptRecorder, TranscriptReplay } from './transcript.js';

const AT = new Date('2026-05-01T12:00:00Z');
const frame = (direction: 'in' | 'out', payload: Uint8Array | string, label = 'x'): TranscriptFrame => ({
  at: AT, direction, peer: 'tcp 192.0.2.1:9100', protocol: 'dxp', label, payload,
});
const payloads = (frames: readonly TranscriptFrame[]): string[] => frames.map(({ payload }) => (typeof payload === 'string' ? payload : Buffer.from(payload).toString('hex')));

describe('TranscriptRecorder', () => {
  test('keeps the newest frames and counts those it dropped', () => {
    const recorder = new TranscriptRecorder(2);
    for (const payload of ['a', 'b', 'c', 'd']) recorder.record(frame('out', payload));
    expect(payloads(recorder.frames)).toEqual(['c', 'd']);
    expect(recorder.dropped).toBe(2);
  });

  test('keeps a thousand by default', () => {
    const recorder = new TranscriptRecorder();
    for (let count = 0; count < 1005; count += 1) recorder.record(frame('out', String(count)));
    expect([recorder.frames.length, recorder.dropped]).toEqual([1000, 5]);
  });

  test.each([
    ['an Uint8Array', (): Uint8Array => Uint8Array.of(1, 2, 3)],
    ['a Buffer', (): Uint8Array => Buffer.from([1, 2, 3])],
    ['a part of a Buffer', (): Uint8Array => Buffer.from([0, 1, 2, 3]).subarray(1)],
  ])('a frame of %s does not change when its client uses the bytes again', (_name, make) => {
    const recorder = new TranscriptRecorder();
    const bytes = make();
    recorder.record(frame('out', bytes));
    bytes.fill(9);
    expect(payloads(recorder.frames)).toEqual(['010203']);
  });
});

describe('formatFrame', () => {
  test('one line, bytes as hexadecimal, text quoted', () => {
    expect(formatFrame(frame('out', Uint8Array.of(0xff, 0), 'hello'))).toBe('2026-05-01T12:00:00.000Z dxp -> tcp 192.0.2.1:9100 hello ff00');
    expect(formatFrame(frame('in', 'two\nlines', 'answer'))).toBe('2026-05-01T12:00:00.000Z dxp <- tcp 192.0.2.1:9100 answer "two\\nlines"');
  });
});

describe('TranscriptReplay', () => {
  const record = [frame('in', 'hello\n'), frame('out', 'status\n'), frame('in', 'on'), frame('in', '\n'), frame('out', Uint8Array.of(0xab)), frame('in', Uint8Array.of(1))];

  test('plays the answers that followed each request, and the greeting before the first', () => {
    const replay = new TranscriptReplay(record);
    expect(payloads(replay.greeting())).toEqual(['hello\n']);
    expect(replay.greeting()).toEqual([]);
    expect(payloads(replay.exchange('status\n'))).toEqual(['on', '\n']);
    expect(replay.finished).toBe(false);
    expect(payloads(replay.exchange(Uint8Array.of(0xab)))).toEqual(['01']);
    expect(replay.finished).toBe(true);
  });

  test('a client may ignore that the device greets', () => {
    expect(payloads(new TranscriptReplay(record).exchange('status\n'))).toEqual(['on', '\n']);
  });

  test('text and the bytes of that text are the same request; the text of its hexadecimal digits is not', () => {
    expect(payloads(new TranscriptReplay(record).exchange(Buffer.from('status\n')))).toEqual(['on', '\n']);
    const bytes = new TranscriptReplay([frame('out', Uint8Array.of(0xab)), frame('in', 'x')]);
    expect(() => bytes.exchange('ab')).toThrow('Frame 0 differs: recorded ab, sent "ab"');
  });

  test('names both when the client sends something else', () => {
    expect(() => new TranscriptReplay(record).exchange('power\n')).toThrow('Frame 1 differs: recorded "status\\n", sent "power\\n"');
  });

  test('refuses more than was recorded', () => {
    const replay = new TranscriptReplay([frame('out', 'a')]);
    expect(replay.exchange('a')).toEqual([]);
    expect(replay.finished).toBe(true);
    expect(() => replay.exchange('b')).toThrow('Nothing more was sent in this transcript, got "b"');
  });
});
