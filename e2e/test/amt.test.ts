import { join } from 'node:path';
import { startNetworkBoot, createVirtualDisk } from '@ferric/agent/simulator';
import type { JsonObject } from '@ferric/core';
import { startVirtualDevice, type VirtualAmtDevice, type VirtualAmtOptions } from '@ferric/driver-amt/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { createDriverProject } from '../support/driver-project.js';
import { type ImageServer, randomImage, startImageServer } from '../support/image-server.js';
import { type IronicClient, isIdle } from '../support/ironic-client.js';
import { createBootFiles, QUICK, scriptByPort } from '../support/simulated-machine.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const PASSWORD = 'Planted-amt-1';
const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

const cleanUp = new AsyncDisposableStack();
let conductor: RunningConductor;
let images: ImageServer;
let api: IronicClient;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  const files = cleanUp.use(await createBootFiles());
  images = cleanUp.use(await startImageServer());
  const project = await createDriverProject(temporary.path, ['driver-amt', 'agent', 'ipxe-config']);
  conductor = cleanUp.use(await startConductor({ dataDir: join(temporary.path, 'data'), project, args: [...files.args, '--log-level', 'debug'] }));
  ({ api } = conductor);
});

afterAll(() => cleanUp.disposeAsync());

/** A machine with AMT, which shows what it started from last. */
const startMachine = (options: VirtualAmtOptions = {}): Promise<VirtualAmtDevice> => startVirtualDevice({ password: PASSWORD, showsBootDevice: true, ...options });

async function enrol(name: string, machine: VirtualAmtDevice, fields: JsonObject = {}, more: JsonObject = {}): Promise<string> {
  const driverInfo = { ...(machine.driverInfo as JsonObject), ...fields };
  const { uuid } = (await api.call('POST', '/v1/nodes', { name, driver: 'staging-amt', driver_info: driverInfo, ...more })) as { uuid: string };
  return uuid;
}

async function manage(name: string, machine: VirtualAmtDevice, fields: JsonObject = {}): Promise<void> {
  await enrol(name, machine, fields);
  await api.provision(name, 'manage', 'manageable');
}

/** Asks for a power state and waits until nobody works on the node. */
async function setPower(name: string, target: string): Promise<JsonObject> {
  await api.call('PUT', `/v1/nodes/${name}/states/power`, { target });
  return api.waitForNode(name, isIdle, { timeoutMs: 90_000 });
}

const setBootDevice = (name: string, device: string, persistent: boolean): Promise<JsonObject> =>
  api.call('PUT', `/v1/nodes/${name}/management/boot_device`, { boot_device: device, persistent });
const bootDevice = (name: string): Promise<JsonObject> => api.call('GET', `/v1/nodes/${name}/management/boot_device`);
const boots = (machine: VirtualAmtDevice): readonly string[] => machine.device.machine.boot.history.map(({ target }) => target);

test.concurrent('a machine is enrolled, validated, switched, and started from the network once', async () => {
  await using machine = await startMachine();
  await enrol('desk', machine);
  const validation = await api.call('GET', '/v1/nodes/desk/validate');
  expect(validation).toMatchObject({ power: { result: true }, management: { result: true } });
  await api.provision('desk', 'manage', 'manageable');
  expect(await api.node('desk')).toMatchObject({ power_state: 'power off', power_interface: 'staging-amt', management_interface: 'staging-amt', vendor_interface: 'staging-amt' });

  expect(await api.call('GET', '/v1/nodes/desk/management/boot_device/supported')).toEqual({ supported_boot_devices: ['pxe', 'disk', 'cdrom', 'bios'] });
  await setBootDevice('desk', 'pxe', false);
  expect(await bootDevice('desk')).toEqual({ boot_device: 'pxe', persistent: false });
  expect(machine.activity.changeCommands).toBe(0);
  expect(await setPower('desk', 'power on')).toMatchObject({ power_state: 'power on', last_error: null });
  expect(boots(machine)).toEqual(['pxe']);
  expect(await bootDevice('desk')).toEqual({ boot_device: 'disk', persistent: true });

  expect(await setPower('desk', 'rebooting')).toMatchObject({ power_state: 'power on', last_error: null });
  expect(boots(machine)).toEqual(['pxe', 'disk']);
  expect(await setPower('desk', 'soft power off')).toMatchObject({ power_state: 'power off', last_error: null });
  const changed = (await api.timeline('desk')).filter(({ type }) => type === 'power-changed').map(({ details }) => details);
  expect(changed).toMatchObject([
    { status: 'done', report: { requests: ['power on'] } }, { status: 'done', report: { requests: ['reset'] } }, { status: 'done', report: { requests: ['graceful power off'] } },
  ]);
  expect(machine.activity).toMatchObject({ refusedConnections: 0, mostConcurrentExchanges: 1 });
});

