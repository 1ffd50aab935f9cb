import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { keepInCache, listCache } from './cache.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ferric-cache-test-'));
  vi.stubEnv('TMPDIR', directory);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

const writes = (text: string) => async (folder: string): Promise<void> => writeFileSync(join(folder, 'file'), text);
const read = (folder: string): string => readFileSync(join(folder, 'file'), 'utf8');

test('is made once, also by two at the same time', async () => {
  const folders = await Promise.all([keepInCache('one', writes('first')), keepInCache('one', writes('second'))]);
  expect(folders[0]).toBe(folders[1]);
  const kept = read(folders[0]);
  expect(['first', 'second']).toContain(kept);
  expect(read(await keepInCache('one', writes('third')))).toBe(kept);
});

test('is not there when it could not be made', async () => {
  await expect(keepInCache('broken', async () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  expect(listCache('')).toEqual(['one']);
});

test('goes away when nobody used it for a week; the newest is listed first', async () => {
  const old = await keepInCache('old', writes('old'));
  const weekAgo = new Date(Date.now() - 8 * 24 * 3_600_000);
  utimesSync(old, weekAgo, weekAgo);
  const other = await keepInCache('other', writes('other'));
  expect([existsSync(old), existsSync(other)]).toEqual([false, true]);
  const hourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(join(dirname(other), 'one'), hourAgo, hourAgo);
  expect(listCache('o')).toEqual(['other', 'one']);
});
