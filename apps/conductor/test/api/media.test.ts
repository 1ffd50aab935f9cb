import { chmod, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, type Medium } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';

const KEY = 'a0'.repeat(16);
const OTHER_KEY = 'b1'.repeat(16);
const BASE = 'http://192.0.2.1:6385';
const { signal } = new AbortController();

let programs: string;
let api: MachineApi;
let node: StoredNode;

beforeEach(async () => {
  programs = await mkdtemp(join(tmpdir(), 'ferric-programs-'));
  await program('mkfs.vfat', ': > "$4"');
  await program('mcopy', 'cat "$3" >> "$2"');
  api = await createMachineApi({ searchPath: programs });
  node = (await api.addMachine({ driverInternalInfo: { virtual_media: { purpose: 'deploy', publication_secret: new Secret(KEY) } } })).node;
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
  await rm(programs, { recursive: true });
});

/** A program that stands in for a tool: a shell script. */
async function program(name: string, script: string): Promise<void> {
  await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(programs, name), 0o755);
}
const medium = (value: string): Medium => ({ kind: 'parameters', parameters: { 'ipa-api-url': BASE, 'ipa-agent-token': new Secret(value) } });
const TEXT = `ipa-api-url=${BASE}\nipa-agent-token=first`;
const publish = async (value = 'first', key = KEY): Promise<string> => (await api.media.services.publish(node, new Secret(key), medium(value), { signal })).reveal();
const pathOf = (address: string): string => new URL(address).pathname;
const mediaFolder = (): string => join(api.dataDirectory, 'media');

describe('a published medium', () => {
  test('is sent to whoever knows its address, whole or in parts, and asked for first', async () => {
    const address = await publish();
    expect(address).toBe(`${BASE}/ferric/v1/media/${node.uuid}/${KEY}/parameters.img`);
    const whole = await api.request('GET', pathOf(address));
    expect([whole.status, whole.text, whole.headers['content-type'], whole.headers['accept-ranges'], whole.headers['cache-control']]).toEqual([
      200, TEXT, 'application/octet-stream', 'bytes', 'no-store',
    ]);
    const head = await api.request('HEAD', pathOf(address));
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, String(TEXT.length), '']);
    const part = await api.request('GET', pathOf(address), { headers: { range: 'bytes=4-10' } });
    expect([part.status, part.headers['content-range'], part.text]).toEqual([206, `bytes 4-10/${TEXT.length}`, TEXT.slice(4, 11)]);
    expect((await api.request('GET', pathOf(address), { headers: { range: `bytes=${TEXT.length}-` } })).status).toBe(416);
    expect((await api.request('DELETE', pathOf(address), { version: '1.82' })).status).toBe(405);
  });

  test.each([
    ['another key', `/ferric/v1/media/NODE/${OTHER_KEY}/parameters.img`], ['another name', `/ferric/v1/media/NODE/${KEY}/boot.iso`], ['no name of ours', `/ferric/v1/media/NODE/${KEY}/parameters.txt`],
    ['dots', `/ferric/v1/media/NODE/${KEY}/%2e%2e%2fparameters.img`], ['dots in place of the key', '/ferric/v1/media/NODE/%2e%2e/conductor.sqlite'], ['another node', `/ferric/v1/media/00000000-0000-4000-8000-000000000000/${KEY}/parameters.img`],
    ['no node', `/ferric/v1/media/%2e/${KEY}/parameters.img`], ['a folder', `/ferric/v1/media/NODE/${KEY}`], ['the key in capitals', `/ferric/v1/media/NODE/${KEY.toUpperCase()}/parameters.img`],
  ])('is not found by %s', async (_case, path) => {
    await publish();
    expect((await api.request('GET', path.replace('NODE', node.uuid))).status).toBe(404);
  });

  test('keeps its address when it is made again, and then has the new content', async () => {
    const address = await publish();
    expect(await publish('second')).toBe(address);
    expect((await api.request('GET', pathOf(address))).text).toContain('=second');
    expect(await readdir(mediaFolder())).toEqual([node.uuid]);
  });

  test('is gone when it is withdrawn, and doing so again is no error', async () => {
    const address = await publish();
    await api.media.services.withdraw(node);
    await api.media.services.withdraw(node);
    expect((await api.request('GET', pathOf(address))).status).toBe(404);
    expect(await readdir(mediaFolder())).toEqual([]);
  });

  test('lies where only this user can read it', async () => {
    await publish();
    for (const path of ['', node.uuid, join(node.uuid, KEY)]) expect((await stat(join(mediaFolder(), path))).mode & 0o777).toBe(0o700);
    expect((await stat(join(mediaFolder(), node.uuid, KEY, 'parameters.img'))).mode & 0o777).toBe(0o600);
  });

  test('stands in the history of its node, and its address in no log and no history', async () => {
    const address = await publish();
    await api.request('HEAD', pathOf(address));
    for (let time = 0; time < 5; time += 1) await api.request('GET', pathOf(address), { headers: { range: `bytes=${time}-${time}` }, from: '192.0.2.77' });
    await publish('second');
    await api.request('GET', pathOf(address), { from: '192.0.2.77' });
    const events = await api.events(node.uuid, 'medium-published', 'medium-fetched');
    expect(events.map(({ type, message }) => `${type} ${message}`)).toEqual([
      `medium-published The conductor serves parameters.img (${TEXT.length} bytes) for the controller of the machine`,
      'medium-fetched 192.0.2.77 loads parameters.img',
      `medium-published The conductor serves parameters.img (${TEXT.length + 1} bytes) for the controller of the machine`,
      'medium-fetched 192.0.2.77 loads parameters.img',
    ]);
    expect(JSON.stringify(events) + api.logger.text()).not.toContain(KEY);
    expect(api.logger.text()).toContain(`/ferric/v1/media/${node.uuid}/******/parameters.img`);
  });

  test('needs no user, where all else does', async () => {
    const address = await publish();
    await using guarded = await createMachineApi({ authenticator: { authenticate: async () => { throw new Error('refused'); }, challenge: '' } as never });
    const answer = await guarded.request('GET', pathOf(address));
    expect(answer.status).toBe(404);
    expect((await guarded.request('GET', '/v1/nodes', { version: '1.82' })).status).toBe(500);
  });
});

