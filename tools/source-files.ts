import { globSync } from 'node:fs';
import { ROOT } from './workspaces.mjs';

const IGNORED_FOLDERS = new Set(['node_modules', 'dist', 'coverage', '.turbo']);

/** Every source file in a folder of the repository, tests and configuration included, as paths from the root, sorted. */
export function listSourceFiles(folder: string): readonly string[] {
  const exclude = (path: string): boolean => path.split('/').some((part) => IGNORED_FOLDERS.has(part));
  return globSync(`${folder}/**/*.{ts,mts,js,mjs}`, { cwd: ROOT, exclude }).toSorted();
}
