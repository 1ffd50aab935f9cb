import { errorCode } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createDomains, type Domain, type Domains } from '../../src/client/domains.js';
import { createHost, type Host } from '../../src/client/host.js';
import { createNetworks, type Networks } from '../../src/client/networks.js';
import { createStorage, type Storage } from '../../src/client/storage.js';
import { createReplayCaller } from './replay-caller.js';

// Every call here must be the very bytes that libvirt's own client sent for the same wish, or the replay fails it.

const TEST: Domain = { name: 'test', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 };
const STOPPED: Domain = { ...TEST, id: -1 };
const SECOND: Domain = { name: 'second', uuid: '7f1ce3c1-3a5e-4f6f-8a55-2d6f6c4c7a10', id: -1 };
const DHCP: Domain = { name: 'dhcp', uuid: '5d4a2f70-9b3e-4c51-8f0b-6a1de2c7b904', id: 3 };
const GUEST: Domain = { name: 'ferric-wire', uuid: '5d4a2f70-9b3e-4c51-8f0b-6a1de2c7b901', id: 1 };
const NETWORK = { name: 'lab', uuid: '3c0f6b9a-52b5-4a0e-9f64-0a3e4f7d6c11' };
const POOL = { name: 'lab', uuid: '8e2b3c4d-1f2a-4b3c-9d4e-5f6a7b8c9d0e' };
const VOLUME = { pool: 'lab', name: 'disk.raw', key: '/var/lib/libvirt/images/lab/disk.raw' };
const NODE_URI = 'https://ferric.example/node';
const CDROM = "<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk>";
const DISK = "<disk type='file' device='disk'><source file='/dev/null'/><target dev='vdb' bus='virtio'/></disk>";
const PASSING = "<domain type='test'><name>passing</name><memory>8192</memory><os><type>hvm</type></os></domain>";
const VOLUME_XML = "<volume><name>disk.raw</name><capacity>4096</capacity><target><format type='raw'/></target></volume>";
const POOL_XML = "<pool type='dir'><name>lab</name><uuid>8e2b3c4d-1f2a-4b3c-9d4e-5f6a7b8c9d0e</uuid><target><path>/var/lib/libvirt/images/lab</path></target></pool>";
const LEASE = {
  interfaceName: 'virbr7', expiresAt: expect.any(Date) as Date, family: 'ipv4', mac: '52:54:00:0a:0b:0c', iaid: null, address: '192.0.2.10', prefix: 24, hostname: null,
  clientId: '01:52:54:00:0a:0b:0c',
};

async function readAll(incoming: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  return Buffer.concat(pieces);
}

type Row<Group> = readonly [fixture: string, what: string, call: (group: Group) => Promise<unknown>, answer: unknown];

