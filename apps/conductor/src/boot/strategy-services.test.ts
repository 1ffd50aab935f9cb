import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FerricError, type StrategyServices } from '@ferric/core';
import { createFakeClock, createRecordingLogger, sampleNode, type RecordingLogger } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStrategyServices, type StrategyServiceSettings } from './strategy-services.js';

let folder: string;
let logger: RecordingLogger;
let services: StrategyServices;
const node = sampleNode({ driverInternalInfo: { agent_conductor_url: 'http://192.0.2.1:6385' } });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-services-'));
  await mkdir(join(folder, 'images', 'sub'), { recursive: true });
  logger = createRecordingLogger();
  services = open({ imageDirs: [join(folder, 'none'), join(folder, 'images')] });
});
afterEach(() => rm(folder, { recursive: true }));

/** Media have tests of their own. */
const open = (settings: StrategyServiceSettings): StrategyServices => createStrategyServices({ clock: createFakeClock(), logger, media: {} as StrategyServices['media'] }, settings);
const url = (path: string): string => pathToFileURL(join(folder, path)).href;
const signal = new AbortController().signal;
const digest = (algorithm: string, content: Uint8Array | string): string => createHash(algorithm).update(content).digest('hex');

describe('conductorUrl', () => {
  test('is the configured address, else the one that the agent used', () => {
    expect(services.conductorUrl(node)).toBe('http://192.0.2.1:6385');
    const configured = open({ imageDirs: [], publicEndpoint: 'https://conductor.example/ironic//' });
    expect(configured.conductorUrl(node)).toBe('https://conductor.example/ironic');
  });

  test('is unknown before the machine spoke, with what to do', () => {
    expect(() => services.conductorUrl(sampleNode())).toThrow(expect.objectContaining({ code: 'CONFLICT', hint: expect.stringContaining('--public-endpoint') as string }));
  });
});

describe('downloadUrl', () => {
  test.each(['http://images.example/x?sig=1', 'https://images.example/%C3%BC'])('leaves %s as it is', async (reference) => {
    expect(await services.downloadUrl(node, reference)).toBe(reference);
  });

  test('names a file by where this conductor serves it', async () => {
    await writeFile(join(folder, 'images', 'sub', 'a#b ü%.qcow2'), 'x');
    expect(await services.downloadUrl(node, url('images/sub/a#b ü%.qcow2'))).toBe('http://192.0.2.1:6385/images/1/sub/a%23b%20%C3%BC%25.qcow2');
  });

  test('refuses what is not served, and says which folders are', async () => {
    await writeFile(join(folder, 'secret'), 'x');
    await symlink(join(folder, 'secret'), join(folder, 'images', 'leak'));
    await writeFile(join(folder, 'images', '.hidden'), 'x');
    for (const path of ['secret', 'images/leak', 'images/.hidden', 'images/nothing', 'images', 'images/sub', 'images/../secret']) {
      const refused = services.downloadUrl(node, url(path).replace('/secret', path === 'images/../secret' ? '/images/%2e%2e/secret' : '/secret'));
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining(join(folder, 'images')) as string, hint: expect.stringContaining('--image-dirs') as string });
    }
  });

  test.each(['ftp://h/x', 'glance://image', '0e3ef3b6-6b4c-4f5d-8f6d-5f4f7b7b2d3e', '/srv/images/x', '', 'file://elsewhere/srv/x', 'file:///srv/%00', 'file:///srv/a%2fb'])('refuses %j', async (reference) => {
    await expect(services.downloadUrl(node, reference)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

describe('fileChecksum', () => {
  const content = Buffer.alloc(3_000_000, 'ferric');

  test('is that of the whole file, and computed once while the file stays as it is', async () => {
    const path = join(folder, 'images', 'x');
    await writeFile(path, content);
    expect(await services.fileChecksum(url('images/x'), 'sha256', { signal })).toBe(digest('sha256', content));
    expect(await services.fileChecksum(url('images/x'), 'sha512', { signal })).toBe(digest('sha512', content));
    for (let time = 0; time < 3; time += 1) expect(await services.fileChecksum(url('images/x'), 'sha256', { signal })).toBe(digest('sha256', content));
    expect(logger.at('info')).toHaveLength(2);
    await writeFile(path, 'other');
    await utimes(path, new Date(), new Date('2026-01-01T00:00:00Z'));
    expect(await services.fileChecksum(url('images/x'), 'sha256', { signal })).toBe(digest('sha256', 'other'));
  });

  test('is shared by all who ask at the same time', async () => {
    await writeFile(join(folder, 'images', 'x'), content);
    const all = await Promise.all(Array.from({ length: 5 }, () => services.fileChecksum(url('images/x'), 'sha256', { signal })));
    expect(new Set(all)).toEqual(new Set([digest('sha256', content)]));
    expect(logger.at('info')).toHaveLength(1);
  });

  test('can be asked for again after everybody had left', async () => {
    await writeFile(join(folder, 'images', 'x'), content);
    const leaving = new AbortController();
    const left = services.fileChecksum(url('images/x'), 'sha256', { signal: leaving.signal });
    leaving.abort(new FerricError('ABORTED', 'stop'));
    await expect(left).rejects.toMatchObject({ message: 'stop' });
    await expect(services.fileChecksum(url('images/x'), 'sha256', { signal: leaving.signal })).rejects.toMatchObject({ message: 'stop' });
    expect(await services.fileChecksum(url('images/x'), 'sha256', { signal })).toBe(digest('sha256', content));
  });

  test('refuses what is not served', async () => {
    await expect(services.fileChecksum(url('images/x'), 'sha256', { signal })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(services.fileChecksum('http://images.example/x', 'sha256', { signal })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
