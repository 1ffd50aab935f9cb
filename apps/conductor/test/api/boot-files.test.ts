import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SealedObject } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { NodeUpdate } from '../../src/store/store.js';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';

const CONTENT = Buffer.from(Array.from({ length: 4096 }, (_each, index) => index % 251));
const UNKNOWN_UUID = '00000000-0000-4000-8000-000000000000';

let folder: string;
let images: string;
let api: MachineApi;

/** What is served stands in `images`, what must not be served beside it. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-images-'));
  images = join(folder, 'images');
  for (const below of ['sub dir', '.hidden', 'folder']) await mkdir(join(images, below), { recursive: true });
  for (const path of ['ipa.kernel', 'sub dir/a#b%20ü.iso', '.hidden/file', '.dotfile', 'folder/.dotfile', 'page.html']) await writeFile(join(images, path), CONTENT);
  await writeFile(join(folder, 'secret'), 'planted-secret');
  await symlink(join(folder, 'secret'), join(images, 'leak'));
  await symlink(folder, join(images, 'up'));
  await symlink('ipa.kernel', join(images, 'latest'));
  await symlink('.dotfile', join(images, 'shown'));
  await symlink('loop', join(images, 'loop'));
  api = await createMachineApi({ imageDirs: [images, join(folder, 'made later')] });
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const prepared = (purpose: string): SealedObject => ({ network_boot: { purpose, kernel_parameters: {} } });
const fileUrl = (path: string): string => pathToFileURL(join(images, path)).href;

async function add(driverInfo: NodeUpdate['driverInfo'] & object, changes: NodeUpdate = {}): Promise<StoredNode> {
  const info = { deploy_kernel: 'http://images.example/k', deploy_ramdisk: 'http://images.example/r', ...driverInfo };
  return (await api.addMachine({ provisionState: 'wait call-back', driverInfo: info, driverInternalInfo: prepared('deploy'), ...changes }, '52:54:00:12:34:56', { boot: 'ipxe' })).node;
}
const fetchFile = (node: { readonly uuid: string }, role: string, options: Parameters<MachineApi['boots']>[1] = {}) => api.boots(`/ferric/v1/boot/${node.uuid}/${role}`, options);

describe('a boot file', () => {
  test('elsewhere is told where', async () => {
    const node = await add({ deploy_kernel: 'https://images.example/k?sig=a%20b' });
    for (const method of ['GET', 'HEAD']) {
      const answer = await fetchFile(node, 'deploy_kernel', { method });
      expect([answer.status, answer.headers['location'], answer.text]).toEqual([302, 'https://images.example/k?sig=a%20b', '']);
    }
  });

  test('on the conductor is sent, whole or in parts', async () => {
    const node = await add({ deploy_kernel: fileUrl('ipa.kernel') });
    const whole = await fetchFile(node, 'deploy_kernel');
    expect([whole.status, whole.headers['content-length'], whole.headers['content-type'], whole.headers['accept-ranges']]).toEqual([200, '4096', 'application/octet-stream', 'bytes']);
    expect(whole.bytes.equals(CONTENT)).toBe(true);
    const head = await fetchFile(node, 'deploy_kernel', { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '4096', '']);
    const part = await fetchFile(node, 'deploy_kernel', { headers: { range: 'bytes=100-199' } });
    expect([part.status, part.headers['content-range'], part.bytes.equals(CONTENT.subarray(100, 200))]).toEqual([206, 'bytes 100-199/4096', true]);
    const beyond = await fetchFile(node, 'deploy_kernel', { headers: { range: 'bytes=5000-' } });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */4096']);
    const same = await fetchFile(node, 'deploy_kernel', { headers: { 'if-none-match': String(whole.headers['etag']) } });
    expect([same.status, same.text]).toEqual([304, '']);
  });

  test('is there only for roles that the present script names; all else looks alike', async () => {
    const node = await add({ deploy_kernel: fileUrl('ipa.kernel'), rescue_kernel: fileUrl('ipa.kernel'), rescue_ramdisk: fileUrl('ipa.kernel') });
    const refused = [
      `/ferric/v1/boot/${node.uuid}/rescue_kernel`, `/ferric/v1/boot/${node.uuid}/kernel`, `/ferric/v1/boot/${node.uuid}/nonsense`, `/ferric/v1/boot/${node.uuid}/__proto__`,
      `/ferric/v1/boot/${UNKNOWN_UUID}/deploy_kernel`, '/ferric/v1/boot/x/deploy_kernel', '/ferric/v1/boot/%00/deploy_kernel', `/ferric/v1/boot/${node.uuid}/..%2f..%2fsecret`,
    ];
    const answers = await Promise.all(refused.map((url) => api.boots(url)));
    await api.store.write((transaction) => transaction.nodes.update(node.uuid, { provisionState: 'active' }));
    answers.push(await fetchFile(node, 'deploy_kernel'));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await api.store.write((transaction) => transaction.nodes.update(node.uuid, { provisionState: 'rescue wait', driverInternalInfo: prepared('rescue') }));
    expect((await fetchFile(node, 'rescue_kernel')).bytes.equals(CONTENT)).toBe(true);
  });

  test.each([
    ['a file beside the folder', () => pathToFileURL(join(folder, 'secret')).href],
    ['a link out of the folder', () => fileUrl('leak')],
    ['a hidden file', () => fileUrl('.dotfile')],
    ['a link to a hidden file', () => fileUrl('shown')],
    ['a folder', () => fileUrl('folder')],
    ['a file that is not there', () => fileUrl('nothing')],
    ['an address with a password', () => 'http://user:planted-password@images.example/k'],
  ])('cannot be %s, and the history says why', async (_case, reference) => {
    const node = await add({ deploy_kernel: reference() });
    const answer = await fetchFile(node, 'deploy_kernel');
    expect(answer.status).toBe(404);
    expect(answer.headers).not.toHaveProperty('location');
    const events = await api.events(node.uuid, 'boot-file-refused', 'boot-file-fetched');
    expect(events).toMatchObject([{ type: 'boot-file-refused', severity: 'WARNING', details: { role: 'deploy_kernel' } }]);
    expect(`${JSON.stringify(events)}${api.logger.text()}${answer.text}`).not.toContain('planted');
  });

  test('is told of in the history once for each boot, and not for HEAD', async () => {
    const node = await add({ deploy_kernel: fileUrl('ipa.kernel') });
    const fetched = () => api.events(node.uuid, 'boot-file-fetched');
    await fetchFile(node, 'deploy_kernel', { method: 'HEAD' });
    expect(await fetched()).toEqual([]);
    for (let time = 0; time < 5; time += 1) {
      await fetchFile(node, 'deploy_kernel', { headers: { range: `bytes=${time}-` } });
      await api.clock.advance(90_000);
    }
    await fetchFile(node, 'deploy_ramdisk');
    expect(await fetched()).toMatchObject([{ details: { role: 'deploy_kernel', address: '192.0.2.10' } }, { details: { role: 'deploy_ramdisk' } }]);
    await api.boots(`/ferric/v1/boot/ipxe?node_uuid=${node.uuid}`);
    await fetchFile(node, 'deploy_kernel');
    expect(await fetched()).toHaveLength(3);
  });

  test('is refused to every method but GET and HEAD', async () => {
    const node = await add({ deploy_kernel: fileUrl('ipa.kernel') });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect((await api.request(method, `/ferric/v1/boot/${node.uuid}/deploy_kernel`)).status).toBe(405);
      expect((await api.request(method, '/images/0/ipa.kernel')).status).toBe(405);
    }
  });
});

