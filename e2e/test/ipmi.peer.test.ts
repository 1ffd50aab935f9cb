import { join } from 'node:path';
import { startVirtualDevice, type VirtualIpmiDevice } from '@ferric/driver-ipmi/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { createDriverProject } from '../support/driver-project.js';
import { type IronicClient, isIdle, type Resource } from '../support/ironic-client.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

// Simulated BMCs, each with a machine of its own; the machines say what really happened.
const PASSWORD = 'planted-bmc-secret';
const WRONG = 'planted-not-this-one';

const cleanUp = new AsyncDisposableStack();
let conductor: RunningConductor;
let api: IronicClient;
let baremetal: Baremetal;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  const project = await createDriverProject(temporary.path, ['driver-ipmi', 'agent']);
  conductor = cleanUp.use(
    await startConductor({
      dataDir: join(temporary.path, 'data'), project, args: ['--power-sync-interval-ms', '500', '--power-recovery-interval-ms', '500'],
    }),
  );
  ({ api } = conductor);
  baremetal = createBaremetal(api.url, temporary.path);
});

afterAll(() => cleanUp.disposeAsync());

const settings = (info: Readonly<Record<string, unknown>>): readonly string[] => Object.entries(info).flatMap(([field, value]) => ['--driver-info', `${field}=${String(value)}`]);

/** Enrols a machine with a BMC of its own, under the name of both. */
async function enrol(name: string, driver = 'ipmi', more: Readonly<Record<string, string>> = {}): Promise<VirtualIpmiDevice> {
  const machine = cleanUp.use(await startVirtualDevice({ name, bmc: { users: [{ name: 'admin', password: PASSWORD }] } }));
  await baremetal.succeed('node', 'create', '--driver', driver, '--name', name, ...settings({ ...machine.driverInfo, ...more }));
  return machine;
}

async function manage(name: string): Promise<VirtualIpmiDevice> {
  const machine = await enrol(name);
  await baremetal.succeed('node', 'manage', name, '--wait', '60');
  return machine;
}

/** Runs a command and waits until nobody works on the node any more. */
async function change(name: string, ...args: readonly string[]): Promise<unknown> {
  await baremetal.succeed('node', ...args);
  const node = await api.waitForNode(name, isIdle, { timeoutMs: 60_000 });
  expect(node['last_error']).toBeNull();
  return node['power_state'];
}

const resultOf = async (name: string, interfaceName: string) => (await baremetal.list('node', 'validate', name)).find((row) => row['Interface'] === interfaceName);

