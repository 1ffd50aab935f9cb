import { join } from 'node:path';
import { Secret, type JsonObject } from '@ferric/core';
import { startVirtualDevice, type Generation, type VirtualIloDevice, type VirtualIloDeviceOptions } from '@ferric/driver-ilo/simulator';
import { waitFor } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { createDriverProject } from '../support/driver-project.js';
import { type IronicClient, isIdle } from '../support/ironic-client.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const PASSWORD = 'Planted-ilo-1';
const NEXT_PASSWORD = 'Planted-ilo-2';

const cleanUp = new AsyncDisposableStack();
let conductor: RunningConductor;
let api: IronicClient;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  const project = await createDriverProject(temporary.path, ['driver-ilo', 'agent']);
  conductor = cleanUp.use(await startConductor({ dataDir: join(temporary.path, 'data'), project, args: ['--log-level', 'debug', '--power-sync-interval-ms', '0'] }));
  ({ api } = conductor);
});

afterAll(() => cleanUp.disposeAsync());

/** Real servers take minutes for their self-test. */
const POST = { inPostMs: 50, heldForReads: 0, discoveryCompleteMs: 20 } as const;

const startMachine = (generation: Generation, options: VirtualIloDeviceOptions = {}): Promise<VirtualIloDevice> => startVirtualDevice({ generation, password: PASSWORD, post: POST, ...options });

/** Nothing boots a ramdisk here: cleaning is what the iLO does by itself. */
const INTERFACES: JsonObject = { boot_interface: 'ilo-virtual-media', deploy_interface: 'no-deploy', inspect_interface: 'ilo', automated_clean: true };

async function enrol(name: string, machine: VirtualIloDevice, fields: JsonObject = {}): Promise<string> {
  const driverInfo = { ...(machine.driverInfo as JsonObject), ...fields };
  const { uuid } = (await api.call('POST', '/v1/nodes', { name, driver: machine.hardwareType, driver_info: driverInfo, ...INTERFACES })) as { uuid: string };
  return uuid;
}

async function setPower(name: string, target: string): Promise<JsonObject> {
  await api.call('PUT', `/v1/nodes/${name}/states/power`, { target });
  return api.waitForNode(name, isIdle, { timeoutMs: 90_000 });
}

/** Steps that ran to their end, in order. */
async function stepsThatRan(name: string): Promise<readonly unknown[]> {
  return (await api.timeline(name)).filter(({ type }) => type === 'step-finished').map(({ details }) => details['step']);
}

const passwordOf = ({ ilo }: VirtualIloDevice): string | undefined => ilo.machine.accounts.withLogin(ilo.username)?.password.reveal();

describe.concurrent.each<readonly [generation: Generation, management: string, capabilities: RegExp]>([
  ['gen8', 'ilo', /server_model:ProLiant DL380p Gen8/],
  ['gen9', 'ilo', /server_model:ProLiant BL460c Gen9/],
  ['gen10', 'ilo5', /server_model:ProLiant DL380 Gen10/],
  ['gen11', 'ilo5', /server_model:ProLiant DL360 Gen11/],
])('a server of %s', (generation, management, capabilities) => {
  test('is enrolled, validated, switched, started from the network once, inspected and cleaned with a new password', async () => {
    await using machine = await startMachine(generation);
    const uuid = await enrol(generation, machine, { ilo_change_password: NEXT_PASSWORD });
    const validation = await api.call('GET', `/v1/nodes/${generation}/validate`);
    expect(validation).toMatchObject({ power: { result: true }, management: { result: true }, bios: { result: true }, inspect: { result: true } });
    await api.provision(generation, 'manage', 'manageable');
    expect(await api.node(generation)).toMatchObject({
      power_state: 'power off', power_interface: 'ilo', management_interface: management, bios_interface: 'ilo', vendor_interface: 'ilo', boot_interface: 'ilo-virtual-media',
      raid_interface: management === 'ilo5' ? 'ilo5' : 'no-raid',
    });

    await api.call('PUT', `/v1/nodes/${generation}/management/boot_device`, { boot_device: 'pxe', persistent: false });
    expect(await api.call('GET', `/v1/nodes/${generation}/management/boot_device`)).toEqual({ boot_device: 'pxe', persistent: false });
    expect(await setPower(generation, 'power on')).toMatchObject({ power_state: 'power on', last_error: null });
    await expect.poll(() => machine.ilo.machine.boot.records.map(({ source, isOneTime }) => [source, isOneTime])).toEqual([['pxe', true]]);

    const inspected = await api.provision(generation, 'inspect', 'manageable');
    expect(inspected['properties']).toMatchObject({ cpu_arch: 'x86_64', memory_mb: expect.any(Number), cpus: expect.any(Number), local_gb: expect.any(Number), capabilities: expect.stringMatching(capabilities) });
    const { ports } = (await api.call('GET', `/v1/ports/detail?node=${uuid}`)) as unknown as { ports: readonly JsonObject[] };
    expect(ports.map(({ address }) => address)).toContain(machine.ports[0]?.address);

    expect(await setPower(generation, 'soft power off')).toMatchObject({ power_state: 'power off', last_error: null });
    await api.call('PUT', `/v1/nodes/${generation}/states/provision`, { target: 'provide' });
    const cleaned = await api.waitForNode(generation, (node) => isIdle(node) && node['provision_state'] !== 'manageable', { timeoutMs: 120_000 });
    expect(cleaned).toMatchObject({ provision_state: 'available', last_error: null, driver_info: { ilo_password: '******' } });
    expect(cleaned['driver_info']).not.toHaveProperty('ilo_change_password');
    expect(await stepsThatRan(generation)).toEqual(['reset_ilo_credential', 'reset_secure_boot_keys_to_default', 'reset_bios_to_default', 'reset_ilo']);
    expect(passwordOf(machine)).toBe(NEXT_PASSWORD);
    // The new password is the one that the node has now.
    expect(await setPower(generation, 'power on')).toMatchObject({ power_state: 'power on', last_error: null });
    expect(machine.activity.mostConcurrentExchanges).toBe(1);
    expect(machine.ilo.activity.mostOpenSessions).toBeLessThanOrEqual(1);
  }, 240_000);
});

