import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Secret } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildConfigDrive } from './build-config-drive.js';
import { configDriveFiles } from './config-drive-files.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'ferric-drive-'))));
afterEach(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();

/** A program that stands in for a tool: a shell script. */
async function tool(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}
const build = (options: Partial<Parameters<typeof buildConfigDrive>[1]> = {}) =>
  buildConfigDrive({ metaData: { uuid: 'x' }, userData: new Secret('planted-user-data') }, { signal, searchPath: folder, temporaryFolder: folder, ...options });
const leftovers = async (): Promise<readonly string[]> => (await readdir(folder)).filter((name) => name.startsWith('ferric-config-drive-'));

describe('configDriveFiles', () => {
  const contents = (files: ReturnType<typeof configDriveFiles>) => Object.fromEntries(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]));

  test('has the same files in every folder of the format', () => {
    const files = contents(
      configDriveFiles({ metaData: { uuid: 'ü' }, networkData: { links: [] }, vendorData: { a: 1 }, userData: new Secret('#cloud-config\n') }),
    );
    const expected = { 'meta_data.json': '{"uuid":"ü"}', 'network_data.json': '{"links":[]}', 'vendor_data2.json': '{"a":1}', user_data: '#cloud-config\n' };
    const below = (version: string) => Object.fromEntries(Object.entries(expected).map(([name, text]) => [`openstack/${version}/${name}`, text]));
    expect(files).toEqual({ ...below('2012-08-10'), ...below('latest') });
  });

  test('has no file for what is left out or empty, but for the metadata', () => {
    expect(Object.keys(contents(configDriveFiles({ metaData: {}, networkData: {}, vendorData: {}, userData: new Secret('') })))).toEqual([
      'openstack/2012-08-10/meta_data.json', 'openstack/latest/meta_data.json',
    ]);
    expect(contents(configDriveFiles({ metaData: {}, userData: { a: [1] } }))['openstack/latest/user_data']).toBe('{"a":[1]}');
  });

  test('must fit on a config drive', () => {
    const userData = (bytes: number) => new Secret('x'.repeat(bytes));
    expect(() => configDriveFiles({ metaData: {}, userData: userData(33 * 1024 * 1024) })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('64 MiB') as string }));
    expect(configDriveFiles({ metaData: {}, userData: userData(31 * 1024 * 1024) })).toHaveLength(4);
  });
});

describe('buildConfigDrive', () => {
  test('packs what the tool wrote, hides it, and leaves nothing behind', async () => {
    // The options of mkisofs end with: -o IMAGE FOLDER.
    await tool('genisoimage', 'while [ $# -gt 2 ]; do shift; done\n/bin/cat "$2"/openstack/latest/user_data > "$1"');
    const drive = await build();
    expect(gunzipSync(Buffer.from(drive.reveal(), 'base64')).toString()).toBe('planted-user-data');
    expect(inspect(drive)).toBe('[secret]');
    expect(await leftovers()).toEqual([]);
  });

  test('takes the preferred tool, tells it the label, and gives it a folder that is private', async () => {
    await tool('mkisofs', 'exit 9');
    await tool('xorriso', `echo "$@" > ${folder}/arguments\n/usr/bin/stat -c %a "\${0%/*}"/ferric-config-drive-* > ${folder}/mode\nenv > ${folder}/environment\nwhile [ $# -gt 2 ]; do shift; done\n: > "$1"`);
    await build();
    expect(await readFile(join(folder, 'arguments'), 'utf8')).toMatch(/^-as mkisofs -quiet -r -J -V config-2 -o \S+\/config-2\.iso \S+\/files\n$/);
    expect(await readFile(join(folder, 'mode'), 'utf8')).toBe('700\n');
    expect(await readFile(join(folder, 'environment'), 'utf8')).not.toMatch(/^(USER|SSH_|npm_)/m);
  });

  test('says which package is missing when there is no tool', async () => {
    await expect(build()).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('Debian package xorriso') as string });
    await expect(build({ searchPath: '' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(await leftovers()).toEqual([]);
  });

  test('tells what a failing tool says, without what it was given', async () => {
    await tool('xorriso', 'echo first >&2; echo "xorriso : FAILURE : no space left" >&2; exit 5');
    const error: unknown = await build().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('could not build the config drive: xorriso : FAILURE : no space left') as string });
    expect(inspect(error, { depth: 9 })).not.toContain('planted-user-data');
    expect(await leftovers()).toEqual([]);
  });

  test('refuses an image that no agent writes', async () => {
    await tool('xorriso', 'while [ $# -gt 2 ]; do shift; done\nexec /usr/bin/truncate -s 65M "$1"');
    await expect(build()).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(await leftovers()).toEqual([]);
  });

  test('ends a tool whose caller left, with the reason of the caller', async () => {
    const leaving = new AbortController();
    const reason = new Error('the deployment was aborted');
    await tool('xorriso', `: > ${folder}/running\nexec /bin/sleep 600`);
    const building = build({ signal: leaving.signal });
    building.catch(() => undefined);
    await vi.waitUntil(async () => (await readdir(folder)).includes('running'));
    leaving.abort(reason);
    await expect(building).rejects.toBe(reason);
    expect(await leftovers()).toEqual([]);
    await expect(build({ signal: leaving.signal })).rejects.toBe(reason);
  });
});
