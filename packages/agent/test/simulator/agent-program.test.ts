import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Secret } from '@ferric/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiPlace, command } from './api-client.js';
import { rawImage, sha256 } from './raw-image.js';
import { NODE_UUID, startStubConductor, type StubConductor, TOKEN } from './stub-conductor.js';

// The program as it runs in a guest, with a folder that stands for the guest's file systems.

const PROGRAM = fileURLToPath(new URL('../../src/simulator/program.ts', import.meta.url));
const HOOKS = new URL('../programs/source-hooks.mjs', import.meta.url).href;

let root = '';
let conductor: StubConductor;
const children: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ferric-guest-'));
  conductor = await startStubConductor();
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  await conductor[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

async function file(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

/** A guest with a network card, a disk of 64 MiB and a CD drive. */
async function makeGuest(parameters: string): Promise<void> {
  await file('/proc/cmdline', `quiet ${parameters} ferric-minimum-disk-mib=32 BOOTIF=52:54:00:12:34:56\n`);
  await file('/proc/sysrq-trigger', '');
  await file('/sys/class/net/eth0/address', '52:54:00:12:34:56\n');
  await file('/sys/class/net/eth0/device/vendor', '0x1af4\n');
  await file('/sys/block/vda/size', '131072\n');
  await file('/sys/block/sr0/size', '2048\n');
  await file('/dev/vda', '');
  await truncate(join(root, '/dev/vda'), 64 * 1024 * 1024);
}

function run(): { readonly child: ChildProcess; readonly output: Promise<string> } {
  const child = spawn(process.execPath, ['--conditions=@ferric/source', '--import', HOOKS, PROGRAM, '--root', root], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return { child, output: text(child.stdout) };
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** The agent, by what its first heartbeat told. */
async function reached(): Promise<ApiPlace> {
  const [heartbeat] = await conductor.waitFor(`POST /v1/heartbeat/${NODE_UUID}`);
  const { callback_url: apiUrl, agent_verify_ca: certificate } = Object(heartbeat?.body) as { callback_url: string; agent_verify_ca: string };
  return { apiUrl, certificate, token: new Secret(TOKEN) };
}

test('inspects, is deployed and switches its machine off', async () => {
  const image = rawImage();
  conductor.on('GET /image', () => ({ status: 200, body: image }));
  await makeGuest(`ipa-api-url=${conductor.url} ipa-inspection-callback-url=${conductor.url}/v1/continue_inspection ipa-listen-port=0 ipa-listen-host=127.0.0.1`);
  const { child, output } = run();
  const agent = await reached();
  const [post] = conductor.requests('POST /v1/continue_inspection');
  expect(post?.body).toMatchObject({
    boot_interface: '52:54:00:12:34:56',
    root_disk: { name: '/dev/vda', size: 64 * 1024 * 1024 },
    inventory: { interfaces: [{ name: 'eth0', mac_address: '52:54:00:12:34:56' }], disks: [{ name: '/dev/vda' }] },
  });

  const info = { id: 'image', urls: [`${conductor.url}/image`], os_hash_algo: 'sha256', os_hash_value: sha256(image), disk_format: 'raw', stream_raw_images: true };
  const written = await command(agent, 'deploy.execute_deploy_step', { step: { step: 'write_image', args: { image_info: info } }, node: {}, ports: [] });
  expect(written.body).toMatchObject({ command_status: 'SUCCEEDED' });
  expect((await readFile(join(root, '/dev/vda'))).subarray(0, image.length).equals(image)).toBe(true);

  expect(await command(agent, 'standby.power_off')).toMatchObject({ status: 200, body: { command_status: 'SUCCEEDED' } });
  expect(await exitCode(child)).toBe(0);
  expect(await readFile(join(root, '/proc/sysrq-trigger'), 'utf8')).toBe('o');
  expect(await output).toMatch(/^agent: API listens at https:/m);
}, 20_000);

test('keeps the password for a rescue', async () => {
  await makeGuest(`ipa-api-url=${conductor.url} ipa-listen-port=0 ipa-listen-host=127.0.0.1`);
  const { child } = run();
  const agent = await reached();
  expect(await command(agent, 'rescue.finalize_rescue', { rescue_password: '$6$salt$hash', hashed: true })).toMatchObject({ body: { command_status: 'SUCCEEDED' } });
  expect(await exitCode(child)).toBe(0);
  expect(await readFile(join(root, '/etc/ipa-rescue-config/ipa-rescue-password'), 'utf8')).toBe('$6$salt$hash');
}, 20_000);

test('ends with a message when it was told too little, or nobody answers', async () => {
  await makeGuest('');
  const first = run();
  expect(await exitCode(first.child)).toBe(1);
  expect(await first.output).toContain('cannot start: Agent: ipa-api-url is required');
  conductor.on('GET /v1/lookup', () => ({ status: 404 }));
  await file('/proc/cmdline', `ipa-api-url=${conductor.url} ipa-lookup-timeout=0`);
  const second = run();
  expect(await exitCode(second.child)).toBe(1);
  expect(await second.output).toContain('no good answer to lookups');
}, 20_000);