test.concurrent('a password that the iLO had taken before the conductor could write it down is made good by cleaning again', async () => {
  await using machine = await startMachine('gen10');
  await enrol('crashed', machine, { ilo_change_password: NEXT_PASSWORD });
  await api.provision('crashed', 'manage', 'manageable');
  const account = machine.ilo.machine.accounts.withLogin(machine.ilo.username);
  if (account === undefined) throw new Error('The iLO does not know its user');
  account.password = new Secret(NEXT_PASSWORD);
  machine.ilo.expireSessions();
  const steps = [{ interface: 'management', step: 'reset_ilo_credential' }];
  await api.call('PUT', '/v1/nodes/crashed/states/provision', { target: 'clean', clean_steps: steps, disable_ramdisk: true });
  const cleaned = await api.waitForNode('crashed', (node) => isIdle(node), { timeoutMs: 60_000 });
  expect(cleaned).toMatchObject({ provision_state: 'manageable', last_error: null });
  expect(cleaned['driver_info']).not.toHaveProperty('ilo_change_password');
  expect(await setPower('crashed', 'power on')).toMatchObject({ power_state: 'power on', last_error: null });
}, 120_000);

test.concurrent('a conductor that is killed between the change of a password and its writing down goes on with the new one', async () => {
  await using own = new AsyncDisposableStack();
  const temporary = own.use(await createTemporaryFolder());
  const project = await createDriverProject(temporary.path, ['driver-ilo', 'agent']);
  const start = async (): Promise<RunningConductor> => own.use(await startConductor({ dataDir: join(temporary.path, 'data'), project, args: ['--power-sync-interval-ms', '0'] }));
  const machine = own.use(await startMachine('gen10'));
  const first = await start();
  await first.api.call('POST', '/v1/nodes', {
    name: 'killed', driver: 'ilo5', driver_info: { ...(machine.driverInfo as JsonObject), ilo_change_password: NEXT_PASSWORD }, ...INTERFACES,
  });
  await first.api.provision('killed', 'manage', 'manageable');
  // The iLO has done it long before it says so.
  machine.faults.inject({ kind: 'slow', delayMs: 1500 });
  await first.api.call('PUT', '/v1/nodes/killed/states/provision', { target: 'clean', clean_steps: [{ interface: 'management', step: 'reset_ilo_credential' }] });
  await waitFor('the iLO to have the new password', () => passwordOf(machine) === NEXT_PASSWORD || undefined, { timeoutMs: 60_000, intervalMs: 20 });
  await first.kill();
  machine.faults.clear();

  const second = await start();
  const cleaned = await second.api.waitForNode('killed', (node) => isIdle(node) && node['provision_state'] !== 'cleaning', { timeoutMs: 150_000 });
  expect(cleaned).toMatchObject({ provision_state: 'manageable', last_error: null });
  expect(cleaned['driver_info']).not.toHaveProperty('ilo_change_password');
  expect(JSON.stringify(second.log())).toContain('it is only written down');
  await second.api.call('PUT', '/v1/nodes/killed/states/power', { target: 'power on' });
  expect(await second.api.waitForNode('killed', isIdle, { timeoutMs: 60_000 })).toMatchObject({ power_state: 'power on', last_error: null });
}, 300_000);

