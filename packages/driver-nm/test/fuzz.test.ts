import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NM_DECODERS } from './fuzz-nm.js';

const answers = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.of(0x57, 0x01, 0x00, ...bytes)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.of(0x02, 0x00, 0x51, 0xc0, bytes.length, ...bytes)),
);

test.each(NM_DECODERS)('$name yields a value or PROTOCOL_FAULT', ({ decode }) => {
  fc.assert(
    fc.property(answers, (bytes) => {
      try {
        expect(decode(bytes)).not.toBeInstanceOf(Error);
      } catch (error) {
        if (!FerricError.is(error)) throw error;
        expect(error.code).toBe('PROTOCOL_FAULT');
      }
    }),
    { numRuns: 1000 },
  );
});
