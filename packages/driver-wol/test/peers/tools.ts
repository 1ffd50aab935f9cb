import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Programs that these tests run, and the Debian package of each. */
const DEBIAN_PACKAGES = { etherwake: 'etherwake', ip: 'iproute2', tcpdump: 'tcpdump', wakeonlan: 'wakeonlan' } as const;

const FOLDERS = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];

/** Where a program is. Fails with the name of its Debian package when it is missing. */
export function findTool(name: keyof typeof DEBIAN_PACKAGES): string {
  const found = FOLDERS.filter((folder) => folder !== '').map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`${name} is not installed. Install it: apt-get install --no-install-recommends ${DEBIAN_PACKAGES[name]}`);
}

/** Fails when these tests may not make network namespaces and raw sockets. */
export function requireRoot(): void {
  if (process.getuid?.() !== 0) throw new Error('These tests make network namespaces and open raw sockets: run them as root.');
}

/** Runs a program to its end; yields what it printed. Fails with what it said when its exit code is not 0. */
export async function run(file: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { timeout: 30_000 });
  return stdout;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
