import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PrivateLibvirtd, startPrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import { run } from '../system/programs.ts';
import { type PrivateSshd, startPrivateSshd } from './private-sshd.ts';

let libvirtd: PrivateLibvirtd;
let sshd: PrivateSshd;
beforeAll(async () => {
  libvirtd = await startPrivateLibvirtd();
  sshd = await startPrivateSshd({ libvirtd });
});
afterAll(async () => {
  await sshd?.[Symbol.asyncDispose]();
  await libvirtd?.[Symbol.asyncDispose]();
});

function ssh(keyFile: string, hostsFile: string, command: string): Promise<string> {
  const options = ['-F', 'none', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', `UserKnownHostsFile=${hostsFile}`, '-o', 'StrictHostKeyChecking=yes'];
  return run('ssh', [...options, '-i', keyFile, '-p', String(sshd.port), `${sshd.username}@127.0.0.1`, command]);
}

test('takes its key, from those who know it', async () => {
  expect(await ssh(sshd.userKeyFile, sshd.knownHostsFile, 'echo hello from $USER')).toBe(`hello from ${sshd.username}\n`);
});

test.each([
  ['another key', () => ssh(sshd.strangerKeyFile, sshd.knownHostsFile, 'true'), 'Permission denied'],
  ['nobody who does not know it', () => ssh(sshd.userKeyFile, sshd.emptyHostsFile, 'true'), 'Host key verification failed'],
  ['nobody who knows another', () => ssh(sshd.userKeyFile, sshd.changedHostsFile, 'true'), 'REMOTE HOST IDENTIFICATION HAS CHANGED'],
])('refuses, or is refused: %s', async (_case, attempt, message) => {
  await expect(attempt()).rejects.toThrow(message);
});

test("leads to the private daemon where libvirt's own tools look for one", async () => {
  expect(await ssh(sshd.userKeyFile, sshd.knownHostsFile, 'virsh --connect test:///default list --all --name')).toContain('test');
  expect(await ssh(sshd.userKeyFile, sshd.knownHostsFile, 'virsh --connect qemu:///system uri')).toContain('qemu:///system');
  expect(await ssh(sshd.userKeyFile, sshd.knownHostsFile, `test -S ${libvirtd.socket} && command -v virt-ssh-helper nc`)).toContain('virt-ssh-helper');
});

test('stands alone too, and leaves nothing', async () => {
  const alone = await startPrivateSshd();
  expect(alone.port).not.toBe(sshd.port);
  await alone[Symbol.asyncDispose]();
  expect(existsSync(dirname(alone.logFile))).toBe(false);
});
