// What `npm run <task>` does, as data. The scripts of the root package.json name the tasks and nothing else.
import { join } from 'node:path';
import { build, isBuilt } from './build.mjs';
import { runCommand } from './child.mjs';
import { install, isInstalled } from './install.mjs';
import { ROOT, readManifest } from './workspaces.mjs';

/**
 * Something that must have happened before a task can run.
 * @typedef {{ isDone(): boolean, run(args?: readonly string[]): Promise<number> }} Preparation
 */

/**
 * @typedef {'install' | 'build'} PreparationName
 */

/**
 * @typedef {object} Task
 * @property {readonly PreparationName[]} needs what is done first, in order, when it is not done already
 * @property {(args: readonly string[]) => Promise<number>} run does the task with the arguments of the user; yields the exit code
 */

/** @type {Readonly<Record<PreparationName, Preparation>>} */
export const PREPARATIONS = {
  install: { isDone: isInstalled, run: install },
  build: { isDone: isBuilt, run: build },
};

/** @type {Readonly<Record<string, Task>>} */
export const TASKS = {
  setup: { needs: [], run: install },
  build: { needs: ['install'], run: build },
  test: { needs: ['install', 'build'], run: command('turbo', 'run', 'test', '--continue', '--log-order=grouped') },
  'test:peers': { needs: ['install', 'build'], run: testPeers },
  'test:ironicclient': { needs: ['install', 'build'], run: testIronicClient },
  fuzz: { needs: ['install'], run: fuzz },
  lint: { needs: ['install'], run: command('oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives') },
  typecheck: { needs: ['install'], run: command('turbo', 'run', 'typecheck', '--continue', '--output-logs=errors-only') },
  check: { needs: ['install', 'build'], run: command('node', 'tools/check.ts') },
  bench: { needs: ['install', 'build'], run: command('pnpm', '--filter', './bench', 'start') },
  demo: { needs: ['install', 'build'], run: conductor('demo') },
  conductor: { needs: ['install', 'build'], run: conductor('serve') },
};

/** @param {readonly string[]} words @returns {Task['run']} */
function command(...words) {
  return (args) => runCommand([...words, ...args]);
}

/** @param {string} verb a command of the conductor's own @returns {Task['run']} */
function conductor(verb) {
  return (args) => {
    const folder = join('apps', 'conductor');
    const program = readManifest(join(ROOT, folder)).bin?.['ferric-conductor'];
    if (program === undefined) throw new Error(`${folder}/package.json names no program ferric-conductor under "bin".`);
    return runCommand(['node', join(folder, program), verb, ...args]);
  };
}

/** One package after the other, all of them even when one fails: peers share ports, and each result counts. Sorted, pnpm would leave out what depends on the failed one. @type {Task['run']} */
async function testPeers(args) {
  const missing = await runCommand(['node', 'tools/debian-packages.mjs']);
  if (missing !== 0) return missing;
  return runCommand(['pnpm', '--recursive', '--no-bail', '--no-sort', '--if-present', '--workspace-concurrency=1', 'run', 'test:peers', ...args]);
}

/** Debian's client of Ironic, its own tests and what they need. */
const IRONIC_CLIENT_PACKAGES = ['python3-ironicclient', 'python3-tempest'];

/** @type {Task['run']} */
async function testIronicClient(args) {
  const missing = await runCommand(['node', 'tools/debian-packages.mjs', ...IRONIC_CLIENT_PACKAGES]);
  if (missing !== 0) return missing;
  return runCommand(['pnpm', '--filter', './e2e', 'run', 'test:ironicclient', ...args]);
}

/** The hostile requests of every test run, many more of them. @type {Task['run']} */
async function fuzz(args) {
  process.env['FERRIC_FUZZ_REQUESTS'] ??= '20000';
  return runCommand(['pnpm', '--filter', './apps/conductor', 'exec', 'vitest', 'run', 'test/api/fuzz.test.ts', ...args]);
}
