import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@ferric/core';
import { createFakeClock, createRecordingLogger } from '@ferric/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileChecksums } from './file-checksums.js';
import type { ImageFile } from './image-folders.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'ferric-checksums-'))));
afterEach(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();
const checksums = createFileChecksums({ logger: silentLogger, clock: createFakeClock() });

async function located(name: string): Promise<ImageFile> {
  const path = join(folder, name);
  return { folder: 0, root: folder, parts: [name], path, status: await stat(path, { bigint: true }) };
}

test('a file that changes meanwhile has no checksum, and may be asked for again', async () => {
  await writeFile(join(folder, 'x'), 'first');
  const before = await located('x');
  await appendFile(join(folder, 'x'), ' and more');
  await expect(checksums.of(before, 'sha256', { signal })).rejects.toMatchObject({ code: 'CONFLICT', retryable: true });
  await expect(checksums.of(await located('x'), 'sha256', { signal })).resolves.toMatch(/^[0-9a-f]{64}$/);
});

test('one who leaves takes the checksum from nobody, and the last one ends its reading', async () => {
  await writeFile(join(folder, 'x'), Buffer.alloc(8_000_000));
  const file = await located('x');
  const logger = createRecordingLogger();
  const shared = createFileChecksums({ logger, clock: createFakeClock() });
  const [leaving, staying] = [new AbortController(), new AbortController()];
  const left = shared.of(file, 'sha512', { signal: leaving.signal });
  const stayed = shared.of(file, 'sha512', { signal: staying.signal });
  const reason = new Error('gone');
  leaving.abort(reason);
  await expect(left).rejects.toBe(reason);
  await expect(stayed).resolves.toMatch(/^[0-9a-f]{128}$/);
  expect(logger.at('info')).toHaveLength(1);

  const last = shared.of(file, 'sha256', { signal: staying.signal });
  staying.abort(reason);
  await expect(last).rejects.toBe(reason);
  // A new reading: the one that was given up is shared with nobody.
  await expect(shared.of(file, 'sha256', { signal })).resolves.toMatch(/^[0-9a-f]{64}$/);
  expect(logger.at('info')).toHaveLength(2);
});

test('a file that went away is told by its path', async () => {
  await writeFile(join(folder, 'x'), 'first');
  const before = await located('x');
  await rm(join(folder, 'x'));
  await expect(checksums.of(before, 'sha256', { signal })).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining(join(folder, 'x')) as string });
});
