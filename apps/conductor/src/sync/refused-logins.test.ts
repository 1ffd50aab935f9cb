import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createRefusedLogins, type RefusedLogins } from './refused-logins.js';

const NODE = { uuid: 'one', updatedAt: new Date(1000) };
const REFUSED = { status: 'rejected', reason: new FerricError('AUTH_FAILED', 'wrong password') } as const;
const AWAY = { status: 'rejected', reason: new FerricError('UNREACHABLE', 'gone') } as const;
const READ = { status: 'fulfilled', value: 'power on' } as const;

function refusedOnce(clock = createFakeClock()): RefusedLogins {
  const logins = createRefusedLogins(clock);
  logins.note(NODE, REFUSED);
  return logins;
}

describe('a node whose controller refused the credentials', () => {
  test('is not asked again as long as nobody changes it', () => {
    const logins = refusedOnce();
    expect([logins.mayAsk(NODE), logins.mayAsk({ ...NODE, uuid: 'another' })]).toEqual([false, true]);
  });

  test('is asked again when it was changed', () => {
    expect(refusedOnce().mayAsk({ ...NODE, updatedAt: new Date(1001) })).toBe(true);
  });

  test('is asked again after an hour: the controller may have changed', async () => {
    const clock = createFakeClock();
    const logins = refusedOnce(clock);
    await clock.advance(3_599_999);
    expect(logins.mayAsk(NODE)).toBe(false);
    await clock.advance(1);
    expect(logins.mayAsk(NODE)).toBe(true);
  });

  test.each([READ, AWAY])('is one like any other after another result: %o', (result) => {
    const logins = refusedOnce();
    logins.note(NODE, result);
    expect(logins.mayAsk(NODE)).toBe(true);
  });

  test('is forgotten with the node', () => {
    const logins = refusedOnce();
    logins.keepOnly(new Set(['another']));
    expect(logins.mayAsk(NODE)).toBe(true);
  });
});
