// Checks every import of the workspace against import-rules.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, listWorkspaces } from '../workspaces.mjs';
import { listSourceFiles } from '../source-files.ts';
import { findUnlayered, findViolations, type WorkspaceView } from './find-violations.ts';
import { readImports, readReexports } from './read-imports.ts';

const coreIndex = 'packages/core/src/index.ts';
const workspaces = listWorkspaces();
const view: WorkspaceView = {
  packages: workspaces.map(({ name, folder, manifest }) => ({ name, folder, exports: Object.keys(manifest.exports ?? {}) })),
  coreNames: readReexports(coreIndex, readFileSync(join(ROOT, coreIndex), 'utf8')),
};
const files = workspaces.flatMap(({ folder }) => listSourceFiles(folder));
const violations = files.flatMap((path) => findViolations({ path, imports: readImports(path, readFileSync(join(ROOT, path), 'utf8')) }, view));
const unlayered = findUnlayered(view);

for (const { path, line, problem } of violations) console.log(`${path}:${line} ${problem}`);
for (const folder of unlayered) console.log(`${folder} has no row in tools/imports/import-rules.ts`);
console.log(`${files.length} files, ${violations.length + unlayered.length} violations`);
process.exitCode = violations.length + unlayered.length === 0 ? 0 : 1;