test.concurrent('disk arrays are made and deleted on Gen10, and kept as what the machine has', async () => {
  await using machine = await startMachine('gen10', { withLogicalDrive: false });
  await enrol('arrays', machine);
  await api.provision('arrays', 'manage', 'manageable');
  await api.call('PUT', '/v1/nodes/arrays/states/raid', { logical_disks: [{ raid_level: '1', size_gb: 'MAX', is_root_volume: true }] });
  const clean = async (step: string): Promise<JsonObject> => {
    await api.call('PUT', '/v1/nodes/arrays/states/provision', { target: 'clean', clean_steps: [{ interface: 'raid', step }], disable_ramdisk: true });
    return api.waitForNode('arrays', isIdle, { timeoutMs: 120_000 });
  };
  expect(await clean('create_configuration')).toMatchObject({ provision_state: 'manageable', last_error: null, raid_config: { logical_disks: [{ raid_level: '1' }] } });
  expect(machine.ilo.machine.storage.logicalDrives).toHaveLength(1);
  expect(await clean('delete_configuration')).toMatchObject({ provision_state: 'manageable', last_error: null, raid_config: {} });
  expect(machine.ilo.machine.storage.logicalDrives).toHaveLength(0);
}, 240_000);

test.concurrent('a machine boots an ISO image by passthru', async () => {
  await using machine = await startMachine('gen9');
  await enrol('passthru', machine);
  await api.provision('passthru', 'manage', 'manageable');
  await api.call('POST', '/v1/nodes/passthru/vendor_passthru?method=boot_into_iso', { boot_iso_href: 'http://127.0.0.1:1/rescue.iso' });
  await expect.poll(() => machine.ilo.machine.boot.records.map(({ source, image }) => [source, image]), { timeout: 60_000, interval: 200 }).toEqual([['cdrom', 'http://127.0.0.1:1/rescue.iso']]);
  await api.waitForNode('passthru', isIdle, { timeoutMs: 60_000 });
}, 120_000);

describe('a node that cannot be managed is told why', () => {
  test.each<[name: string, fields: JsonObject, options: VirtualIloDeviceOptions, says: RegExp]>([
    ['wrong-password', { ilo_password: 'Planted-wrong-1' }, {}, /ilo_password/],
    ['wrong-port', { client_port: 1 }, {}, /127\.0\.0\.1:1.*client_port/],
    ['unknown-certificate', { ilo_tls_fingerprint: '0'.repeat(64) }, {}, /ilo_tls_fingerprint/],
    ['old-tls', { ilo_tls_profile: 'modern' }, { tls: 'legacy' }, /ilo_tls_profile/],
  ])('%s', async (name, fields, options, says) => {
    await using machine = await startMachine(options.tls === 'legacy' ? 'gen9' : 'gen10', options);
    await enrol(name, machine, fields);
    await api.call('PUT', `/v1/nodes/${name}/states/provision`, { target: 'manage' });
    const node = await api.waitForNode(name, (seen) => isIdle(seen) && seen['last_error'] !== null, { timeoutMs: 60_000 });
    expect(node).toMatchObject({ provision_state: 'enroll', last_error: expect.stringMatching(says) });
    expect(machine.activity).toMatchObject({ changeCommands: 0, authenticationAttempts: name === 'wrong-password' ? 1 : 0 });
  });

  test('before anything is sent, where driver_info lacks something', async () => {
    await api.call('POST', '/v1/nodes', { name: 'lacking', driver: 'ilo', driver_info: { ilo_address: '192.0.2.10' }, ...INTERFACES });
    const { power } = (await api.call('GET', '/v1/nodes/lacking/validate')) as { power: JsonObject };
    expect(power).toMatchObject({ result: false, reason: expect.stringMatching(/ilo_username.*ilo_password/) });
  });
});

test('a server that speaks old TLS only is managed where that is allowed, with a warning', async () => {
  await using machine = await startMachine('gen9', { tls: 'legacy' });
  await enrol('legacy', machine);
  await api.provision('legacy', 'manage', 'manageable');
  expect(JSON.stringify(conductor.log())).toContain('spoken to over old TLS');
});

test('no password was told to anybody', async () => {
  const nodes = await api.request('GET', '/v1/nodes/detail');
  const timelines = await Promise.all(['gen8', 'gen10', 'crashed', 'wrong-password'].map((name) => api.timeline(name)));
  const seen = `${nodes.text}${JSON.stringify(timelines)}${JSON.stringify(conductor.log())}`;
  expect(nodes.text).toContain('"ilo_password":"******"');
  expect(seen).not.toContain('Planted-');
});
