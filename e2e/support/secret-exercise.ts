import type { AnyDriver, JsonObject, JsonValue, StartVirtualDevice, VirtualDevice } from '@ferric/core';
import type { Answer, IronicClient, RequestOptions } from './ironic-client.js';
import type { Planter } from './planted-secrets.js';
import { plantCleanings, plantFields, plantWellKnown, plantWrongTypes } from './secret-documents.js';

/** What the exercise works with. */
export interface SecretExercise {
  readonly api: IronicClient;
  readonly planter: Planter;
  /** Drivers whose secret fields the node may hold. */
  readonly drivers: readonly AnyDriver[];
  readonly machine: VirtualDevice;
  /** Starts another machine of this kind. */
  readonly startMachine: StartVirtualDevice;
  readonly name: string;
}

const VERSIONS = [null, '1.1', '1.7', '1.31', '1.56', '1.82', 'latest'];
const NODE_FIELDS = 'name,driver_info,instance_info,driver_internal_info,last_error,clean_step,deploy_step,extra,properties';

/** Takes a node with secrets everywhere through its life, with every mistake that could make somebody quote one. */
export async function exerciseNode(exercise: SecretExercise): Promise<void> {
  const { api, planter, machine, name } = exercise;
  await createNode(exercise);
  await patchWrongly(exercise);
  await look(exercise);
  await validateWrongly(exercise);
  await provision(exercise, { target: 'manage' });
  await provision(exercise, { target: 'clean', clean_steps: [{ interface: 'vendor', step: 'log_passthrough', args: plantWellKnown(planter, `${name} clean step`) }] });
  await provision(exercise, { target: 'manage' });
  await cleanWithSecrets(exercise);
  await provision(exercise, { target: 'inspect' });
  await look(exercise);
  await provision(exercise, { target: 'provide' });
  await breakController(exercise);
  await power(exercise, 'power on');
  await callVendorMethods(exercise);
  await provisionWrongly(exercise);
  await provision(exercise, {
    target: 'active',
    configdrive: planter.text(`${name} configdrive`, { plain: true }),
    deploy_steps: [{ interface: 'deploy', step: 'deploy', args: plantWellKnown(planter, `${name} deploy step`), priority: 90 }],
  });
  await look(exercise);
  await provision(exercise, { target: 'rescue', rescue_password: planter.text(`${name} rescue password`) });
  await look(exercise);
  await provision(exercise, { target: 'unrescue' });
  await provision(exercise, { target: 'rebuild', configdrive: configdriveDocument(planter, `${name} configdrive document`) });
  await failOnPurpose(exercise);
  await look(exercise);
  await ask(api, 'PUT', `/v1/nodes/${name}/states/raid`, { body: { logical_disks: [{ size_gb: 1, password: planter.text(`${name} raid`, { kept: false }) }] } });
  await machine.settled?.();
}

/** Each once: drivers of one package share fields. */
function secretFields(drivers: readonly AnyDriver[]): ReadonlySet<string> {
  return new Set(drivers.flatMap((driver) => driver.driverInfo.secretFields));
}

/** Every answer is kept by the client's witness; whether it is a refusal does not matter here. */
function ask(api: IronicClient, method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  return api.request(method, path, options);
}

async function createNode({ api, planter, drivers, machine, name }: SecretExercise): Promise<void> {
  for (const field of secretFields(drivers)) {
    const value = machine.driverInfo[field];
    if (typeof value === 'string') planter.adopt(`${name} driver_info ${field}`, value);
  }
  const driverInfo = {
    ...plantWellKnown(planter, `${name} driver_info`),
    ...Object.assign({}, ...drivers.map((driver) => plantFields(planter, driver, machine.driverInfo))) as JsonObject,
    ...(machine.driverInfo as JsonObject),
  };
  const body = { name, driver: machine.hardwareType, driver_info: driverInfo, instance_info: plantWellKnown(planter, `${name} instance_info`) };
  const refused = (place: string): string => planter.text(`${name} refused creation: ${place}`, { kept: false });
  await ask(api, 'POST', '/v1/nodes', { body: { ...body, name: `${name}-refused`, driver_info: { a_password: refused('unknown field beside it') }, bogus: { password: refused('unknown field') } } });
  await ask(api, 'POST', '/v1/nodes', { body: { ...body, driver: 'none', driver_info: { a_password: refused('unknown driver') }, instance_info: {} } });
  await ask(api, 'POST', '/v1/nodes', { body: { driver: machine.hardwareType, driver_info: `password=${planter.text(`${name} driver_info as text`, { kept: false, plain: true })}` } });
  await ask(api, 'POST', '/v1/nodes', { rawBody: `{"driver": "${machine.hardwareType}", "driver_info": {"a_password": "${planter.text(`${name} broken JSON`, { kept: false, plain: true })}"` });
  await ask(api, 'POST', '/v1/nodes', { body: { driver: machine.hardwareType, driver_info: { a_password: refused('interface') }, power_interface: 'none' } });
  await api.call('POST', '/v1/nodes', body);
  for (const port of machine.ports) await api.call('POST', '/v1/ports', { node_uuid: (await api.node(name)).uuid, address: port.address });
}

