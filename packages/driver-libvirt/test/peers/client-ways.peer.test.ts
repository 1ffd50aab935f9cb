import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hypervisor } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLibvirtClient, type LibvirtClient, type LibvirtClientSettings } from '../../src/client/index.js';
import { machineXml } from './machine-xml.js';
import { recordEvents } from './recorded-events.js';
import { type Daemons, startDaemons, type Way, WAYS } from './ways.js';

let daemons: Daemons;
beforeAll(async () => void (daemons = await startDaemons()));
afterAll(async () => daemons?.[Symbol.asyncDispose]());

const EVENTS: Readonly<Record<Hypervisor, readonly string[]>> = {
  qemu: ['defined: added', 'resumed: unpaused', 'started: booted', 'shutdown: asked by the host', 'stopped: destroyed', 'undefined: removed'],
  test: ['defined: added', 'started: booted', 'stopped: destroyed', 'undefined: removed'],
};

/** What starting a machine twice fails with. The test driver has no number for it. */
const STARTED_TWICE: Readonly<Record<Hypervisor, object>> = {
  qemu: { code: 'CONFLICT', details: { libvirtCode: 55 } },
  test: { code: 'CONFLICT', details: { libvirtCode: 1 } },
};

async function readAll(incoming: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* pieces(content: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield content.subarray(at, at + size);
    at += size;
  }
  yield content.subarray(at);
}

