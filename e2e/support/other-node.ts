import { realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { succeed } from './program.js';

/** A Node.js that can run programs. */
export interface NodeRuntime {
  readonly path: string;
  readonly version: string;
}

/** Every Node.js in the path of this process, and the one that runs it, that is at least this version (`22.19`). */
export async function findNodes(oldest: string): Promise<readonly NodeRuntime[]> {
  const candidates = [process.execPath, ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'))];
  const found = new Map<string, NodeRuntime>();
  for (const candidate of candidates) {
    const path = await realpath(candidate).catch(() => undefined);
    if (path === undefined) continue;
    const version = (await succeed(candidate, ['--version'])).replace('v', '');
    if (isAtLeast(version, oldest)) found.set(version, { path: candidate, version });
  }
  return [...found.values()];
}

function isAtLeast(version: string, oldest: string): boolean {
  const [one, other] = [version, oldest].map((text) => text.split('.').map(Number));
  for (const [index, number] of (other ?? []).entries()) {
    const difference = (one?.[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