describe('an image', () => {
  test.each([
    ['/images/0/ipa.kernel'], ['/images/0/latest'], ['/images/0/sub%20dir/a%23b%2520%C3%BC.iso'], ['/images/0/page.html'],
  ])('%s is sent as bytes', async (url) => {
    const answer = await api.request('GET', url);
    expect([answer.status, answer.headers['content-type'], answer.headers['x-content-type-options']]).toEqual([200, 'application/octet-stream', 'nosniff']);
    expect(answer.bytes.equals(CONTENT)).toBe(true);
    const part = await api.request('GET', url, { headers: { range: 'bytes=-10' } });
    expect([part.status, part.bytes.equals(CONTENT.subarray(-10))]).toEqual([206, true]);
    expect((await api.request('HEAD', url)).headers['content-length']).toBe('4096');
  });

  test('in a folder that was made after the start is sent', async () => {
    expect((await api.request('GET', '/images/1/x')).status).toBe(404);
    await mkdir(join(folder, 'made later'));
    await writeFile(join(folder, 'made later', 'x'), CONTENT);
    expect((await api.request('GET', '/images/1/x')).status).toBe(200);
  });

  test.each([
    '/images/0/../secret', '/images/0/%2e%2e/secret', '/images/0/..%2fsecret', '/images/0/%2e%2e%2fsecret', '/images/0/folder/../../secret', '/images/0/folder/..%2f..%2fsecret',
    '/images/0/..%5csecret', '/images/0//../secret', '/images/0/%252e%252e/secret', '/images/0/leak', '/images/0/up/secret', '/images/0/.dotfile',
    '/images/0/.hidden/file', '/images/0/folder/.dotfile', '/images/0/shown', '/images/0/loop', '/images/0/', '/images/0', '/images/0/folder', '/images/0/folder/', '/images/0/nothing',
    '/images/0/ipa.kernel/x', '/images/0/ipa.kernel%00', '/images/0/%00', '/images/2/ipa.kernel', '/images/-1/ipa.kernel', '/images/0x0/ipa.kernel', '/images/images/ipa.kernel',
    '/images/__proto__/ipa.kernel', '/images/', '/images', '/images/0/%ff', `/images/0/${'x'.repeat(300)}`, `/images/0/${'x/'.repeat(2000)}`,
  ])('%s is not sent', async (url) => {
    const answer = await api.request('GET', url);
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain('planted');
  });

  test('at an absolute path is not sent', async () => {
    for (const url of [`/images/0/${encodeURIComponent(join(folder, 'secret'))}`, `/images/0/${join(folder, 'secret')}`, '/images/0//etc/passwd', '/images/0/%2fetc%2fpasswd']) {
      expect((await api.request('GET', url)).status).toBe(404);
    }
  });
});
