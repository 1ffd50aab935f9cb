import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../system/programs.ts';
import { keepInCache, listCache } from '../system/cache.ts';

/** A Linux kernel for guests. */
export interface Kernel {
  /** Names it and its package's version. */
  readonly name: string;
  /** Path of a bzImage. */
  readonly kernel: string;
  /** Paths of these modules and of all that they need, in the order in which they can be loaded. */
  modules(...names: readonly string[]): readonly string[];
}

/** Its newest version is a package of its own, which this one names. It is small: made for virtual machines. */
const PACKAGE = 'linux-image-cloud-amd64';
const DOWNLOAD_TIMEOUT_MS = 120_000;
const CACHE_PREFIX = 'kernel-';

/**
 * Debian's kernel for virtual machines. It is downloaded once and unpacked, never installed: the machine that runs the tests shall not boot it.
 * Fails when there is no network and it was never downloaded.
 */
export async function findKernel(): Promise<Kernel> {
  const found = await newest();
  const name = `${CACHE_PREFIX}${found}`;
  const folder = await keepInCache(name, async (draft) => download(found, draft));
  const [image] = readdirSync(join(folder, 'boot')).filter((file) => file.startsWith('vmlinuz-'));
  if (image === undefined) throw new Error(`The package of ${name} has no kernel`);
  const files = moduleFiles(join(folder, 'lib/modules'));
  return { name, kernel: join(folder, 'boot', image), modules: (...names) => loadOrder(names, files) };
}

/** `linux-image-6.1.0-1-cloud-amd64=6.1.4-1`, as apt-get takes it. Without apt's lists: what was used last. */
async function newest(): Promise<string> {
  const known = (await askApt()) ?? (await update().then(askApt, () => undefined));
  const found = known ?? listCache(CACHE_PREFIX)[0]?.slice(CACHE_PREFIX.length);
  if (found !== undefined) return found;
  throw new Error(`apt knows no package ${PACKAGE}, also after apt-get update: guests need the kernel of a Debian 12 machine with its package lists.`);
}

async function askApt(): Promise<string | undefined> {
  const record = await run('apt-cache', ['--quiet', 'show', '--no-all-versions', PACKAGE]).catch(() => '');
  const [, image, version] = /^Depends:.*?\b(linux-image-[^ ,]+) \(= ([^)]+)\)/m.exec(record) ?? [];
  return image === undefined || version === undefined ? undefined : `${image}=${version}`;
}

async function update(): Promise<void> {
  await run('apt-get', ['--quiet', 'update'], { timeoutMs: DOWNLOAD_TIMEOUT_MS });
}

async function download(found: string, folder: string): Promise<void> {
  const attempt = async (): Promise<unknown> => run('apt-get', ['--quiet', 'download', found], { timeoutMs: DOWNLOAD_TIMEOUT_MS, cwd: folder });
  // Lists that are old name files that are gone.
  await attempt().catch(async () => {
    await update();
    return attempt();
  });
  const [file] = readdirSync(folder);
  if (file === undefined) throw new Error(`apt-get downloaded no ${found}`);
  await run('dpkg-deb', ['--extract', join(folder, file), folder], { timeoutMs: DOWNLOAD_TIMEOUT_MS });
  rmSync(join(folder, file));
}

/** Paths by the modules' names, which write a dash as an underscore. */
function moduleFiles(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ko'));
  return new Map(files.map((file) => [basename(file, '.ko').replaceAll('-', '_'), join(folder, file)]));
}

/** Each module after those that it needs. */
function loadOrder(names: readonly string[], files: ReadonlyMap<string, string>): readonly string[] {
  const order = new Set<string>();
  const visit = (name: string): void => {
    const file = files.get(name);
    if (file === undefined) throw new Error(`The kernel has no module ${name}`);
    for (const needed of dependencies(file)) visit(needed);
    order.add(file);
  };
  for (const name of names) visit(name);
  return [...order];
}

/** Source: Linux, scripts/mod/modpost.c, add_depends: a text in the section .modinfo. */
function dependencies(file: string): readonly string[] {
  const [, names = ''] = /\0depends=([^\0]*)\0/.exec(readFileSync(file, 'latin1')) ?? [];
  return names.split(',').filter((name) => name !== '').map((name) => name.replaceAll('-', '_'));
}
