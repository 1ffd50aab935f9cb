// Checks that every public package is covered by its last release or by a pending changeset. The tool's own status
// compares with the main branch, so it has nothing to say on main; this check compares with the tags of the releases.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, listPublicPackages, type Workspace } from '../workspaces.mjs';
import { findChangesetProblems, findReleaseProblem, parseChangeset, type ReleaseState } from './changeset-rules.ts';

/** Output of git, or undefined when it fails: no repository, no such tag. */
function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

function readReleaseState({ name, folder, manifest: { version } }: Workspace): ReleaseState {
  const changelog = join(ROOT, folder, 'CHANGELOG.md');
  // `changeset publish` names its tags so.
  const shipped = [`${folder}/src`, `${folder}/package.json`, `:(exclude)${folder}/src/**/*.test*.ts`];
  const diff = git('diff', '--name-only', `${name}@${version}`, '--', ...shipped);
  return {
    name,
    version,
    inChangelog: existsSync(changelog) && readFileSync(changelog, 'utf8').includes(`\n## ${version}\n`),
    changedSinceRelease: diff?.split('\n').filter((line) => line !== ''),
  };
}

/** What the tool itself says; undefined when it is content or when there is no main branch to compare with. */
function runStatus(): string | undefined {
  if (git('rev-parse', '--verify', '--quiet', 'refs/heads/main') === undefined) return undefined;
  try {
    execFileSync('changeset', ['status'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `changeset status failed: ${stdout}${stderr}`.trim();
  }
}

const packages = listPublicPackages();
const changesets = globSync('.changeset/*.md', { cwd: ROOT, exclude: (path) => path.endsWith('README.md') })
  .toSorted()
  .map((file) => parseChangeset(file, readFileSync(join(ROOT, file), 'utf8')));
const problems = [
  ...changesets.flatMap((changeset) => findChangesetProblems(changeset, packages.map(({ name }) => name))),
  ...packages.map((workspace) => findReleaseProblem(readReleaseState(workspace), changesets)),
  runStatus(),
].filter((problem) => problem !== undefined);

for (const problem of problems) console.log(problem);
console.log(`${packages.length} packages, ${changesets.length} changesets, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