test.concurrent('a machine that sleeps is on, and is woken by power on', async () => {
  await using machine = await startMachine();
  await manage('sleeper', machine);
  await setPower('sleeper', 'power on');
  machine.device.machine.power.state = 4;
  await setPower('sleeper', 'power on');
  expect(machine.device.machine.power.state).toBe(2);
  expect(boots(machine)).toHaveLength(1);
});

test.concurrent('a choice for one boot outlives a failure, and the machine is not started without it', async () => {
  await using machine = await startMachine({ controlMode: 'client' });
  await manage('client-mode', machine);
  await setBootDevice('client-mode', 'pxe', false);
  const refused = await setPower('client-mode', 'power on');
  expect(refused).toMatchObject({ power_state: 'power off', last_error: expect.stringMatching(/user consent.*wants the consent of the user/) });
  expect([boots(machine), await bootDevice('client-mode')]).toEqual([[], { boot_device: 'pxe', persistent: false }]);
  const validity = () => api.call('GET', '/v1/nodes/client-mode/validate');
  expect(await validity()).toMatchObject({ power: { result: true }, management: { result: false, reason: expect.stringMatching(/Boot device pxe: AMT refused it.*consent of the user/) } });

  const passthru = (method: string, name: string, body?: JsonObject) => api.call(method, `/v1/nodes/client-mode/vendor_passthru?method=${name}`, body);
  expect(await passthru('POST', 'request_user_consent', {})).toEqual({ state: 'displayed' });
  expect(await passthru('POST', 'send_user_consent_code', { code: machine.device.machine.consent.code ?? '' })).toEqual({ state: 'received' });
  expect(await validity()).toMatchObject({ management: { result: true } });
  expect(await setPower('client-mode', 'power on')).toMatchObject({ power_state: 'power on', last_error: null });
  expect(boots(machine)).toEqual(['pxe']);
});

test.concurrent('a machine whose own disk comes first is inspected, deployed and given back through choices of its boot', async (context) => {
  await using machine = await startMachine();
  await using disk = createVirtualDisk({ sizeBytes: 8 * GIBIBYTE });
  await disk.write(0, Buffer.from('the system of its last owner'));
  await using boot = startNetworkBoot({ device: machine, scriptUrl: scriptByPort(conductor, 'staging-amt'), disk, agent: { pacing: QUICK } });
  const uuid = await enrol('whole', machine, {}, { boot_interface: 'ipxe', deploy_interface: 'direct', inspect_interface: 'out-of-band', automated_clean: false });
  await api.provision('whole', 'manage', 'manageable');

  const inspected = await api.provision('whole', 'inspect', 'manageable');
  expect(inspected['properties']).toMatchObject({ memory_mb: 32_768, cpu_arch: 'x86_64' });
  const { ports } = (await api.call('GET', `/v1/ports/detail?node=${uuid}`)) as unknown as { ports: readonly JsonObject[] };
  expect(ports).toMatchObject([{ address: machine.ports[0]?.address, pxe_enabled: true }]);

  await api.provision('whole', 'provide', 'available');
  const image = randomImage(2 * MEBIBYTE);
  const fields = Object.entries({ ...images.offer('whole.img', image) }).map(([name, value]) => ({ op: 'add', path: `/instance_info/${name}`, value }));
  await api.call('PATCH', '/v1/nodes/whole', fields as never);
  await api.call('PUT', '/v1/nodes/whole/states/provision', { target: 'active' });
  const active = await api.waitForNode('whole', (node) => isIdle(node) && node['provision_state'] !== 'available', { timeoutMs: 180_000 });
  expect(active).toMatchObject({ provision_state: 'active', power_state: 'power on', last_error: null });
  expect((await disk.read(0, image.length)).equals(image)).toBe(true);
  // A poll belongs to its test, of which several run at the same time.
  await context.expect.poll(() => boot.running.kind).toBe('disk');
  // The network first, for the agent; its own disk afterwards, of which nobody has to tell it.
  expect(boots(machine)[0]).toBe('pxe');
  expect(boots(machine).at(-1)).toBe('disk');
  expect(machine.activity).toMatchObject({ mostConcurrentExchanges: 1, refusedConnections: 0 });
}, 240_000);

