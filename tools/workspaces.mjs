// The repository's folders and manifests. Free of dependencies and fit for Node 20: it works before anything is installed.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The parts of a package.json that the tools read.
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {string[]} [files]
 * @property {Record<string, string>} [bin]
 * @property {Record<string, unknown>} [exports]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {{ packageManager: { name: string, version: string } }} [devEngines]
 */

/**
 * One package of the workspace.
 * @typedef {object} Workspace
 * @property {string} name
 * @property {string} folder relative to the root: `packages/core`
 * @property {Manifest} manifest
 */

/** The repository's root. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} folder @returns {Manifest} */
export function readManifest(folder) {
  return /** @type {Manifest} */ (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
}

/**
 * Every package that pnpm-workspace.yaml names, the root aside, in the order of the file.
 * @param {string} [root]
 * @returns {Workspace[]}
 */
export function listWorkspaces(root = ROOT) {
  return readPatterns(root)
    .flatMap((pattern) => expand(root, pattern))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => {
      const manifest = readManifest(join(root, folder));
      return { name: manifest.name, folder, manifest };
    });
}

/**
 * Packages that are published.
 * @param {string} [root]
 * @returns {Workspace[]}
 */
export function listPublicPackages(root = ROOT) {
  return listWorkspaces(root).filter(({ manifest }) => manifest.private !== true);
}

/** The list under `packages:` of pnpm-workspace.yaml, which holds nothing but `folder` and `folder/*`. @param {string} root */
function readPatterns(root) {
  const text = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const list = /^packages:\n((?:[ \t]+-.*\n?)+)/m.exec(text)?.[1] ?? '';
  return list
    .split('\n')
    .map((line) => line.replace(/^\s*-\s*/, '').replace(/['"]/g, '').trim())
    .filter((pattern) => pattern !== '');
}

/** @param {string} root @param {string} pattern @returns {string[]} */
function expand(root, pattern) {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  if (!existsSync(join(root, parent))) return [];
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`)
    .toSorted();
}
