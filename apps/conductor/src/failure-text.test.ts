import { FerricError } from '@ferric/core';
import { expect, test } from 'vitest';
import { describeFailure } from './failure-text.js';

test.each([
  [new FerricError('AUTH_FAILED', 'The login failed', { hint: 'Check the password.' }), 'The login failed. Check the password.'],
  [new FerricError('REFUSED', 'QEMU said: no.', { hint: 'See its log.' }), 'QEMU said: no. See its log.'],
  [new FerricError('BUSY', 'The queue is full'), 'The queue is full'],
  [new TypeError('x is not a function'), 'x is not a function'],
  ['thrown text', 'thrown text'],
])('%s', (error, text) => {
  expect(describeFailure(error)).toBe(text);
});
