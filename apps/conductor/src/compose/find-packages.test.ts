import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPackages, resolveExport } from './find-packages.js';
import { loadPlugins } from './load-plugins.js';

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'ferric-project-'));
});

afterEach(() => rm(project, { recursive: true, force: true }));

async function install(name: string, manifest: object, plugin = 'export const plugin = { contract: 1, create: () => ({ hardwareTypes: [], drivers: [], strategies: [] }) };'): Promise<void> {
  const folder = join(project, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '1.2.3', type: 'module', exports: { './plugin': './plugin.js' }, ...manifest }));
  await writeFile(join(folder, 'plugin.js'), plugin);
}

function writeProject(dependencies: Record<string, string>): Promise<void> {
  return writeFile(join(project, 'package.json'), JSON.stringify({ name: 'project', dependencies }));
}

describe('findPackages', () => {
  test('takes the direct dependencies that carry the marker and ignores all others', async () => {
    await install('driver-a', { ferric: { contract: 1 } });
    await install('left-pad', {});
    await install('hidden-driver', { ferric: { contract: 1 } });
    await writeProject({ 'driver-a': '1.0.0', 'left-pad': '1.0.0' });
    const found = await findPackages({ projectDirectory: project });
    expect(found.packages.map(({ name, version }) => ({ name, version }))).toEqual([{ name: 'driver-a', version: '1.2.3' }]);
    expect(found.refused).toEqual([]);
  });

  test.each([
    ['another contract', { ferric: { contract: 99 } }, 'contract 99, this conductor speaks contract 1'],
    ['no plugin export', { ferric: { contract: 1 }, exports: { '.': './index.js' } }, 'exports no "./plugin"'],
  ])('refuses a package with %s and says why', async (_case, manifest, reason) => {
    await install('driver-b', manifest);
    await writeProject({ 'driver-b': '1.0.0' });
    const found = await findPackages({ projectDirectory: project });
    expect(found.packages).toEqual([]);
    expect(found.refused).toHaveLength(1);
    expect(found.refused[0]?.reason).toContain(reason);
  });

  test('a named package must be a driver and be installed', async () => {
    await install('left-pad', {});
    await writeProject({});
    const found = await findPackages({ projectDirectory: project, names: ['left-pad', 'missing'] });
    expect(found.refused).toEqual([
      { name: 'left-pad', reason: 'its package.json has no "ferric" marker' },
      { name: 'missing', reason: 'it is not installed' },
    ]);
  });

  test('a folder without package.json is a bad option, unless packages are named', async () => {
    await expect(findPackages({ projectDirectory: join(project, 'nowhere') })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(findPackages({ projectDirectory: join(project, 'nowhere'), names: [] })).resolves.toEqual({ packages: [], refused: [] });
  });
});

describe('loadPlugins', () => {
  test('keeps the good ones when one fails to load', async () => {
    await install('good', { ferric: { contract: 1 } });
    await install('throws', { ferric: { contract: 1 } }, 'throw new Error("broken package");');
    await install('lies', { ferric: { contract: 1 } }, 'export const plugin = { contract: 2, create() {} };');
    await install('empty', { ferric: { contract: 1 } }, 'export {};');
    await writeProject({ good: '*', throws: '*', lies: '*', empty: '*' });
    const { loaded, refused } = await loadPlugins({ projectDirectory: project }, silentLogger);
    expect(loaded.map((each) => each.packageName)).toEqual(['good']);
    expect(Object.fromEntries(refused.map((each) => [each.name, each.reason]))).toEqual({
      throws: 'it could not be loaded: broken package',
      lies: 'its plugin speaks contract 2, its package.json says 1',
      empty: 'its "./plugin" exports no "plugin"',
    });
  });
});

describe('resolveExport', () => {
  test.each([
    ['a text', { './plugin': './a.js' }, './a.js'],
    ['conditions in order', { './plugin': { types: './a.d.ts', '@ferric/source': './a.ts', import: './a.js', default: './b.js' } }, './a.js'],
    ['nested conditions', { './plugin': { node: { import: './n.js' }, default: './d.js' } }, './n.js'],
    ['a missing subpath', { '.': './a.js' }, undefined],
    ['no exports', undefined, undefined],
  ])('%s', (_case, exports, expected) => {
    expect(resolveExport(exports, './plugin')).toBe(expected);
  });
});
