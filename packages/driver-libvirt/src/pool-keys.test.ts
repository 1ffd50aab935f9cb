import { Secret, TranscriptRecorder } from '@ferric/core';
import { expect, test } from 'vitest';
import type { HypervisorAccess } from './client-pool.js';
import { createPoolKeys } from './pool-keys.js';

const access = (password: string): HypervisorAccess => ({ uri: 'qemu:///system', credentials: { username: 'me', password: new Secret(password) } });

test('the same access has the same key, and any other another', () => {
  const keyOf = createPoolKeys();
  const recorder = new TranscriptRecorder();
  expect(keyOf(access('one'), undefined)).toBe(keyOf(access('one'), undefined));
  const keys = [
    keyOf(access('one'), undefined),
    keyOf(access('two'), undefined),
    keyOf(access('one'), recorder),
    keyOf({ uri: 'qemu:///system' }, undefined),
  ];
  expect(new Set(keys).size).toBe(4);
  expect(keyOf(access('one'), recorder)).toBe(keys[2]);
});

test('a key tells nothing of the password, and cannot be tried with another pool', () => {
  const key = createPoolKeys()(access('very-secret-1'), undefined);
  expect(key).toMatch(/^0 [\w+/]{43}=$/);
  expect(createPoolKeys()(access('very-secret-1'), undefined)).not.toBe(key);
});
