// Installs the dependencies, by the pinned pnpm, when they are missing or older than the lock file.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './child.mjs';
import { ROOT, listWorkspaces, readManifest } from './workspaces.mjs';

/** What the other tasks cannot do without. An install that was cut short lacks some of them. */
const NEEDED_BINARIES = ['node', 'pnpm', 'turbo', 'tsup', 'vitest'];

/**
 * Whether node_modules holds what pnpm-lock.yaml asks for. pnpm keeps a copy of the lock file it installed from.
 * @param {string} [root]
 */
export function isInstalled(root = ROOT) {
  const modules = join(root, 'node_modules');
  return (
    readText(join(modules, '.pnpm', 'lock.yaml')) === readText(join(root, 'pnpm-lock.yaml')) &&
    NEEDED_BINARIES.every((name) => existsSync(join(modules, '.bin', name))) &&
    listWorkspaces(root).every(({ folder, manifest }) => !hasDependencies(manifest) || existsSync(join(root, folder, 'node_modules')))
  );
}

/**
 * @param {readonly string[]} [args] more arguments for pnpm install
 * @returns {Promise<number>} exit code of pnpm
 */
export function install(args = []) {
  const version = readManifest(ROOT).devEngines?.packageManager.version;
  process.stderr.write(`Installing dependencies with pnpm ${version}.\n`);
  return runCommand(['npx', '--loglevel=error', '--yes', `pnpm@${version}`, 'install', '--frozen-lockfile', ...args], { output: 'stderr' });
}

/** @param {import('./workspaces.mjs').Manifest} manifest */
function hasDependencies(manifest) {
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0;
}

/** @param {string} path */
function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
