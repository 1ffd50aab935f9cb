import { readFileSync } from 'node:fs';

/** Version of this package: its package.json lies one folder above both src/ and dist/. */
export const SOFTWARE_VERSION: string = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
