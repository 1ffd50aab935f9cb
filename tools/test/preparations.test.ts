import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBuildState } from '../build.mjs';
import { isInstalled } from '../install.mjs';
import { listPublicPackages, listWorkspaces } from '../workspaces.mjs';
import { makeRepository, writeFile } from './temporary-repository.ts';

const FILES = {
  'package.json': '{}',
  'pnpm-lock.yaml': 'lock 1',
  'tsup.shared.ts': 'export {};',
  'pnpm-workspace.yaml': `packages:\n  - packages/*\n  - 'e2e'\nallowBuilds:\n  node: true\n`,
  'packages/core/package.json': JSON.stringify({ name: '@ferric/core', scripts: { build: 'tsup' }, dependencies: { zod: '4' } }),
  'packages/core/src/index.ts': 'export {};',
  'packages/core/src/index.test.ts': 'export {};',
  'packages/core/test/more.ts': 'export {};',
  'packages/core/dist/index.js': 'export {};',
  'packages/not-a-package/notes.txt': '',
  'e2e/package.json': JSON.stringify({ name: '@ferric/e2e', private: true }),
};

const INSTALLED = {
  'node_modules/.pnpm/lock.yaml': 'lock 1',
  ...Object.fromEntries(['node', 'pnpm', 'turbo', 'tsup', 'vitest'].map((name) => [`node_modules/.bin/${name}`, ''])),
  'packages/core/node_modules/zod/package.json': '{}',
};

describe('the workspace', () => {
  it('is what pnpm-workspace.yaml names', () => {
    expect(listWorkspaces(makeRepository(FILES)).map(({ folder }) => folder)).toEqual(['packages/core', 'e2e']);
  });

  it('tells public packages', () => {
    expect(listPublicPackages(makeRepository(FILES)).map(({ name }) => name)).toEqual(['@ferric/core']);
  });
});

describe('the dependencies', () => {
  it('are missing in a fresh clone', () => {
    expect(isInstalled(makeRepository(FILES))).toBe(false);
  });

  it('are there when pnpm installed this lock file', () => {
    expect(isInstalled(makeRepository({ ...FILES, ...INSTALLED }))).toBe(true);
  });

  it.each([
    ['the lock file changed since', 'pnpm-lock.yaml'],
    ['an install was cut short', 'node_modules/.bin/node'],
    ['those of a package are gone', 'packages/core/node_modules'],
  ])('are missing when %s', (_what, path) => {
    const root = makeRepository({ ...FILES, ...INSTALLED });
    rmSync(join(root, path), { recursive: true });
    if (path === 'pnpm-lock.yaml') writeFile(root, path, 'lock 2');
    expect(isInstalled(root)).toBe(false);
  });
});

describe('the state of the build', () => {
  it.each([
    ['a source', 'packages/core/src/index.ts'],
    ['a manifest', 'packages/core/package.json'],
    ['the lock file', 'pnpm-lock.yaml'],
    ['the configuration that all builds share', 'tsup.shared.ts'],
  ])('changes with %s', (_what, path) => {
    const root = makeRepository(FILES);
    const before = readBuildState(root);
    utimesSync(join(root, path), 1, 1);
    const after = readBuildState(root);
    expect(after.inputs).not.toBe(before.inputs);
    expect(after.outputs).toBe(before.outputs);
  });

  it('changes with a new source', () => {
    const root = makeRepository(FILES);
    const before = readBuildState(root);
    writeFile(root, 'packages/core/src/more/new.ts', '');
    expect(readBuildState(root).inputs).not.toBe(before.inputs);
  });

  it('changes when what was built is gone', () => {
    const root = makeRepository(FILES);
    const before = readBuildState(root);
    rmSync(join(root, 'packages/core/dist'), { recursive: true });
    expect(readBuildState(root)).toEqual({ inputs: before.inputs, outputs: expect.not.stringMatching(before.outputs) });
  });

  it.each(['packages/core/src/index.test.ts', 'packages/core/test/more.ts', 'e2e/package.json'])('stays with %s', (path) => {
    const root = makeRepository(FILES);
    const before = readBuildState(root);
    utimesSync(join(root, path), 1, 1);
    expect(readBuildState(root)).toEqual(before);
  });
});
