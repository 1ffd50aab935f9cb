import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { listCache } from './cache.ts';
import { fetchNpmPackage } from './npm-package.ts';
import { run } from './programs.ts';

let directory: string;
/** A package on this disk, and the archive that npm makes of it. */
let source: string;
let integrity: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ferric-npm-package-test-'));
  vi.stubEnv('TMPDIR', directory);
  source = join(directory, 'source');
  mkdirSync(join(source, 'wanted', 'deep'), { recursive: true });
  mkdirSync(join(source, 'huge'));
  // A script that would leave its trace.
  writeFileSync(join(source, 'package.json'), JSON.stringify({ name: '@lab/thing', version: '1.2.3', scripts: { prepack: 'touch ran' } }));
  writeFileSync(join(source, 'wanted', 'deep', 'file'), 'content');
  writeFileSync(join(source, 'huge', 'file'), 'much');
  const [archive = ''] = (await run('npm', ['pack', source, '--ignore-scripts', '--silent'], { cwd: directory })).trim().split('\n');
  integrity = `sha512-${createHash('sha512').update(readFileSync(join(directory, archive))).digest('base64')}`;
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

const thing = { name: '@lab/thing', version: '1.2.3', folder: 'wanted' } as const;

test('yields the one folder that is asked for, the second time without npm', async () => {
  const folder = await fetchNpmPackage({ ...thing, integrity, from: source });
  expect(readFileSync(join(folder, 'deep', 'file'), 'utf8')).toBe('content');
  expect([readdirSync(join(folder, '..')), existsSync(join(source, 'ran'))]).toEqual([['wanted'], false]);
  expect(await fetchNpmPackage({ ...thing, integrity, from: '/nowhere' })).toBe(folder);
  expect(listCache('npm-_lab_thing-1.2.3-')).toHaveLength(1);
});

test('unpacks nothing that is not what it should be, and leaves nothing behind', async () => {
  const other = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
  await expect(fetchNpmPackage({ ...thing, integrity: other, from: source })).rejects.toThrow(/is not what it should be: its archive has sha512-/);
  await expect(fetchNpmPackage({ ...thing, integrity: 'sha1-abc', from: source })).rejects.toThrow('must be sha512');
  await expect(fetchNpmPackage({ ...thing, version: '1.2.4', integrity, folder: 'missing', from: source })).rejects.toThrow(/package\/missing/);
  await expect(fetchNpmPackage({ ...thing, version: '1.2.5', integrity, from: join(directory, 'nowhere') })).rejects.toThrow('npm pack');
  expect([listCache('npm-').length, readdirSync(directory).filter((name) => name.startsWith('ferric-npm-') && !name.includes('test'))]).toEqual([1, []]);
});
