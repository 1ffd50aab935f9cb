import { errorCode, FerricError, optionIssues } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import type { Caller } from './caller.js';
import { createDomains, type Domain, type DomainMetadataKind, type Domains, type DomainStatsGroup } from './domains.js';
import { createHost, type MachineKind } from './host.js';
import { createNetworks, type NetworkUpdate, type NetworkUpdateCommand, type NetworkUpdateSection } from './networks.js';
import { createStorage } from './storage.js';
import type { Procedure } from './wire/procedure.js';
import { XdrWriter } from './wire/xdr.js';

// What is on the wire is proven against libvirt's own client in test/wire; here is what never gets there, and what a reply becomes.

const DOMAIN: Domain = { name: 'one', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 3 };
const NETWORK = { name: 'lab', uuid: '3c0f6b9a-52b5-4a0e-9f64-0a3e4f7d6c11' };
const POOL = { name: 'lab', uuid: '8e2b3c4d-1f2a-4b3c-9d4e-5f6a7b8c9d0e' };
const VOLUME = { pool: 'lab', name: 'disk.raw', key: '/images/disk.raw' };
const XML = '<domain/>';

interface MadeCall {
  readonly procedure: Procedure<never, unknown>;
  readonly args: unknown;
}

/** Answers by the name of the procedure; the arguments must be ones that can be encoded. */
function createScriptedCaller(answers: Readonly<Record<string, (args: never) => unknown>>): Caller & { readonly calls: MadeCall[] } {
  const calls: MadeCall[] = [];
  const answer = <Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments): Reply => {
    calls.push({ procedure: procedure as unknown as MadeCall['procedure'], args });
    procedure.arguments.write(new XdrWriter(), args);
    const script = answers[procedure.name];
    if (script === undefined) throw new Error(`${procedure.name} was not to be called`);
    return script(args as never) as Reply;
  };
  return {
    calls,
    call: (procedure, args) => new Promise((resolve) => resolve(answer(procedure, args))),
    openStream: (procedure) => Promise.reject(new Error(`${procedure.name} was not to be opened`)),
  };
}

const unknownProcedure = (): never => {
  throw new FerricError('UNSUPPORTED', 'unknown procedure: 350', { details: { libvirtCode: 39 } });
};

const bad = <T>(value: unknown): T => value as T;

