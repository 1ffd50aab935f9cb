import { createFakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { createFakeBmc, type FakeBmc } from '../test/fake-bmc.js';
import { createRecordCache } from './record-cache.js';

// An OEM record of manufacturer 343, by hand: id 1, version 51h, type C0h, 6 bytes.
const RECORD = [0x01, 0x00, 0x51, 0xc0, 0x06, 0x57, 0x01, 0x00, 0x0d, 0x2c, 0x60];

interface Repository {
  readonly bmc: FakeBmc;
  additions: number;
  info: 'told' | 'refused';
}

function repository(): Repository {
  const bmc = createFakeBmc();
  const result: Repository = { bmc, additions: 1, info: 'told' };
  bmc.answers.set('0a/20', () => (result.info === 'told' ? [0, 0x51, 1, 0, 0, 1, result.additions, 0, 0, 0, 0, 0, 0, 0, 0x02] : [0xd5]));
  bmc.answers.set('0a/22', () => [0, 1, 0]);
  bmc.answers.set('0a/23', (data) => [0, 0xff, 0xff, ...RECORD.slice(data[4], (data[4] ?? 0) + (data[5] ?? 0))]);
  return result;
}

const walks = ({ bmc }: Repository): number => bmc.requests.filter((request) => request.startsWith('0a/22')).length;
const OPTIONS = {};

test('records are read once as long as the BMC says that they have not changed', async () => {
  const run = repository();
  const cache = createRecordCache();
  const clock = createFakeClock();
  const first = await cache.read('a', run.bmc.client, OPTIONS, clock);
  expect(first.repository.records).toMatchObject([{ kind: 'oem', manufacturerId: 343 }]);
  const second = await cache.read('a', run.bmc.client, OPTIONS, clock);
  expect([second === first, walks(run)]).toEqual([true, 1]);
  run.additions = 2;
  expect(await cache.read('a', run.bmc.client, OPTIONS, clock)).not.toBe(first);
  expect(walks(run)).toBe(2);
});

test('each controller has its own', async () => {
  const run = repository();
  const cache = createRecordCache();
  const clock = createFakeClock();
  await cache.read('a', run.bmc.client, OPTIONS, clock);
  await cache.read('b', run.bmc.client, OPTIONS, clock);
  expect([walks(run), cache.size]).toEqual([2, 2]);
});

test('a BMC that does not tell of changes is read each time', async () => {
  const run = repository();
  const cache = createRecordCache();
  const clock = createFakeClock();
  run.info = 'refused';
  await cache.read('a', run.bmc.client, OPTIONS, clock);
  await cache.read('a', run.bmc.client, OPTIONS, clock);
  expect([walks(run), cache.size]).toEqual([2, 0]);
});

test('a BMC that stops to tell is read again, and kept when it tells once more', async () => {
  const run = repository();
  const cache = createRecordCache();
  const clock = createFakeClock();
  await cache.read('a', run.bmc.client, OPTIONS, clock);
  run.info = 'refused';
  await cache.read('a', run.bmc.client, OPTIONS, clock);
  expect([walks(run), cache.size]).toEqual([2, 0]);
});

test('a BMC that does not answer is not read from memory', async () => {
  const run = repository();
  const cache = createRecordCache();
  const clock = createFakeClock();
  await cache.read('a', run.bmc.client, OPTIONS, clock);
  run.bmc.fates.set('0a/20', ['request lost']);
  await expect(cache.read('a', run.bmc.client, OPTIONS, clock)).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('so many and no more are kept: those used last', async () => {
  const run = repository();
  const cache = createRecordCache(2);
  const clock = createFakeClock();
  const read = (key: string): Promise<unknown> => cache.read(key, run.bmc.client, OPTIONS, clock);
  for (const key of ['a', 'b', 'a', 'c']) await read(key);
  expect([cache.size, walks(run)]).toEqual([2, 3]);
  await read('a');
  expect(walks(run)).toBe(3);
  await read('b');
  expect(walks(run)).toBe(4);
});
