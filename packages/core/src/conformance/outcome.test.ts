import { describe as group, expect, test } from 'vitest';
import { FerricError } from '../errors/ferric-error.js';
import { checkAddress, checkFerricError, describe, eventually, ferricErrorOf, outcomeOf, pause, reasonOf, sideBySide, start, valueOf } from './outcome.js';

const forEver = (): Promise<never> => new Promise<never>(() => undefined);

group('calls', () => {
  test('end as what they did, or as pending when they hang', async () => {
    expect(await outcomeOf('x', async () => 5, 1000)).toMatchObject({ status: 'fulfilled', value: 5 });
    expect(await outcomeOf('x', () => Promise.reject(new Error('no')), 1000)).toMatchObject({ status: 'rejected', reason: { message: 'no' } });
    expect(await outcomeOf('x', forEver, 10)).toEqual({ status: 'pending' });
  });

  test('that throw or return nothing are found out', () => {
    expect(() => start('power.read', () => { throw new Error('at once'); })).toThrow('power.read threw Error "at once" instead of returning a promise');
    expect(() => start('power.read', () => undefined as unknown as Promise<void>)).toThrow('power.read returned undefined instead of a promise');
  });

  test('that must succeed say why they did not', async () => {
    expect(await valueOf('x', async () => 5, 1000)).toBe(5);
    await expect(valueOf('power.read', () => Promise.reject(new FerricError('BUSY', 'full')), 1000)).rejects.toThrow('power.read failed although nothing is wrong: BUSY "full"');
    await expect(valueOf('power.read', forEver, 10)).rejects.toThrow('power.read did not settle within 10 ms');
  });

  test('that must fail say how they succeeded', async () => {
    const left = new Error('left');
    expect(await reasonOf('x', () => Promise.reject(left), 1000)).toBe(left);
    await expect(reasonOf('power.read', async () => ({ state: 'power on' }), 1000)).rejects.toThrow("power.read succeeded with { state: 'power on' }");
    await expect(reasonOf('power.read', forEver, 10)).rejects.toThrow('did not settle');
  });

  test('that must fail with a code are judged by it', async () => {
    const busy = new FerricError('BUSY', 'full', { details: { address: 'a' } });
    expect(await ferricErrorOf('x', () => Promise.reject(busy), ['BUSY'], 1000)).toBe(busy);
    expect(() => checkFerricError('x', busy, ['TIMEOUT', 'REFUSED'])).toThrow('x failed with BUSY "full"; the code must be TIMEOUT or REFUSED');
    expect(() => checkFerricError('x', new Error('plain'), ['BUSY'])).toThrow('x failed with Error "plain", which is no FerricError');
    expect(() => checkAddress('x', busy)).not.toThrow();
    expect(() => checkAddress('x', new FerricError('BUSY', 'full'))).toThrow('details do not name the address');
  });
});

test('describe() is short', () => {
  expect(describe({ text: 'x'.repeat(1000) }).length).toBe(200);
  expect(describe(undefined)).toBe('undefined');
});

test('eventually() waits for what takes some time, but not longer than it is told', async () => {
  let looks = 0;
  expect(await eventually(() => (looks += 1) > 3, 1000)).toBe(true);
  expect(looks).toBe(4);
  expect(await eventually(() => false, 20)).toBe(false);
});

test('sideBySide() runs all of them and fails with the first that failed', async () => {
  const ended: string[] = [];
  const check = (name: string, ms: number, fails: boolean) => async (): Promise<void> => {
    await pause(ms);
    ended.push(name);
    if (fails) throw new Error(name);
  };
  await expect(sideBySide([check('slow', 20, false), check('first', 10, true), check('second', 5, true)])).rejects.toThrow('first');
  expect(ended).toEqual(['second', 'first', 'slow']);
});

test('sideBySide() runs no more at once than it is told', async () => {
  let running = 0;
  let most = 0;
  const check = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await pause(2);
    running -= 1;
  };
  const checks = Array.from({ length: 7 }, () => check);
  await sideBySide(checks, 2);
  expect([most, running]).toEqual([2, 0]);
  await sideBySide(checks);
  expect([most, running]).toEqual([7, 0]);
  await expect(sideBySide([check, () => Promise.reject(new Error('second')), () => Promise.reject(new Error('third'))], 1)).rejects.toThrow('second');
});
