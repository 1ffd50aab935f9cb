import { array, constantFrom, dictionary, double, integer, jsonValue, letrec, oneof, string, uint8Array, type Arbitrary } from 'fast-check';

/** What a client sees in place of a secret, and may send back. */
const MASK = '******';

/** Texts that have broken servers before. None has a word that an answer is searched for. */
export const hostileText: Arbitrary<string> = oneof(
  {
    weight: 4,
    arbitrary: constantFrom(
      '', ' ', '\0', 'a\0b', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', "'; drop table nodes; --", "' or '1'='1", '%', '_', '%s%n', '\\', '\\u0000', '\uD800', '\uDC00x',
      '\uFFFF', '\uFEFF', '\u202E', 'e\u0301', '🦀', '\r\nX-Injected: 1', '../../etc/passwd', '..%2f..%2f', '9'.repeat(400), '-1', '0', '1e400', 'NaN', 'Infinity', 'null', 'undefined', 'true', 'None', '{}', '[]',
      '<script>', '${7*7}', '{{7*7}}', MASK, '2026-11-21T00:00:00Z', '0000-00-00', '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-00000000000', '52:54:00:00:00:zz', 'http://[', 'file:///', ',', ',,,', '/', '//', '~0~1', '-',
    ),
  },
  { weight: 3, arbitrary: string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: integer({ min: 200, max: 5000 }).map((length) => 'x'.repeat(length)) },
);

const hostileNumber: Arbitrary<number> = oneof(
  integer(), double(), constantFrom(0, -0, -1, 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 2 ** 63, -(2 ** 63), 2 ** 64, 1e308, 5e-324),
);

const hostileDocument: Arbitrary<unknown> = letrec((tie) => ({
  value: oneof({ depthSize: 'small', withCrossShrink: true }, hostileText, hostileNumber, constantFrom(null, true, false), tie('list'), tie('object')),
  list: array(tie('value'), { maxLength: 3 }),
  object: dictionary(hostileText, tie('value'), { maxKeys: 3 }),
}))['value'] as Arbitrary<unknown>;

/** A list or an object in itself, some deeper than any database or parser likes. */
const nested: Arbitrary<unknown> = integer({ min: 20, max: 200 }).chain((depth) =>
  constantFrom('list', 'object').map((kind) => {
    let value: unknown = 1;
    for (let level = 0; level < depth; level += 1) value = kind === 'list' ? [value] : { a: value };
    return value;
  }),
);

/** Anything that JSON can say. */
export const hostileValue: Arbitrary<unknown> = oneof(
  { weight: 6, arbitrary: hostileText },
  { weight: 3, arbitrary: hostileNumber },
  { weight: 3, arbitrary: constantFrom(null, true, false, [], {}, [[]], [null], [{}], { '': null }, MASK, { password: MASK }) },
  { weight: 3, arbitrary: hostileDocument },
  { weight: 2, arbitrary: jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: nested },
);

/** Bodies that are no JSON, or JSON that no careful writer would make. */
export const rawBody: Arbitrary<string | Uint8Array> = oneof(
  constantFrom(
    '', ' ', '{', '[', '"', '{"a":', '[1,]', '{"a":1,}', '\uFEFF{}', 'null', 'true', '0', '""', '{}', '[]', '1e999', '{"a":1e999}', '{"a":1}{"a":2}', '{"a":1,"a":2}', "{'a': 1}", 'a=1&b=2', '<a/>',
    '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', '[{"op":"add","path":"/__proto__/x","value":1}]', '['.repeat(5000), '{"a":'.repeat(5000), '{"a":"\\ud800"}', '{"a":"\\u0000"}',
  ),
  uint8Array({ maxLength: 40 }),
  hostileText,
);
