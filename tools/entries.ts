import type { Manifest } from './workspaces.mjs';

/** One entry of a package that is code. */
export interface Entry {
  /** As in `exports`: `.`, `./plugin`. */
  readonly subpath: string;
  /** The built file, relative to the package. */
  readonly file: string;
}

/** The entries of a package that are code, from the `exports` of its manifest. */
export function readEntries({ exports = {} }: Manifest): readonly Entry[] {
  return Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === 'object' && target !== null && 'default' in target ? [{ subpath, file: String(target.default) }] : [],
  );
}
