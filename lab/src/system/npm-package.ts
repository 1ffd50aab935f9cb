import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { keepInCache } from './cache.ts';
import { run } from './programs.ts';

/** A folder of a published package that tests run and nobody installs: it may be large, and brings nothing along. */
export interface NpmPackage {
  readonly name: string;
  /** The one version, without a range. */
  readonly version: string;
  /** What `npm view <name>@<version> dist.integrity` says: `sha512-…`. Anything else is not unpacked. */
  readonly integrity: string;
  /** The folder inside the package. The rest is thrown away. */
  readonly folder: string;
  /** Where npm takes it from, when not from its registry: a folder or an archive. */
  readonly from?: string;
}

/** Longest time for a download of a hundred megabytes. Milliseconds. */
const DOWNLOAD_MS = 300_000;

/**
 * Yields the path of the folder: fetched once by npm, checked, and kept outside of the project for later runs. No script of the package runs, and its
 * dependencies are not fetched. Fails with what npm said, and when the archive is not the one that is asked for.
 */
export async function fetchNpmPackage({ name, version, integrity, folder, from }: NpmPackage): Promise<string> {
  const [algorithm, digest = ''] = integrity.split(/-(.*)/);
  if (algorithm !== 'sha512' || Buffer.from(digest, 'base64').length !== 64) throw new Error(`The integrity of ${name} must be sha512-…, not ${integrity}`);
  const label = `npm-${name.replaceAll(/[^\w.-]/g, '_')}-${version}-${Buffer.from(digest, 'base64').toString('hex').slice(0, 32)}`;
  const kept = await keepInCache(label, async (destination) => {
    const draft = mkdtempSync(join(tmpdir(), 'ferric-npm-'));
    try {
      // In a folder of its own, npm finds neither our manifest nor our settings.
      await run('npm', ['pack', from ?? `${name}@${version}`, '--ignore-scripts', '--no-update-notifier', '--silent'], { cwd: draft, timeoutMs: DOWNLOAD_MS });
      const archive = join(draft, onlyFile(draft));
      const found = await digestOf(archive);
      if (found !== digest) throw new Error(`${name}@${version} is not what it should be: its archive has sha512-${found} instead of ${integrity}`);
      await run('tar', ['--extract', '--gzip', '--file', archive, '--directory', destination, '--strip-components', '1', `package/${folder}`]);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  });
  return join(kept, folder);
}

function onlyFile(directory: string): string {
  const [name, ...others] = readdirSync(directory);
  if (name === undefined || others.length > 0) throw new Error(`npm pack left ${[name, ...others].join(', ')} instead of one archive`);
  return name;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return hash.digest('base64');
}
