import { optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { parseHtpasswd } from './htpasswd.js';

/** Made by crypt(3) of libxcrypt for the password "secret". */
const HASH = '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW';
const REST = HASH.slice(7);

const parse = (text: string) => parseHtpasswd(new Secret(text), '--htpasswd');

/** The message and everything else that an error carries. */
function refusal(text: string): { readonly fields: readonly string[]; readonly shown: string } {
  try {
    parse(text);
  } catch (error) {
    return { fields: optionIssues(error).map(({ field }) => field), shown: (error as Error).message + JSON.stringify(error) };
  }
  throw new Error('It was accepted');
}

describe('parseHtpasswd', () => {
  test('reads users with every kind of bcrypt, passes over comments and blank lines', () => {
    const users = parse(`# operators\n\n  alice:${HASH}  \r\nbob smith:$2a$10$${REST}\n#carol:x\nzoë:$2b$15$${REST}`);
    expect([...users].map(([user, hash]) => [user, hash.reveal()])).toEqual([
      ['alice', HASH],
      ['bob smith', `$2a$10$${REST}`],
      ['zoë', `$2b$15$${REST}`],
    ]);
  });

  test.each([
    ['MD5 of Apache', '$apr1$dKVEzEGT$X1hbIs2YY1Vm3Kv5kYqIZ/'],
    ['SHA-1', '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='],
    ['crypt', 'rqXexS6ZhobKA'],
    ['SHA-512', '$6$abcdefgh$xxxxxxxxxxxxxxxxxxxxx'],
    ['clear text', 'hunter2'],
    ['nothing', ''],
    ['the faulty bcrypt of old PHP', `$2x$04$${REST}`],
    ['a hash that was cut off', HASH.slice(0, -1)],
    ['a hash with something behind it', `${HASH}:Alice`],
  ])('refuses %s, naming line and user but not the hash', (_case, hash) => {
    const { fields, shown } = refusal(`alice:${HASH}\n\nbob:${hash}\n`);
    expect(fields).toEqual(['--htpasswd line 3']);
    expect(shown).toMatch(/--htpasswd line 3 must be a bcrypt hash .* for user "?\\?"bob/);
    if (hash !== '') expect(shown).not.toContain(hash);
  });

  test.each([
    ['a line that is nothing but a hash', HASH, '--htpasswd line 1'],
    ['a user without a name', `:${HASH}`, '--htpasswd line 1'],
    ['a name with a control character', `a\tb:${HASH}`, '--htpasswd line 1'],
    ['a name without end', `${'a'.repeat(256)}:${HASH}`, '--htpasswd line 1'],
    ['a check that takes minutes', `alice:$2y$31$${REST}`, '--htpasswd line 1'],
    ['a cost that bcrypt does not have', `alice:$2y$03$${REST}`, '--htpasswd line 1'],
    ['a user who stands there twice', `alice:${HASH}\nbob:${HASH}\nalice:${HASH}`, '--htpasswd line 3'],
    ['a file without users', '# nobody\n', '--htpasswd'],
    ['an empty file', '', '--htpasswd'],
  ])('refuses %s', (_case, text, field) => {
    const { fields, shown } = refusal(text);
    expect(fields).toEqual([field]);
    expect(shown).not.toContain(REST);
  });

  test('tells the first ten faults of a file that is something else', () => {
    expect(refusal('no colon\n'.repeat(50)).fields).toHaveLength(10);
  });
});
