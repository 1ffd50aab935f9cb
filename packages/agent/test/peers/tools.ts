import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Programs that these tests run, and the Debian package of each. */
const DEBIAN_PACKAGES = { openssl: 'openssl', python3: 'python3', 'qemu-img': 'qemu-utils', 'qemu-io': 'qemu-utils', sfdisk: 'fdisk', sgdisk: 'gdisk' } as const;

const FOLDERS = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];

/** Runs a program to its end; yields what it printed. Fails with the name of its Debian package when it is missing, and with what it said when it fails. */
export async function run(name: keyof typeof DEBIAN_PACKAGES, args: readonly string[], input?: string): Promise<string> {
  const file = FOLDERS.filter((folder) => folder !== '').map((folder) => join(folder, name)).find(isExecutable);
  if (file === undefined) throw new Error(`${name} is not installed. Install it: apt-get install --no-install-recommends ${DEBIAN_PACKAGES[name]}`);
  const running = promisify(execFile)(file, args, { timeout: 60_000 });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A folder that goes away when it is disposed. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'ferric-peer-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
