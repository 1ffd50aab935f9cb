import * as fc from 'fast-check';

const hexPair = fc.integer({ min: 0, max: 255 }).map((byte) => byte.toString(16).padStart(2, '0'));

/** MAC addresses that one machine can have, canonical: not of a group, not all zero. */
export const anyMac: fc.Arbitrary<string> = fc
  .array(hexPair, { minLength: 6, maxLength: 6 })
  .map(([first = '00', ...rest]) => [(Number.parseInt(first, 16) & 0xfe).toString(16).padStart(2, '0'), ...rest].join(':'))
  .filter((mac) => mac !== '00:00:00:00:00:00');

/** SecureOn passwords in canonical notation, or none. */
export const anySecureOn: fc.Arbitrary<string | undefined> = fc.option(
  fc.oneof(
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.')),
    fc.array(hexPair, { minLength: 6, maxLength: 6 }).map((pairs) => pairs.join(':')),
  ),
  { nil: undefined },
);