describe('making one', () => {
  test('that fails leaves what was there, and nothing else', async () => {
    const address = await publish();
    await program('mcopy', 'echo "disk full" >&2; exit 1');
    await expect(publish('second')).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('could not make the medium: disk full') as string });
    expect((await api.request('GET', pathOf(address))).text).toBe(TEXT);
    expect(await readdir(mediaFolder())).toEqual([node.uuid]);
  });

  test('names the package that is missing', async () => {
    await rm(join(programs, 'mcopy'));
    await expect(publish()).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: 'Install the Debian package mtools.' });
    const boot: Medium = { kind: 'boot', kernel: 'http://192.0.2.9/k', ramdisk: 'http://192.0.2.9/r', commandLine: new Secret('') };
    await expect(api.media.services.publish(node, new Secret(KEY), boot, { signal })).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('Debian package xorriso') as string });
    expect(await readdir(mediaFolder())).toEqual([]);
  });

  test('ends with the reason of whoever gave it up', async () => {
    const leaving = new AbortController();
    const reason = new Error('the deployment was aborted');
    await program('mkfs.vfat', `: > ${join(programs, 'running')}\nexec sleep 600`);
    const making = api.media.services.publish(node, new Secret(KEY), medium('x'), { signal: leaving.signal });
    making.catch(() => undefined);
    await expect.poll(async () => (await readdir(programs)).includes('running')).toBe(true);
    leaving.abort(reason);
    await expect(making).rejects.toBe(reason);
    expect(await readdir(mediaFolder())).toEqual([]);
  });
});

describe('what is left over', () => {
  test('goes when its node names it no more, or is gone; what is named stays', async () => {
    const address = await publish();
    await publish('old', OTHER_KEY);
    await mkdir(join(mediaFolder(), '00000000-0000-4000-8000-000000000000', KEY), { recursive: true });
    await api.media.sweep();
    expect([await readdir(mediaFolder()), await readdir(join(mediaFolder(), node.uuid))]).toEqual([[node.uuid], [KEY]]);
    expect((await api.request('GET', pathOf(address))).status).toBe(200);
    await api.store.write((transaction) => transaction.nodes.update(node.uuid, { driverInternalInfo: {} }));
    await api.media.sweep();
    expect(await readdir(mediaFolder())).toEqual([]);
  });

  test('of a process that was killed goes after some hours, for another may be at work', async () => {
    for (const [name, hours] of [['making-old', 4], ['making-new', 2]] as const) {
      const at = new Date(api.clock.now().getTime() - hours * 60 * 60 * 1000);
      await mkdir(join(mediaFolder(), name), { recursive: true });
      await utimes(join(mediaFolder(), name), at, at);
    }
    await api.media.sweep();
    expect(await readdir(mediaFolder())).toEqual(['making-new']);
  });

  test('is nothing where nothing was ever published', async () => {
    await expect(api.media.sweep()).resolves.toBeUndefined();
  });
});
