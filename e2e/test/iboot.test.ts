import { join } from 'node:path';
import type { JsonObject } from '@ferric/core';
import { type IbootUnit, startIbootUnit } from '@ferric/driver-iboot/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { type IronicClient, isIdle } from '../support/ironic-client.js';
import { startProgram } from '../support/program.js';
import { REPOSITORY } from '../support/repository.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const PASSWORD = 'planted-iboot-secret';
const SIMULATOR = join(REPOSITORY, 'packages', 'driver-iboot', 'dist', 'main.js');

const cleanUp = new AsyncDisposableStack();
let conductor: RunningConductor;
let api: IronicClient;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  conductor = cleanUp.use(
    await startConductor({
      dataDir: join(temporary.path, 'data'), project: join(REPOSITORY, 'e2e'),
      args: ['--drivers', '@ferric/driver-iboot', '--power-sync-interval-ms', '200', '--power-recovery-interval-ms', '200', '--log-level', 'debug'],
    }),
  );
  ({ api } = conductor);
});

afterAll(() => cleanUp.disposeAsync());

const startUnit = (): Promise<IbootUnit> => startIbootUnit({ relays: 4, password: PASSWORD });
const powers = (unit: IbootUnit): readonly string[] => unit.relays.map(({ power }) => power.replace('power ', ''));

async function enrol(name: string, unit: IbootUnit, relay: number, fields: JsonObject = {}): Promise<void> {
  const info = unit.device(Math.min(relay, unit.relays.length)).driverInfo as JsonObject;
  const driverInfo = { ...info, iboot_relay_id: relay, iboot_retry_interval: 0, ...fields };
  await api.call('POST', '/v1/nodes', { name, driver: 'staging-iboot', driver_info: driverInfo });
}

/** Asks for a power state and waits until nobody works on the node. */
async function setPower(name: string, target: string): Promise<JsonObject> {
  await api.call('PUT', `/v1/nodes/${name}/states/power`, { target });
  return api.waitForNode(name, isIdle);
}

test('two machines on one unit are switched and rebooted apart', async () => {
  await using unit = await startUnit();
  await enrol('first', unit, 1);
  await enrol('second', unit, 2);
  for (const name of ['first', 'second']) await api.provision(name, 'manage', 'manageable');
  await Promise.all([setPower('first', 'power on'), setPower('second', 'power on')]);
  expect(powers(unit)).toEqual(['on', 'on', 'off', 'off']);
  expect(await setPower('first', 'power off')).toMatchObject({ power_state: 'power off', last_error: null });
  expect(powers(unit)).toEqual(['off', 'on', 'off', 'off']);

  const changes: string[] = [];
  unit.device(1).watchPower?.((change) => changes.push(`1 ${change}`));
  unit.device(2).watchPower?.((change) => changes.push(`2 ${change}`));
  expect(await setPower('second', 'rebooting')).toMatchObject({ power_state: 'power on', last_error: null });
  expect(changes).toEqual(['2 off', '2 on']);
  expect(await api.node('first')).toMatchObject({ power_state: 'power off' });
  expect(unit.activity).toMatchObject({ refusedConnections: 0, mostConcurrentExchanges: 1 });
  const [changed] = (await api.timeline('second')).filter(({ type }) => type === 'power-changed');
  expect(changed?.details).toMatchObject({ status: 'done', reading: { state: 'power on', source: 'device', detail: 'relay 2 of 4' } });
});

test.each<[name: string, relay: number, fields: JsonObject, says: RegExp]>([
  ['wrong-password', 1, { iboot_password: 'planted-wrong-secret' }, /hung up on the first command.*user name/],
  ['wrong-relay', 9, {}, /shows 4 relays; there is no relay 9.*iboot_relay_id/],
  ['wrong-port', 1, { iboot_port: 1 }, /127\.0\.0\.1:1 could not be reached/],
])('a node that cannot be managed is told why: %s', async (name, relay, fields, says) => {
  await using unit = await startUnit();
  await enrol(name, unit, relay, fields);
  await api.call('PUT', `/v1/nodes/${name}/states/provision`, { target: 'manage' });
  const node = await api.waitForNode(name, (seen) => isIdle(seen) && seen['last_error'] !== null);
  expect(node).toMatchObject({ provision_state: 'enroll', last_error: expect.stringMatching(says) });
  expect(unit.activity).toMatchObject({ changeCommands: 0, authenticationAttempts: { 'wrong-password': 1, 'wrong-relay': 1 }[name] ?? 0 });
});

test('a unit that was unplugged for a while needs nobody to come back', async () => {
  await using unit = await startUnit();
  await enrol('away', unit, 3);
  await api.provision('away', 'manage', 'manageable');
  await setPower('away', 'power on');
  await unit.unplug();
  const given = await api.waitForNode('away', (node) => node['fault'] === 'power failure');
  expect(given).toMatchObject({ maintenance: true, power_state: 'power on', last_error: expect.stringMatching(/could not be reached/) });
  // Somebody switched it by hand meanwhile.
  (unit.relays[2] ?? expect.fail('no relay')).power = 'power off';
  await unit.plugIn();
  const back = await api.waitForNode('away', (node) => node['fault'] === null, { timeoutMs: 60_000 });
  expect(back).toMatchObject({ maintenance: false, last_error: null, power_state: 'power off' });
  const events = await api.timeline('away');
  expect(events.filter(({ type }) => type === 'power-failed').map(({ message }) => message)).toContainEqual(expect.stringContaining('could not be reached'));
  expect(events.at(-1)).toMatchObject({ type: 'power-observed', message: 'The controller answers again: power off' });
  expect(await setPower('away', 'power on')).toMatchObject({ power_state: 'power on', last_error: null });
});

test('a unit from the command line is as good as any, and ends when it is told to', async () => {
  await using program = startProgram(process.execPath, [SIMULATOR, '--port', '0', '--relays', '2'], { env: { FERRIC_IBOOT_PASSWORD: PASSWORD } });
  const [, port = ''] = await program.waitForLine(/^iBoot unit listening on 127\.0\.0\.1:(\d+), 2 relays, user admin$/);
  await api.call('POST', '/v1/nodes', {
    name: 'by-program', driver: 'pxe_iboot', driver_info: { iboot_address: '127.0.0.1', iboot_port: port, iboot_username: 'admin', iboot_password: PASSWORD, iboot_relay_id: '2' },
  });
  await api.provision('by-program', 'manage', 'manageable');
  expect(await setPower('by-program', 'power on')).toMatchObject({ power_state: 'power on', boot_interface: 'pxe', deploy_interface: 'direct' });
  await program.waitForLine(/ set relay 2 on: done$/);
  program.signal('SIGTERM');
  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect([program.stderr, program.stdout.join('\n').includes(PASSWORD)]).toEqual([[], false]);
});

test('no password was told to anybody', async () => {
  const nodes = await api.request('GET', '/v1/nodes/detail');
  const timelines = await Promise.all(['first', 'wrong-password', 'away'].map((name) => api.timeline(name)));
  const seen = `${nodes.text}${JSON.stringify(timelines)}${JSON.stringify(conductor.log())}`;
  expect(nodes.text).toContain('"iboot_password":"******"');
  expect(seen).not.toContain('planted-');
});
