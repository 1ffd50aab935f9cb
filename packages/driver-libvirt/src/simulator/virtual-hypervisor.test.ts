import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { optionIssues } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { logIn } from '../../test/simulator/log-in.js';
import { frame, RawClient, text, u32 } from '../../test/simulator/raw-client.js';
import { startVirtualHypervisor } from './virtual-hypervisor.js';

const folder = async (): Promise<AsyncDisposable & { readonly path: string }> => {
  const path = await mkdtemp(join(tmpdir(), 'ferric-libvirt-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
};

test('has as many domains as one likes', async () => {
  await using hypervisor = await startVirtualHypervisor({ domains: 100 });
  expect(hypervisor.domains).toHaveLength(100);
  expect(new Set(hypervisor.domains.flatMap(({ macAddresses }) => macAddresses)).size).toBe(100);
  expect(new Set(hypervisor.domains.map(({ name }) => name)).size).toBe(100);
  using client = await RawClient.open(hypervisor);
  const names = await client.read(273, u32(1) + u32(2), (values) => values.list(values.domain).map(({ name }) => name));
  expect(names).toEqual(hypervisor.domains.map(({ name }) => name));
});

test('has the domains that one describes, in words or in XML', async () => {
  const xml = "<domain type='qemu'><name>mine</name><memory>1024</memory><os><type>hvm</type></os><own/></domain>";
  await using hypervisor = await startVirtualHypervisor({
    domains: [{ name: 'a', memoryMebibytes: 512, processors: 3, boot: ['network', 'cdrom'], running: true }, {}, xml],
  });
  expect(hypervisor.domains.map(({ name, state, bootOrder }) => [name, state, bootOrder])).toEqual([
    ['a', 'running', ['network', 'cdrom']], ['vm-1', 'shut off', ['hd', 'network']], ['mine', 'shut off', ['hd']],
  ]);
  expect(hypervisor.domain('mine').definition).toContain('<own/>');
  expect(hypervisor.domain('a').definition).toMatch(/<memory unit='KiB'>524288[^]*<vcpu placement='static'>3/);
  expect(hypervisor.domain(hypervisor.domain('a').uuid).name).toBe('a');
  expect(() => hypervisor.domain('gone')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  expect(() => hypervisor.define('<domain')).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  expect(() => hypervisor.volumes('gone')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  expect(() => hypervisor.leases('gone')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

test('listens at a unix socket as well', async () => {
  await using place = await folder();
  const unixSocket = join(place.path, 'libvirt-sock');
  const hypervisor = await startVirtualHypervisor({ unixSocket, credentials: { username: 'a', password: 'b' } });
  expect(hypervisor.unixUri).toBe(`qemu+unix:///system?socket=${encodeURIComponent(unixSocket)}`);
  using client = await RawClient.connect({ path: unixSocket });
  expect(await logIn(client, 'a', 'b')).toMatch(/^v=/);
  hypervisor.faults.inject({ kind: 'reset' });
  client.send(Buffer.from('0000001c200080860000000100000042000000000000000100000000', 'hex'));
  await client.ended;
  hypervisor.faults.inject({ kind: 'refuse' });
  await expect.poll(() => existsSync(unixSocket)).toBe(false);
  hypervisor.faults.clear();
  await expect.poll(() => existsSync(unixSocket)).toBe(true);
  await expect(startVirtualHypervisor({ unixSocket })).rejects.toMatchObject({ code: 'CONFLICT', details: { address: unixSocket } });
  await hypervisor[Symbol.asyncDispose]();
  expect(existsSync(unixSocket)).toBe(false);
});

test('a port that is taken is refused, and nothing is left open', async () => {
  await using first = await startVirtualHypervisor();
  await expect(startVirtualHypervisor({ port: first.port })).rejects.toMatchObject({
    code: 'CONFLICT', details: { address: `127.0.0.1:${first.port}` },
  });
  await using place = await folder();
  const { port } = await (async () => {
    await using brief = await startVirtualHypervisor();
    return brief;
  })();
  await expect(startVirtualHypervisor({ port, unixSocket: join(place.path, 'no', 'such', 'folder') })).rejects.toMatchObject({ code: 'CONFLICT' });
  await using again = await startVirtualHypervisor({ port });
  expect(again.port).toBe(port);
});

test('options that make no sense are refused, all at once', async () => {
  const error: unknown = await startVirtualHypervisor({
    port: -1, domains: 1.5, unixSocket: '', credentials: { username: '', password: 'x' }, guests: { shutdownMs: Number.NaN },
    keepAlive: { intervalMs: 0, count: 0 }, maxClientRequests: 0, storageLimitBytes: -1,
  }).catch((reason: unknown) => reason);
  expect(optionIssues(error).map(({ field }) => field)).toEqual([
    'port', 'domains', 'guests.shutdownMs', 'keepAlive.intervalMs', 'keepAlive.count', 'maxClientRequests', 'storageLimitBytes', 'unixSocket',
    'credentials.username',
  ]);
});

test('does not print its password', async () => {
  await using hypervisor = await startVirtualHypervisor({ credentials: { username: 'a', password: 'very-secret' } });
  expect(inspect(hypervisor, { depth: 8, showHidden: true })).not.toContain('very-secret');
});

test('an answer that is late is forgotten with its client', async () => {
  const clock = createFakeClock();
  await using hypervisor = await startVirtualHypervisor({ clock });
  const client = await RawClient.open(hypervisor);
  hypervisor.faults.inject({ kind: 'slow' });
  client.send(frame(3, '', { serial: 900 }));
  await expect.poll(() => clock.pendingTimers).toBe(1);
  client[Symbol.dispose]();
  await expect.poll(() => clock.pendingTimers).toBe(0);
  using next = await RawClient.connect(hypervisor);
  const answer = next.call(66);
  await expect.poll(() => clock.pendingTimers).toBe(1);
  await clock.advance(1000);
  expect((await answer).status).toBe(0);
});

test('cuts everybody off when it is told to', async () => {
  await using hypervisor = await startVirtualHypervisor();
  using client = await RawClient.open(hypervisor);
  hypervisor.disconnect();
  await client.ended;
  using again = await RawClient.open(hypervisor);
  expect(await again.read(23, text('vm-1'), (values) => values.domain().name)).toBe('vm-1');
  expect(hypervisor.activity).toMatchObject({ connections: 2, openConnections: 1, calls: 3 });
});
