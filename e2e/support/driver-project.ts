import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from './repository.js';

/**
 * Makes a project whose conductor loads just these driver packages of the repository, as they were built.
 * @param parent an empty folder
 * @param drivers folders below `packages`: `driver-nm`
 * @returns the project's folder, for `--project`
 */
export async function createDriverProject(parent: string, drivers: readonly string[]): Promise<string> {
  const folder = join(parent, 'project');
  const scope = join(folder, 'node_modules', '@ferric');
  await mkdir(scope, { recursive: true });
  await Promise.all(drivers.map((driver) => symlink(join(REPOSITORY, 'packages', driver), join(scope, driver))));
  const dependencies = Object.fromEntries(drivers.map((driver) => [`@ferric/${driver}`, '*']));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module', dependencies }));
  return folder;
}
