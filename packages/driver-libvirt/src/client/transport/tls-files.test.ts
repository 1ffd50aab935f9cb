import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failure, testContext } from '../../../test/transport/context.js';
import { parseLibvirtUri } from '../uri.js';
import { findTlsFiles, pkiPlaces } from './tls-files.js';

const PKI = fileURLToPath(new URL('../../../test/fixtures/pki/', import.meta.url));
const SYSTEM = { authority: '/etc/pki/CA/cacert.pem', revoked: '/etc/pki/CA/cacrl.pem', certificate: '/etc/pki/libvirt/clientcert.pem', key: '/etc/pki/libvirt/private/clientkey.pem' };
const flat = (folder: string) => ({ authority: `${folder}/cacert.pem`, revoked: `${folder}/cacrl.pem`, certificate: `${folder}/clientcert.pem`, key: `${folder}/clientkey.pem` });

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ferric-tls-files-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const put = (path: string, source: string): void => {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  cpSync(join(PKI, source), join(home, path));
};
const find = (query = '', userId = 1000) => findTlsFiles(parseLibvirtUri(`qemu+tls://h/system?${query}`), testContext({ homeDirectory: home }), userId);

test.each([
  [undefined, 0, [SYSTEM]],
  [undefined, 1000, [flat('/home/joe/.pki/libvirt'), SYSTEM]],
  ['/p', 0, [flat('/p')]],
  ['/p', 1000, [flat('/p')]],
  ['~/p', 1000, [flat('/home/joe/p')]],
])('pkipath %s as user %i', (pkipath, userId, places) => {
  expect(pkiPlaces(pkipath, '/home/joe', userId)).toEqual(places);
});

describe('the folder of a user', () => {
  test('gives what is there', async () => {
    put('.pki/libvirt/cacert.pem', 'ca.pem');
    put('.pki/libvirt/cacrl.pem', 'crl.pem');
    put('.pki/libvirt/clientcert.pem', 'client.pem');
    put('.pki/libvirt/clientkey.pem', 'client-key.pem');
    const files = await find();
    const folder = `${home}/.pki/libvirt`;
    expect([files.authority?.path, files.revoked?.path, files.identity?.certificate.path, files.identity?.key.path, files.skipped]).toEqual([
      `${folder}/cacert.pem`, `${folder}/cacrl.pem`, `${folder}/clientcert.pem`, `${folder}/clientkey.pem`, [],
    ]);
    expect(new Date(files.identity?.validTo ?? 0).toISOString()).toBe('2120-01-01T00:00:00.000Z');
    expect((await find('', 0)).authority).toBeUndefined();
  });

  test('half a pair is not used and is told', async () => {
    put('.pki/libvirt/cacert.pem', 'ca.pem');
    put('.pki/libvirt/clientcert.pem', 'client.pem');
    const files = await find();
    expect([files.identity, files.skipped]).toEqual([undefined, [expect.stringMatching(/clientcert\.pem: its key .*clientkey\.pem is missing or cannot be read/)]]);
  });

  test('what cannot be read is not used and is told', async () => {
    put('.pki/libvirt/cacert.pem', 'ca.pem');
    mkdirSync(join(home, '.pki/libvirt/cacrl.pem'));
    const files = await find();
    expect([files.revoked, files.skipped]).toEqual([undefined, [`${home}/.pki/libvirt/cacrl.pem: it is no file`]]);
  });

  test('nothing at all is no error here', async () => {
    expect(await find()).toEqual({ places: [flat(`${home}/.pki/libvirt`), SYSTEM], skipped: [] });
  });
});

describe('the folder of pkipath', () => {
  const expectUnusable = async (query: string, path: string, words: string): Promise<void> => {
    const error = await failure(find(query));
    expect([error.code, error.details['path'], error.details['address']]).toEqual(['INVALID_OPTIONS', join(home, path), 'h:16514']);
    expect(error.message).toContain(words);
    expect(error.details['issues']).toMatchObject([{ field: 'pkipath', problem: 'invalid' }]);
    expect(error.hint).toContain('pkipath=');
  };

  test('must have the authority, unless nothing is checked', async () => {
    await expectUnusable('pkipath=~/p', 'p/cacert.pem', 'it does not exist');
    expect((await find('pkipath=~/p&no_verify=1')).authority).toBeUndefined();
  });

  test.each([
    ['half a pair', { 'p/clientcert.pem': 'client.pem' }, 'p/clientcert.pem', 'its key'],
    ['the other half', { 'p/clientkey.pem': 'client-key.pem' }, 'p/clientkey.pem', 'its certificate'],
    ['another key', { 'p/clientcert.pem': 'client.pem', 'p/clientkey.pem': 'client-other-key.pem' }, 'p/clientkey.pem', 'it is not the key of'],
    ['a key with a passphrase', { 'p/clientcert.pem': 'client.pem', 'p/clientkey.pem': 'client-key-locked.pem' }, 'p/clientkey.pem', 'passphrase'],
    ['no key', { 'p/clientcert.pem': 'client.pem', 'p/clientkey.pem': 'ca.pem' }, 'p/clientkey.pem', 'no private key'],
    ['no certificate', { 'p/clientcert.pem': 'client-key.pem', 'p/clientkey.pem': 'client-key.pem' }, 'p/clientcert.pem', 'no certificate'],
    ['no authority', { 'p/cacert.pem': 'client-key.pem' }, 'p/cacert.pem', 'no certificate'],
  ])('refuses %s', async (_what, files, path, words) => {
    put('p/cacert.pem', 'ca.pem');
    for (const [target, source] of Object.entries(files)) put(target, source as string);
    await expectUnusable('pkipath=~/p', path, words);
  });

  test('refuses what is too long, and what is no file', async () => {
    put('p/cacert.pem', 'ca.pem');
    writeFileSync(join(home, 'p/cacrl.pem'), Buffer.alloc(17 * 1024 * 1024));
    await expectUnusable('pkipath=~/p', 'p/cacrl.pem', 'longer than');
    rmSync(join(home, 'p/cacert.pem'));
    mkdirSync(join(home, 'p/cacert.pem'));
    await expectUnusable('pkipath=~/p', 'p/cacert.pem', 'it is no file');
  });
});

test('an abort ends the reading with its reason', async () => {
  const reason = new Error('changed my mind');
  const context = testContext({ homeDirectory: home, signal: AbortSignal.abort(reason) });
  await expect(findTlsFiles(parseLibvirtUri('qemu+tls://h/system'), context)).rejects.toBe(reason);
});
