import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

/** A manifest, as far as the build needs it. */
interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly '@ferric/source': string; readonly default: string }>>;
}

/** What `tsup` yields for a configuration; named so that the types of a package's configuration need no dependency on it. */
type BuildConfig = ReturnType<typeof defineConfig>;

/**
 * The build of a package: each entry of its `exports` that has a source becomes the built file that `exports` names, with types.
 * @param programs entries besides, without types: the files that `bin` names
 */
export function defineBuild(programs: Readonly<Record<string, string>> = {}): BuildConfig {
  const entries = exportedEntries(JSON.parse(readFileSync('package.json', 'utf8')) as Manifest);
  return defineConfig({
    entry: { ...entries, ...programs },
    format: ['esm'],
    dts: { entry: entries },
    sourcemap: true,
    clean: true,
    target: 'node22',
    // node:sqlite exists under no other name.
    removeNodeProtocol: false,
  });
}

/** `{ plugin: './src/plugin.ts' }` for the export `./plugin` with the built file `./dist/plugin.js`. */
function exportedEntries({ exports }: Manifest): Record<string, string> {
  const entries = Object.values(exports).filter((target) => typeof target !== 'string');
  return Object.fromEntries(entries.map((target) => [target.default.replace(/^\.\/dist\/|\.js$/g, ''), target['@ferric/source']]));
}
