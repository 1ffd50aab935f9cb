import { expect, it } from 'vitest';
import { SerialTable } from './serial-table.js';

it('gives out serials in their order, passes over those that are taken, and wraps', () => {
  const table = new SerialTable<string>(2 ** 32 - 2);
  for (const taken of [2 ** 32 - 1, 0, 2]) table.hand(taken, 'long ago');
  expect(['a', 'b', 'c'].map((owner) => table.claim(owner))).toEqual([2 ** 32 - 2, 1, 3]);
  expect([table.get(1), table.get(2), table.get(5)]).toEqual(['b', 'long ago', undefined]);
  table.release(4);
  table.release(2);
  expect(table.claim('d')).toBe(4);
  expect(table.clear()).toHaveLength(6);
  expect([table.size, table.owners()]).toEqual([0, []]);
});
