import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createGateRegistry, silentLogger, systemClock, type FerricPlugin, type PluginParts, type StartVirtualDevice } from '@ferric/core';
import { readFile } from 'node:fs/promises';
import { REPOSITORY } from './repository.js';

/** A driver package that the repository's root lists, and so its conductor loads. */
export interface InstalledDriver {
  readonly packageName: string;
  readonly parts: PluginParts;
  /** What starts a machine, one for each kind of machine that the package knows. */
  readonly machines: readonly StartVirtualDevice[];
}

/** Settings of simulators whose packages have more hardware types than the one of the machine that they start by themselves. */
const KINDS: Readonly<Record<string, readonly object[]>> = {
  '@ferric/driver-ilo': [{ generation: 'gen9' }, { generation: 'gen10' }],
};

/** Every driver package among the dependencies of the repository's root. */
export async function loadInstalledDrivers(): Promise<readonly InstalledDriver[]> {
  const manifest = join(REPOSITORY, 'package.json');
  const { dependencies = {} } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly dependencies?: Readonly<Record<string, string>> };
  const names = Object.keys(dependencies).filter((name) => name.includes('/driver-'));
  const { resolve } = createRequire(manifest);
  const load = async <T>(specifier: string): Promise<T> => (await import(pathToFileURL(resolve(specifier)).href)) as T;
  return Promise.all(
    names.map(async (packageName) => {
      const { plugin } = await load<{ readonly plugin: FerricPlugin }>(`${packageName}/plugin`);
      const { startVirtualDevice } = await load<{ readonly startVirtualDevice: StartVirtualDevice }>(`${packageName}/simulator`);
      return {
        packageName,
        parts: plugin.create({ logger: silentLogger, clock: systemClock, gates: createGateRegistry(systemClock) }),
        machines: (KINDS[packageName] ?? [{}]).map((kind) => (options) => startVirtualDevice({ ...kind, ...options })),
      };
    }),
  );
}
