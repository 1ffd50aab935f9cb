import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { domain, lifecycleEvents, maybe, RawClient, text, u32, Values } from '../../test/simulator/raw-client.js';
import type { VirtualDomain } from './virtual-domain.js';
import { startVirtualHypervisor, type VirtualHypervisor } from './virtual-hypervisor.js';

// What a domain is made of: definitions, metadata, devices. Errors as recorded from libvirtd 9.0.0.

const UUID = '11111111-2222-3333-4444-555555555501';
const SECURE = 1;
const INACTIVE = 2;
const LIVE = 1;
const CONFIG = 2;

let hypervisor: VirtualHypervisor;
let client: RawClient;
let machine: VirtualDomain;
let vm: string;

beforeEach(async () => {
  hypervisor = await startVirtualHypervisor({ domains: [{ name: 'vm', macAddresses: ['52:54:00:00:00:01'] }, { name: 'other' }] });
  client = await RawClient.open(hypervisor);
  machine = hypervisor.domain('vm');
  vm = domain('vm', machine.uuid);
});

afterEach(async () => {
  client[Symbol.dispose]();
  await hypervisor[Symbol.asyncDispose]();
});

const xml = async (flags: number, who = vm): Promise<string> => client.read(14, who + u32(flags), (values) => values.text());
const define = (definition: string) => client.call(350, text(definition) + u32(0));
const small = (name: string, uuid = UUID): string =>
  `<domain type='qemu'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>`;

describe('a definition', () => {
  test('is added, changed, and gone', async () => {
    await client.read(316, u32(0) + u32(0), (values) => values.int());
    expect(await client.read(350, text(small('new')) + u32(0), (values) => values.domain())).toEqual({ name: 'new', uuid: UUID, id: -1 });
    expect(await client.read(11, text(small('new').replace('64', '128')), (values) => values.domain())).toEqual({ name: 'new', uuid: UUID, id: -1 });
    expect(await xml(0, domain('new', UUID))).toContain("<memory unit='KiB'>131072</memory>");
    expect((await client.call(35, domain('new', UUID))).status).toBe(0);
    expect(await client.fail(23, text('new'))).toMatchObject({ code: 42 });
    expect(lifecycleEvents(client.messages)).toEqual([['new', -1, 0, 0], ['new', -1, 0, 1], ['new', -1, 1, 0]]);
  });

  test('of a running machine counts at its next start', async () => {
    machine.machine.power = 'power on';
    const before = await xml(SECURE);
    const changed = (await xml(SECURE | INACTIVE)).replace("<boot dev='hd'/>", "<boot dev='cdrom'/>");
    expect((await define(changed)).status).toBe(0);
    expect(await xml(SECURE)).toBe(before);
    expect(await xml(SECURE | INACTIVE)).toBe(changed);
    expect([machine.bootOrder[0], machine.bootedFrom?.[0]]).toEqual(['cdrom', 'hd']);
    machine.machine.power = 'power off';
    expect(await xml(SECURE)).toBe(changed);
  });

  test('of what runs has a number and aliases, that of the next start has not', async () => {
    machine.machine.power = 'power on';
    expect(await xml(0)).toMatch(/^<domain type='kvm' id='1'>[^]*<alias name='net0'\/>/);
    expect(await xml(INACTIVE)).not.toMatch(/alias|id='1'|vnet/);
  });

  test('holds passwords only for those who ask', async () => {
    expect(await xml(INACTIVE)).not.toContain('passwd');
    expect(await xml(INACTIVE | SECURE)).toContain("passwd='screen12'");
    // The mistake of the driver that came before: what it had not asked for was lost.
    await define(await xml(INACTIVE));
    expect(machine.definition).not.toContain('passwd');
  });

  test('that libvirt refuses changes nothing', async () => {
    const before = machine.definition;
    const both = before.replace("<mac address='52:54:00:00:00:01'/>", "$&<boot order='1'/>");
    expect(await client.fail(350, text(both) + u32(0))).toEqual({
      code: 67, domain: 20, message: 'unsupported configuration: per-device boot elements cannot be used together with os/boot elements',
    });
    expect(await client.fail(350, text(small('vm')) + u32(0))).toEqual({
      code: 9, domain: 20, message: `operation failed: domain 'vm' already exists with uuid ${machine.uuid}`,
    });
    expect(await client.fail(350, text(small('new', machine.uuid)) + u32(0))).toEqual({
      code: 9, domain: 20, message: `operation failed: domain 'vm' is already defined with uuid ${machine.uuid}`,
    });
    expect(await client.fail(350, text(before) + u32(2))).toMatchObject({
      code: 8, message: 'unsupported flags (0x2) in function qemuDomainDefineXMLFlags',
    });
    expect(machine.definition).toBe(before);
    expect(hypervisor.domains).toHaveLength(2);
  });

  test('with UEFI variables is undefined by those who say what becomes of them', async () => {
    const uefi = hypervisor.define({ name: 'uefi', firmware: 'uefi' });
    const reference = domain('uefi', uefi.uuid);
    expect((await client.call(9, reference)).status).toBe(0);
    uefi.machine.power = 'power off';
    const refused = { code: 55, domain: 10, message: 'Requested operation is not valid: cannot undefine domain with nvram' };
    expect(await client.fail(35, reference)).toEqual(refused);
    expect(await client.fail(231, reference + u32(1))).toEqual(refused);
    expect((await client.call(231, reference + u32(4))).status).toBe(0);
    hypervisor.define({ name: 'uefi', firmware: 'uefi' });
    const { uuid } = hypervisor.domain('uefi');
    expect((await client.call(35, domain('uefi', uuid))).status).toBe(0);
  });
});