const domainRows: readonly Row<Domains>[] = [
  ['test-domains', 'list', (domains) => domains.list(), [TEST]],
  ['test-domains', 'list those that run', (domains) => domains.list({ running: true }), [TEST]],
  ['test-domains', 'list those that are defined and stopped', (domains) => domains.list({ running: false, persistent: true }), []],
  ['test-domains', 'lookup by name', (domains) => domains.lookupByName('test'), TEST],
  ['test-domains', 'lookup by uuid', (domains) => domains.lookupByUuid(TEST.uuid.toUpperCase()), TEST],
  ['test-domains', 'lookup by id', (domains) => domains.lookupById(1), TEST],
  ['test-domains', 'state', (domains) => domains.state(TEST), { state: 'running', reason: 'unknown' }],
  [
    'test-domains', 'info', (domains) => domains.info(TEST),
    { state: 'running', maximumMemoryKibibytes: 8_388_608n, memoryKibibytes: 2_097_152n, vcpus: 2, cpuTimeNanoseconds: expect.any(BigInt) as bigint },
  ],
  ['test-domains', 'definition', (domains) => domains.xml(TEST), expect.stringMatching(/^<domain type='test' id='1'>/)],
  ['test-domains', 'secure and inactive', (domains) => domains.xml(TEST, { secure: true, inactive: true }), expect.stringMatching(/^<domain type='test'>/)],
  ['test-domains', 'suspend', (domains) => domains.suspend(TEST), undefined],
  ['test-domains', 'resume', (domains) => domains.resume(TEST), undefined],
  ['test-domains', 'set the title', (domains) => domains.setMetadata(TEST, { kind: 'title', value: 'Träger' }), undefined],
  ['test-domains', 'title', (domains) => domains.metadata(TEST, 'title', undefined, { scope: 'config' }), 'Träger'],
  ['test-domains', 'description', (domains) => domains.metadata(TEST, 'description', undefined, { scope: 'config' }), 'first line\nsecond line'],
  ['test-domains', 'set an element', (domains) => domains.setMetadata(TEST, { kind: 'element', value: "<node name='a'/>", key: 'ferric', uri: NODE_URI }), undefined],
  ['test-domains', 'element', (domains) => domains.metadata(TEST, 'element', NODE_URI, { scope: 'config' }), '<node name="a"/>'],
  ['test-domains', 'remove an element', (domains) => domains.setMetadata(TEST, { kind: 'element', value: null, uri: NODE_URI }), undefined],
  ['test-domains', 'destroy', (domains) => domains.destroy(TEST), undefined],
  ['test-domains', 'create', (domains) => domains.create(STOPPED), { ...TEST, id: 3 }],
  ['test-domains', 'create a transient one', (domains) => domains.createTransient(PASSING), expect.objectContaining({ name: 'passing', id: 4 })],
  ['test-domains', 'set autostart', (domains) => domains.setAutostart(SECOND, true), undefined],
  ['test-domains', 'autostart', (domains) => domains.autostart(SECOND), true],
  ['test-domains', 'undefine', (domains) => domains.undefine(SECOND, { managedSave: true }), undefined],
  [
    'test-domains', 'statistics of two', (domains) => domains.stats([STOPPED, SECOND]),
    [{ domain: STOPPED, values: { 'state.state': 5, 'state.reason': 2 } }, { domain: SECOND, values: { 'state.state': 5, 'state.reason': 0 } }],
  ],
  ['virsh', 'statistics of all', (domains) => domains.stats(), [{ domain: TEST, values: { 'state.state': 1, 'state.reason': 0 } }]],
  ['system-domains', 'create paused with fresh NVRAM', (domains) => domains.create({ ...GUEST, id: -1 }, { paused: true, resetNvram: true }), GUEST],
  ['system-domains', 'state of a paused one', (domains) => domains.state(GUEST), { state: 'paused', reason: 'user' }],
  ['system-domains', 'inactive definition', (domains) => domains.xml(GUEST, { inactive: true }), expect.stringContaining('ferric-wire')],
  ['system-domains', 'send keys', (domains) => domains.sendKeys(GUEST, [29, 56, 111], { holdMs: 100 }), undefined],
  ['system-domains', 'NMI', (domains) => domains.injectNmi(GUEST), undefined],
  ['system-domains', 'reset', (domains) => domains.reset(GUEST), undefined],
  ['system-domains', 'update a device at once and for later', (domains) => domains.updateDevice(GUEST, CDROM, { live: true, config: true }), undefined],
  ['system-domains', 'attach a device', (domains) => domains.attachDevice(GUEST, DISK), undefined],
  ['system-domains', 'detach a device', (domains) => domains.detachDevice(GUEST, DISK, { config: true }), undefined],
  ['system-domains', 'reboot', (domains) => domains.reboot(GUEST, { by: 'acpi' }), undefined],
  ['system-domains', 'shutdown', (domains) => domains.shutdown(GUEST, { by: 'acpi' }), undefined],
  ['system-domains', 'destroy gracefully', (domains) => domains.destroy(GUEST, { graceful: true }), undefined],
  ['system-domains', 'undefine with all that belongs to it', (domains) => domains.undefine(GUEST, { managedSave: true, nvram: 'remove' }), undefined],
  [
    'networks', 'addresses by lease', (domains) => domains.interfaceAddresses(DHCP, { source: 'lease' }),
    [{ name: 'vnet0', hardwareAddress: '52:54:00:0a:0b:0c', addresses: [{ family: 'ipv4', address: '192.0.2.10', prefix: 24 }] }],
  ],
];

test.each(domainRows)('domains, %s: %s', async (fixture, _what, call, answer) => {
  expect(await call(createDomains(createReplayCaller(fixture)))).toEqual(answer);
});

const failureRows: readonly Row<Domains>[] = [
  ['test-domains', 'lookup of nobody', (domains) => domains.lookupByName('nobody'), 'NOT_FOUND'],
  ['test-domains', 'lookup of an id that nobody has', (domains) => domains.lookupById(4711), 'NOT_FOUND'],
  ['test-domains', 'NMI of one that is stopped', (domains) => domains.injectNmi(STOPPED), 'CONFLICT'],
  ['system-domains', 'shutdown by an agent that is not there', (domains) => domains.shutdown(GUEST, { by: 'agent' }), 'BUSY'],
  ['system-domains', 'addresses by the agent', (domains) => domains.interfaceAddresses(GUEST, { source: 'agent' }), 'BUSY'],
  ['system-domains', 'waking one that cannot sleep', (domains) => domains.wakeUp(GUEST), 'UNSUPPORTED'],
];

test.each(failureRows)('domains, %s: %s', async (fixture, _what, call, code) => {
  expect(errorCode(await call(createDomains(createReplayCaller(fixture))).catch((error: unknown) => error))).toBe(code);
});