describe.concurrent('the baremetal command line and machines with BMCs', () => {
  test('shows the hardware type and what it needs', async () => {
    expect(await baremetal.show('driver', 'show', 'ipmi')).toMatchObject({
      name: 'ipmi', default_power_interface: 'ipmitool', default_management_interface: 'ipmitool', default_vendor_interface: 'ipmitool',
      default_console_interface: 'no-console', default_deploy_interface: 'direct', default_raid_interface: 'no-raid',
    });
    const properties = await baremetal.list('driver', 'property', 'list', 'ipmi');
    expect(properties.map((row) => row['Property'])).toEqual(
      expect.arrayContaining(['ipmi_address', 'ipmi_username', 'ipmi_password', 'ipmi_port', 'ipmi_cipher_suite', 'ipmi_bridging', 'ipmi_force_boot_device']),
    );
    expect(properties.find((row) => row['Property'] === 'ipmi_port')).toMatchObject({ Description: expect.stringContaining('default is 623') });
  });

  test.each<[name: string, info: Readonly<Record<string, string>>, says: RegExp]>([
    ['nothing', {}, /ipmi_address is required/],
    ['bad-suite', { ipmi_address: '192.0.2.10', ipmi_cipher_suite: '5' }, /ipmi_cipher_suite must be one of 0, 1, 2, 3, 17/],
    ['bad-level', { ipmi_address: '192.0.2.10', ipmi_priv_level: 'ROOT' }, /ipmi_priv_level must be one of "ADMINISTRATOR"/],
    ['half-a-bridge', { ipmi_address: '192.0.2.10', ipmi_bridging: 'single', ipmi_target_channel: '7' }, /ipmi_target_address is required/],
    ['long-password', { ipmi_address: '192.0.2.10', ipmi_password: 'planted-more-than-20-bytes' }, /ipmi_password must be a text of at most 20 bytes/],
  ])('is told by validate what is wrong with driver_info: %s', async (name, info, says) => {
    await baremetal.succeed('node', 'create', '--driver', 'ipmi', '--name', name, ...settings(info));
    for (const each of ['power', 'management']) expect(await resultOf(name, each)).toMatchObject({ Result: false, Reason: expect.stringMatching(says) });
    expect((await resultOf(name, 'power'))?.['Reason']).not.toContain('planted');
  });

  test('switches a machine on, off, and on again', async () => {
    const machine = await manage('power');
    for (const each of ['power', 'management']) expect(await resultOf('power', each)).toEqual({ Interface: each, Result: true, Reason: '' });
    expect(await baremetal.show('node', 'show', 'power', '--fields', 'power_state', 'driver_info')).toMatchObject({
      power_state: 'power off', driver_info: { ipmi_password: '******', ipmi_username: 'admin' },
    });
    const seen: string[] = [];
    using _watch = machine.watchPower?.((each) => seen.push(each));
    expect(await change('power', 'power', 'on', 'power')).toBe('power on');
    expect(await change('power', 'reboot', 'power')).toBe('power on');
    expect(await change('power', 'reboot', 'power', '--soft')).toBe('power on');
    expect(await change('power', 'power', 'off', 'power', '--soft')).toBe('power off');
    expect(await change('power', 'power', 'off', 'power')).toBe('power off');
    expect(seen).toEqual(['on', 'off', 'on', 'off', 'on', 'off']);
    // Somebody presses the button.
    machine.state.power = 'power on';
    await api.waitForNode('power', (node) => node['power_state'] === 'power on');
    expect(machine.bmc.activity.mostConcurrentExchanges).toBe(1);
  });

  test('a system that ignores its power button is told of, and switched off hard', async () => {
    const machine = await manage('stubborn');
    machine.bmc.machine.obeysSoftShutdown = false;
    await change('stubborn', 'power', 'on', 'stubborn');
    await baremetal.succeed('node', 'power', 'off', 'stubborn', '--soft', '--power-timeout', '3');
    expect(await api.waitForNode('stubborn', isIdle)).toMatchObject({ power_state: 'power on', last_error: expect.stringMatching(/'soft power off'.*still reads 'power on'.*ACPI/) });
    expect(await change('stubborn', 'power', 'off', 'stubborn')).toBe('power off');
    expect(machine.state.power).toBe('power off');
  });

  test('chooses what a machine boots from', async () => {
    const machine = await manage('boot');
    const supported = await baremetal.show('node', 'boot', 'device', 'show', 'boot', '--supported');
    expect(String(supported['supported_boot_devices'])).toMatch(/pxe.*disk.*cdrom.*bios.*safe/);
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'boot')).toEqual({ boot_device: 'disk', persistent: true });
    await baremetal.succeed('node', 'boot', 'device', 'set', 'boot', 'cdrom', '--persistent');
    expect(machine.bmc.machine.bootChoice).toEqual({ device: 'cdrom', efi: true, persistent: true });
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'boot')).toEqual({ boot_device: 'cdrom', persistent: true });
    await baremetal.succeed('node', 'boot', 'device', 'set', 'boot', 'pxe');
    await change('boot', 'power', 'on', 'boot');
    expect(machine.bmc.machine.lastBoot).toEqual({ device: 'pxe', efi: true, persistent: false });
    expect(await baremetal.refused('node', 'boot', 'device', 'set', 'boot', 'wanboot')).toBe('Invalid boot device wanboot specified. (HTTP 400)');
  });

  test('chooses the firmware mode, which later boot devices are written with', async () => {
    const machine = await manage('mode');
    expect((await api.node('mode'))['boot_mode']).toBe('uefi');
    await baremetal.succeed('node', 'boot', 'mode', 'set', 'mode', 'bios');
    expect(await api.waitForNode('mode', (node) => isIdle(node) && node['boot_mode'] === 'bios')).toMatchObject({ last_error: null });
    expect(machine.bmc.machine.bootChoice).toEqual({ device: 'disk', efi: false, persistent: true });
    await baremetal.succeed('node', 'boot', 'device', 'set', 'mode', 'pxe');
    expect(machine.bmc.machine.bootChoice).toEqual({ device: 'pxe', efi: false, persistent: false });
  });

  test('interrupts a machine that is on, and no other', async () => {
    const machine = await manage('nmi');
    expect(await baremetal.refused('node', 'inject', 'nmi', 'nmi')).toMatch(/is off: there is nothing to interrupt/);
    await change('nmi', 'power', 'on', 'nmi');
    await baremetal.succeed('node', 'inject', 'nmi', 'nmi');
    expect(machine.bmc.machine.diagnosticInterrupts).toBe(1);
  });

  test('calls the vendor methods that Ironic has', async () => {
    const machine = await manage('vendor');
    const methods = await baremetal.list('node', 'passthru', 'list', 'vendor');
    expect(methods.map((row) => [row['Name'], row['Supported HTTP methods'], row['Async']])).toEqual([['send_raw', 'POST', true], ['bmc_reset', 'POST', true]]);
    await baremetal.succeed('node', 'passthru', 'call', 'vendor', 'send_raw', '--arg', 'raw_bytes=0x00 0x02 0x01');
    await api.waitForNode('vendor', (node) => isIdle(node) && machine.state.power === 'power on');
    expect(await baremetal.refused('node', 'passthru', 'call', 'vendor', 'send_raw', '--arg', 'raw_bytes=0x07 0x01')).toMatch(/raw_bytes must be .*got "0x07 0x01".*\(HTTP 400\)/);
    expect(await baremetal.refused('node', 'passthru', 'call', 'vendor', 'send_raw')).toMatch(/raw_bytes.*\(HTTP 400\)/);
    const sessions = machine.bmc.activity.sessionsOpened;
    await baremetal.succeed('node', 'passthru', 'call', 'vendor', 'bmc_reset', '--arg', 'warm=false');
    await api.waitForNode('vendor', (node) => isIdle(node) && machine.bmc.activity.sessionsOpened > sessions);
    expect((await api.timeline('vendor')).filter(({ type }) => type === 'vendor-method-called').map(({ details }) => details['method'])).toEqual(['send_raw', 'bmc_reset']);
  });

  test('finds out what the controller knows of the machine', async () => {
    await enrol('inside');
    await baremetal.succeed('node', 'set', 'inside', '--inspect-interface', 'out-of-band');
    await baremetal.succeed('node', 'manage', 'inside', '--wait', '60');
    await baremetal.succeed('node', 'inspect', 'inside', '--wait', '60');
    const inventory = await api.call('GET', '/v1/nodes/inside/inventory');
    expect(inventory).toMatchObject({
      inventory: { system_vendor: { manufacturer: expect.any(String), product_name: expect.any(String), serial_number: expect.any(String) } },
      plugin_data: { controller: { controller: { ipmiVersion: '2.0', network: { macAddress: '02:00:00:00:00:01' } }, fru: [{ id: 0 }] } },
    });
  });

  test.each(['pxe_ipmitool', 'agent_ipmitool'])('knows the older name %s', async (driver) => {
    await enrol(`as-${driver}`, driver);
    expect(await baremetal.show('node', 'show', `as-${driver}`, '--fields', 'driver', 'power_interface', 'boot_interface', 'deploy_interface')).toMatchObject({
      power_interface: 'ipmitool', deploy_interface: 'direct',
    });
  });
});

