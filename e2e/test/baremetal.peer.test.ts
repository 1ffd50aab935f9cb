import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { magicPacket, startDatagramWitness } from '../support/datagram-witness.js';
import { type IronicClient, isIdle } from '../support/ironic-client.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

// The stories run side by side: the client waits up to ten seconds between two looks at a deployment.
let temporary: TemporaryFolder;
let conductor: RunningConductor;
let api: IronicClient;
let baremetal: Baremetal;

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  conductor = await startConductor({ dataDir: join(temporary.path, 'data') });
  ({ api } = conductor);
  baremetal = createBaremetal(api.url, temporary.path);
});

afterAll(async () => {
  await conductor[Symbol.asyncDispose]();
  await temporary[Symbol.asyncDispose]();
});

const createFake = (name: string, ...more: readonly string[]) => baremetal.show('node', 'create', '--driver', 'fake-hardware', '--name', name, ...more);

describe.concurrent('the baremetal command line of OpenStack', () => {
  test('lists drivers, their interfaces, properties and methods, and the conductor', async () => {
    expect(await baremetal.list('driver', 'list')).toEqual([
      { 'Supported driver(s)': 'fake-hardware', 'Active host(s)': 'e2e' },
      { 'Supported driver(s)': 'ilo', 'Active host(s)': 'e2e' },
      { 'Supported driver(s)': 'ilo5', 'Active host(s)': 'e2e' },
      { 'Supported driver(s)': 'ipmi', 'Active host(s)': 'e2e' },
      { 'Supported driver(s)': 'staging-amt', 'Active host(s)': 'e2e' },
      { 'Supported driver(s)': 'staging-iboot', 'Active host(s)': 'e2e' },
      { 'Supported driver(s)': 'staging-libvirt', 'Active host(s)': 'e2e' },
      { 'Supported driver(s)': 'staging-nm', 'Active host(s)': 'e2e' },
      { 'Supported driver(s)': 'staging-wol', 'Active host(s)': 'e2e' },
    ]);
    expect(await baremetal.show('driver', 'show', 'staging-wol')).toMatchObject({
      name: 'staging-wol', type: 'dynamic', default_power_interface: 'staging-wol', enabled_power_interfaces: 'staging-wol',
      default_boot_interface: 'ipxe', default_deploy_interface: 'direct', default_management_interface: 'noop',
    });
    const properties = await baremetal.list('driver', 'property', 'list', 'staging-wol');
    expect(properties.map((row) => row['Property'])).toEqual(expect.arrayContaining(['wol_host', 'wol_port', 'wol_secureon']));
    expect(properties.find((row) => row['Property'] === 'wol_port')).toMatchObject({ Description: expect.stringContaining('default is 9') });
    const passthru = await baremetal.list('driver', 'passthru', 'list', 'fake-hardware');
    expect(passthru.map((row) => row['Name'])).toEqual(['ipxe_config']);
    expect(await baremetal.list('conductor', 'list')).toEqual([{ Hostname: 'e2e', 'Conductor Group': '', Alive: true }]);
    expect(await baremetal.show('conductor', 'show', 'e2e')).toMatchObject({ alive: true, drivers: ['fake-hardware', 'ilo', 'ilo5', 'ipmi', 'staging-amt', 'staging-iboot', 'staging-libvirt', 'staging-nm', 'staging-wol'] });
    expect(await baremetal.refused('driver', 'show', 'none')).toBe('Could not find the following driver(s) or hardware type(s): none. (HTTP 404)');
  });

  test('wakes a machine, and is told that somebody has to switch it off', async () => {
    await using witness = await startDatagramWitness();
    const created = await baremetal.show(
      'node', 'create', '--driver', 'staging-wol', '--name', 'sleeper', '--driver-info', 'wol_host=127.0.0.1', '--driver-info', `wol_port=${witness.port}`,
    );
    expect(created).toMatchObject({ name: 'sleeper', provision_state: 'enroll', power_state: null, driver_info: { wol_host: '127.0.0.1', wol_port: witness.port } });

    const before = await baremetal.list('node', 'validate', 'sleeper');
    expect(before.find((row) => row['Interface'] === 'power')).toMatchObject({ Result: false, Reason: expect.stringContaining('ports') });
    const port = await baremetal.show('port', 'create', '52:54:00:CF:2D:31', '--node', String(created['uuid']));
    expect(port).toMatchObject({ address: '52:54:00:cf:2d:31', node_uuid: created['uuid'], pxe_enabled: true });
    const after = await baremetal.list('node', 'validate', 'sleeper');
    expect(after.find((row) => row['Interface'] === 'power')).toEqual({ Interface: 'power', Result: true, Reason: '' });
    expect(after.find((row) => row['Interface'] === 'deploy')).toMatchObject({ Result: false, Reason: expect.stringContaining('driver_info.deploy_kernel is required') });

    await baremetal.succeed('node', 'manage', 'sleeper', '--wait', '60');
    await baremetal.succeed('node', 'provide', 'sleeper', '--wait', '60');
    expect(await witness.arrived()).toEqual([]);

    await baremetal.succeed('node', 'power', 'on', 'sleeper');
    await api.waitForNode('sleeper', (node) => node['power_state'] === 'power on' && isIdle(node));
    expect(await witness.arrived()).toEqual([magicPacket('52:54:00:cf:2d:31')]);
    expect(magicPacket('52:54:00:cf:2d:31')).toHaveLength(102);

    await baremetal.succeed('node', 'power', 'off', 'sleeper');
    await api.waitForNode('sleeper', (node) => node['power_state'] === 'power off' && isIdle(node));
    expect(await witness.arrived()).toHaveLength(1);

    const [on, off] = (await api.timeline('sleeper')).filter(({ type }) => type === 'power-changed');
    expect(on).toMatchObject({
      severity: 'INFO',
      details: { status: 'sent', reading: { state: 'power on', source: 'assumed' }, report: { packets: [{ destination: '127.0.0.1', port: witness.port, bytes: 102 }] } },
    });
    expect(off).toMatchObject({
      severity: 'WARNING',
      message: expect.stringContaining('manual intervention required'),
      details: { status: 'manual intervention required', reading: { state: 'power off', source: 'assumed' } },
    });
    expect(await baremetal.show('node', 'show', 'sleeper', '--fields', 'power_state', 'last_error')).toEqual({ power_state: 'power off', last_error: null });
    expect(await baremetal.refused('node', 'power', 'off', 'sleeper', '--soft')).toMatch(/^Driver staging-wol does not support soft power off .*\(HTTP 400\)$/);
    expect(await baremetal.refused('node', 'deploy', 'sleeper')).toMatch(/^Failed to validate deploy or power info for node .*driver_info\.deploy_kernel is required.*\(HTTP 400\)$/);
  });

  test('takes a node from enroll to active, builds it anew and gives it back', async () => {
    await createFake('life');
    expect(await baremetal.succeed('node', 'manage', 'life', '--wait', '60')).toBe('Waiting for provision state manageable on node life');
    await baremetal.succeed('node', 'provide', 'life', '--wait', '60');
    await baremetal.succeed('node', 'deploy', 'life', '--wait', '60');
    expect(await baremetal.show('node', 'show', 'life', '--fields', 'provision_state', 'power_state', 'last_error')).toEqual({
      provision_state: 'active', power_state: 'power on', last_error: null,
    });
    await baremetal.succeed('node', 'rebuild', 'life', '--wait', '60');
    await baremetal.succeed('node', 'undeploy', 'life', '--wait', '60');
    expect(await baremetal.show('node', 'show', 'life', '--fields', 'provision_state', 'power_state', 'instance_info')).toEqual({
      provision_state: 'available', power_state: 'power off', instance_info: {},
    });
    const states = (await api.timeline('life')).flatMap(({ type, details }) => (type === 'provision-state-changed' ? [details['to']] : []));
    expect(states).toEqual(['verifying', 'manageable', 'available', 'deploying', 'active', 'deploying', 'active', 'deleting', 'available']);
  });

  test('adopts a machine, shows why a deployment failed, and keeps the history of it', async () => {
    await createFake('adopted', '--driver-info', 'fake_failures=[{"action": "deploy", "message": "Boot image is broken"}]');
    await baremetal.succeed('node', 'manage', 'adopted', '--wait', '60');
    await baremetal.succeed('node', 'adopt', 'adopted', '--wait', '60');
    expect(await baremetal.show('node', 'show', 'adopted', '--fields', 'provision_state')).toEqual({ provision_state: 'active' });
    expect(await baremetal.list('node', 'history', 'list', 'adopted')).toEqual([]);

    expect(await baremetal.refused('node', 'rebuild', 'adopted', '--wait', '60')).toMatch(
      /^Node adopted failed to reach state active\. It's in state deploy failed, and has error: .*Boot image is broken$/,
    );
    const history = await baremetal.list('node', 'history', 'list', 'adopted');
    expect(history).toMatchObject([{ Severity: 'ERROR', 'Description of the event': expect.stringContaining('Boot image is broken') }]);
    expect(await baremetal.show('node', 'history', 'get', 'adopted', String(history[0]?.['UUID']))).toMatchObject({
      conductor: 'e2e', severity: 'ERROR', event: expect.stringContaining('Boot image is broken'),
    });
    await baremetal.succeed('node', 'unset', 'adopted', '--driver-info', 'fake_failures');
    await baremetal.succeed('node', 'undeploy', 'adopted', '--wait', '60');
    await baremetal.succeed('node', 'delete', 'adopted');
    expect(await baremetal.refused('node', 'show', 'adopted')).toBe('Node adopted could not be found. (HTTP 404)');
  });

  test('edits a node', async () => {
    const { uuid } = await createFake('edited', '--resource-class', 'editing', '--extra', 'rack=7');
    const node = String(uuid);
    await baremetal.succeed(
      'node', 'set', 'edited', '--name', 'renamed', '--extra', 'a=1', '--extra', 'b={"c": [1, 2]}', '--property', 'cpus=4', '--property', 'capabilities=boot_mode:uefi',
      '--driver-info', 'fake_power_delay_ms=10', '--description', 'second row, third from the left', '--owner', 'lab',
    );
    expect(await baremetal.show('node', 'show', 'renamed', '--fields', 'uuid', 'extra', 'properties', 'driver_info', 'description', 'owner')).toEqual({
      uuid, extra: { rack: 7, a: 1, b: { c: [1, 2] } }, properties: { cpus: 4, capabilities: 'boot_mode:uefi' }, driver_info: { fake_power_delay_ms: 10 },
      description: 'second row, third from the left', owner: 'lab',
    });
    await baremetal.succeed('node', 'unset', 'renamed', '--extra', 'a', '--extra', 'rack', '--property', 'cpus', '--driver-info', 'fake_power_delay_ms', '--name', '--owner');
    expect(await baremetal.show('node', 'show', node, '--fields', 'name', 'extra', 'properties', 'driver_info', 'owner')).toEqual({
      name: null, extra: { b: { c: [1, 2] } }, properties: { capabilities: 'boot_mode:uefi' }, driver_info: {}, owner: null,
    });
    expect(await baremetal.refused('node', 'unset', node, '--extra', 'none')).toMatch(/^Couldn't apply patch .*none.*\(HTTP 400\)$/);
    expect(await baremetal.refused('node', 'set', node, '--name', 'not a name')).toMatch(/^Cannot change name to invalid name 'not a name' \(HTTP 400\)$/);
    expect(await baremetal.refused('node', 'set', node, '--power-interface', 'none')).toMatch(/^Could not find the following interface .*none.*\(HTTP 400\)$/);

    await baremetal.succeed('node', 'maintenance', 'set', node, '--reason', 'fan broken');
    expect(await baremetal.show('node', 'show', node, '--fields', 'maintenance', 'maintenance_reason')).toEqual({ maintenance: true, maintenance_reason: 'fan broken' });
    expect(await baremetal.list('node', 'list', '--maintenance', '--resource-class', 'editing', '--fields', 'uuid')).toEqual([{ UUID: uuid }]);
    await baremetal.succeed('node', 'maintenance', 'unset', node);
    expect(await baremetal.show('node', 'show', node, '--fields', 'maintenance', 'maintenance_reason')).toEqual({ maintenance: false, maintenance_reason: null });
  });

  test('lists nodes with fields, order, limit, marker and filters', async () => {
    const uuids: string[] = [];
    for (const name of ['list-b', 'list-c', 'list-a']) uuids.push(String((await createFake(name, '--resource-class', 'listing'))['uuid']));
    await baremetal.succeed('node', 'set', 'list-b', '--owner', 'somebody');
    const names = async (...args: readonly string[]) => (await baremetal.list('node', 'list', '--resource-class', 'listing', '--fields', 'name', ...args)).map((row) => row['Name']);
    expect(await names()).toEqual(['list-b', 'list-c', 'list-a']);
    expect(await names('--sort', 'name:asc')).toEqual(['list-a', 'list-b', 'list-c']);
    expect(await names('--sort', 'name:desc', '--limit', '2')).toEqual(['list-c', 'list-b']);
    expect(await names('--limit', '1', '--marker', uuids[0] ?? '')).toEqual(['list-c']);
    expect(await names('--provision-state', 'enroll', '--no-maintenance', '--unassociated', '--driver', 'fake-hardware')).toEqual(['list-b', 'list-c', 'list-a']);
    expect(await names('--owner', 'somebody')).toEqual(['list-b']);
    expect(await names('--provision-state', 'active')).toEqual([]);
    const [short] = await baremetal.list('node', 'list', '--resource-class', 'listing', '--limit', '1');
    expect(short).toEqual({ UUID: uuids[0], Name: 'list-b', 'Instance UUID': null, 'Power State': null, 'Provisioning State': 'enroll', Maintenance: false });
    const [long] = await baremetal.list('node', 'list', '--resource-class', 'listing', '--limit', '1', '--long');
    expect(long).toMatchObject({ UUID: uuids[0], Driver: 'fake-hardware', 'Resource Class': 'listing', 'Power Interface': 'fake', Conductor: 'e2e' });
    const nobody = '11111111-2222-4333-8444-555555555555';
    expect(await baremetal.refused('node', 'list', '--marker', nobody)).toBe(`Node ${nobody} could not be found. (HTTP 404)`);
    expect(await baremetal.refused('node', 'list', '--provision-state', 'bogus')).toMatch(/bogus.*\(HTTP 400\)$/);

    const deleted = await baremetal.run('--max-retries', '0', 'node', 'delete', 'list-a', 'list-none', 'list-b');
    expect(deleted.code).toBe(1);
    expect(deleted.stdout).toBe('Deleted node list-a\nDeleted node list-b');
    expect(deleted.stderr).toContain('Failed to delete node list-none: Node list-none could not be found. (HTTP 404)');
    expect(await names()).toEqual(['list-c']);
  });

  test('switches power, chooses what to boot from and calls the methods of the hardware', async () => {
    await createFake('methods');
    expect(await baremetal.refused('node', 'abort', 'methods')).toMatch(/^The requested action "abort" can not be performed on node ".*" while it is in state "enroll"\. \(HTTP 400\)$/);
    expect(await baremetal.refused('node', 'provide', 'methods')).toMatch(/^The requested action "provide" can not be .* in state "enroll"\. \(HTTP 400\)$/);

    const rebooting = async (...args: readonly string[]): Promise<unknown> => {
      await baremetal.succeed('node', ...args);
      return (await api.waitForNode('methods', isIdle))['power_state'];
    };
    expect(await rebooting('power', 'on', 'methods')).toBe('power on');
    expect(await rebooting('power', 'off', 'methods', '--soft', '--power-timeout', '20')).toBe('power off');
    expect(await rebooting('reboot', 'methods')).toBe('power on');

    const methods = await baremetal.list('node', 'passthru', 'list', 'methods');
    expect(methods.map((row) => row['Name'])).toEqual(expect.arrayContaining(['second_method', 'third_method_sync']));
    expect(methods.find((row) => row['Name'] === 'third_method_sync')).toMatchObject({ Async: false, 'Supported HTTP methods': 'POST' });
    await baremetal.succeed('node', 'passthru', 'call', 'methods', 'second_method', '--arg', 'bar=kazoo');
    await api.waitForNode('methods', isIdle);
    // The method answers with the bare value true, as recorded from Ironic; this client can show objects only.
    expect(await baremetal.refused('node', 'passthru', 'call', 'methods', 'third_method_sync', '--arg', 'bar=meow')).toBe("'bool' object has no attribute 'items'");
    const called = (await api.timeline('methods')).flatMap(({ type, details }) => (type === 'vendor-method-called' ? [details['method']] : []));
    expect(called).toEqual(['second_method', 'third_method_sync']);
    expect(await baremetal.refused('node', 'passthru', 'call', 'methods', 'none')).toBe('No handler for method none (HTTP 400)');
    expect(await baremetal.refused('node', 'passthru', 'call', 'methods', 'third_method_sync')).toBe("Parameter 'bar' not passed to method 'third_method_sync'. (HTTP 400)");
    expect(await baremetal.refused('node', 'passthru', 'call', 'methods', 'second_method', '--http-method', 'GET')).toBe('The method second_method does not support HTTP GET (HTTP 400)');

    expect(await baremetal.show('node', 'boot', 'device', 'show', 'methods')).toEqual({ boot_device: 'pxe', persistent: false });
    await baremetal.succeed('node', 'boot', 'device', 'set', 'methods', 'pxe', '--persistent');
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'methods')).toEqual({ boot_device: 'pxe', persistent: true });
    expect(await baremetal.show('node', 'boot', 'device', 'show', 'methods', '--supported')).toEqual({ supported_boot_devices: 'pxe' });
    expect(await baremetal.refused('node', 'boot', 'device', 'set', 'methods', 'disk')).toBe('Invalid boot device disk specified. (HTTP 400)');
  });

  test('keeps the ports of a node', async () => {
    const { uuid } = await createFake('ported');
    const node = String(uuid);
    const created = await baremetal.show('port', 'create', '52-54-00-00-00-01', '--node', node, '--physical-network', 'rack-7');
    const port = String(created['uuid']);
    expect(created).toMatchObject({ address: '52:54:00:00:00:01', node_uuid: uuid, physical_network: 'rack-7' });
    expect(await baremetal.refused('port', 'create', '52:54:00:00:00:01', '--node', node)).toBe('A port with MAC address 52:54:00:00:00:01 already exists. (HTTP 409)');
    expect(await baremetal.refused('port', 'create', 'not-a-mac', '--node', node)).toMatch(/not-a-mac.*\(HTTP 400\)$/);

    await baremetal.succeed('port', 'set', port, '--extra', 'k=v', '--pxe-disabled', '--local-link-connection', 'switch_id=aa:bb:cc:dd:ee:ff', '--local-link-connection', 'port_id=eth1');
    expect(await baremetal.show('port', 'show', port)).toMatchObject({
      extra: { k: 'v' }, pxe_enabled: false, local_link_connection: { switch_id: 'aa:bb:cc:dd:ee:ff', port_id: 'eth1' },
    });
    await baremetal.succeed('port', 'unset', port, '--extra', 'k', '--physical-network');
    expect(await baremetal.show('port', 'show', '--address', '52:54:00:00:00:01')).toMatchObject({ uuid: port, extra: {}, physical_network: null });
    expect(await baremetal.list('port', 'list', '--node', node)).toEqual([{ UUID: port, Address: '52:54:00:00:00:01' }]);
    await baremetal.succeed('port', 'delete', port);
    expect(await baremetal.list('port', 'list', '--node', node)).toEqual([]);
    expect(await baremetal.refused('port', 'show', port)).toBe(`Port ${port} could not be found. (HTTP 404)`);
  });

  test('is told what is wrong with a node that cannot be created', async () => {
    expect(await baremetal.refused('node', 'create', '--driver', 'none')).toMatch(/^No valid host was found\. Reason: No conductor service registered which supports driver none .*\(HTTP 400\)$/);
    expect(await baremetal.refused('node', 'create', '--driver', 'fake-hardware', '--name', 'a b')).toBe("Cannot create node with invalid name 'a b' (HTTP 400)");
    await createFake('taken');
    expect(await baremetal.refused('node', 'create', '--driver', 'fake-hardware', '--name', 'taken')).toBe('A node with name taken already exists. (HTTP 409)');
    const asOldClient = await baremetal.show('--os-baremetal-api-version', '1.10', 'node', 'create', '--driver', 'fake-hardware', '--name', 'old-style');
    expect(asOldClient).toMatchObject({ name: 'old-style', provision_state: 'available' });
    expect(asOldClient).not.toHaveProperty('resource_class');
  });
});