describe('a node that cannot be managed is told why', () => {
  test.each<[name: string, fields: JsonObject, options: VirtualAmtOptions, says: RegExp, attempts: number]>([
    ['wrong-password', { amt_password: 'Planted-wrong-1' }, {}, /refuses the user "admin" or the password.*amt_password/, 1],
    ['wrong-port', { amt_port: 1 }, {}, /127\.0\.0\.1:1.*amt_port/, 0],
    ['unknown-certificate', { amt_tls_fingerprint: '0'.repeat(64) }, { generation: 16 }, /amt_tls_fingerprint/, 0],
  ])('%s', async (name, fields, options, says, attempts) => {
    await using machine = await startMachine(options);
    await enrol(name, machine, fields);
    await api.call('PUT', `/v1/nodes/${name}/states/provision`, { target: 'manage' });
    const node = await api.waitForNode(name, (seen) => isIdle(seen) && seen['last_error'] !== null, { timeoutMs: 60_000 });
    expect(node).toMatchObject({ provision_state: 'enroll', last_error: expect.stringMatching(says) });
    expect(machine.activity).toMatchObject({ changeCommands: 0, authenticationAttempts: attempts });
  });

  test('before anything is sent, where driver_info contradicts itself', async () => {
    await using machine = await startMachine();
    await enrol('contradiction', machine, { amt_tls_profile: 'legacy' });
    const { power } = (await api.call('GET', '/v1/nodes/contradiction/validate')) as { power: JsonObject };
    expect(power).toMatchObject({ result: false, reason: expect.stringContaining('amt_tls_profile must be left out with amt_protocol http') });
    expect(machine.device.activity.servedConnections).toBe(0);
  });
});

test('fifty machines are cycled at the same time', async () => {
  const COUNT = 50;
  await using stack = new AsyncDisposableStack();
  // Each answer takes a while, as real ones do: what is done one after the other shows.
  let most = 0;
  const machines = await Promise.all(
    Array.from({ length: COUNT }, async (_, index) => {
      const machine = stack.use(await startMachine());
      machine.state.power = 'power on';
      await enrol(`lab-${index}`, machine);
      return machine;
    }),
  );
  await Promise.all(machines.map((_, index) => api.provision(`lab-${index}`, 'manage', 'manageable')));
  const startedBefore = machines.map((machine) => boots(machine).length);
  for (const [index, machine] of machines.entries()) {
    machine.faults.inject({ kind: 'slow', delayMs: 400 });
    await setBootDevice(`lab-${index}`, 'pxe', false);
  }
  // From the first step of its choice of boot until its restart a machine is being worked on.
  const isWorkedOn = (machine: VirtualAmtDevice): boolean => machine.activity.changeCommands > 0 && boots(machine).at(-1) !== 'pxe';
  const watch = setInterval(() => void (most = Math.max(most, machines.filter(isWorkedOn).length)), 5);
  stack.defer(() => clearInterval(watch));
  await Promise.all(machines.map((_, index) => api.call('PUT', `/v1/nodes/lab-${index}/states/power`, { target: 'rebooting' })));
  const nodes = await Promise.all(machines.map((_, index) => api.waitForNode(`lab-${index}`, isIdle, { timeoutMs: 240_000, intervalMs: 500 })));
  expect(nodes.map((node) => [node['power_state'], node['last_error']])).toEqual(machines.map(() => ['power on', null]));
  expect(machines.map((machine, index) => boots(machine).length - (startedBefore[index] ?? 0))).toEqual(machines.map(() => 1));
  expect(machines.map((machine) => boots(machine).at(-1))).toEqual(machines.map(() => 'pxe'));
  expect(most).toBeGreaterThanOrEqual(40);
  for (const machine of machines) expect(machine.activity).toMatchObject({ mostConcurrentExchanges: 1, refusedConnections: 0 });
}, 240_000);

test('no password was told to anybody', async () => {
  const nodes = await api.request('GET', '/v1/nodes/detail');
  const timelines = await Promise.all(['desk', 'wrong-password', 'client-mode'].map((name) => api.timeline(name)));
  const seen = `${nodes.text}${JSON.stringify(timelines)}${JSON.stringify(conductor.log())}`;
  expect(nodes.text).toContain('"amt_password":"******"');
  expect(seen).not.toContain('Planted-');
});