test('statistics leave out a domain that is gone', async () => {
  const domains = createDomains(createReplayCaller('test-domains'));
  expect(await domains.stats([STOPPED, SECOND])).toHaveLength(2);
  expect((await domains.stats([STOPPED, SECOND])).map(({ domain }) => domain.name)).toEqual(['test']);
});

test('a domain is defined with the checks of the daemon', async () => {
  const caller = createReplayCaller('system-domains');
  const devices = `<serial type='pty'/><console type='pty'/><video><model type='vga'/></video><graphics type='vnc' autoport='yes' listen='127.0.0.1'/>
<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk><controller type='virtio-serial'/>
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>`;
  const xml = `<domain type='qemu'><name>ferric-wire</name><uuid>${GUEST.uuid}</uuid><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${devices}</devices></domain>`;
  expect(await createDomains(caller).define(xml, { validate: true })).toEqual({ ...GUEST, id: -1 });
  expect(caller.calls).toEqual(['domain_define_xml_flags']);
});

test('a screenshot is a picture', async () => {
  const caller = createReplayCaller('system-domains');
  const picture = await createDomains(caller).screenshot(GUEST);
  expect(picture.reply).toBe('image/png');
  expect((await readAll(picture.incoming)).subarray(1, 4).toString()).toBe('PNG');
});

test('a console is opened by force', async () => {
  const caller = createReplayCaller('system-domains');
  await createDomains(caller).openConsole(GUEST, { force: true });
  expect(caller.calls).toEqual(['domain_open_console']);
});

const hostRows: readonly Row<Host>[] = [
  ['host', 'type', (host) => host.type(), 'TEST'],
  ['host', 'hypervisor', (host) => host.hypervisorVersion(), { major: 0, minor: 0, release: 2, text: '0.0.2' }],
  ['host', 'library', (host) => host.libraryVersion(), { major: 9, minor: 0, release: 0, text: '9.0.0' }],
  ['host', 'hostname', (host) => host.hostname(), 'lab'],
  ['host', 'capabilities', (host) => host.capabilities(), expect.stringMatching(/^<capabilities>/)],
  [
    'host', 'domain capabilities',
    (host) => host.domainCapabilities({ emulator: '/usr/bin/qemu-system-x86_64', architecture: 'x86_64', machine: 'microvm', virtualizationType: 'qemu' }),
    expect.stringContaining('<machine>microvm</machine>'),
  ],
];

test.each(hostRows)('%s: %s', async (fixture, _what, call, answer) => {
  expect(await call(createHost(createReplayCaller(fixture)))).toEqual(answer);
});

test('the second connection of the recording is QEMU', async () => {
  const host = createHost(createReplayCaller('host'));
  await host.hypervisorVersion();
  expect(await host.hypervisorVersion()).toEqual({ major: 7, minor: 2, release: 22, text: '7.2.22' });
});

const networkRows: readonly Row<Networks>[] = [
  ['networks', 'list', (networks) => networks.list(), [NETWORK]],
  ['networks', 'list those that run', (networks) => networks.list({ active: true, persistent: true }), [NETWORK]],
  ['networks', 'lookup by name', (networks) => networks.lookupByName('lab'), NETWORK],
  ['networks', 'lookup by uuid', (networks) => networks.lookupByUuid(NETWORK.uuid), NETWORK],
  ['networks', 'definition', (networks) => networks.xml(NETWORK), expect.stringContaining('virbr7')],
  ['networks', 'inactive definition', (networks) => networks.xml(NETWORK, { inactive: true }), expect.stringContaining('virbr7')],
  ['networks', 'bridge', (networks) => networks.bridgeName(NETWORK), 'virbr7'],
  ['networks', 'create', (networks) => networks.create(NETWORK), undefined],
  [
    'networks', 'create a transient one', (networks) => networks.createTransient("<network><name>passing</name><bridge name='virbr8'/></network>"),
    expect.objectContaining({ name: 'passing' }),
  ],
  ['networks', 'set autostart', (networks) => networks.setAutostart(NETWORK, true), undefined],
  ['networks', 'autostart', (networks) => networks.autostart(NETWORK), true],
  ['networks', 'leases of one machine', (networks) => networks.leases(NETWORK, { mac: '52-54-00-0A-0B-0C' }), [LEASE]],
  ['networks', 'leases of nobody', (networks) => networks.leases(NETWORK, { mac: '52:54:00:00:00:00' }), []],
  ['networks', 'destroy', (networks) => networks.destroy(NETWORK), undefined],
  ['networks', 'undefine', (networks) => networks.undefine(NETWORK), undefined],
];

test.each(networkRows)('%s: %s', async (fixture, _what, call, answer) => {
  expect(await call(createNetworks(createReplayCaller(fixture)))).toEqual(answer);
});