describe('a machine without a definition', () => {
  const transient = domain('brief', UUID);
  const create = (flags = 0) => client.call(10, text(small('brief')) + u32(flags));

  test('runs and is gone once it stops', async () => {
    expect(await client.read(10, text(small('brief')) + u32(0), (values) => values.domain())).toEqual({ name: 'brief', uuid: UUID, id: 1 });
    expect(await client.read(151, transient, (values) => values.int())).toBe(0);
    expect(await client.fail(35, transient)).toMatchObject({ code: 55, message: 'Requested operation is not valid: cannot undefine transient domain' });
    expect(await client.fail(29, transient + u32(1))).toMatchObject({
      code: 55, message: 'Requested operation is not valid: cannot set autostart for transient domain',
    });
    expect((await client.call(12, transient)).status).toBe(0);
    expect(await client.fail(12, transient)).toMatchObject({ code: 42 });
  });

  test('can be kept by defining it', async () => {
    await create(1);
    expect(await client.read(212, transient + u32(0), (values) => values.int())).toBe(3);
    expect((await define(small('brief'))).status).toBe(0);
    await client.call(12, transient);
    expect(await client.read(212, transient + u32(0), (values) => values.int())).toBe(5);
  });

  test('is what a running one becomes when it is undefined', async () => {
    machine.machine.power = 'power on';
    expect((await client.call(231, vm + u32(0))).status).toBe(0);
    expect(machine.isPersistent).toBe(false);
    expect(await client.fail(264, vm + u32(0) + maybe('x') + maybe(null) + maybe(null) + u32(CONFIG))).toMatchObject({ code: 55 });
    machine.machine.power = 'power off';
    expect(hypervisor.domains.map(({ name }) => name)).toEqual(['other']);
  });

  test('is not started twice', async () => {
    await create();
    expect(await client.fail(10, text(small('brief')) + u32(0))).toEqual({
      code: 55, domain: 20, message: "Requested operation is not valid: domain 'brief' is already active",
    });
  });
});