/** Patches that cannot be applied, each with a secret in its value. */
async function patchWrongly({ api, planter, name }: SecretExercise): Promise<void> {
  const secret = (place: string): string => planter.text(`${name} refused patch: ${place}`, { kept: false });
  const plain = (place: string): string => `password=${planter.text(`${name} refused patch: ${place}`, { kept: false, plain: true })}`;
  const patches: readonly JsonValue[] = [
    [{ op: 'replace', path: '/driver_info/absent_password', value: secret('replace what is not there') }],
    [{ op: 'bogus', path: '/driver_info/x_password_1', value: secret('unknown operation') }],
    [{ op: 'test', path: '/driver_info/x_password_1', value: secret('test') }],
    [{ op: 'add', path: 'driver_info/x_password_1', value: secret('path without slash') }],
    [{ op: 'add', path: '/bogus/x_password_1', value: secret('unknown document') }],
    [{ op: 'add', path: '/driver_info/x_password_1/deeper', value: secret('below a secret') }],
    [{ op: 'add', path: '/driver_info/a.password', value: secret('key with a dot') }],
    [{ op: 'add', path: '/driver_info', value: plain('text as document') }],
    [{ op: 'replace', path: '/driver_info', value: [{ password: secret('list as document') }] }],
    [{ op: 'replace', path: '/instance_info', value: [secret('list as instance_info')].map((token) => ({ token })) }],
    [{ op: 'replace', path: '/name', value: { password: secret('object as name') } }],
    [{ op: 'replace', path: '/driver', value: plain('driver') }],
    [{ op: 'add', path: '/instance_uuid', value: plain('instance_uuid') }],
    [{ op: 'add', path: '/maintenance', value: plain('maintenance') }],
    [{ op: 'add', path: '/power_interface', value: plain('interface') }],
    [{ op: 'add', path: '/driver_info/x_token_1', value: 'fine', secret: secret('unknown member') }],
    [{ op: 'remove', path: '/driver_info/absent_token', value: secret('value of a removal') }],
    [{ op: 'add', path: '/driver_info/x_token_1', value: secret('fine, before a wrong one') }, { op: 'remove', path: '/driver_info/absent' }],
    { password: secret('no list') },
    [plain('text as operation')],
  ];
  for (const body of patches) await ask(api, 'PATCH', `/v1/nodes/${name}`, { body });
  await ask(api, 'PATCH', `/v1/nodes/${name}`, { rawBody: `[{"op": "add", "path": "/driver_info/password", "value": "${planter.text(`${name} broken patch`, { kept: false, plain: true })}` });
  await ask(api, 'PATCH', `/v1/nodes/${name}?reset_interfaces=maybe&auth_token=${planter.text(`${name} query`, { kept: false, plain: true })}`, { body: [] });
  await ask(api, 'PATCH', `/v1/nodes/${name}`, { body: [{ op: 'add', path: '/driver_info/added_password', value: planter.text(`${name} patched driver_info`) }] });
  await ask(api, 'PATCH', `/v1/nodes/${name}`, { body: [{ op: 'replace', path: '/driver_info/added_password', value: planter.text(`${name} patched again`) }] });
}

/** Everything that shows a node. */
async function look({ api, planter, name, machine }: SecretExercise): Promise<void> {
  for (const version of VERSIONS) {
    await ask(api, 'GET', `/v1/nodes/${name}`, { version });
    await ask(api, 'GET', '/v1/nodes/detail', { version });
  }
  const paths = [
    `/v1/nodes/${name}?fields=${NODE_FIELDS}`, `/v1/nodes?fields=${NODE_FIELDS}`, '/v1/nodes?detail=true', `/v1/nodes/${name}/validate`, `/v1/nodes/${name}/states`,
    `/v1/nodes/${name}/history`, `/v1/nodes/${name}/history?detail=true`, `/v1/nodes/${name}/management/boot_device`, `/v1/nodes/${name}/bios`,
    `/v1/nodes/${name}/vendor_passthru/methods`, `/v1/nodes/${name}/ports`, '/v1/ports/detail', '/v1/drivers?detail=true', `/v1/drivers/${machine.hardwareType}`,
    `/v1/drivers/${machine.hardwareType}/properties`, `/v1/drivers/${machine.hardwareType}/vendor_passthru/methods`, '/v1/conductors?detail=true',
    `/ferric/v1/nodes/${name}/timeline?limit=1000`, '/metrics', '/openapi.json', '/readyz', '/',
    `/v1/nodes?auth_token=${planter.text('query of a list', { kept: false, plain: true })}`,
    `/v1/nodes?fields=name,password=${planter.text('fields of a list', { kept: false, plain: true })}`,
    `/v1/nodes?description_contains=${encodeURIComponent(`password=${planter.text('filter of a list', { kept: false, plain: true })}`)}`,
    `/v1/nodes?owner=x?token=${planter.text('second question mark', { kept: false, plain: true })}`,
  ];
  for (const path of paths) await ask(api, 'GET', path);
}