test('a fixed address is added as the C client does it, its question before included', async () => {
  const caller = createReplayCaller('networks');
  const update = { command: 'add-last', section: 'ip-dhcp-host', xml: "<host mac='52:54:00:0a:0b:0c' ip='192.0.2.10'/>" } as const;
  await createNetworks(caller).update(NETWORK, update, { live: true, config: true });
  expect(caller.calls).toEqual(['connect_supports_feature', 'network_update']);
});

const storageRows: readonly Row<Storage>[] = [
  ['storage', 'define a pool', (storage) => storage.pools.define(POOL_XML), POOL],
  ['storage', 'build a pool', (storage) => storage.pools.build(POOL), undefined],
  ['storage', 'create a pool', (storage) => storage.pools.create(POOL), undefined],
  [
    'storage', 'create and build a transient pool',
    (storage) => storage.pools.createTransient("<pool type='dir'><name>passing</name><target><path>/var/lib/libvirt/images/lab</path></target></pool>", { build: true }),
    expect.objectContaining({ name: 'passing' }),
  ],
  ['storage', 'set autostart', (storage) => storage.pools.setAutostart(POOL, false), undefined],
  ['storage', 'autostart', (storage) => storage.pools.autostart(POOL), true],
  [
    'storage', 'pool', (storage) => storage.pools.info(POOL),
    { state: 'running', capacityBytes: 270_553_174_016n, allocationBytes: expect.any(BigInt) as bigint, availableBytes: expect.any(BigInt) as bigint },
  ],
  ['storage', 'definition of a pool', (storage) => storage.pools.xml(POOL), expect.stringMatching(/^<pool type='dir'>/)],
  ['storage', 'inactive definition of a pool', (storage) => storage.pools.xml(POOL, { inactive: true }), expect.stringMatching(/^<pool type='dir'>/)],
  ['storage', 'refresh', (storage) => storage.pools.refresh(POOL), undefined],
  ['storage', 'pools', (storage) => storage.pools.list(), [POOL]],
  ['storage', 'pools that run', (storage) => storage.pools.list({ active: true }), [POOL]],
  ['storage', 'pool by name', (storage) => storage.pools.lookupByName('lab'), POOL],
  ['storage', 'pool by uuid', (storage) => storage.pools.lookupByUuid(POOL.uuid), POOL],
  ['storage', 'pool by volume', (storage) => storage.pools.lookupByVolume(VOLUME), POOL],
  ['storage', 'create a volume', (storage) => storage.volumes.create(POOL, VOLUME_XML), VOLUME],
  ['storage', 'volumes', (storage) => storage.volumes.list(POOL), [VOLUME]],
  ['storage', 'volume by name', (storage) => storage.volumes.lookupByName(POOL, 'disk.raw'), VOLUME],
  ['storage', 'volume by path', (storage) => storage.volumes.lookupByPath(VOLUME.key), VOLUME],
  ['storage', 'volume by key', (storage) => storage.volumes.lookupByKey(VOLUME.key), VOLUME],
  ['storage', 'path', (storage) => storage.volumes.path(VOLUME), VOLUME.key],
  ['storage', 'volume', (storage) => storage.volumes.info(VOLUME), { type: 'file', capacityBytes: 4096n, allocationBytes: 4096n }],
  ['storage', 'definition of a volume', (storage) => storage.volumes.xml(VOLUME), expect.stringMatching(/^<volume type='file'>/)],
  ['storage', 'delete a volume', (storage) => storage.volumes.delete(VOLUME), undefined],
  ['storage', 'destroy a pool', (storage) => storage.pools.destroy(POOL), undefined],
  ['storage', 'delete a pool', (storage) => storage.pools.delete(POOL), undefined],
];

test.each(storageRows)('%s: %s', async (fixture, _what, call, answer) => {
  expect(await call(createStorage(createReplayCaller(fixture)))).toEqual(answer);
});

describe('the content of a volume', () => {
  const content = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));

  test('goes up', async () => {
    const caller = createReplayCaller('storage');
    const progress: bigint[] = [];
    const sent = await createStorage(caller).volumes.upload(VOLUME, content, { offset: 512, length: 1024n, onProgress: ({ sentBytes }) => progress.push(sentBytes) });
    expect(sent).toBe(1024n);
    expect(progress).toEqual([1024n]);
    expect(caller.streams).toEqual([{ sent: content, ended: 'finished' }]);
  });

  test('comes down', async () => {
    const stream = await createStorage(createReplayCaller('storage')).volumes.download(VOLUME);
    const expected = Buffer.alloc(4096);
    content.copy(expected, 512);
    expect((await readAll(stream.incoming)).equals(expected)).toBe(true);
  });
});