describe('metadata', () => {
  const set = (type: number, value: string | null, key: string | null = null, uri: string | null = null, flags = 0) =>
    client.call(264, vm + u32(type) + maybe(value) + maybe(key) + maybe(uri) + u32(flags));
  const get = async (type: number, uri: string | null = null, flags = 0): Promise<string> =>
    client.read(265, vm + u32(type) + maybe(uri) + u32(flags), (values) => values.text());

  test('description and title', async () => {
    expect((await set(1, 'a title')).status).toBe(0);
    expect((await set(0, 'two\nlines <&>')).status).toBe(0);
    expect([await get(1), await get(0)]).toEqual(['a title', 'two\nlines <&>']);
    expect(await xml(0)).toMatch(/<\/uuid>\n {2}<title>a title<\/title>\n {2}<description>two\nlines &lt;&amp;&gt;<\/description>\n {2}<memory/);
    expect((await set(1, null)).status).toBe(0);
    await expect(get(1)).rejects.toThrow('80: metadata not found: Requested metadata element is not present');
  });

  test('an element gets the namespace, and is given back without it', async () => {
    expect((await set(2, '<node b="1"><c>&lt;x</c></node>', 'k', 'urn:x')).status).toBe(0);
    expect(await xml(0)).toContain("<metadata>\n    <k:node xmlns:k='urn:x' b='1'>\n      <k:c>&lt;x</k:c>\n    </k:node>\n  </metadata>");
    expect(await get(2, 'urn:x')).toBe("<node b='1'>\n  <c>&lt;x</c>\n</node>");
    expect((await set(2, '<other/>', 'k', 'urn:x')).status).toBe(0);
    expect((await set(2, '<mine/>', 'm', 'urn:m')).status).toBe(0);
    expect([await get(2, 'urn:x'), await get(2, 'urn:m')]).toEqual(['<other/>', '<mine/>']);
    expect((await set(2, null, 'k', 'urn:x')).status).toBe(0);
    expect(await xml(0)).not.toContain('urn:x');
    expect((await set(2, null, null, 'urn:m')).status).toBe(0);
    expect(await xml(0)).not.toContain('metadata');
  });

  test('is told to those who listen', async () => {
    await client.read(316, u32(23) + u32(0), (values) => values.int());
    await set(1, 'a');
    await set(2, '<a/>', 'k', 'urn:x');
    const told = client.messages.map(({ procedure, payload }) => {
      const values = new Values(payload);
      values.int();
      return [procedure, values.domain().name, values.int(), values.maybe()];
    });
    expect(told).toEqual([[379, 'vm', 1, null], [379, 'vm', 2, 'urn:x']]);
  });

  test('is for what runs or for the next start', async () => {
    machine.machine.power = 'power on';
    await set(2, '<live/>', 'k', 'urn:l', LIVE);
    expect([await get(2, 'urn:l'), await get(2, 'urn:l', LIVE)]).toEqual(['<live/>', '<live/>']);
    await expect(get(2, 'urn:l', CONFIG)).rejects.toThrow(/^80/);
    await set(2, '<both/>', 'k', 'urn:l', LIVE | CONFIG);
    expect(await get(2, 'urn:l', CONFIG)).toBe('<both/>');
  });

  test.each([
    ['a title of two lines', [1, 'a\nb'], 8, "metadata title can't contain newlines"],
    ['an element without a key', [2, '<a/>', null, 'urn:x'], 8, 'key in virDomainSetMetadata must not be NULL'],
    ['an element without a namespace', [2, '<a/>', 'k', null], 8, 'uri in virDomainSetMetadata must not be NULL'],
    ['a kind that does not exist', [7, 'x'], 8, "invalid argument: unknown metadata type '7'"],
    ['half an element', [2, '<a', 'k', 'urn:x'], 35, "(metadata_xml):1: Couldn't find end of Start Tag a"],
    ['an element with the prefix already', [2, "<k:a xmlns:k='urn:x'/>", 'k', 'urn:x'], 1, 'internal error: failed to create a new XML namespace'],
    ['a machine that does not run', [2, '<a/>', 'k', 'urn:x', LIVE], 55, 'Requested operation is not valid: domain is not running'],
  ] as const)('is refused for %s', async (_what, [type, value, key, uri, flags], code, message) => {
    const answer = await set(type, value, key, uri, flags);
    const values = new Values(answer.payload);
    expect([answer.status, values.int(), values.int(), values.maybe()]).toEqual([1, code, 20, message]);
  });
});

