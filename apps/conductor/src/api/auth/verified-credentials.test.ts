import { Secret } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createVerifiedCredentials } from './verified-credentials.js';

const [password, other, hash, newHash] = ['secret', 'Secret', '$2y$04$a', '$2y$04$b'].map((text) => new Secret(text)) as [Secret, Secret, Secret, Secret];

describe('verified credentials', () => {
  test('each part of them counts, and so does the process', () => {
    const clock = createFakeClock();
    const verified = createVerifiedCredentials({ clock });
    const names = [
      verified.nameOf('alice', password, hash),
      verified.nameOf('bob', password, hash),
      verified.nameOf('alice', other, hash),
      verified.nameOf('alice', password, newHash),
      verified.nameOf('alice","secret', new Secret(''), hash),
      createVerifiedCredentials({ clock }).nameOf('alice', password, hash),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(verified.nameOf('alice', password, hash)).toBe(names[0]);
    expect(names.join()).not.toContain('secret');
  });

  test('are forgotten after their time, however often they were used', async () => {
    const clock = createFakeClock();
    const verified = createVerifiedCredentials({ clock, lifetimeMs: 1000 });
    expect(verified.has('a')).toBe(false);
    verified.add('a');
    await clock.advance(999);
    expect(verified.has('a')).toBe(true);
    await clock.advance(1);
    expect(verified.has('a')).toBe(false);
  });

  test('the ones used longest ago make room', () => {
    const verified = createVerifiedCredentials({ clock: createFakeClock(), limit: 2 });
    for (const name of ['a', 'b']) verified.add(name);
    expect(verified.has('a')).toBe(true);
    verified.add('c');
    expect(['a', 'b', 'c'].map((name) => verified.has(name))).toEqual([true, false, true]);
  });
});
