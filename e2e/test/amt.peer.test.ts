import { join } from 'node:path';
import { startVirtualDevice, type VirtualAmtDevice, type VirtualAmtOptions } from '@ferric/driver-amt/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { createDriverProject } from '../support/driver-project.js';
import { type IronicClient, isIdle } from '../support/ironic-client.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

// Simulated machines with AMT; their own state and what they booted say what really happened.
const PASSWORD = 'Planted-amt-1';

const cleanUp = new AsyncDisposableStack();
let conductor: RunningConductor;
let api: IronicClient;
let baremetal: Baremetal;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  const project = await createDriverProject(temporary.path, ['driver-amt', 'agent']);
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

async function enrol(name: string, options: VirtualAmtOptions = {}, more: Readonly<Record<string, string>> = {}, driver = 'staging-amt'): Promise<VirtualAmtDevice> {
  const machine = cleanUp.use(await startVirtualDevice({ name, password: PASSWORD, ...options }));
  await baremetal.succeed('node', 'create', '--driver', driver, '--name', name, ...settings({ ...machine.driverInfo, ...more }));
  return machine;
}

async function manage(name: string, options: VirtualAmtOptions = {}): Promise<VirtualAmtDevice> {
  const machine = await enrol(name, options);
  await baremetal.succeed('node', 'manage', name, '--wait', '60');
  return machine;
}

/** Runs a command and waits until nobody works on the node any more. */
async function change(name: string, ...args: readonly string[]): Promise<unknown> {
  await baremetal.succeed('node', ...args);
  const node = await api.waitForNode(name, isIdle, { timeoutMs: 90_000 });
  expect(node['last_error']).toBeNull();
  return node['power_state'];
}

const resultOf = async (name: string, interfaceName: string) => (await baremetal.list('node', 'validate', name)).find((row) => row['Interface'] === interfaceName);
const boots = (machine: VirtualAmtDevice): readonly string[] => machine.device.machine.boot.history.map(({ target }) => target);

