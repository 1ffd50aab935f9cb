import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLines } from '../system/command-lines.ts';
import { waitFor } from '../system/poll.ts';
import { run } from '../system/programs.ts';
import { authFile } from './libvirtd-config.ts';
import { type PrivateLibvirtd, startPrivateLibvirtd } from './private-libvirtd.ts';
import { openVirshSession } from './virsh-session.ts';
import { openWitness } from './witness.ts';

let libvirtd: PrivateLibvirtd;
beforeAll(async () => void (libvirtd = await startPrivateLibvirtd({ unixAuth: 'sasl', tcpAuth: 'sasl', tlsAuth: 'sasl' })));
afterAll(async () => libvirtd?.[Symbol.asyncDispose]());

const virsh = (uri: string, environment: Readonly<Record<string, string>> = libvirtd.environment): Promise<string> =>
  run('virsh', ['--quiet', '--connect', uri, 'list', '--all', '--name'], { env: environment });

describe('ways in, as virsh sees them', () => {
  const withPki = (folder: string): string => `${libvirtd.uris.tls}?pkipath=${folder}`;

  test.each([
    ['unix with SCRAM', () => libvirtd.uris.unix],
    ['TCP with DIGEST-MD5', () => libvirtd.uris.tcp],
    ['TLS with SCRAM', () => withPki(libvirtd.pki.directory)],
    ['the read-only socket', () => libvirtd.uris.readOnly],
  ])('%s', async (_way, uri) => {
    expect((await virsh(uri())).trim()).toBe('');
  });

  test.each([
    ['an unknown authority', () => withPki(libvirtd.pki.unknownAuthority), "The certificate hasn't got a known issuer"],
    // Without no_sanity, virsh finds out by itself.
    ['a client of another authority', () => `${withPki(libvirtd.pki.wrongClient)}&no_sanity=1`, 'Unable to read TLS confirmation'],
    ['a client without certificate', () => withPki(libvirtd.pki.noClient), 'Unable to read TLS confirmation'],
    ['a name that is not in the certificate', () => withPki(libvirtd.pki.directory).replace('127.0.0.1', 'localhost'), 'does not match the hostname'],
  ])('refuse %s', async (_case, uri, message) => {
    await expect(virsh(uri())).rejects.toThrow(message);
  });

  test.each(['unix', 'tcp'] as const)('refuse a wrong password on %s', async (way) => {
    const file = join(libvirtd.directory, 'wrong.conf');
    await writeFile(file, authFile({ ...libvirtd.credentials, password: 'wrong' }));
    await expect(virsh(libvirtd.uris[way], { LIBVIRT_AUTH_FILE: file })).rejects.toThrow('authentication failed');
  });

  test('the test driver is there', async () => {
    expect((await virsh(libvirtd.uris.test)).trim()).toBe('test');
  });
});

test('comes back after a stop and after a crash', async () => {
  const before = libvirtd.pid;
  await libvirtd.restart();
  const after = libvirtd.pid;
  await libvirtd.restart('SIGKILL');
  expect(new Set([before, after, libvirtd.pid]).size).toBe(3);
  expect(await libvirtd.virsh('uri')).toContain(libvirtd.socket);
  await libvirtd.stop();
  await expect(libvirtd.virsh('uri')).rejects.toThrow('Failed to connect socket');
  await libvirtd.start();
  expect(await libvirtd.virsh('uri')).toContain(libvirtd.socket);
});

test('tells a crash from a stop, and recovers from it alone', async () => {
  await using other = await startPrivateLibvirtd();
  const before = other.pid;
  await other.recover();
  expect(other.pid).toBe(before);
  process.kill(before, 'SIGSEGV');
  await waitFor('the daemon to be gone', () => other.hasCrashed || undefined);
  await other.recover();
  expect(other.hasCrashed).toBe(false);
  expect(await other.virsh('uri')).toContain(other.socket);
  await other.stop();
  expect(other.hasCrashed).toBe(false);
});

test('can be made silent, and be disposed while it is', async () => {
  await using silent = await startPrivateLibvirtd();
  silent.signal('SIGSTOP');
  const answer = silent.virsh('uri');
  expect(await Promise.race([answer, pause(300, 'silence')])).toBe('silence');
  silent.signal('SIGCONT');
  expect(await answer).toContain(silent.socket);
  silent.signal('SIGSTOP');
});

test('stands beside another one, and each sees only its own', async () => {
  await using other = await startPrivateLibvirtd();
  await using witness = await openWitness(other, 'test');
  await using mine = await openWitness(libvirtd, 'test');
  witness.command('destroy', 'test');
  witness.command('undefine', 'test');
  expect([witness.exists('test'), mine.exists('test')]).toEqual([false, true]);
  expect(other.virshSync('uri')).toContain(other.socket);
});

test('cannot touch the network of this machine without one of its own', async () => {
  const define = async (daemon: PrivateLibvirtd): Promise<string> => {
    const definition = join(daemon.directory, 'network.xml');
    await writeFile(definition, "<network><name>none</name><bridge name='frnone0'/><ip address='198.51.100.1' netmask='255.255.255.0'/></network>");
    return daemon.virsh('net-create', definition);
  };
  await expect(define(libvirtd)).rejects.toThrow('Operation not permitted');
  await using apart = await startPrivateLibvirtd({ networkNamespace: true });
  await define(apart);
  const [file, ...args] = apart.namespaces.networkCommand('ip', '-brief', 'address', 'show', 'frnone0');
  expect(await run(file, args)).toContain('198.51.100.1');
  expect(existsSync('/sys/class/net/frnone0')).toBe(false);
});

test('a session answers one command after the other, and fails with what virsh says', async () => {
  await using session = await openVirshSession(libvirtd, libvirtd.uris.test);
  expect(session.command('domstate', 'test')).toBe('running');
  expect(() => session.command('domstate', "no such thing's name")).toThrow("failed to get domain 'no such thing's name'");
  expect(session.command('desc', 'test', '--title', '--new-desc', "it's  a title")).toBe('');
  expect(session.command('desc', 'test', '--title')).toBe("it's  a title");
  session.command('destroy', 'test');
  expect(session.command('domstate', 'test', '--reason')).toBe('shut off (destroyed)');
});

test('a session outlives the daemon', async () => {
  await using other = await startPrivateLibvirtd();
  await using session = await openVirshSession(other, other.uris.unix);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await other.restart(signal);
    expect(session.command('hostname')).toBe(hostname());
  }
});

test('nothing is left when it is disposed', async () => {
  const other = await startPrivateLibvirtd();
  const seen = (): boolean => commandLines().some((line) => line.includes(other.directory)) || existsSync(other.directory);
  expect(seen()).toBe(true);
  await other[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  expect(seen()).toBe(false);
});

test.each(['SIGTERM', 'SIGKILL'] as const)('nothing is left when the process that started it ends by %s', async (signal) => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../test/programs/abandon.ts', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { value } = (await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()) as { readonly value: string };
  const { directory, domain, pid } = JSON.parse(value) as { readonly directory: string; readonly domain: string; readonly pid: number };
  const processes = (): readonly string[] => commandLines().filter((line) => line.includes(directory) || line.includes(`guest=${domain}`));
  expect(processes().some((line) => line.includes('qemu'))).toBe(true);
  child.kill(signal);
  await once(child, 'close');
  await waitFor('everything to be gone', () => (processes().length === 0 && !existsSync(directory) && !existsSync(`/proc/${pid}`) ? true : undefined));
});
