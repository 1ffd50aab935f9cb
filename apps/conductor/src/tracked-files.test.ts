import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FerricError } from '@ferric/core';
import { createRecordingLogger } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trackFiles, type TrackedFiles } from './tracked-files.js';

let folder: string;
let path: string;
const logger = createRecordingLogger();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-tracked-'));
  path = join(folder, 'file');
  await write('first');
  logger.clear();
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (text: string | Uint8Array): Promise<void> => writeFile(path, text, { mode: 0o600 });

function track(): Promise<TrackedFiles<string>> {
  return trackFiles({
    files: [{ option: '--file', path, isPrivate: true }],
    parse([text]) {
      const clear = text?.reveal() ?? '';
      if (clear.startsWith('bad')) throw new FerricError('INVALID_OPTIONS', 'It is bad');
      return clear;
    },
    logger,
  });
}

describe('trackFiles', () => {
  test('reads once, and again only after a change', async () => {
    const tracked = await track();
    expect(tracked.content).toBe('first');
    expect(await tracked.refresh()).toBe(false);
    await write('second');
    expect(tracked.content).toBe('first');
    expect(await tracked.refresh()).toBe(true);
    expect(tracked.content).toBe('second');
    expect(logger.at('info')).toHaveLength(1);
  });

  test('notices another file of the same size and time under its name', async () => {
    const tracked = await track();
    await writeFile(join(folder, 'new'), 'other', { mode: 0o600 });
    await rename(join(folder, 'new'), path);
    expect(await tracked.refresh()).toBe(true);
    expect(tracked.content).toBe('other');
  });

  test('a bad version is told once and leaves the old one, also when the file is gone', async () => {
    const tracked = await track();
    await write('bad one');
    expect([await tracked.refresh(), await tracked.refresh(), tracked.content]).toEqual([false, false, 'first']);
    expect(logger.at('error')).toHaveLength(1);
    await rm(path);
    expect([await tracked.refresh(), await tracked.refresh(), tracked.content]).toEqual([false, false, 'first']);
    expect(logger.at('error')).toHaveLength(2);
    await write('good again');
    expect([await tracked.refresh(), tracked.content]).toEqual([true, 'good again']);
  });

  test('many who ask at once share one look', async () => {
    const tracked = await track();
    await write('second');
    expect(await Promise.all([tracked.refresh(), tracked.refresh()])).toEqual([true, true]);
    expect(logger.at('info')).toHaveLength(1);
  });

  test.each([
    ['is not there', () => rm(path), /--file must be a file that the conductor can read \(ENOENT\), got ".*\/file"/],
    ['is a folder', () => rm(path).then(() => mkdir(path)), /--file must be a regular file/],
    ['is huge', () => write(new Uint8Array(1024 * 1024 + 1)), /--file must be a file of at most 1048576 bytes/],
    ['is no text', () => write(Uint8Array.of(0x61, 0xff)), /--file must be a text in UTF-8/],
    ['is bad', () => write('bad'), /It is bad/],
  ])('refuses to start with a file that %s', async (_case, change, message) => {
    await change();
    await expect(track()).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) as string });
  });

  test('warns when everybody may read what is private', async () => {
    await track();
    expect(logger.at('warn')).toEqual([]);
    await chmod(path, 0o644);
    await track();
    expect(logger.at('warn').map(({ fields }) => fields)).toEqual([{ option: '--file', file: path }]);
  });
});
