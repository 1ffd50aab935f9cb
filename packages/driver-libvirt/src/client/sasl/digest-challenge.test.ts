import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytes, recordings } from '../../../test/sasl-exchanges.js';
import { parseChallenge } from './digest-challenge.js';
import { parseDirectives, quote, writeDirectives } from './digest-directives.js';

const MINIMAL = 'nonce="n",algorithm=md5-sess';

describe('parseDirectives', () => {
  test.each([
    ['a=b', [['a', 'b']]],
    ['A="b,c=d"', [['a', 'b,c=d']]],
    ['a="x\\"y\\\\z"', [['a', 'x"y\\z']]],
    [' , ,a = b\t,\r\n c="" ,, ', [['a', 'b'], ['c', '']]],
    ['a=b,a=c', [['a', 'b'], ['a', 'c']]],
    ['a="\xe9\xff"', [['a', '\xe9\xff']]],
    ['', []],
  ])('reads %j', (text, expected) => {
    expect(parseDirectives(bytes(text)).map(({ name, value }) => [name, value])).toEqual(expected);
  });

  const unfinished = ['a', 'a=', 'a="b', 'a="b\\', 'a=b c=d', '=b', 'a==b', 'a="b"c'];
  const strange = ['a="\0"', 'a="\x01"', 'a="\\\0"', 'a=b\0', 'a="\x7f"', 'a=\xe9', '"a"=b', '(a)=b'];

  test.each(unfinished.concat(strange))('refuses %j', (text) => {
    expect(() => parseDirectives(bytes(text))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
  });

  test('gives back whatever was written', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
    const value = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,40}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (directives) => {
        const written = writeDirectives(directives.map(([key, text]) => [key, quote(text)] as const));
        expect(parseDirectives(written)).toEqual(directives.map(([key, text]) => ({ name: key, value: text })));
      }),
    );
  });

  test('takes time in proportion to the text', () => {
    for (const piece of ['a="', 'a=b,', '\\"', ' ', ',', 'a=" \\']) {
      const started = performance.now();
      try {
        parseDirectives(bytes(piece.repeat(65_536 / piece.length)));
      } catch (error) {
        expect(FerricError.is(error)).toBe(true);
      }
      expect(performance.now() - started).toBeLessThan(2000);
    }
  });
});

describe('parseChallenge', () => {
  test('reads what Cyrus SASL sends', () => {
    const text = 'nonce="x+/=",realm="vm",qop="auth-conf",cipher="rc4-56,rc4,3des",maxbuf=65536,charset=utf-8,algorithm=md5-sess';
    const challenge = parseChallenge(bytes(text));
    expect(challenge).toEqual({
      realms: ['vm'],
      nonce: 'x+/=',
      qualities: new Set(['auth-conf']),
      ciphers: new Set(['rc4-56', 'rc4', '3des']),
      maximumBytes: 65_536,
      utf8: true,
    });
  });

  test('fills in what may be missing (RFC 2831 §2.1.1)', () => {
    expect(parseChallenge(bytes(MINIMAL))).toEqual({
      realms: [],
      nonce: 'n',
      qualities: new Set(['auth']),
      ciphers: new Set(),
      maximumBytes: 65_536,
      utf8: false,
    });
  });

  test('skips what nobody knows, also more than once', () => {
    const { qualities } = parseChallenge(bytes(`${MINIMAL},opaque="1",future=x,future="y",qop="auth, later-invention"`));
    expect(qualities).toEqual(new Set(['auth', 'later-invention']));
  });

  test('keeps all realms, byte for byte', () => {
    expect(parseChallenge(bytes(`${MINIMAL},realm="a",realm="b\\"\xe9",realm=""`)).realms).toEqual(['a', 'b"\xe9', '']);
  });

  test.each([
    ['no nonce', 'algorithm=md5-sess'],
    ['an empty nonce', 'nonce="",algorithm=md5-sess'],
    ['two nonces', `${MINIMAL},nonce="m"`],
    ['no algorithm', 'nonce="n"'],
    ['another algorithm', 'nonce="n",algorithm=md5'],
    ['two algorithms', `${MINIMAL},algorithm=md5-sess`],
    ['another charset', `${MINIMAL},charset=utf-16`],
    ['two charsets', `${MINIMAL},charset=utf-8,charset=utf-8`],
    ['two lists of qualities', `${MINIMAL},qop="auth",qop="auth-conf"`],
    ['two lists of ciphers', `${MINIMAL},cipher="rc4",cipher="rc4-40"`],
    ['a maxbuf that is no number', `${MINIMAL},maxbuf=lots`],
    ['a maxbuf below zero', `${MINIMAL},maxbuf=-1`],
    ['a maxbuf of many digits', `${MINIMAL},maxbuf=11111111111`],
    ['two of maxbuf', `${MINIMAL},maxbuf=1024,maxbuf=2048`],
    ['too many bytes', `${MINIMAL},x="${'x'.repeat(2048)}"`],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(() => parseChallenge(bytes(text))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
  });

  test.each(recordings.digest)('refuses the challenge of $name cut at any place', ({ challenge }) => {
    for (let length = 0; length < challenge.length; length += 1) {
      expect(() => parseChallenge(bytes(challenge.slice(0, length)))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
    }
  });

  test('either reads any bytes or says PROTOCOL_FAULT', () => {
    const words = ['nonce="n"', 'algorithm=md5-sess', 'realm="', 'qop="auth,', 'maxbuf=', '"', '\\', ',', '=', ' ', '9', '\0', '\xff', 'x', '\r\n'];
    const fragment = fc.constantFrom(...words);
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 2100 }),
      fc.array(fragment, { maxLength: 40 }).map((parts) => new Uint8Array(bytes(parts.join('')))),
    );
    let read = 0;
    fc.assert(
      fc.property(noise, (data) => {
        try {
          expect(parseChallenge(data).nonce).not.toBe('');
          read += 1;
        } catch (error) {
          expect(error).toMatchObject({ code: 'PROTOCOL_FAULT' });
        }
      }),
      { numRuns: 3000, examples: [[new Uint8Array(bytes(MINIMAL))]] },
    );
    expect(read).toBeGreaterThan(0);
  });
});
