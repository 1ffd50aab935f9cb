import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: a project whose package.json lists driver packages. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** The built program of the conductor. */
export const CONDUCTOR_PROGRAM = join(REPOSITORY, 'apps', 'conductor', 'dist', 'main.js');
