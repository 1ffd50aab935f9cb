import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFile, findTool, run } from '@ferric/lab';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startVirtualHypervisor, type VirtualHypervisor } from '../../src/simulator/index.js';

// The C library of libvirt judges the simulator: virsh and python3-libvirt of Debian drive it as they would a real daemon.

const CREDENTIALS = { username: 'ferric', password: 'made-up-password' };

let folder: string;
let hypervisor: VirtualHypervisor;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-simulator-'));
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  hypervisor = await startVirtualHypervisor({ domains: [{ name: 'vm', macAddresses: ['52:54:00:00:00:01'] }, { name: 'other' }] });
});

afterEach(() => hypervisor[Symbol.asyncDispose]());

const ENGLISH = { env: { ...process.env, LC_ALL: 'C.UTF-8' } };
const virsh = async (...words: readonly string[]): Promise<string> =>
  (await run(findTool('virsh'), ['--quiet', '--connect', hypervisor.uri, ...words])).trim();
const file = (name: string): string => join(folder, name);

describe('virsh', () => {
  test('lists, starts and stops', async () => {
    expect(await virsh('list', '--all', '--name')).toBe('other\nvm');
    expect(await virsh('domstate', 'vm', '--reason')).toBe('shut off (unknown)');
    await virsh('start', 'vm');
    expect(hypervisor.domain('vm').state).toBe('running');
    expect(await virsh('list', '--name')).toBe('vm');
    expect(await virsh('domstate', 'vm', '--reason')).toBe('running (booted)');
    expect(await virsh('domid', 'vm')).toBe('1');
    await virsh('suspend', 'vm');
    expect(await virsh('domstate', 'vm', '--reason')).toBe('paused (user)');
    await virsh('resume', 'vm');
    await virsh('reset', 'vm');
    await virsh('inject-nmi', 'vm');
    await virsh('send-key', 'vm', 'KEY_A');
    expect(hypervisor.domain('vm').received).toMatchObject({ resets: 1, nonMaskableInterrupts: 1, keys: [[30]] });
    await virsh('destroy', 'vm');
    expect(await virsh('domstate', 'vm', '--reason')).toBe('shut off (destroyed)');
  });

  test('shuts down', async () => {
    await virsh('start', 'vm', '--paused');
    expect(await virsh('domstate', 'vm')).toBe('paused');
    await virsh('resume', 'vm');
    await virsh('shutdown', 'vm', '--mode', 'acpi');
    await expect.poll(() => virsh('domstate', 'vm', '--reason'), { timeout: 10_000 }).toBe('shut off (shutdown)');
  });

  test('knows all about a domain', async () => {
    await virsh('start', 'vm');
    await virsh('autostart', 'vm');
    const facts = Object.fromEntries((await virsh('dominfo', 'vm')).split('\n').map((line) => line.split(/:\s+/)));
    expect(facts).toMatchObject({
      Id: '1', Name: 'vm', UUID: hypervisor.domain('vm').uuid, 'OS Type': 'hvm', State: 'running', 'CPU(s)': '2', 'Max memory': '1048576 KiB',
      Persistent: 'yes', Autostart: 'enable', 'Managed save': 'no', 'Security model': 'none',
    });
    expect(await virsh('domiflist', 'vm')).toMatch(/vnet10\s+network\s+default\s+virtio\s+52:54:00:00:00:01/);
    expect(await virsh('domifaddr', 'vm')).toMatch(/vnet10\s+52:54:00:00:00:01\s+ipv4\s+192\.168\.122\.2\/24/);
    expect(await virsh('net-dhcp-leases', 'default')).toMatch(/52:54:00:00:00:01\s+ipv4\s+192\.168\.122\.2\/24\s+vm/);
    expect(await virsh('domblklist', 'vm')).toMatch(/vda\s+\/var\/lib\/libvirt\/images\/vm\.qcow2\n\s*sda\s+-/);
    expect(await virsh('domblkinfo', 'vm', 'vda')).toMatch(/Capacity:\s+10737418240/);
    expect(await virsh('domstats', 'vm', '--state')).toBe("Domain: 'vm'\n  state.state=1\n  state.reason=1");
    expect(await virsh('vncdisplay', 'vm')).toBe(':0');
    expect(await virsh('ttyconsole', 'vm')).toBe('/dev/pts/1');
    await virsh('screenshot', 'vm', file('screen.png'));
    expect((await readFile(file('screen.png'))).subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  });

  test('dumps, edits and defines', async () => {
    const inactive = await virsh('dumpxml', 'vm', '--inactive', '--security-info');
    expect(`${inactive}\n`).toBe(hypervisor.domain('vm').definition);
    await virsh('start', 'vm');
    await writeFile(file('vm.xml'), inactive.replace("<boot dev='hd'/>", "<boot dev='cdrom'/>"));
    await virsh('define', file('vm.xml'));
    expect(hypervisor.domain('vm')).toMatchObject({ bootOrder: ['cdrom', 'network'], bootedFrom: ['hd', 'network'] });
    expect(await virsh('dumpxml', 'vm', '--xpath', '/domain/os/boot/@dev')).toContain('hd');
    await virsh('metadata', 'vm', 'urn:x', '--key', 'k', '--set', '<a b="1"/>', '--config');
    expect(await virsh('metadata', 'vm', 'urn:x', '--config')).toBe("<a b='1'/>");
    await virsh('change-media', 'vm', 'sda', '--insert', '/x.iso', '--live', '--config');
    expect(await virsh('domblklist', 'vm', '--inactive')).toMatch(/sda\s+\/x\.iso/);
    await virsh('change-media', 'vm', 'sda', '--eject', '--live', '--config');
    await virsh('attach-disk', 'vm', '/y.img', 'vdb', '--config');
    await virsh('detach-disk', 'vm', 'vdb', '--config');
    await virsh('destroy', 'vm');
    await virsh('undefine', 'vm');
    await expect(virsh('domstate', 'vm')).rejects.toThrow("error: failed to get domain 'vm'");
  });

  test('carries files there and back', async () => {
    const content = randomBytes(700_001);
    await writeFile(file('up'), content);
    await virsh('vol-create-as', 'default', 'v', '1M');
    await virsh('vol-upload', 'v', file('up'), 'default');
    await virsh('vol-download', 'v', file('down'), 'default', '--length', '700001');
    expect((await readFile(file('down'))).equals(content)).toBe(true);
    await virsh('vol-upload', 'v', file('up'), 'default', '--sparse');
    await virsh('vol-download', 'v', file('sparse'), 'default', '--sparse');
    expect((await readFile(file('sparse'))).subarray(0, 700_001).equals(content)).toBe(true);
    expect(await virsh('vol-info', 'v', 'default', '--bytes')).toMatch(/Capacity:\s+1048576 bytes/);
    expect(await virsh('vol-path', 'v', 'default')).toBe('/var/lib/libvirt/images/v');
    await virsh('vol-clone', 'v', 'w', 'default');
    expect(hypervisor.volumes().find(({ name }) => name === 'w')?.content().equals(content)).toBe(true);
    for (const name of ['v', 'w']) await virsh('vol-delete', name, 'default');
    expect(await virsh('pool-list', '--all', '--name')).toBe('default');
    expect(await virsh('pool-info', 'default')).toMatch(/State:\s+running/);
  });

  test('hears events', async () => {
    const child = spawn(findTool('virsh'), ['--connect', hypervisor.uri, 'event', 'vm', 'lifecycle', '--timeout', '20'], ENGLISH);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(child, 'close');
    const { machine } = hypervisor.domain('vm');
    // virsh does not tell when it has begun to listen.
    const toggling = setInterval(() => (machine.power = machine.power === 'power on' ? 'power off' : 'power on'), 20);
    try {
      await ended;
    } finally {
      clearInterval(toggling);
    }
    const events = 'Started Booted|Resumed Unpaused|Stopped Destroyed|Shutdown Finished after host request';
    expect(said).toMatch(new RegExp(`event 'lifecycle' for domain 'vm': (?:${events})\\nevents received: 1`));
  });

  test('is told what is wrong in the words of libvirt', async () => {
    await expect(virsh('destroy', 'vm')).rejects.toThrow('error: Requested operation is not valid: domain is not running');
    await virsh('start', 'vm');
    await expect(virsh('start', 'vm')).rejects.toThrow('error: Domain is already active');
    await expect(virsh('domstate', 'gone')).rejects.toThrow("error: failed to get domain 'gone'");
    await expect(virsh('vol-info', 'gone', 'default')).rejects.toThrow("error: Storage volume not found: no storage vol with matching path 'gone'");
    await expect(virsh('domjobinfo', 'vm')).rejects.toThrow('unknown procedure');
    const readOnly = run(findTool('virsh'), ['--connect', hypervisor.uri, '--readonly', 'destroy', 'vm']);
    await expect(readOnly).rejects.toThrow('operation forbidden: read only access prevents virDomainDestroy');
  });

  test('gives up a daemon that has gone silent', async () => {
    const session = spawn(findTool('virsh'), ['-k', '1', '-K', '1', '--connect', hypervisor.uri, 'event', '--all', '--loop'], ENGLISH);
    let said = '';
    session.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(session, 'close');
    await expect.poll(() => hypervisor.activity.calls, { timeout: 10_000 }).toBeGreaterThan(10);
    hypervisor.faults.inject({ kind: 'silence' });
    await ended;
    expect(said).toMatch(/keepalive|Disconnected/);
  });

  test('takes a thousand domains at once', async () => {
    await using many = await startVirtualHypervisor({ domains: 1000 });
    const names = await run(findTool('virsh'), ['--quiet', '--connect', many.uri, 'list', '--all', '--name']);
    expect(names.trim().split('\n').toSorted()).toEqual(many.domains.map(({ name }) => name).toSorted());
    const states = await run(findTool('virsh'), ['--quiet', '--connect', many.uri, 'domstats', '--state']);
    expect(states.match(/state\.state=5/g)).toHaveLength(1000);
  });
});

describe('with a password', () => {
  let guarded: VirtualHypervisor;

  beforeEach(async () => {
    guarded = await startVirtualHypervisor({ unixSocket: file('sock'), credentials: CREDENTIALS });
  });

  afterEach(() => guarded[Symbol.asyncDispose]());

  const listWith = async (uri: string, username: string, password: string): Promise<string> => {
    const lines = ['[credentials-t]', `username=${username}`, `authname=${username}`, `password=${password}`, '[auth-libvirt-default]', 'credentials=t', ''];
    await writeFile(file('auth.conf'), lines.join('\n'));
    return run(findTool('virsh'), ['--quiet', '--connect', uri, 'list', '--all', '--name'], { env: { LIBVIRT_AUTH_FILE: file('auth.conf') } });
  };

  test('the SASL library of Debian logs in at a unix socket, and finds what the simulator says to be true', async () => {
    expect(await listWith(guarded.unixUri ?? '', CREDENTIALS.username, CREDENTIALS.password)).toContain('vm-1');
    expect(guarded.activity.authenticationAttempts).toBe(1);
  });

  test.each([
    ['a wrong password', CREDENTIALS.username, 'wrong'],
    ['an unknown name', 'nobody', CREDENTIALS.password],
  ])('and is refused with %s', async (_what, username, password) => {
    await expect(listWith(guarded.unixUri ?? '', username, password)).rejects.toThrow('authentication failed: authentication failed');
    expect(guarded.activity.authenticationAttempts).toBe(1);
  });

  test('over plain TCP the C library wants more than SCRAM: the one place where the simulator is not as a daemon', async () => {
    await expect(listWith(guarded.uri, CREDENTIALS.username, CREDENTIALS.password)).rejects.toThrow('No worthy mechs found');
  });
});

test('python3-libvirt sees what it would see of a real hypervisor', async () => {
  findFile('python3-libvirt', '/usr/lib/python3/dist-packages/libvirt.py');
  const program = fileURLToPath(new URL('./simulator_client.py', import.meta.url));
  // Not the first python3 of the path: Debian's modules belong to Debian's Python.
  const report: unknown = JSON.parse(await run('/usr/bin/python3', [program, hypervisor.uri, 'vm']));
  const refused = (code: number, domain: number, message: string): readonly [number, number, string] => [code, domain, message];
  expect(report).toEqual({
    host: ['QEMU', 7_002_022, 9_000_000, 'virtual-hypervisor', 'x86_64', 2],
    domains: ['other', 'vm'],
    'states of all': [['other', 5, 0], ['vm', 5, 0]],
    states: [[5, 0], [1, 1], [3, 1], [1, 5], [1, 5], [5, 2]],
    'second destroy': refused(55, 20, 'Requested operation is not valid: domain is not running'),
    unknown: refused(42, 10, "Domain not found: no domain with matching name 'gone'"),
    metadata: "<node a='1'/>",
    secure: [false, true],
    redefined: [true, true],
    facts: [1, [5, 1_048_576, 1_048_576, 2], 1, 'hvm', 2],
    'both boots': refused(67, 20, 'unsupported configuration: per-device boot elements cannot be used together with os/boot elements'),
    addresses: [['192.168.122.2', '52:54:00:00:00:01']],
    leases: [['192.168.122.2', '52:54:00:00:00:01', 'vm']],
    memory: 1_048_576,
    console: ['\r\nvm login: ', 'root\r'],
    screenshot: 'image/png',
    picture: '89504e470d0a1a0a',
    medium: [true, true],
    content: true,
    volume: [[0, 1_000_000], '/var/lib/libvirt/images/v', '/var/lib/libvirt/images/v'],
    'second volume': refused(90, 18, "storage volume 'v' exists already"),
    'too long': refused(38, 38, 'cannot write to stream: No space left on device'),
    events: [
      ['lifecycle', 'vm', 1, 4, 0], ['lifecycle', 'vm', 1, 2, 0], ['lifecycle', 'vm', 1, 3, 0], ['lifecycle', 'vm', 1, 4, 0], ['reboot', 'vm'],
      ['lifecycle', 'vm', 1, 6, 2], ['lifecycle', 'vm', -1, 5, 1], ['metadata', 'vm', 2, 'urn:x'], ['lifecycle', 'vm', -1, 0, 1],
      ['lifecycle', 'vm', 2, 4, 0], ['lifecycle', 'vm', 2, 2, 0], ['lifecycle', 'vm', 2, 6, 1], ['lifecycle', 'vm', 2, 5, 0],
    ],
  });
});
