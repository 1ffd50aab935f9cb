import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RECORD_DECODERS } from './fuzz-records.js';
import { bytes, FRU_FIXTURES, SDR_FIXTURES, SEL_FIXTURES } from './record-fixtures.js';

/** Recorded bytes, to be spoiled: what is nearly right reaches deeper than noise does. */
const SAMPLES = [
  ...SDR_FIXTURES.records.map(({ record }) => bytes(record)),
  ...SEL_FIXTURES.live.map(({ record }, index) => Buffer.concat([bytes(record), bytes(SDR_FIXTURES.records[index]?.record ?? '')])),
  ...FRU_FIXTURES.cases.map(({ data }) => bytes(data)),
];

const noise = fc.uint8Array({ maxLength: 600 });
const spoiled = fc
  .record({ sample: fc.constantFrom(...SAMPLES), changes: fc.array(fc.tuple(fc.nat(599), fc.nat(255)), { maxLength: 8 }), length: fc.nat(600) })
  .map(({ sample, changes, length }) => {
    const copy = Uint8Array.from(sample);
    for (const [offset, byte] of changes) if (offset < copy.length) copy[offset] = byte;
    return copy.subarray(0, length);
  });

describe.each(RECORD_DECODERS)('$name', ({ decode }) => {
  test('any bytes give a value or a FerricError, and stay as they are', () => {
    fc.assert(
      fc.property(fc.oneof(noise, spoiled), (input) => {
        const before = Buffer.from(input).toString('hex');
        let failure: unknown;
        try {
          decode(input);
        } catch (error) {
          failure = error;
        }
        expect(failure === undefined || (FerricError.is(failure) && failure.code === 'PROTOCOL_FAULT')).toBe(true);
        expect(Buffer.from(input).toString('hex')).toBe(before);
      }),
      { numRuns: 300 },
    );
  });
});

test('a value does not change when the bytes do that it came from', () => {
  for (const { name, decode } of RECORD_DECODERS) {
    for (const sample of SAMPLES) {
      const input = Uint8Array.from(sample);
      let value: unknown;
      try {
        value = decode(input);
      } catch {
        continue;
      }
      // Undecoded parts of the answer are a view: whoever keeps them decodes them first.
      if (name === 'SEL answer') continue;
      const before = JSON.stringify(value);
      input.fill(0xa5);
      expect(JSON.stringify(value)).toBe(before);
    }
  }
});
