import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDigestLayer, type DigestLayerSettings } from './digest-layer.js';
import type { SecurityLayer } from './mechanism.js';

const SECRET = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const PROTECTIONS = [
  { quality: 'auth-int' },
  { quality: 'auth-conf', cipher: 'rc4' },
  { quality: 'auth-conf', cipher: 'rc4-56' },
  { quality: 'auth-conf', cipher: 'rc4-40' },
] as const satisfies readonly DigestLayerSettings['protection'][];

/** What a unit has besides its message: length, MAC, type, number. */
const OVERHEAD = 4 + 10 + 2 + 4;

function layer(changes: Partial<DigestLayerSettings> = {}): SecurityLayer {
  return createDigestLayer({ secret: SECRET, protection: PROTECTIONS[1], sendLimit: 65_536, ...changes });
}

/** Feeds bytes in pieces that end where the cuts say; gives what came out before a failure, and the failure. */
function feed(target: SecurityLayer, bytes: Buffer, cuts: readonly number[]): { readonly received: Buffer; readonly failure: unknown } {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((left, right) => left - right);
  const received: Buffer[] = [];
  try {
    for (const [index, place] of [...places, bytes.length].entries()) received.push(target.unwrap(bytes.subarray(places[index - 1] ?? 0, place)));
  } catch (error) {
    return { received: Buffer.concat(received), failure: error };
  }
  return { received: Buffer.concat(received), failure: undefined };
}

const message = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
const cuts = fc.array(fc.nat(), { maxLength: 20 });

describe.each(PROTECTIONS)('%o', (protection) => {
  test('what one side wraps the other unwraps, both ways, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.integer({ min: 17, max: 300 }), cuts, (messages, sendLimit, places) => {
        const client = layer({ protection, sendLimit });
        const server = layer({ protection, sendLimit, sender: 'server' });
        for (const [from, to] of [[client, server], [server, client]] as const) {
          const sealed = Buffer.concat(messages.map((one) => from.wrap(one)));
          expect(feed(to, sealed, places)).toEqual({ received: Buffer.concat(messages), failure: undefined });
        }
      }),
    );
  });

  test('any flipped bit is refused, and nothing false is given out', () => {
    fc.assert(
      fc.property(fc.array(message.filter((one) => one.length > 0), { minLength: 1, maxLength: 3 }), fc.nat(), cuts, (messages, place, places) => {
        const from = layer({ protection });
        const sealed = Buffer.concat(messages.map((one) => from.wrap(one)));
        const bit = place % (sealed.length * 8);
        sealed[bit >> 3] = (sealed[bit >> 3] as number) ^ (1 << (bit & 7));
        const to = layer({ protection, sender: 'server' });
        const { received, failure } = feed(to, sealed, places);
        const sent = Buffer.concat(messages);
        expect(received.length).toBeLessThan(sent.length);
        expect(sent.subarray(0, received.length)).toEqual(received);
        // A length that grew may wait for bytes that never come; the next message then brings it out.
        expect(failure ?? feed(to, from.wrap(Buffer.alloc(65_520)), []).failure).toMatchObject({ code: 'PROTOCOL_FAULT', retryable: false });
      }),
      { numRuns: 400 },
    );
  });

  test('units out of order, twice, left out or from the wrong side are refused', () => {
    const sender = layer({ protection });
    const [first, second, third] = ['one', 'two', 'three'].map((one) => sender.wrap(Buffer.from(one))) as [Buffer, Buffer, Buffer];
    for (const units of [[second], [first, first], [first, third], [first, second, second]]) {
      expect(feed(layer({ protection, sender: 'server' }), Buffer.concat(units), []).failure).toMatchObject({ code: 'PROTOCOL_FAULT' });
    }
    expect(feed(layer({ protection }), first, []).failure).toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(feed(layer({ protection, sender: 'server' }), Buffer.concat([first, second, third]), []).received.toString()).toBe('onetwothree');
  });

  test('keys of another password or cipher do not fit', () => {
    const others = PROTECTIONS.filter((other) => other !== protection).map((other) => layer({ protection: other, sender: 'server' }));
    others.push(layer({ protection, sender: 'server', secret: Buffer.alloc(16) }));
    for (const other of others) {
      expect(feed(other, layer({ protection }).wrap(Buffer.from('message')), []).failure).toMatchObject({ code: 'PROTOCOL_FAULT' });
    }
  });
});

test.each([17, 100, 1000, 65_536])('no unit is larger than the %d bytes that the other side takes', (sendLimit) => {
  const bytes = Buffer.alloc(Math.min(70_000, sendLimit * 20), 7);
  const sealed = layer({ sendLimit }).wrap(bytes);
  const lengths: number[] = [];
  for (let at = 0; at < sealed.length; at += 4 + sealed.readUInt32BE(at)) lengths.push(sealed.readUInt32BE(at));
  expect(Math.max(...lengths)).toBe(sendLimit);
  expect(lengths.length).toBe(Math.ceil(bytes.length / (sendLimit - 16)));
  expect(sealed.length).toBe(bytes.length + lengths.length * OVERHEAD);
});

test('nothing to send is nothing to send', () => {
  expect(layer().wrap(Buffer.alloc(0))).toHaveLength(0);
  expect(layer().unwrap(Buffer.alloc(0))).toHaveLength(0);
});

test('units of type and length that cannot be are refused before anything is kept for them', () => {
  for (const length of [0, 15, 65_537, 0xffff_ffff]) {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    expect(feed(layer(), header, []).failure).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining(`${length} bytes`) });
  }
  const sealed = layer().wrap(Buffer.from('message'));
  sealed.writeUInt16BE(2, sealed.length - 6);
  expect(feed(layer({ sender: 'server' }), sealed, []).failure).toMatchObject({ code: 'PROTOCOL_FAULT' });
});

test.each(PROTECTIONS)('after a bad unit nothing is taken any more, %o', (protection) => {
  const sender = layer({ protection });
  const receiver = layer({ protection, sender: 'server' });
  const good = sender.wrap(Buffer.from('good'));
  const forged = Buffer.from(good);
  forged[5] = (forged[5] as number) ^ 1;
  expect(feed(receiver, forged, []).failure).toMatchObject({ code: 'PROTOCOL_FAULT' });
  expect(feed(receiver, good, []).failure).toMatchObject({ code: 'PROTOCOL_FAULT' });
});

test('the bytes of the caller stay as they are', () => {
  const given = Buffer.from('message');
  const sealed = layer().wrap(given);
  expect(given.toString()).toBe('message');
  const copy = Buffer.from(sealed);
  layer({ sender: 'server' }).unwrap(sealed);
  expect(sealed).toEqual(copy);
});

test('a megabyte that comes in small pieces takes time in proportion', () => {
  const sealed = layer().wrap(Buffer.alloc(1 << 20, 1));
  const receiver = layer({ sender: 'server' });
  const started = performance.now();
  let received = 0;
  for (let at = 0; at < sealed.length; at += 16) received += receiver.unwrap(sealed.subarray(at, at + 16)).length;
  expect(received).toBe(1 << 20);
  expect(performance.now() - started).toBeLessThan(5000);
});

test.each([0, 16])('a peer that takes %d bytes cannot be talked to', (sendLimit) => {
  expect(() => layer({ sendLimit })).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
});
