import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Secret } from '@ferric/core';
import { expect, test } from 'vitest';
import { buildConfigDrive } from '../src/config-drive/build-config-drive.js';

const run = promisify(execFile);
const CONTENT = {
  metaData: { uuid: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123', hostname: 'größe' },
  networkData: { links: [{ id: 'eth0', ethernet_mac_address: '52:54:00:12:34:56' }] },
  vendorData: { rack: 7 },
  userData: new Secret(`#cloud-config\n${'# a line of user data\n'.repeat(5000)}`),
};

test('a config drive is a volume that a system finds by its label and reads', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ferric-volume-'));
  try {
    const drive = await buildConfigDrive(CONTENT, { signal: new AbortController().signal });
    const image = join(folder, 'image');
    await writeFile(image, gunzipSync(Buffer.from(drive.reveal(), 'base64')));
    // How cloud-init finds it.
    const { stdout } = await run('/sbin/blkid', ['-p', '-o', 'export', image]);
    expect(stdout).toMatch(/^LABEL=config-2$/m);
    expect(stdout).toMatch(/^TYPE=iso9660$/m);

    const files = join(folder, 'files');
    await run('xorriso', ['-osirrox', 'on', '-indev', image, '-extract', '/', files]);
    for (const version of ['2012-08-10', 'latest']) {
      const read = (name: string): Promise<string> => readFile(join(files, 'openstack', version, name), 'utf8');
      expect(JSON.parse(await read('meta_data.json'))).toEqual(CONTENT.metaData);
      expect(JSON.parse(await read('network_data.json'))).toEqual(CONTENT.networkData);
      expect(JSON.parse(await read('vendor_data2.json'))).toEqual(CONTENT.vendorData);
      expect(await read('user_data')).toBe(CONTENT.userData.reveal());
    }
    const { stdout: owners } = await run('xorriso', ['-indev', image, '-lsl', '/openstack/latest']);
    expect(owners).toMatch(/-r--r--r--\s+1 0\s+0\s.*'user_data'/);
  } finally {
    // What was extracted is as read-only as the volume.
    await run('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true });
  }
});