async function validateWrongly(exercise: SecretExercise): Promise<void> {
  const { api, planter, drivers, machine, name } = exercise;
  for (const field of secretFields(drivers)) {
    const before = machine.driverInfo[field] ?? planter.text(`${name} ${field} restored`);
    for (const value of plantWrongTypes(planter, `${name} ${field}`)) {
      await ask(api, 'PATCH', `/v1/nodes/${name}`, { body: [{ op: 'add', path: `/driver_info/${field}`, value }] });
      await ask(api, 'GET', `/v1/nodes/${name}`);
      await ask(api, 'GET', `/v1/nodes/${name}/validate`);
      await ask(api, 'PUT', `/v1/nodes/${name}/states/power`, { body: { target: 'power on' } });
      await ask(api, 'PUT', `/v1/nodes/${name}/states/provision`, { body: { target: 'manage' } });
      await untilIdle(exercise);
    }
    const restored = field in machine.driverInfo ? { op: 'add', value: before as JsonValue } : { op: 'remove' };
    await ask(api, 'PATCH', `/v1/nodes/${name}`, { body: [{ ...restored, path: `/driver_info/${field}` }] });
  }
}

/** Wrong credentials, then everything that can go wrong on the wire, each with a controller of its own: one that failed is left alone for a while. */
async function breakController(exercise: SecretExercise): Promise<void> {
  const { machine, startMachine } = exercise;
  if (machine.wrongDriverInfo !== undefined) await useMachine(exercise, machine.wrongDriverInfo, 'wrong');
  for (const kind of machine.faults.supported) {
    await using broken = await startMachine();
    broken.faults.inject({ kind, delayMs: 2000 });
    await useMachine(exercise, broken.driverInfo, kind);
  }
  await changeDriverInfo(exercise, machine.driverInfo);
}

async function useMachine(exercise: SecretExercise, driverInfo: VirtualDevice['driverInfo'], what: string): Promise<void> {
  const { api, planter, drivers, name } = exercise;
  for (const field of secretFields(drivers)) {
    const value = driverInfo[field];
    if (typeof value === 'string') planter.adopt(`${name} ${what} ${field}`, value);
  }
  await changeDriverInfo(exercise, driverInfo);
  await ask(api, 'GET', `/v1/nodes/${name}/management/boot_device`);
  await power(exercise, 'rebooting');
}

async function changeDriverInfo({ api, name }: SecretExercise, driverInfo: VirtualDevice['driverInfo']): Promise<void> {
  const operations = Object.entries(driverInfo).map(([field, value]) => ({ op: 'add', path: `/driver_info/${field}`, value: value as JsonValue }));
  await api.call('PATCH', `/v1/nodes/${name}`, operations);
}

async function callVendorMethods({ api, planter, machine, name }: SecretExercise): Promise<void> {
  const secret = (place: string): string => planter.text(`${name} vendor method: ${place}`, { kept: false });
  const plain = (place: string): string => planter.text(`${name} vendor method: ${place}`, { kept: false, plain: true });
  const methods = (await ask(api, 'GET', `/v1/nodes/${name}/vendor_passthru/methods`)).json() as JsonObject;
  for (const base of [`/v1/nodes/${name}`, `/v1/drivers/${machine.hardwareType}`]) {
    for (const method of [...Object.keys(methods), 'no_such_method']) {
      const path = `${base}/vendor_passthru/${method}`;
      await ask(api, 'POST', path, { body: { bar: 'x', password: secret('argument') } });
      await ask(api, 'POST', path, { body: { password: secret('only argument') } });
      await ask(api, 'POST', path, { body: { bar: { auth_token: secret('inside a wrong argument') } } });
      await ask(api, 'POST', path, { body: [secret('body as list')] });
      await ask(api, 'POST', `${path}?password=${plain('query')}`, { body: { bar: 'x' } });
      await ask(api, 'GET', `${path}?bar=x&password=${plain('query of GET')}`);
      await ask(api, 'DELETE', `${base}/vendor_passthru?method=${method}&auth_token=${plain('query of DELETE')}`);
    }
  }
}