describe('a wrong password', () => {
  test('is told readably, tried once, and can be set right', async () => {
    const machine = await enrol('locked', 'ipmi', { ipmi_password: WRONG });
    expect(await resultOf('locked', 'power')).toMatchObject({ Result: true });
    expect(await baremetal.refused('node', 'manage', 'locked', '--wait', '60')).toContain("It's in unexpected stable state enroll");
    const { last_error: told } = await baremetal.show('node', 'show', 'locked', '--fields', 'last_error');
    expect(told).toMatch(/password/i);
    expect(told).not.toContain('planted');
    expect(machine.bmc.activity.authenticationAttempts).toBe(1);
    await baremetal.succeed('node', 'set', 'locked', '--driver-info', `ipmi_password=${PASSWORD}`);
    await baremetal.succeed('node', 'manage', 'locked', '--wait', '60');
    expect(await baremetal.show('node', 'show', 'locked', '--fields', 'last_error', 'power_state')).toEqual({ last_error: null, power_state: 'power off' });
  });

  test('of a machine in use makes no storm: the node goes into maintenance after one attempt at the BMC, and comes back by itself', async () => {
    const machine = await manage('storm');
    await api.waitForNode('storm', isIdle);
    const before = machine.bmc.activity.authenticationAttempts;
    await baremetal.succeed('node', 'set', 'storm', '--driver-info', `ipmi_password=${WRONG}`);
    const given = await api.waitForNode('storm', (node: Resource) => node['fault'] === 'power failure', { timeoutMs: 60_000 });
    expect(given).toMatchObject({ maintenance: true, last_error: expect.stringMatching(/password/i) });
    expect(machine.bmc.activity.authenticationAttempts - before).toBe(1);
    await baremetal.succeed('node', 'set', 'storm', '--driver-info', `ipmi_password=${PASSWORD}`);
    expect(await api.waitForNode('storm', (node) => node['fault'] === null, { timeoutMs: 60_000 })).toMatchObject({ maintenance: false, last_error: null });
  });
});
