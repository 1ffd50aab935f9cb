import { access, mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPublishedFiles, type MediumPlace, type PublishedFiles } from './published-files.js';

const NODE = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
const OTHER_NODE = '2be26c0b-03f2-4d2e-ae87-c02d7f33c123';
const KEY = 'a0'.repeat(16);
const OTHER_KEY = 'b1'.repeat(16);
const PLACE: MediumPlace = { nodeUuid: NODE, key: KEY, name: 'boot.iso' };

let folder: string;
let clock: FakeClock;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-published-'));
  clock = createFakeClock();
});
afterEach(() => rm(folder, { recursive: true }));

const open = (hostname = 'here'): PublishedFiles => createPublishedFiles({ folder, clock, hostname });
const put = (files: PublishedFiles, place = PLACE): Promise<void> => files.put(place, async (_folder, file) => writeFile(file, 'x'));
const failure = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'no failure', (error: unknown) => error);
/** A process that is killed while it makes something: its work folder stays. */
async function leaveWork(files: PublishedFiles, place = PLACE): Promise<{ readonly entry: string; finish(): Promise<void> }> {
  const started = Promise.withResolvers<string>();
  const going = Promise.withResolvers<void>();
  const making = files.put(place, async (workFolder, file) => {
    await writeFile(file, 'half');
    started.resolve(workFolder);
    await going.promise;
  });
  const workFolder = await started.promise;
  return { entry: workFolder.slice(folder.length + 1), finish: () => (going.resolve(), making) };
}

describe('what was left unfinished', () => {
  test('by the conductor that was killed goes when it starts again, and by another one after some hours', async () => {
    const mine = await leaveWork(open('here'));
    const others = await leaveWork(open('there'), { ...PLACE, nodeUuid: OTHER_NODE });
    const again = open('here');
    await utimes(join(folder, others.entry), clock.now(), clock.now());
    await again.sweep(async () => true);
    expect(await readdir(folder)).toEqual([others.entry]);
    await clock.advance(3 * 60 * 60 * 1000 + 1);
    await again.sweep(async () => true);
    expect(await readdir(folder)).toEqual([]);
    for (const work of [mine, others]) expect(await failure(work.finish())).toMatchObject({ code: 'INTERNAL' });
  });

  test('is replaced by the next try for the same node, whoever makes it', async () => {
    const before = await leaveWork(open('there'));
    const other = await leaveWork(open('there'), { ...PLACE, nodeUuid: OTHER_NODE });
    await put(open('here'));
    expect((await readdir(folder)).toSorted()).toEqual([NODE, other.entry].toSorted());
    await other.finish();
    expect(await failure(before.finish())).toMatchObject({ code: 'INTERNAL' });
  });

  test('is not what this conductor is making now', async () => {
    const files = open();
    const work = await leaveWork(files);
    await files.sweep(async () => true);
    await work.finish();
    expect(await files.find(PLACE)).toMatchObject({ parts: ['boot.iso'] });
  });
});

test('a sweep leaves what is published while it goes on', async () => {
  const files = open();
  await put(files, { ...PLACE, key: OTHER_KEY });
  const removed = await files.sweep(async () => {
    await put(files);
    return false;
  });
  expect([removed, await readdir(join(folder, NODE))]).toEqual([[], [KEY]]);
});

test.each<[string, (files: PublishedFiles) => Promise<unknown>]>([
  ['publish', (files) => put(files)],
  ['move', (files) => files.put(PLACE, async () => undefined)],
  ['find', (files) => files.find({ ...PLACE, name: 'parameters.img' })],
])('an error of the file system does not tell the key: %s', async (what, work) => {
  if (what === 'publish') await writeFile(join(folder, NODE), 'a file in place of the folder');
  if (what === 'find') {
    await mkdir(join(folder, NODE, KEY), { recursive: true });
    await symlink('parameters.img', join(folder, NODE, KEY, 'parameters.img'));
  }
  const error = await failure(work(open()));
  expect(error).toMatchObject({ code: 'INTERNAL', details: { reason: { publish: 'ENOTDIR', move: 'ENOENT', find: 'ELOOP' }[what] } });
  expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain(KEY);
});

test('the folder and what is made in it are for their owner alone', async () => {
  const files = open();
  await files.put(PLACE, async (workFolder, file) => {
    expect((await stat(workFolder)).mode & 0o777).toBe(0o700);
    await writeFile(file, 'x');
  });
  await expect(access(join(folder, NODE, KEY, 'boot.iso'))).resolves.toBeUndefined();
});