describe('what cannot be meant is refused before anything is sent', () => {
  const caller = createScriptedCaller({});
  const domains = createDomains(caller);
  const networks = createNetworks(caller);
  const storage = createStorage(caller);
  const host = createHost(caller);
  const update = (changes: Partial<NetworkUpdate>): NetworkUpdate => ({ command: 'add-last', section: 'ip-dhcp-host', xml: '<host/>', ...changes });

  test.each<[string, string, () => Promise<unknown>]>([
    ['an empty name', 'name', () => domains.lookupByName('')],
    ['a name with a NUL', 'name', () => domains.lookupByName('one\0two')],
    ['a name that is a number', 'name', () => domains.lookupByName(bad(7))],
    ['a uuid that is none', 'uuid', () => domains.lookupByUuid('one')],
    ['a uuid that is missing', 'uuid', () => domains.lookupByUuid(bad(undefined))],
    ['an id below 0', 'id', () => domains.lookupById(-1)],
    ['an id that is too large', 'id', () => domains.lookupById(2 ** 31)],
    ['a domain without uuid', 'domain.uuid', () => domains.state({ ...DOMAIN, uuid: '' })],
    ['a domain without name', 'domain.name', () => domains.destroy({ ...DOMAIN, name: '' })],
    ['an unknown group', 'groups', () => domains.stats([], [bad('states')])],
    ['a group of the prototype', 'groups', () => domains.stats([], [bad('constructor')])],
    ['no group', 'groups', () => domains.stats([DOMAIN], [])],
    ['one bad domain of many', 'domains.uuid', () => domains.stats([DOMAIN, { ...DOMAIN, uuid: 'x' }])],
    ['a definition that is no XML', 'xml', () => domains.define('name=one')],
    ['a definition that is no text', 'xml', () => domains.createTransient(bad(null))],
    ['a definition that is too long', 'xml', () => domains.define(`<domain>${'x'.repeat(4_194_304)}</domain>`)],
    ['an unknown fate of the NVRAM', 'nvram', () => domains.undefine(DOMAIN, { nvram: bad('delete') })],
    ['an unknown way to ask', 'by', () => domains.shutdown(DOMAIN, { by: bad('signal') })],
    ['an unknown way to ask for a reboot', 'by', () => domains.reboot(DOMAIN, { by: bad('') })],
    ['no key', 'keys', () => domains.sendKeys(DOMAIN, [])],
    ['too many keys', 'keys', () => domains.sendKeys(DOMAIN, Array.from({ length: 17 }, () => 1))],
    ['a key that is none', 'keys', () => domains.sendKeys(DOMAIN, [1.5])],
    ['a key held for ever', 'holdMs', () => domains.sendKeys(DOMAIN, [1], { holdMs: Infinity })],
    ['an unknown kind of metadata', 'kind', () => domains.metadata(DOMAIN, bad('name'))],
    ['an element without namespace', 'uri', () => domains.metadata(DOMAIN, 'element')],
    ['a title with a namespace', 'uri', () => domains.setMetadata(DOMAIN, { kind: 'title', value: 'x', uri: 'urn:x' })],
    ['an element without prefix', 'key', () => domains.setMetadata(DOMAIN, { kind: 'element', value: '<x/>', uri: 'urn:x' })],
    ['an element that is no XML', 'value', () => domains.setMetadata(DOMAIN, { kind: 'element', value: 'x', key: 'k', uri: 'urn:x' })],
    ['an unknown scope', 'scope', () => domains.metadata(DOMAIN, 'title', undefined, { scope: bad('now') })],
    ['a change of nothing', 'config', () => domains.attachDevice(DOMAIN, XML, { live: false, config: false })],
    ['an unknown source of addresses', 'source', () => domains.interfaceAddresses(DOMAIN, { source: bad('dns') })],
    ['an empty console', 'device', () => domains.openConsole(DOMAIN, { device: '' })],
    ['a screen below 0', 'screen', () => domains.screenshot(DOMAIN, { screen: -1 })],
    ['a network without uuid', 'network.uuid', () => networks.destroy({ ...NETWORK, uuid: 'lab' })],
    ['a MAC address that is none', 'mac', () => networks.leases(NETWORK, { mac: '52:54' })],
    ['an unknown command', 'command', () => networks.update(NETWORK, update({ command: bad('add') }))],
    ['an unknown section', 'section', () => networks.update(NETWORK, update({ section: bad('dhcp') }))],
    ['a parent below any', 'parentIndex', () => networks.update(NETWORK, update({ parentIndex: -2 }))],
    ['an element of a network that is no XML', 'xml', () => networks.update(NETWORK, update({ xml: 'host' }))],
    ['a pool without uuid', 'pool.uuid', () => storage.pools.create({ ...POOL, uuid: '' })],
    ['a volume without key', 'volume.key', () => storage.volumes.delete({ ...VOLUME, key: '' })],
    ['an offset below 0', 'offset', () => storage.volumes.download(VOLUME, { offset: -1 })],
    ['an offset with a fraction', 'offset', () => storage.volumes.upload(VOLUME, Buffer.alloc(1), { offset: 0.5 })],
    ['an offset that is not exact', 'offset', () => storage.volumes.download(VOLUME, { offset: 2 ** 60 })],
    ['a length that no disk has', 'length', () => storage.volumes.download(VOLUME, { length: 2n ** 64n })],
    ['a source that is a text', 'source', () => storage.volumes.upload(VOLUME, bad('content'))],
    ['an empty path', 'path', () => storage.volumes.lookupByPath('')],
    ['an empty architecture', 'architecture', () => host.domainCapabilities({ architecture: '' })],
    ['a machine that is no text', 'machine', () => host.domainCapabilities(bad<MachineKind>({ machine: 7 }))],
  ])('%s', async (_what, field, call) => {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(errorCode(error)).toBe('INVALID_OPTIONS');
    expect(optionIssues(error).map((issue) => issue.field)).toEqual([field]);
    expect(caller.calls).toEqual([]);
  });

  test('the definition is not shown: it may hold a password', async () => {
    const error = await domains.define('passwd=hunter2').catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});

test('statistics of no domain ask nobody: on the wire that would mean all', async () => {
  const caller = createScriptedCaller({});
  expect(await createDomains(caller).stats([])).toEqual([]);
  expect(caller.calls).toEqual([]);
});

test('groups of statistics add up', async () => {
  const caller = createScriptedCaller({ connect_get_all_domain_stats: () => [] });
  await createDomains(caller).stats(undefined, ['state', 'balloon', 'vm', 'state']);
  expect(caller.calls.map(({ args }) => args)).toEqual([{ domains: [], stats: 1 | 4 | 1024, flags: 0 }]);
});

test.each([
  [1, 1, { state: 'running', reason: 'booted' }],
  [1, 8, { state: 'running', reason: 'woken up' }],
  [3, 5, { state: 'paused', reason: 'I/O error' }],
  [5, 2, { state: 'shut off', reason: 'destroyed' }],
  [6, 1, { state: 'crashed', reason: 'panicked' }],
  [7, 0, { state: 'suspended by guest', reason: 'unknown' }],
  [5, 23, { state: 'shut off', reason: 'reason 23' }],
  [99, 1, { state: 'no state', reason: 'reason 1' }],
])('state %i/%i in words', async (state, reason, reading) => {
  expect(await createDomains(createScriptedCaller({ domain_get_state: () => ({ state, reason }) })).state(DOMAIN)).toEqual(reading);
});

describe('transcripts show no passwords of definitions', () => {
  test.each<[boolean, (domains: Domains) => Promise<unknown>]>([
    [true, (domains) => domains.xml(DOMAIN, { secure: true })],
    [false, (domains) => domains.xml(DOMAIN)],
    [true, (domains) => domains.define(XML)],
    [true, (domains) => domains.createTransient(XML)],
    [true, (domains) => domains.updateDevice(DOMAIN, XML)],
    [true, (domains) => domains.sendKeys(DOMAIN, [30])],
  ])('secret: %s', async (secret, call) => {
    const names = ['domain_get_xml_desc', 'domain_define_xml_flags', 'domain_create_xml', 'domain_update_device_flags', 'domain_send_key'];
    const caller = createScriptedCaller(Object.fromEntries(names.map((name) => [name, () => XML])));
    await call(createDomains(caller));
    expect(caller.calls.map(({ procedure }) => procedure.secret === true)).toEqual([secret]);
  });
});

describe('a daemon that cannot define with flags', () => {
  test('is asked in the old way, and from then on only so', async () => {
    const caller = createScriptedCaller({ domain_define_xml_flags: unknownProcedure, domain_define_xml: () => DOMAIN });
    const domains = createDomains(caller);
    expect(await domains.define(XML)).toEqual(DOMAIN);
    expect(await domains.define(XML)).toEqual(DOMAIN);
    expect(caller.calls.map(({ procedure }) => procedure.name)).toEqual(['domain_define_xml_flags', 'domain_define_xml', 'domain_define_xml']);
  });

  test('cannot check a definition, and is not made to take it unchecked', async () => {
    const caller = createScriptedCaller({ domain_define_xml_flags: unknownProcedure });
    const error = await createDomains(caller).define(XML, { validate: true }).catch((thrown: unknown) => thrown);
    expect(errorCode(error)).toBe('UNSUPPORTED');
  });

  test('is not asked again after another failure', async () => {
    const caller = createScriptedCaller({
      domain_define_xml_flags: () => {
        throw new FerricError('REFUSED', 'unsupported configuration');
      },
    });
    const error = await createDomains(caller).define(XML).catch((thrown: unknown) => thrown);
    expect(errorCode(error)).toBe('REFUSED');
    expect(caller.calls).toHaveLength(1);
  });
});

test('addresses of a family that nobody knows are left out', async () => {
  const addresses = [{ type: 1, address: 'fe80::1', prefix: 64 }, { type: 7, address: '?', prefix: 0 }];
  const caller = createScriptedCaller({ domain_interface_addresses: () => [{ name: 'eth0', hardwareAddress: null, addresses }] });
  expect(await createDomains(caller).interfaceAddresses(DOMAIN)).toEqual([
    { name: 'eth0', hardwareAddress: null, addresses: [{ family: 'ipv6', address: 'fe80::1', prefix: 64 }] },
  ]);
});

test('a lease without end, by DHCPv6', async () => {
  const lease = { interfaceName: 'virbr0', expiryTime: 0n, type: 1, mac: null, iaid: '7', address: '2001:db8::5', prefix: 64, hostname: 'one', clientId: null };
  const caller = createScriptedCaller({ network_get_dhcp_leases: () => ({ leases: [lease, { ...lease, expiryTime: 1_795_243_614n }], count: 2 }) });
  expect((await createNetworks(caller).leases(NETWORK)).map(({ family, expiresAt }) => ({ family, expiresAt }))).toEqual([
    { family: 'ipv6', expiresAt: null },
    { family: 'ipv6', expiresAt: new Date('2026-11-21T06:46:54Z') },
  ]);
});

test('a daemon with the old order of arguments gets them in that order', async () => {
  const caller = createScriptedCaller({ connect_supports_feature: () => 0, network_update: () => undefined });
  await createNetworks(caller).update(NETWORK, { command: 'delete', section: 'dns-host', xml: '<host/>', parentIndex: 0 });
  expect(caller.calls.at(-1)?.args).toMatchObject({ command: 10, section: 2, parentIndex: 0, flags: 2 });
});

test.each<[string, { readonly live?: boolean; readonly config?: boolean } | undefined, number]>([
  ['the definition', undefined, 2],
  ['the definition', {}, 2],
  ['the definition', { live: false }, 2],
  ['what runs', { live: true }, 1],
  ['both', { live: true, config: true }, 3],
])('a device changes %s with %j', async (_what, scope, flags) => {
  const caller = createScriptedCaller({ domain_update_device_flags: () => undefined });
  await createDomains(caller).updateDevice(DOMAIN, XML, scope);
  expect(caller.calls[0]?.args).toMatchObject({ flags });
});

test('a pool or volume of a kind that a later libvirt has', async () => {
  const caller = createScriptedCaller({
    storage_pool_get_info: () => ({ state: 9, capacity: 3n, allocation: 1n, available: 2n }),
    storage_vol_get_info: () => ({ type: 9, capacity: 3n, allocation: 1n }),
  });
  const storage = createStorage(caller);
  expect(await storage.pools.info(POOL)).toEqual({ state: 'unknown', capacityBytes: 3n, allocationBytes: 1n, availableBytes: 2n });
  expect(await storage.volumes.info(VOLUME)).toEqual({ type: 'unknown', capacityBytes: 3n, allocationBytes: 1n });
});

test.each([
  [undefined, 0],
  [true, 8],
  [false, 4],
])('building a pool with overwrite %s', async (overwrite, flags) => {
  const caller = createScriptedCaller({ storage_pool_build: () => undefined });
  await createStorage(caller).pools.build(POOL, overwrite === undefined ? {} : { overwrite });
  expect(caller.calls[0]?.args).toMatchObject({ flags });
});

describe('words have the numbers that libvirt-python 9.0.0 gives them', () => {
  const everything = (): ReturnType<typeof createScriptedCaller> =>
    createScriptedCaller(new Proxy({}, { get: (_target, name) => () => (String(name).includes('list_all') ? { domains: [], networks: [], pools: [] } : [DOMAIN]) }));

  test.each<[string, number, (caller: Caller) => Promise<unknown>]>([
    ['VIR_CONNECT_LIST_DOMAINS_ACTIVE | PERSISTENT', 5, (caller) => createDomains(caller).list({ running: true, persistent: true })],
    ['VIR_CONNECT_LIST_DOMAINS_INACTIVE | TRANSIENT', 10, (caller) => createDomains(caller).list({ running: false, persistent: false })],
    ['VIR_DOMAIN_XML_SECURE', 1, (caller) => createDomains(caller).xml(DOMAIN, { secure: true })],
    ['VIR_DOMAIN_XML_INACTIVE', 2, (caller) => createDomains(caller).xml(DOMAIN, { inactive: true })],
    ['VIR_DOMAIN_XML_MIGRATABLE', 8, (caller) => createDomains(caller).xml(DOMAIN, { migratable: true })],
    ['VIR_DOMAIN_DEFINE_VALIDATE', 1, (caller) => createDomains(caller).define(XML, { validate: true })],
    ['VIR_DOMAIN_START_PAUSED', 1, (caller) => createDomains(caller).create(DOMAIN, { paused: true })],
    ['VIR_DOMAIN_START_FORCE_BOOT', 8, (caller) => createDomains(caller).create(DOMAIN, { forceBoot: true })],
    ['VIR_DOMAIN_START_RESET_NVRAM', 32, (caller) => createDomains(caller).create(DOMAIN, { resetNvram: true })],
    ['VIR_DOMAIN_START_AUTODESTROY', 2, (caller) => createDomains(caller).createTransient(XML, { autoDestroy: true })],
    ['VIR_DOMAIN_UNDEFINE_MANAGED_SAVE', 1, (caller) => createDomains(caller).undefine(DOMAIN, { managedSave: true })],
    ['VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA', 2, (caller) => createDomains(caller).undefine(DOMAIN, { snapshots: true })],
    ['VIR_DOMAIN_UNDEFINE_NVRAM', 4, (caller) => createDomains(caller).undefine(DOMAIN, { nvram: 'remove' })],
    ['VIR_DOMAIN_UNDEFINE_KEEP_NVRAM', 8, (caller) => createDomains(caller).undefine(DOMAIN, { nvram: 'keep' })],
    ['VIR_DOMAIN_UNDEFINE_TPM', 32, (caller) => createDomains(caller).undefine(DOMAIN, { tpm: true })],
    ['VIR_DOMAIN_DESTROY_GRACEFUL', 1, (caller) => createDomains(caller).destroy(DOMAIN, { graceful: true })],
    ['VIR_DOMAIN_SHUTDOWN_GUEST_AGENT', 2, (caller) => createDomains(caller).shutdown(DOMAIN, { by: 'agent' })],
    ['VIR_DOMAIN_REBOOT_ACPI_POWER_BTN', 1, (caller) => createDomains(caller).reboot(DOMAIN, { by: 'acpi' })],
    ['VIR_DOMAIN_AFFECT_LIVE', 1, (caller) => createDomains(caller).metadata(DOMAIN, 'title', undefined, { scope: 'live' })],
    ['VIR_DOMAIN_AFFECT_CURRENT', 0, (caller) => createDomains(caller).metadata(DOMAIN, 'title')],
    ['VIR_CONNECT_LIST_NETWORKS_ACTIVE | TRANSIENT', 10, (caller) => createNetworks(caller).list({ active: true, persistent: false })],
    ['VIR_CONNECT_LIST_NETWORKS_INACTIVE', 1, (caller) => createNetworks(caller).list({ active: false })],
    ['VIR_NETWORK_XML_INACTIVE', 1, (caller) => createNetworks(caller).xml(NETWORK, { inactive: true })],
    ['VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE | PERSISTENT', 5, (caller) => createStorage(caller).pools.list({ active: false, persistent: true })],
    ['VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE', 2, (caller) => createStorage(caller).pools.list({ active: true })],
    ['VIR_STORAGE_POOL_CREATE_WITH_BUILD', 1, (caller) => createStorage(caller).pools.create(POOL, { build: true })],
    ['VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA', 1, (caller) => createStorage(caller).volumes.create(POOL, XML, { preallocateMetadata: true })],
  ])('%s', async (_name, flags, call) => {
    const caller = everything();
    await call(caller);
    expect(caller.calls.at(-1)?.args).toMatchObject({ flags });
  });

  test.each<[DomainStatsGroup, number]>([
    ['state', 1], ['cpu-total', 2], ['balloon', 4], ['vcpu', 8], ['interface', 16], ['block', 32], ['perf', 64], ['iothread', 128], ['memory', 256], ['dirtyrate', 512], ['vm', 1024],
  ])('VIR_DOMAIN_STATS of %s', async (group, stats) => {
    const caller = createScriptedCaller({ connect_get_all_domain_stats: () => [] });
    await createDomains(caller).stats(undefined, [group]);
    expect(caller.calls[0]?.args).toMatchObject({ stats });
  });

  test.each<[DomainMetadataKind, number]>([['description', 0], ['title', 1]])('VIR_DOMAIN_METADATA of %s', async (kind, type) => {
    const caller = everything();
    await createDomains(caller).setMetadata(DOMAIN, { kind, value: 'x' });
    expect(caller.calls[0]?.args).toMatchObject({ type });
  });

  test.each<[NetworkUpdateCommand, number]>([['modify', 1], ['delete', 2], ['add-last', 3], ['add-first', 4]])('VIR_NETWORK_UPDATE_COMMAND of %s', async (command, number) => {
    const caller = everything();
    await createNetworks(caller).update(NETWORK, { command, section: 'bridge', xml: XML });
    expect(caller.calls.at(-1)?.args).toMatchObject({ command: number, section: 1, parentIndex: -1 });
  });

  test.each<[NetworkUpdateSection, number]>([
    ['bridge', 1], ['domain', 2], ['ip', 3], ['ip-dhcp-host', 4], ['ip-dhcp-range', 5], ['forward', 6], ['forward-interface', 7], ['forward-pf', 8], ['portgroup', 9],
    ['dns-host', 10], ['dns-txt', 11], ['dns-srv', 12],
  ])('VIR_NETWORK_SECTION of %s', async (section, number) => {
    const caller = everything();
    await createNetworks(caller).update(NETWORK, { command: 'modify', section, xml: XML });
    expect(caller.calls.at(-1)?.args).toMatchObject({ section: number });
  });

  test.each<['lease' | 'agent' | 'arp', number]>([['lease', 0], ['agent', 1], ['arp', 2]])('VIR_DOMAIN_INTERFACE_ADDRESSES_SRC of %s', async (source, number) => {
    const caller = createScriptedCaller({ domain_interface_addresses: () => [] });
    await createDomains(caller).interfaceAddresses(DOMAIN, { source });
    expect(caller.calls[0]?.args).toMatchObject({ source: number });
  });
});
