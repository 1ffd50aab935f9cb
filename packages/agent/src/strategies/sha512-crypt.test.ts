import { describe, expect, test } from 'vitest';
import { createSalt, sha512Crypt } from './sha512-crypt.js';

describe('sha512Crypt', () => {
  // Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", test vectors; the last two are of glibc's crypt(3).
  test.each([
    ['saltstring', undefined, 'Hello world!', '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1'],
    ['saltstringsaltstring', 10_000, 'Hello world!', '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.'],
    ['toolongsaltstring', undefined, 'This is just a test', '$6$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0'],
    [
      'anotherlongsaltstring', 1400, 'a very much longer text to encrypt.  This one even stretches over morethan one line.',
      '$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
    ],
    [
      'short', 77_777, 'we have a short salt string but not a short password',
      '$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0',
    ],
    ['x', undefined, '', '$6$x$QSmr1Bx2g4O6BzKvdkgOcyU6H91X6I/XBv5pSalMhSPkwdH6Beo3F455xZJg0v//bxVK5F4OE5k1.0xuR26MK0'],
    ['abcdefgh', undefined, 'pässwörd '.repeat(20), '$6$abcdefgh$3nPTxlaQWnxOSe4Y82OlIcH25c0yUTZo.VuCyZx2YVVGyw9czSE9y0q3LYKXLwU6GyNLaL0q/xWYirlABWzHp1'],
  ] as const)('salt %s, %s rounds, password %j', (salt, rounds, password, expected) => {
    expect(sha512Crypt(password, salt, rounds)).toBe(expected);
  });
});

test('salts are 16 characters of the alphabet of crypt(3), never the same', () => {
  const salts = Array.from({ length: 100 }, createSalt);
  for (const salt of salts) expect(salt).toMatch(/^[./0-9A-Za-z]{16}$/);
  expect(new Set(salts).size).toBe(100);
  expect(new Set(salts.join('')).size).toBe(64);
});
