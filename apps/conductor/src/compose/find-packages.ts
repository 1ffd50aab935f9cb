import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CONTRACT, FerricError, printValue } from '@ferric/core';

/** The part of a package.json that matters here. */
interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
  readonly ferric?: { readonly contract?: unknown };
}

/** A package that carries the marker with the right contract; its code has not run yet. */
export interface DriverPackage {
  readonly name: string;
  readonly version: string;
  /** The module behind its subpath `./plugin`. */
  readonly pluginUrl: URL;
  /** The module behind its subpath `./simulator`, when it brings virtual devices. */
  readonly simulatorUrl?: URL;
}

/** A package that cannot be used, and why. The others go on without it. */
export interface RefusedPackage {
  readonly name: string;
  readonly reason: string;
}

export interface FoundPackages {
  readonly packages: readonly DriverPackage[];
  readonly refused: readonly RefusedPackage[];
}

export interface FindPackagesOptions {
  /** Folder of the project whose package.json lists the drivers. */
  readonly projectDirectory: string;
  /** Only these packages, which then must be drivers. Absent: the direct dependencies that carry the marker. */
  readonly names?: readonly string[];
}

/**
 * Finds the driver packages of a project by reading manifests only. node_modules is never searched: a package that
 * nobody named cannot become a driver.
 * @throws INVALID_OPTIONS when the project has no readable package.json and no names are given.
 */
export async function findPackages(options: FindPackagesOptions): Promise<FoundPackages> {
  const projectFile = join(resolve(options.projectDirectory), 'package.json');
  const names = options.names ?? Object.keys((await readProject(projectFile)).dependencies ?? {});
  const found = await Promise.all(names.map((name) => inspect(name, projectFile, options.names !== undefined)));
  return {
    packages: found.flatMap((each) => (each !== undefined && 'pluginUrl' in each ? [each] : [])),
    refused: found.flatMap((each) => (each !== undefined && 'reason' in each ? [each] : [])),
  };
}

async function readProject(file: string): Promise<Manifest> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Manifest;
  } catch (error) {
    throw new FerricError('INVALID_OPTIONS', `Cannot read ${file}, whose dependencies name the drivers`, {
      cause: error,
      hint: 'Start in the folder of your project, name it with --project, or list the packages with --drivers.',
    });
  }
}

async function inspect(name: string, projectFile: string, mustBeDriver: boolean): Promise<DriverPackage | RefusedPackage | undefined> {
  const refuse = (reason: string): RefusedPackage => ({ name, reason });
  const located = locate(name, projectFile);
  if (located === undefined) return refuse('it is not installed');
  const manifest = JSON.parse(await readFile(located, 'utf8')) as Manifest;
  if (manifest.ferric === undefined) return mustBeDriver ? refuse('its package.json has no "ferric" marker') : undefined;
  if (manifest.ferric.contract === undefined) return undefined;
  if (manifest.ferric.contract !== CONTRACT) {
    return refuse(`it was made for contract ${printValue(manifest.ferric.contract)}, this conductor speaks contract ${CONTRACT}`);
  }
  const target = resolveExport(manifest.exports, './plugin');
  if (target === undefined) return refuse('its package.json exports no "./plugin"');
  const simulator = resolveExport(manifest.exports, './simulator');
  const toUrl = (path: string): URL => pathToFileURL(join(dirname(located), path));
  return {
    name,
    version: manifest.version ?? '0.0.0',
    pluginUrl: toUrl(target),
    ...(simulator === undefined ? {} : { simulatorUrl: toUrl(simulator) }),
  };
}

function locate(name: string, projectFile: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(projectFile));
  } catch {
    return undefined;
  }
}

const CONDITIONS: ReadonlySet<string> = new Set(['import', 'module-sync', 'node', 'default']);

/** The file behind a subpath, by the conditions under which `import` would look it up. */
export function resolveExport(exports: unknown, subpath: string): string | undefined {
  if (typeof exports !== 'object' || exports === null) return undefined;
  return pick((exports as Record<string, unknown>)[subpath]);
}

function pick(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, next] of Object.entries(target)) {
    const found = CONDITIONS.has(condition) ? pick(next) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
