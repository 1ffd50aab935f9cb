import { expect, test } from 'vitest';
import { makeKey, parsed } from './ssh-server.js';

test('every key that is made for a test can be read', () => {
  const keys = Array.from({ length: 2_000 }, () => makeKey());
  for (const key of keys) {
    expect(parsed(key.private).type).toBe('ssh-ed25519');
    expect(parsed(key.public).getPublicSSH()).toHaveLength(51);
  }
});
