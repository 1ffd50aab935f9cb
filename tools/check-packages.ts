// Packs every public package as it would be published and checks the result.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readEntries } from './entries.ts';
import { ROOT, listPublicPackages, type Workspace } from './workspaces.mjs';

/** What every tarball carries besides its code. */
const NEEDED_FILES: readonly string[] = ['package/package.json', 'package/README.md', 'package/LICENSE'];

/** Entries that stand on an optional peer, which need not be loadable by `require()`. */
const NEVER_REQUIRED: ReadonlySet<string> = new Set(['./conformance']);

/** One question asked of a package and its tarball. Throws when the answer is no. */
interface Inspection {
  readonly name: string;
  inspect(workspace: Workspace, tarball: string): Promise<unknown>;
}

const INSPECTIONS: readonly Inspection[] = [
  { name: 'files', inspect: async (_workspace, tarball) => findMissingFiles(await run('tar', '-tzf', tarball)) },
  { name: 'publint', inspect: (_workspace, tarball) => run('publint', 'run', tarball, '--strict') },
  { name: 'attw', inspect: (_workspace, tarball) => run('attw', tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii') },
  { name: 'import', inspect: (workspace) => run('node', '--input-type=module', '--eval', loadEntries(workspace, 'await import')) },
  { name: 'require', inspect: (workspace) => run('node', '--input-type=commonjs', '--eval', loadEntries(workspace, 'require', NEVER_REQUIRED)) },
];

function findMissingFiles(listing: string): void {
  const missing = NEEDED_FILES.filter((file) => !listing.split('\n').includes(file));
  if (missing.length > 0) throw new Error(`the tarball lacks ${missing.join(', ')}`);
}

/** A program that loads the entries of a package. */
function loadEntries({ folder, manifest }: Workspace, loader: string, except: ReadonlySet<string> = new Set()): string {
  return readEntries(manifest)
    .filter(({ subpath }) => !except.has(subpath))
    .map(({ file }) => `${loader}(${JSON.stringify(join(ROOT, folder, file))});`)
    .join('\n');
}

/** What the command printed. Throws with it when the command fails. */
async function run(file: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(file, args, { cwd: ROOT, timeout: 120_000 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}`.trim() || message, { cause: error });
  }
}

async function pack({ folder }: Workspace, destination: string): Promise<string> {
  const before = new Set(await readdir(destination));
  await run('pnpm', '--dir', folder, 'pack', '--pack-destination', destination);
  const tarball = (await readdir(destination)).find((name) => !before.has(name));
  if (tarball === undefined) throw new Error(`pnpm pack left no file for ${folder}`);
  return join(destination, tarball);
}

/** Asks everything, prints one line a package and what was wrong; yields whether all was well. */
async function inspectPackage(workspace: Workspace, destination: string): Promise<boolean> {
  const tarball = await pack(workspace, destination);
  const answers = await Promise.allSettled(INSPECTIONS.map(({ inspect }) => inspect(workspace, tarball)));
  const failed = INSPECTIONS.flatMap(({ name }, index) => {
    const answer = answers[index];
    return answer?.status === 'rejected' ? [{ name, reason: answer.reason as Error }] : [];
  });
  const names = (failed.length === 0 ? INSPECTIONS : failed).map(({ name }) => name).join(', ');
  console.log(`${workspace.name}: ${names} ${failed.length === 0 ? 'clean' : 'FAILED'}`);
  for (const { name, reason } of failed) console.log(`${name}: ${reason.message}`);
  return failed.length === 0;
}

const destination = await mkdtemp(join(tmpdir(), 'ferric-pack-'));
try {
  const packages = listPublicPackages();
  let faulty = 0;
  for (const workspace of packages) if (!(await inspectPackage(workspace, destination))) faulty += 1;
  console.log(`${packages.length} packages, ${faulty} with faults`);
  process.exitCode = faulty === 0 ? 0 : 1;
} finally {
  await rm(destination, { recursive: true });
}
