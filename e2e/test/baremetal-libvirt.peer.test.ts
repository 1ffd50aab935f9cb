import { join } from 'node:path';
import { defineGuest, type Guest, openWitness, type PrivateLibvirtd, startPrivateLibvirtd, type Witness } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { type IronicClient, isIdle } from '../support/ironic-client.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

// Three QEMU guests in a libvirtd of our own; virsh says what really happened.
const cleanUp = new AsyncDisposableStack();
let libvirtd: PrivateLibvirtd;
let witness: Witness;
let conductor: RunningConductor;
let api: IronicClient;
let baremetal: Baremetal;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  libvirtd = cleanUp.use(await startPrivateLibvirtd({ tcpAuth: 'sasl' }));
  witness = cleanUp.use(await openWitness(libvirtd, 'qemu'));
  conductor = cleanUp.use(await startConductor({ dataDir: join(temporary.path, 'data'), args: ['--power-sync-interval-ms', '0'] }));
  ({ api } = conductor);
  baremetal = createBaremetal(api.url, temporary.path);
});

afterAll(() => cleanUp.disposeAsync());

/** Settings of a node, as the command line takes them. */
const info = (fields: Readonly<Record<string, string>>): readonly string[] => Object.entries(fields).flatMap(([name, value]) => ['--driver-info', `${name}=${value}`]);
const overTcp = (): Readonly<Record<string, string>> => ({
  libvirt_uri: libvirtd.uris.tcp, sasl_username: libvirtd.credentials.username, sasl_password: libvirtd.credentials.password,
});

async function enrol(name: string, fields: Readonly<Record<string, string>>, guest?: Guest): Promise<string> {
  const created = await baremetal.show('node', 'create', '--driver', 'staging-libvirt', '--name', name, ...info(fields));
  if (guest !== undefined) await baremetal.succeed('port', 'create', guest.mac, '--node', String(created['uuid']));
  return String(created['uuid']);
}

/** Runs a command and waits until nobody works on the node any more. */
async function change(name: string, ...args: readonly string[]): Promise<unknown> {
  await baremetal.succeed('node', ...args);
  const node = await api.waitForNode(name, isIdle, { timeoutMs: 60_000 });
  expect(node['last_error']).toBeNull();
  return node['power_state'];
}

const resultOf = async (name: string, interfaceName: string) => (await baremetal.list('node', 'validate', name)).find((row) => row['Interface'] === interfaceName);