describe('devices', () => {
  const CD = "<disk type='file' device='cdrom'><source file='/x.iso'/><target dev='sda' bus='sata'/><readonly/></disk>";
  const change = (procedure: number, device: string, flags: number) => client.call(procedure, vm + text(device) + u32(flags));
  const ATTACH = 160;
  const DETACH = 161;
  const UPDATE = 174;

  test('the medium of a drive changes at once, and for good', async () => {
    machine.machine.power = 'power on';
    expect((await change(UPDATE, CD, LIVE)).status).toBe(0);
    expect([await xml(0), await xml(INACTIVE)].map((text_) => text_.includes('/x.iso'))).toEqual([true, false]);
    expect(await xml(0)).toMatch(/x\.iso[^]*?<alias name='disk1'\/>/);
    expect((await change(UPDATE, CD, LIVE | CONFIG)).status).toBe(0);
    expect(await xml(INACTIVE)).toContain('/x.iso');
    expect((await change(UPDATE, CD.replace("<source file='/x.iso'/>", ''), LIVE | CONFIG)).status).toBe(0);
    expect([await xml(0), await xml(INACTIVE)].some((text_) => text_.includes('/x.iso'))).toBe(false);
  });

  test('come and go in the definition', async () => {
    const added = CD.replace('sda', 'sdb');
    expect((await change(ATTACH, added, CONFIG)).status).toBe(0);
    expect(await xml(INACTIVE)).toContain("<target dev='sdb' bus='sata'/>");
    expect((await change(DETACH, added, CONFIG)).status).toBe(0);
    expect(await xml(INACTIVE)).not.toContain('sdb');
    const nic = "<interface type='network'><mac address='52:54:00:00:00:99'/><source network='default'/></interface>";
    expect((await change(ATTACH, nic, CONFIG)).status).toBe(0);
    expect(machine.macAddresses).toEqual(['52:54:00:00:00:01', '52:54:00:00:00:99']);
  });

  test('a change of both forms is made in both or in none', async () => {
    machine.machine.power = 'power on';
    const before = [machine.definition, machine.liveDefinition];
    expect((await change(ATTACH, CD.replace('sda', 'sdb'), LIVE | CONFIG)).status).toBe(1);
    expect([machine.definition, machine.liveDefinition]).toEqual(before);
  });

  test.each([
    ['a drive that is not there, now', UPDATE, CD.replace('sda', 'sdz'), LIVE, 1, 10, "internal error: disk 'sdz' not found"],
    ['a drive that is not there, for good', UPDATE, CD.replace('sda', 'sdz'), CONFIG, 8, 10, "invalid argument: target sdz doesn't exist."],
    ['a second one of the same name', ATTACH, CD, CONFIG, 55, 10, 'Requested operation is not valid: target sda already exists'],
    ['one to take away that is not there', DETACH, CD.replace('sda', 'sdz'), CONFIG, 99, 10, 'device not found: no target device sdz'],
    [
      'a drive at a bus that is fixed', ATTACH, CD.replace('sda', 'sdb'), LIVE, 1, 10,
      "internal error: unable to execute QEMU command 'device_add': Bus 'sata.0' does not support hotplugging",
    ],
    ['half a device', UPDATE, '<disk', LIVE, 35, 20, "(device_definition):1: Couldn't find end of Start Tag disk"],
  ] as const)('is refused for %s', async (_what, procedure, device, flags, code, errorDomain, message) => {
    machine.machine.power = 'power on';
    const answer = await change(procedure, device, flags);
    const values = new Values(answer.payload);
    expect([answer.status, values.int(), values.int(), values.maybe()]).toEqual([1, code, errorDomain, message]);
  });

  test('the running machine has none when it is off', async () => {
    expect((await change(UPDATE, CD, LIVE)).status).toBe(1);
    expect((await change(UPDATE, CD, 0)).status).toBe(0);
    expect(machine.definition).toContain('/x.iso');
  });
});

