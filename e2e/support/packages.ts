import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed } from './program.js';
import { REPOSITORY } from './repository.js';

/** A package of this repository, packed as it would be published. */
export interface PackedPackage {
  readonly name: string;
  readonly tarball: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

const INSTALL_LIMIT_MS = 120_000;

export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Packs packages, named by their folders in the repository, into a folder. */
export async function packPackages(folders: readonly string[], destination: string): Promise<readonly PackedPackage[]> {
  return Promise.all(
    folders.map(async (folder) => {
      const cwd = join(REPOSITORY, folder);
      const { name, version } = await readManifest(cwd);
      await succeed(join(REPOSITORY, 'node_modules', '.bin', 'pnpm'), ['pack', '--pack-destination', destination], { cwd });
      return { name, tarball: join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`) };
    }),
  );
}

/** An npm project outside of the workspace. */
export interface NpmProject {
  readonly folder: string;
  /** Installs tarballs or folders as dependencies. */
  install(...specifiers: readonly string[]): Promise<void>;
}

export async function createNpmProject(folder: string): Promise<NpmProject> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'somebodys-tool', private: true, type: 'module' }));
  return {
    folder,
    async install(...specifiers) {
      await succeed('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...specifiers], { cwd: folder, timeoutMs: INSTALL_LIMIT_MS });
    },
  };
}

/** What an installation weighs. */
export interface InstalledFiles {
  readonly packages: readonly string[];
  readonly bytes: number;
  readonly files: readonly string[];
}

export async function measureInstallation(folder: string): Promise<InstalledFiles> {
  const modules = join(folder, 'node_modules');
  const entries = await readdir(modules, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(modules.length + 1));
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(modules, file))).size));
  const packages = files.flatMap((file) => /^(?:.*node_modules\/)?((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(file)?.[1] ?? []);
  return { packages: packages.toSorted(), bytes: sizes.reduce((sum, size) => sum + size, 0), files };
}