async function provisionWrongly({ api, planter, name }: SecretExercise): Promise<void> {
  const secret = (place: string): string => planter.text(`${name} refused provisioning: ${place}`, { kept: false });
  const plain = (place: string): string => planter.text(`${name} refused provisioning: ${place}`, { kept: false, plain: true });
  const bodies: readonly JsonValue[] = [
    { target: 'bogus', configdrive: plain('unknown target'), rescue_password: secret('unknown target') },
    { target: 'manage', configdrive: plain('configdrive where none belongs') },
    { target: 'manage', rescue_password: secret('rescue password where none belongs') },
    { target: 'rescue', rescue_password: [secret('list as rescue password')] },
    { target: 'rescue', rescue_password: secret('wrong state') },
    { target: 'active', configdrive: [plain('list as configdrive')] },
    { target: 'active', configdrive: { bogus: plain('unknown part of configdrive') } },
    { target: 'active', secret: secret('unknown argument') },
    { target: 'clean', clean_steps: [{ interface: 'bogus', step: 'x', args: { password: secret('clean step with unknown interface') } }] },
    { target: 'clean', clean_steps: [{ interface: 'vendor', step: 'log_passthrough', args: `password=${plain('text as arguments')}` }] },
    { target: 'clean', clean_steps: [{ interface: 'vendor', step: 'log_passthrough', password: secret('unknown member of a clean step') }] },
    { target: 'active', deploy_steps: [{ interface: 'deploy', step: 'none', args: { password: secret('deploy step without priority') } }] },
  ];
  for (const body of bodies) await ask(api, 'PUT', `/v1/nodes/${name}/states/provision`, { body });
  await ask(api, 'PUT', `/v1/nodes/${name}/states/provision`, { body: { target: 'active', configdrive: { meta_data: { password: secret('too old for it') } } }, version: '1.55' });
  await ask(api, 'PUT', `/v1/nodes/${name}/states/provision`, { rawBody: `{"target": "active", "configdrive": "${plain('broken JSON')}` });
}

function configdriveDocument(planter: Planter, where: string): JsonObject {
  return {
    meta_data: { admin_pass: planter.text(`${where}: meta_data`), hostname: planter.text(`${where}: harmless key`) },
    user_data: `#cloud-config\npassword: ${planter.text(`${where}: user_data`, { plain: true })}\n`,
  };
}

async function cleanWithSecrets(exercise: SecretExercise): Promise<void> {
  const { api, machine, name, planter } = exercise;
  for (const steps of plantCleanings(planter, `${name} clean step`, machine.driverInfo)) {
    // A cleaning that failed leaves the node in it.
    await ask(api, 'DELETE', `/v1/nodes/${name}/maintenance`);
    await provision(exercise, { target: 'clean', clean_steps: steps, disable_ramdisk: true });
    await look(exercise);
    await provision(exercise, { target: 'manage' });
  }
}

/** Actions that the fake hardware fails with a secret in the text. Other drivers do not know the field and go on. */
async function failOnPurpose(exercise: SecretExercise): Promise<void> {
  const { api, planter, name } = exercise;
  const actions = ['read power', 'power off', 'deploy', 'tear down', 'third_method_sync', 'second_method', 'set boot device'];
  const failures = actions.map((action) => ({ action, message: `The controller said password=${planter.text(`${name} failure of ${action}`, { plain: true })} is wrong` }));
  await ask(api, 'PATCH', `/v1/nodes/${name}`, { body: [{ op: 'add', path: '/driver_info/fake_failures', value: failures }] });
  await power(exercise, 'power off');
  for (const method of ['third_method_sync', 'second_method']) {
    await ask(api, 'POST', `/v1/nodes/${name}/vendor_passthru/${method}`, { body: { bar: 'x' } });
    await untilIdle(exercise);
  }
  await ask(api, 'PUT', `/v1/nodes/${name}/management/boot_device`, { body: { boot_device: 'pxe' } });
  await provision(exercise, { target: 'rebuild', deploy_steps: [{ interface: 'deploy', step: 'deploy', args: plantWellKnown(planter, `${name} deploy step that fails`), priority: 90 }] });
  await provision(exercise, { target: 'deleted' });
  await look(exercise);
  await ask(api, 'PATCH', `/v1/nodes/${name}`, { body: [{ op: 'remove', path: '/driver_info/fake_failures' }] });
  await provision(exercise, { target: 'deleted' });
}

async function provision(exercise: SecretExercise, body: JsonObject): Promise<void> {
  await ask(exercise.api, 'PUT', `/v1/nodes/${exercise.name}/states/provision`, { body });
  await untilIdle(exercise);
}

async function power(exercise: SecretExercise, target: string): Promise<void> {
  await ask(exercise.api, 'PUT', `/v1/nodes/${exercise.name}/states/power`, { body: { target } });
  await untilIdle(exercise);
}

async function untilIdle({ api, name }: SecretExercise): Promise<void> {
  await api.waitForNode(name, (node) => node['reservation'] === null);
}