describe.concurrent('the baremetal command line and real guests', () => {
  test('shows the hardware type and what it needs', async () => {
    expect(await baremetal.show('driver', 'show', 'staging-libvirt')).toMatchObject({
      name: 'staging-libvirt', default_power_interface: 'staging-libvirt', default_management_interface: 'staging-libvirt',
    });
    const properties = await baremetal.list('driver', 'property', 'list', 'staging-libvirt');
    expect(properties.map((row) => row['Property'])).toEqual(
      expect.arrayContaining(['libvirt_uri', 'libvirt_domain', 'sasl_username', 'sasl_password', 'ssh_key_filename']),
    );
  });

  test('a guest found by its MAC address over the unix socket: on, soft off, reboot, off', async () => {
    await using guest = await defineGuest(libvirtd);
    await enrol('by-mac', { libvirt_uri: libvirtd.uris.unix });
    expect(await resultOf('by-mac', 'power')).toMatchObject({ Result: false, Reason: expect.stringContaining('ports') });
    const { uuid } = await api.node('by-mac');
    await baremetal.succeed('port', 'create', guest.mac, '--node', uuid);
    expect(await resultOf('by-mac', 'power')).toEqual({ Interface: 'power', Result: true, Reason: '' });
    expect(await resultOf('by-mac', 'management')).toEqual({ Interface: 'management', Result: true, Reason: '' });
    await baremetal.succeed('node', 'manage', 'by-mac', '--wait', '60');
    expect(await baremetal.show('node', 'show', 'by-mac', '--fields', 'power_state')).toEqual({ power_state: 'power off' });

    expect(await change('by-mac', 'power', 'on', 'by-mac')).toBe('power on');
    expect(witness.state(guest.uuid)).toBe('running');
    const first = witness.id(guest.uuid);
    expect(await change('by-mac', 'reboot', 'by-mac')).toBe('power on');
    expect(witness.id(guest.uuid)).toBeGreaterThan(first ?? Number.NaN);
    await guest.waitUntilReady('DISK');
    expect(await change('by-mac', 'reboot', 'by-mac', '--soft')).toBe('power on');
    expect(witness.isOn(guest.uuid)).toBe(true);
    await guest.waitUntilReady('DISK');
    expect(await change('by-mac', 'power', 'off', 'by-mac', '--soft', '--power-timeout', '30')).toBe('power off');
    expect([witness.state(guest.uuid), witness.reason(guest.uuid)]).toEqual(['shut off', 'shutdown']);
    await change('by-mac', 'power', 'on', 'by-mac');
    expect(await change('by-mac', 'power', 'off', 'by-mac')).toBe('power off');
    expect([witness.state(guest.uuid), witness.reason(guest.uuid)]).toEqual(['shut off', 'destroyed']);
  });

  test('a guest found by its name over TCP with SASL: what it boots from', async () => {
    await using guest = await defineGuest(libvirtd, { cdrom: 'bootable', bootOrder: ['hd', 'cdrom'] });
    await enrol('by-name', { ...overTcp(), libvirt_domain: guest.name });
    await baremetal.succeed('node', 'manage', 'by-name', '--wait', '60');
    expect(await baremetal.show('node', 'show', 'by-name', '--fields', 'driver_info')).toMatchObject({ driver_info: { sasl_password: '******' } });
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'by-name')).toEqual({ boot_device: 'disk', persistent: true });
    const supported = await baremetal.show('node', 'boot', 'device', 'show', 'by-name', '--supported');
    expect(String(supported['supported_boot_devices'])).toMatch(/pxe.*disk.*cdrom/);

    await baremetal.succeed('node', 'boot', 'device', 'set', 'by-name', 'cdrom', '--persistent');
    expect(witness.firstBootDevice(guest.uuid)).toBe('cdrom');
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'by-name')).toEqual({ boot_device: 'cdrom', persistent: true });
    await change('by-name', 'power', 'on', 'by-name');
    await guest.waitUntilReady('CDROM');
    await change('by-name', 'power', 'off', 'by-name');

    await baremetal.succeed('node', 'boot', 'device', 'set', 'by-name', 'disk');
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'by-name')).toEqual({ boot_device: 'disk', persistent: false });
    await change('by-name', 'power', 'on', 'by-name');
    await guest.waitUntilReady('DISK');
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'by-name')).toEqual({ boot_device: 'cdrom', persistent: true });
    expect(witness.firstBootDevice(guest.uuid)).toBe('cdrom');
    await change('by-name', 'power', 'off', 'by-name');
    expect(await baremetal.refused('node', 'boot', 'device', 'set', 'by-name', 'wanboot')).toBe('Invalid boot device wanboot specified. (HTTP 400)');
  });

  test('a guest that ignores its power button is told of, and switched off hard', async () => {
    await using guest = await defineGuest(libvirtd, { obeysPowerButton: false });
    await enrol('stubborn', { libvirt_uri: libvirtd.uris.unix, libvirt_domain: guest.uuid });
    await baremetal.succeed('node', 'manage', 'stubborn', '--wait', '60');
    await change('stubborn', 'power', 'on', 'stubborn');
    await guest.waitUntilReady();
    await baremetal.succeed('node', 'power', 'off', 'stubborn', '--soft', '--power-timeout', '3');
    const node = await api.waitForNode('stubborn', isIdle);
    expect(node).toMatchObject({ power_state: 'power on', last_error: expect.stringMatching(/'soft power off'.*still reads 'power on'.*ACPI/) });
    expect(witness.state(guest.uuid)).toBe('running');
    expect(await change('stubborn', 'power', 'off', 'stubborn')).toBe('power off');
    expect(witness.state(guest.uuid)).toBe('shut off');
  });

  test.each<{ name: string; fields: () => Readonly<Record<string, string>>; says: RegExp }>([
    { name: 'no-daemon', fields: () => ({ libvirt_uri: 'qemu+unix:///system?socket=/nowhere/libvirt-sock', libvirt_domain: 'any' }), says: /\/nowhere\/libvirt-sock/ },
    { name: 'no-port', fields: () => ({ ...overTcp(), libvirt_uri: 'qemu+tcp://127.0.0.1:1/system', libvirt_domain: 'any' }), says: /127\.0\.0\.1:1\b/ },
    { name: 'wrong-password', fields: () => ({ ...overTcp(), sasl_password: 'not-the-one', libvirt_domain: 'any' }), says: /password|credentials/i },
    { name: 'no-password', fields: () => ({ libvirt_uri: libvirtd.uris.tcp, libvirt_domain: 'any' }), says: /sasl_username/ },
    { name: 'no-domain', fields: () => ({ libvirt_uri: libvirtd.uris.unix, libvirt_domain: 'nobody' }), says: /nobody/ },
  ])('is told readably why it cannot manage a node: $name', async ({ name, fields, says }) => {
    await enrol(name, fields());
    expect(await baremetal.refused('node', 'manage', name, '--wait', '60')).toContain("It's in unexpected stable state enroll");
    const { last_error: told } = await baremetal.show('node', 'show', name, '--fields', 'last_error');
    expect(told).toMatch(says);
    expect(told).not.toContain('not-the-one');
    expect(told).not.toContain(libvirtd.credentials.password);
  });

  test.each<{ name: string; fields: Readonly<Record<string, string>>; says: RegExp }>([
    { name: 'bad-scheme', fields: { libvirt_uri: 'qemu+ftp://192.0.2.1/system', libvirt_domain: 'any' }, says: /libvirt_uri/ },
    { name: 'key-and-password', fields: { libvirt_uri: 'qemu+ssh://192.0.2.1/system', ssh_key_filename: '/root/key', sasl_username: 'a', sasl_password: 'b-secret', libvirt_domain: 'any' }, says: /ssh_key_filename|sasl/ },
  ])('is told by validate what is wrong with driver_info: $name', async ({ name, fields, says }) => {
    await enrol(name, fields);
    expect(await resultOf(name, 'power')).toMatchObject({ Result: false, Reason: expect.stringMatching(says) });
  });
});
