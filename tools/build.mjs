// Builds the packages when a source or a built file changed since the last build. Asking takes a few milliseconds,
// where the build tool's own cache takes the time of its start.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runCommand } from './child.mjs';
import { ROOT, listWorkspaces } from './workspaces.mjs';

const STAMP = join('node_modules', '.cache', 'ferric', 'build.json');

/** Files outside the packages that decide what is built. */
const SHARED_INPUTS = ['package.json', 'pnpm-lock.yaml', 'turbo.json', 'tsconfig.base.json', 'tsup.shared.ts'];

/** Folders of a package that are no part of its build. */
const IGNORED_FOLDERS = new Set(['node_modules', 'dist', 'test', 'coverage', '.turbo']);

/**
 * The state of all inputs and outputs, by path, size and time.
 * @typedef {{ inputs: string, outputs: string }} BuildState
 */

/**
 * @param {string} [root]
 * @returns {BuildState}
 */
export function readBuildState(root = ROOT) {
  const built = listWorkspaces(root).filter(({ manifest }) => manifest.scripts?.['build'] !== undefined);
  const inputs = SHARED_INPUTS.map((path) => join(root, path)).filter((path) => existsSync(path));
  for (const { folder } of built) collectFiles(join(root, folder), IGNORED_FOLDERS, inputs);
  /** @type {string[]} */
  const outputs = [];
  for (const { folder } of built) {
    outputs.push(join(root, folder, 'dist'));
    collectFiles(join(root, folder, 'dist'), new Set(), outputs);
  }
  return { inputs: digest(root, inputs), outputs: digest(root, outputs) };
}

/**
 * Whether nothing changed since the last build that succeeded.
 * @param {string} [root]
 */
export function isBuilt(root = ROOT) {
  const stamp = join(root, STAMP);
  if (!existsSync(stamp)) return false;
  const now = readBuildState(root);
  const then = /** @type {BuildState} */ (JSON.parse(readFileSync(stamp, 'utf8')));
  return then.inputs === now.inputs && then.outputs === now.outputs;
}

/**
 * @param {readonly string[]} [args] more arguments for the build tool
 * @returns {Promise<number>} exit code of the build
 */
export async function build(args = []) {
  process.stderr.write('Building the packages.\n');
  // Read before the build: what is edited while it runs is built next time.
  const { inputs } = readBuildState();
  const command = ['turbo', 'run', 'build', '--continue=dependencies-successful', '--output-logs=errors-only', ...args];
  const code = await runCommand(command, { output: 'stderr' });
  if (code === 0) {
    mkdirSync(dirname(join(ROOT, STAMP)), { recursive: true });
    writeFileSync(join(ROOT, STAMP), JSON.stringify({ inputs, outputs: readBuildState().outputs }));
  }
  return code;
}

/** @param {string} folder @param {ReadonlySet<string>} ignored @param {string[]} found */
function collectFiles(folder, ignored, found) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!ignored.has(entry.name)) collectFiles(path, new Set(), found);
    } else if (!/\.test(-d)?\.ts$/.test(entry.name)) found.push(path);
  }
}

/** @param {string} root @param {string[]} paths */
function digest(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths.toSorted()) {
    const stat = statSync(path, { throwIfNoEntry: false });
    // A folder's own time and size change with files that are not part of it.
    const state = stat === undefined ? 'missing' : stat.isDirectory() ? 'folder' : `${stat.size} ${stat.mtimeMs}`;
    hash.update(`${relative(root, path)} ${state}\n`);
  }
  return hash.digest('hex');
}