describe('lists', () => {
  const list = async (flags: number): Promise<string[]> =>
    client.read(273, u32(1) + u32(flags), (values) => values.list(values.domain).map(({ name }) => name));

  beforeEach(async () => {
    machine.machine.power = 'power on';
    await client.call(10, text(small('brief')) + u32(1));
    await client.call(29, vm + u32(1));
  });

  test.each([
    [0, ['vm', 'other', 'brief']], [1, ['vm', 'brief']], [2, ['other']], [1 | 2, ['vm', 'other', 'brief']], [4, ['vm', 'other']], [8, ['brief']],
    [16, ['vm']], [32, ['brief']], [64, ['other']], [128, []], [16 | 32, ['vm', 'brief']], [1 | 4, ['vm']], [2 | 8, []], [1024, ['vm']],
    [2048, ['other', 'brief']],
    [256, []], [512, ['vm', 'other', 'brief']],
  ])('with filter %d', async (flags, names) => {
    expect(await list(flags)).toEqual(names);
  });

  test('only how many there are', async () => {
    expect(await client.read(273, u32(0) + u32(1), (values) => [values.list(values.domain), values.int()])).toEqual([[], 2]);
  });

  test('the old ones', async () => {
    expect(await client.read(51, '', (values) => values.int())).toBe(2);
    expect(await client.read(37, u32(10), (values) => values.list(values.int))).toEqual([1, 2]);
    expect(await client.read(37, u32(1), (values) => values.list(values.int))).toEqual([1]);
    expect(await client.read(25, '', (values) => values.int())).toBe(1);
    expect(await client.read(21, u32(10), (values) => values.list(values.text))).toEqual(['other']);
  });

  const READERS: Readonly<Record<number, (values: Values) => unknown>> = {
    1: (values) => values.int(), 2: (values) => values.int(), 4: (values) => values.big(), 7: (values) => values.text(),
  };
  const statistics = async (domains: readonly string[], groups: number, flags = 0) =>
    client.read(344, u32(domains.length) + domains.join('') + u32(groups) + u32(flags), (values) =>
      values.list(() => [
        values.domain().name,
        Object.fromEntries(values.list(() => [values.text(), READERS[values.int()]?.(values)])),
      ]),
    );

  test('of states, all at once', async () => {
    expect(await statistics([], 1)).toEqual([
      ['vm', { 'state.state': 1, 'state.reason': 1 }], ['other', { 'state.state': 5, 'state.reason': 0 }], ['brief', { 'state.state': 3, 'state.reason': 1 }],
    ]);
  });

  test('of states of some; those that are gone are left out', async () => {
    expect(await statistics([domain('gone', '11111111-2222-3333-4444-555555555599'), vm], 1)).toEqual([['vm', { 'state.state': 1, 'state.reason': 1 }]]);
    expect((await statistics([], 1, 2)).map(([name]) => name)).toEqual(['other']);
  });

  test('of everything', async () => {
    const [[, facts] = []] = await statistics([vm], 0);
    expect(facts).toMatchObject({
      'balloon.current': 1_048_576n, 'vcpu.current': 2, 'net.count': 1, 'net.0.name': 'vnet10', 'block.count': 2, 'block.0.name': 'vda',
      'block.0.path': '/var/lib/libvirt/images/vm.qcow2', 'block.1.name': 'sda',
    });
  });
});

test('small facts of a domain', async () => {
  expect(await client.read(19, vm, (values) => values.text())).toBe('hvm');
  expect(await client.read(150, vm, (values) => values.int())).toBe(0);
  expect(await client.read(151, vm, (values) => values.int())).toBe(1);
  expect(await client.read(15, vm, (values) => values.int())).toBe(0);
  expect((await client.call(29, vm + u32(1))).status).toBe(0);
  expect([await client.read(15, vm, (values) => values.int()), machine.autostart]).toEqual([1, true]);
  const info = await client.read(16, vm, (values) => [values.int(), values.big(), values.big(), values.int(), values.big()]);
  expect(info).toEqual([5, 1_048_576n, 1_048_576n, 2, 0n]);
  expect(await client.read(194, vm + text('vda') + u32(0), (values) => [values.big(), values.big()])).toEqual([0n, 10_737_418_240n]);
  expect(await client.fail(194, vm + text('zzz') + u32(0))).toEqual({
    code: 8, domain: 10, message: 'invalid argument: invalid path zzz not assigned to domain',
  });
  expect(await client.fail(194, vm + text('sda') + u32(0))).toEqual({
    code: 8, domain: 10, message: "invalid argument: disk 'sda' does not currently have a source assigned",
  });
});