describe('the baremetal command line and a machine with AMT', () => {
  test('shows the hardware type and what it needs', async () => {
    expect(await baremetal.show('driver', 'show', 'staging-amt')).toMatchObject({
      name: 'staging-amt', default_power_interface: 'staging-amt', default_management_interface: 'staging-amt', default_vendor_interface: 'staging-amt',
      default_console_interface: 'no-console', default_deploy_interface: 'direct',
    });
    const properties = await baremetal.list('driver', 'property', 'list', 'staging-amt');
    expect(properties.map((row) => row['Property'])).toEqual(
      expect.arrayContaining(['amt_address', 'amt_username', 'amt_password', 'amt_protocol', 'amt_awake_interval', 'amt_max_attempts', 'amt_action_wait', 'amt_verify_ca']),
    );
    expect(properties.find((row) => row['Property'] === 'amt_protocol')).toMatchObject({ Description: expect.stringContaining('default is "http"') });
  });

  test.each<[name: string, info: Readonly<Record<string, string>>, says: RegExp]>([
    ['nothing', {}, /amt_address is required.*amt_username is required.*amt_password is required/],
    ['bad-protocol', { amt_address: '192.0.2.10', amt_username: 'admin', amt_password: 'planted', amt_protocol: 'telnet' }, /amt_protocol must be "http" or "https"/],
    ['contradiction', { amt_address: '192.0.2.10', amt_username: 'admin', amt_password: 'planted', amt_verify_ca: 'false' }, /amt_verify_ca must be left out with amt_protocol http/],
  ])('is told by validate what is wrong with driver_info: %s', async (name, info, says) => {
    await baremetal.succeed('node', 'create', '--driver', 'staging-amt', '--name', name, ...settings(info));
    for (const each of ['power', 'management']) expect(await resultOf(name, each)).toMatchObject({ Result: false, Reason: expect.stringMatching(says) });
    expect((await resultOf(name, 'power'))?.['Reason']).not.toContain('planted');
  });

  test('switches a machine, and starts it from the network once', async () => {
    const machine = await manage('desk');
    for (const each of ['power', 'management']) expect(await resultOf('desk', each)).toEqual({ Interface: each, Result: true, Reason: '' });
    expect(await baremetal.show('node', 'show', 'desk', '--fields', 'power_state', 'driver_info')).toMatchObject({
      power_state: 'power off', driver_info: { amt_password: '******', amt_username: 'admin' },
    });
    const supported = await baremetal.show('node', 'boot', 'device', 'show', 'desk', '--supported');
    expect(String(supported['supported_boot_devices'])).toMatch(/pxe.*disk.*cdrom.*bios/);
    await baremetal.succeed('node', 'boot', 'device', 'set', 'desk', 'pxe');
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'desk')).toEqual({ boot_device: 'pxe', persistent: false });
    expect(await change('desk', 'power', 'on', 'desk')).toBe('power on');
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'desk')).toEqual({ boot_device: 'disk', persistent: true });
    expect(await change('desk', 'reboot', 'desk')).toBe('power on');
    expect(boots(machine)).toEqual(['pxe', 'disk']);
    expect(await change('desk', 'power', 'off', 'desk', '--soft')).toBe('power off');
    // Somebody presses the button.
    machine.state.power = 'power on';
    await api.waitForNode('desk', (node) => node['power_state'] === 'power on');
    expect(machine.activity).toMatchObject({ mostConcurrentExchanges: 1 });
  });

  test('is refused what the machine does not offer, in words', async () => {
    const machine = await manage('without-agent');
    await change('without-agent', 'power', 'on', 'without-agent');
    machine.device.machine.power.behaviour.hasLocalService = false;
    await baremetal.succeed('node', 'power', 'off', 'without-agent', '--soft');
    expect(await api.waitForNode('without-agent', isIdle)).toMatchObject({ power_state: 'power on', last_error: expect.stringMatching(/does not offer 'graceful power off'.*LMS/) });
  });

  test('interrupts a machine that runs', async () => {
    const machine = await manage('nmi');
    expect(await baremetal.refused('node', 'inject', 'nmi', 'nmi')).toMatch(/nothing to interrupt/);
    await change('nmi', 'power', 'on', 'nmi');
    await baremetal.succeed('node', 'inject', 'nmi', 'nmi');
    expect(machine.device.machine.power.nmis).toBe(1);
  });

  test('calls vendor methods', async () => {
    const machine = await manage('vendor');
    const methods = await baremetal.list('node', 'passthru', 'list', 'vendor');
    expect(methods.map((row) => row['Name'])).toEqual(expect.arrayContaining(['get_boot_capabilities', 'get_user_consent', 'add_alarm', 'power_state_change']));
    expect(await baremetal.succeed('node', 'passthru', 'call', 'vendor', 'get_boot_capabilities', '--http-method', 'GET')).toMatch(/BIOSSetup/);
    await baremetal.succeed('node', 'passthru', 'call', 'vendor', 'add_alarm', '--arg', 'name=monday', '--arg', 'start_time=2036-12-22T06:00:00Z', '--arg', 'interval_minutes=10080');
    expect([...machine.device.machine.clock.alarms.keys()]).toEqual(['monday']);
    expect(await baremetal.refused('node', 'passthru', 'call', 'vendor', 'add_alarm', '--arg', 'name=x', '--arg', 'start_time=tomorrow')).toMatch(/start_time must be .*got "tomorrow".*\(HTTP 400\)/);
  });

  test('finds out what the management engine knows of the machine', async () => {
    await enrol('inside');
    await baremetal.succeed('node', 'set', 'inside', '--inspect-interface', 'out-of-band');
    await baremetal.succeed('node', 'manage', 'inside', '--wait', '60');
    await baremetal.succeed('node', 'inspect', 'inside', '--wait', '60');
    expect(await api.call('GET', '/v1/nodes/inside/inventory')).toMatchObject({
      inventory: { system_vendor: { manufacturer: 'Intel(R) Client Systems', product_name: 'NUC9V7QNX' } },
      plugin_data: { controller: { firmware: { amt: '15.0.23' }, memoryModules: [{ capacityBytes: 17_179_869_184 }, {}] } },
    });
  });

  test('speaks TLS with a pinned certificate to a machine that has no other port', async () => {
    const machine = await manage('encrypted', { generation: 16 });
    expect(await change('encrypted', 'power', 'on', 'encrypted')).toBe('power on');
    expect([machine.device.port, machine.state.power]).toEqual([undefined, 'power on']);
  });

  test('is told readably why it cannot manage a node, and can once it is set right', async () => {
    const machine = await enrol('mistyped', {}, { amt_password: 'Planted-wrong-1' });
    expect(await baremetal.refused('node', 'manage', 'mistyped', '--wait', '60')).toContain("It's in unexpected stable state enroll");
    const { last_error: told } = await baremetal.show('node', 'show', 'mistyped', '--fields', 'last_error');
    expect(told).toMatch(/refuses the user "admin" or the password.*amt_password/);
    expect(told).not.toContain('Planted');
    expect(machine.activity.authenticationAttempts).toBe(1);
    await baremetal.succeed('node', 'set', 'mistyped', '--driver-info', `amt_password=${PASSWORD}`);
    await baremetal.succeed('node', 'manage', 'mistyped', '--wait', '60');
    expect(await baremetal.show('node', 'show', 'mistyped', '--fields', 'last_error', 'power_state')).toEqual({ last_error: null, power_state: 'power off' });
  });

  test.each(['pxe_amt', 'agent_amt'])('knows the older name %s', async (driver) => {
    await enrol(`as-${driver}`, {}, {}, driver);
    expect(await baremetal.show('node', 'show', `as-${driver}`, '--fields', 'power_interface', 'boot_interface', 'deploy_interface')).toMatchObject({
      power_interface: 'staging-amt', deploy_interface: 'direct',
    });
  });
});