describe.each(WAYS)('by $name', ({ daemon, settings }: Way) => {
  // A call that is left lying until something else arrives fails.
  const connect = (hypervisor: Hypervisor, more: LibvirtClientSettings = {}): LibvirtClient =>
    createLibvirtClient({ callTimeoutMs: 4000, ...settings(daemons, hypervisor), ...more });

  test.each(['qemu', 'test'] as const)('a machine of the %s driver lives its life, and virsh sees every change', async (hypervisor) => {
    const witness = daemons.witnesses[daemon][hypervisor];
    await using client = connect(hypervisor);
    await using events = await recordEvents(client, daemons[daemon], witness);
    const { domains } = client;
    const [name, uuid] = [`machine-${randomBytes(4).toString('hex')}`, randomUUID()];

    const domain = await domains.define(machineXml(hypervisor, { name, uuid, title: 'Grüße' }));
    expect(domain).toEqual({ name, uuid, id: -1 });
    expect([witness.exists(name), witness.command('domuuid', name), witness.command('desc', name, '--title')]).toEqual([true, uuid, 'Grüße']);
    expect(await domains.list({ running: false })).toContainEqual(domain);
    expect(await domains.lookupByName(name)).toEqual(domain);
    expect(await domains.lookupByUuid(uuid)).toEqual(domain);
    expect((await domains.xml(domain, { inactive: true })).trim()).toBe(witness.inactiveXml(name));

    const running = await domains.create(domain);
    expect([witness.state(name), witness.id(name)]).toEqual(['running', running.id]);
    expect(await domains.state(domain)).toEqual({ state: 'running', reason: 'booted' });
    expect(await domains.lookupById(running.id)).toEqual(running);
    expect(await domains.info(domain)).toMatchObject({ state: 'running', maximumMemoryKibibytes: 32_768n, vcpus: 1 });
    const stats = await domains.stats();
    expect(stats.find((each) => each.domain.uuid === uuid)?.values).toMatchObject({ 'state.state': 1, 'state.reason': 1 });
    await expect(domains.create(domain)).rejects.toMatchObject(STARTED_TWICE[hypervisor]);

    await domains.destroy(domain);
    expect([witness.state(name), witness.reason(name)]).toEqual(['shut off', 'destroyed']);
    expect(await domains.state(domain)).toEqual({ state: 'shut off', reason: 'destroyed' });
    await expect(domains.destroy(domain)).rejects.toMatchObject({ code: 'CONFLICT', details: { libvirtCode: 55 } });

    await domains.undefine(domain);
    expect(witness.exists(name)).toBe(false);
    await expect(domains.state(domain)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { libvirtCode: 42, address: client.uri.address } });
    await events.expectOf(name, EVENTS[hypervisor]);
    expect(client.status).toMatchObject({ state: 'connected', connections: 1, active: 0 });
  });

  test('a volume comes back as it was sent, and is on the disk', async () => {
    const { directory } = daemons[daemon];
    const witness = daemons.witnesses[daemon].qemu;
    await using client = connect('qemu');
    const { pools, volumes } = client.storage;
    const name = `pool-${randomBytes(4).toString('hex')}`;
    const folder = join(directory, name);
    mkdirSync(folder);
    const pool = await pools.define(`<pool type="dir"><name>${name}</name><target><path>${folder}</path></target></pool>`);
    await pools.create(pool);
    expect(witness.command('pool-info', name)).toMatch(/State: +running/);

    // Larger than a packet, and no multiple of anything.
    const content = randomBytes(1_000_003);
    const volume = await volumes.create(pool, `<volume><name>image</name><capacity>${content.length}</capacity><target><format type="raw"/></target></volume>`);
    expect(await volumes.upload(volume, pieces(content, [1, 0, 300_000, 262_120]))).toBe(BigInt(content.length));
    const path = await volumes.path(volume);
    expect(path).toBe(join(folder, 'image'));
    expect(readFileSync(path).equals(content)).toBe(true);
    await using stream = await volumes.download(volume);
    expect((await readAll(stream.incoming)).equals(content)).toBe(true);
    await stream.finish();
    await using part = await volumes.download(volume, { offset: 999_990, length: 5 });
    expect((await readAll(part.incoming)).equals(content.subarray(999_990, 999_995))).toBe(true);
    await part.finish();
    expect(await volumes.info(volume)).toMatchObject({ type: 'file', capacityBytes: BigInt(content.length) });

    await volumes.delete(volume);
    expect(witness.command('vol-list', name)).not.toContain('image');
    await expect(volumes.info(volume)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { libvirtCode: 50 } });
    await pools.destroy(pool);
    await pools.undefine(pool);
    expect(witness.command('pool-list', '--all')).not.toContain(name);
  });

  test('64 calls are under way at the same time, each with its own answer', async () => {
    await using client = connect('test', { concurrency: 64 });
    const uuids = Array.from({ length: 64 }, () => randomUUID());
    const defined = await Promise.all(uuids.map((uuid, index) => client.domains.define(machineXml('test', { name: `many-${index}-${uuid}`, uuid }))));
    expect(defined.map((domain) => domain.uuid)).toEqual(uuids);
    const found = await Promise.all(uuids.map((uuid) => client.domains.lookupByUuid(uuid)));
    expect(found).toEqual(defined);
    const seen = daemons.witnesses[daemon].test.command('list', '--all', '--uuid').split('\n').map((line) => line.trim());
    expect(seen).toEqual(expect.arrayContaining(uuids));
    await Promise.all(defined.map((domain) => client.domains.undefine(domain)));
    expect(client.status).toMatchObject({ connections: 1, active: 0, queued: 0 });
  });
});

test('the client and virsh tell the same of the host', async () => {
  await using client = createLibvirtClient({ uri: daemons.open.uris.unix });
  const version = await daemons.open.virsh('version');
  expect(version).toContain(`Using library: libvirt ${(await client.host.libraryVersion()).text}\n`);
  expect(version).toContain(`Running hypervisor: QEMU ${(await client.host.hypervisorVersion()).text}\n`);
  expect(await client.host.type()).toBe('QEMU');
  expect(await client.host.uri()).toBe('qemu:///system');
  expect(await client.host.hostname()).toBe((await daemons.open.virsh('hostname')).trim());
  expect((await client.host.capabilities()).trim()).toBe((await daemons.open.virsh('capabilities')).trim());
  const kind = { architecture: 'x86_64', machine: 'pc', virtualizationType: 'qemu' };
  const theirs = await daemons.open.virsh('domcapabilities', '--arch', 'x86_64', '--machine', 'pc', '--virttype', 'qemu');
  expect((await client.host.domainCapabilities(kind)).trim()).toBe(theirs.trim());
});
