import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startVirtualDevice, type VirtualIloDevice, type VirtualIloDeviceOptions } from '@ferric/driver-ilo/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { createDriverProject } from '../support/driver-project.js';
import { type IronicClient, isIdle } from '../support/ironic-client.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

// Simulated servers with an iLO; their own state and what they booted say what really happened.
const PASSWORD = 'Planted-ilo-1';
const POST = { inPostMs: 50, heldForReads: 0, discoveryCompleteMs: 20 } as const;

const cleanUp = new AsyncDisposableStack();
let conductor: RunningConductor;
let api: IronicClient;
let baremetal: Baremetal;
let folder: string;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  folder = temporary.path;
  const project = await createDriverProject(folder, ['driver-ilo', 'agent']);
  conductor = cleanUp.use(await startConductor({ dataDir: join(folder, 'data'), project }));
  ({ api } = conductor);
  baremetal = createBaremetal(api.url, folder);
});

afterAll(() => cleanUp.disposeAsync());

const settings = (info: Readonly<Record<string, unknown>>): readonly string[] => Object.entries(info).flatMap(([field, value]) => ['--driver-info', `${field}=${String(value)}`]);

async function manage(name: string, driver: string, options: VirtualIloDeviceOptions): Promise<VirtualIloDevice> {
  const machine = cleanUp.use(await startVirtualDevice({ name, password: PASSWORD, post: POST, ...options }));
  await baremetal.succeed('node', 'create', '--driver', driver, '--name', name, '--deploy-interface', 'no-deploy', ...settings(machine.driverInfo));
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

describe('the baremetal command line and a server with an iLO', () => {
  test.each([['ilo', 'ilo', 'no-raid'], ['ilo5', 'ilo5', 'ilo5']])('shows the hardware type %s and what it needs', async (name, management, raid) => {
    expect(await baremetal.show('driver', 'show', name)).toMatchObject({
      name, default_power_interface: 'ilo', default_management_interface: management, default_bios_interface: 'ilo', default_vendor_interface: 'ilo',
      default_boot_interface: 'ilo-virtual-media', default_deploy_interface: 'direct', default_inspect_interface: 'ilo', default_raid_interface: raid,
    });
    const properties = await baremetal.list('driver', 'property', 'list', name);
    expect(properties.map((row) => row['Property'])).toEqual(
      expect.arrayContaining(['ilo_address', 'ilo_username', 'ilo_password', 'client_port', 'client_timeout', 'ilo_verify_ca', 'ca_file', 'ilo_change_password', 'deploy_iso', 'deploy_kernel', 'deploy_ramdisk']),
    );
  });

  test('is told by validate what is missing', async () => {
    await baremetal.succeed('node', 'create', '--driver', 'ilo', '--name', 'nothing', '--driver-info', 'ilo_address=192.0.2.10');
    for (const each of ['power', 'management']) expect(await resultOf('nothing', each)).toMatchObject({ Result: false, Reason: expect.stringMatching(/ilo_username is required.*ilo_password is required/) });
  });

  test.each([['agent_ilo', 'gen8'], ['ilo', 'gen9'], ['ilo5', 'gen10'], ['ilo5', 'gen11']] as const)('%s: switches a server of %s, and starts it from the network once', async (driver, generation) => {
    const machine = await manage(`rack-${generation}`, driver, { generation });
    const name = `rack-${generation}`;
    for (const each of ['power', 'management', 'bios']) expect(await resultOf(name, each)).toEqual({ Interface: each, Result: true, Reason: '' });
    expect(await baremetal.show('node', 'show', name, '--fields', 'power_state', 'driver_info')).toMatchObject({ power_state: 'power off', driver_info: { ilo_password: '******' } });
    await baremetal.succeed('node', 'boot', 'device', 'set', name, 'pxe');
    expect(await baremetal.show('node', 'boot', 'device', 'show', name)).toEqual({ boot_device: 'pxe', persistent: false });
    expect(await change(name, 'power', 'on', name)).toBe('power on');
    await expect.poll(() => machine.ilo.machine.boot.records.map(({ source }) => source)).toEqual(['pxe']);
    expect(await change(name, 'power', 'off', name, '--soft')).toBe('power off');
    expect(machine.activity).toMatchObject({ mostConcurrentExchanges: 1 });
  });

  test('finds out what is in a server', async () => {
    await manage('inside', 'ilo5', { generation: 'gen10' });
    await baremetal.succeed('node', 'inspect', 'inside', '--wait', '90');
    const { properties } = await baremetal.show('node', 'show', 'inside', '--fields', 'properties');
    expect(properties).toMatchObject({ cpu_arch: 'x86_64', capabilities: expect.stringContaining('ilo_firmware_version:') });
    expect((await baremetal.list('port', 'list', '--node', 'inside')).length).toBeGreaterThan(0);
  });

  test('cleans it with a step of its own', async () => {
    const machine = await manage('dirty', 'ilo5', { generation: 'gen10' });
    const file = join(folder, 'steps.json');
    await writeFile(file, JSON.stringify([{ interface: 'management', step: 'reset_ilo_credential', args: { ilo_password: 'Planted-ilo-3' } }]));
    await baremetal.succeed('node', 'clean', 'dirty', '--clean-steps', file, '--wait', '90');
    expect(machine.ilo.machine.accounts.withLogin(machine.ilo.username)?.password.reveal()).toBe('Planted-ilo-3');
    expect(await change('dirty', 'power', 'on', 'dirty')).toBe('power on');
    expect(JSON.stringify(await api.node('dirty'))).not.toContain('Planted');
  });

  test('calls vendor methods', async () => {
    const machine = await manage('vendor', 'ilo', { generation: 'gen9' });
    expect((await baremetal.list('node', 'passthru', 'list', 'vendor')).map((row) => row['Name'])).toEqual(expect.arrayContaining(['boot_into_iso', 'eject_vmedia', 'get_controller']));
    expect(await baremetal.succeed('node', 'passthru', 'call', 'vendor', 'get_controller', '--http-method', 'GET')).toMatch(/iLO 4/);
    await baremetal.succeed('node', 'passthru', 'call', 'vendor', 'boot_into_iso', '--arg', 'boot_iso_href=http://127.0.0.1:1/rescue.iso');
    await expect.poll(() => machine.ilo.machine.boot.records.map(({ image }) => image), { timeout: 60_000, interval: 200 }).toEqual(['http://127.0.0.1:1/rescue.iso']);
    expect(await baremetal.refused('node', 'passthru', 'call', 'vendor', 'boot_into_iso', '--arg', 'boot_iso_href=glance://x')).toMatch(/boot_iso_href.*\(HTTP 400\)/);
  });
});
