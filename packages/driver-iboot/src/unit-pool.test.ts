import { createFakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { createUnitPool } from './unit-pool.js';

const ENDPOINT = { address: 'iBoot.example', port: 9100 };

test('all who use a unit get the same one, however its name is written', () => {
  const pool = createUnitPool({ memoryMs: 1000 });
  const clock = createFakeClock();
  const first = pool.lease(ENDPOINT, clock);
  expect(pool.lease({ ...ENDPOINT, address: 'iboot.EXAMPLE' }, clock).unit).toBe(first.unit);
  expect(pool.lease({ ...ENDPOINT, port: 9101 }, clock).unit).not.toBe(first.unit);
  expect(pool.size).toBe(2);
});

test('a unit is remembered for a while after its last use, and then forgotten', async () => {
  const pool = createUnitPool({ memoryMs: 1000 });
  const clock = createFakeClock();
  const [first, second] = [pool.lease(ENDPOINT, clock), pool.lease(ENDPOINT, clock)];
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(clock.pendingTimers).toBe(0);
  second[Symbol.dispose]();
  await clock.advance(999);
  const third = pool.lease(ENDPOINT, clock);
  expect(third.unit).toBe(first.unit);
  await clock.advance(5000);
  third[Symbol.dispose]();
  await clock.advance(1000);
  expect([pool.size, clock.pendingTimers]).toEqual([0, 0]);
});

test('closing forgets all', async () => {
  const pool = createUnitPool({ memoryMs: 1000 });
  const clock = createFakeClock();
  const lease = pool.lease(ENDPOINT, clock);
  pool.lease({ ...ENDPOINT, port: 9101 }, clock)[Symbol.dispose]();
  await pool[Symbol.asyncDispose]();
  lease[Symbol.dispose]();
  expect([pool.size, clock.pendingTimers]).toEqual([0, 0]);
});
