import { join } from 'node:path';
import { type IbootUnit, startIbootUnit } from '@ferric/driver-iboot/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { type IronicClient, isIdle, type Resource } from '../support/ironic-client.js';
import { REPOSITORY } from '../support/repository.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

// One simulated unit with four relays; its own state says what really happened.
const PASSWORD = 'planted-iboot-secret';
/** How long the unit is off the network. Milliseconds. */
const UNPLUGGED_MS = 10_000;

const cleanUp = new AsyncDisposableStack();
let unit: IbootUnit;
let conductor: RunningConductor;
let api: IronicClient;
let baremetal: Baremetal;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  unit = cleanUp.use(await startIbootUnit({ relays: 4, password: PASSWORD }));
  conductor = cleanUp.use(
    await startConductor({
      dataDir: join(temporary.path, 'data'), project: join(REPOSITORY, 'e2e'),
      args: ['--drivers', '@ferric/driver-iboot', '--power-sync-interval-ms', '500', '--power-recovery-interval-ms', '500'],
    }),
  );
  ({ api } = conductor);
  baremetal = createBaremetal(api.url, temporary.path);
});

afterAll(() => cleanUp.disposeAsync());

const powers = (): readonly string[] => unit.relays.map(({ power }) => power.replace('power ', ''));

async function enrol(name: string, relay: number, fields: Readonly<Record<string, string>> = {}): Promise<void> {
  const info: Readonly<Record<string, string>> = {
    iboot_address: unit.host, iboot_port: String(unit.port), iboot_username: unit.username, iboot_password: PASSWORD, iboot_relay_id: String(relay),
    iboot_reboot_delay: '0', ...fields,
  };
  const settings = Object.entries(info).flatMap(([field, value]) => ['--driver-info', `${field}=${value}`]);
  await baremetal.succeed('node', 'create', '--driver', 'staging-iboot', '--name', name, ...settings);
}

/** Runs a command and waits until nobody works on the node any more. */
async function change(name: string, ...args: readonly string[]): Promise<unknown> {
  await baremetal.succeed('node', ...args);
  const node = await api.waitForNode(name, isIdle, { timeoutMs: 60_000 });
  expect(node['last_error']).toBeNull();
  return node['power_state'];
}

const powerResult = async (name: string) => (await baremetal.list('node', 'validate', name)).find((row) => row['Interface'] === 'power');

describe('the baremetal command line and an iBoot unit', () => {
  test('shows the hardware type and what it needs', async () => {
    expect(await baremetal.show('driver', 'show', 'staging-iboot')).toMatchObject({
      name: 'staging-iboot', default_power_interface: 'staging-iboot', default_management_interface: 'noop', default_boot_interface: 'ipxe', default_deploy_interface: 'direct',
    });
    const properties = await baremetal.list('driver', 'property', 'list', 'staging-iboot');
    expect(properties.map((row) => row['Property'])).toEqual(
      expect.arrayContaining(['iboot_address', 'iboot_username', 'iboot_password', 'iboot_port', 'iboot_relay_id', 'iboot_relay_base', 'iboot_max_retry', 'iboot_retry_interval', 'iboot_reboot_delay']),
    );
    expect(properties.find((row) => row['Property'] === 'iboot_port')).toMatchObject({ Description: expect.stringContaining('default is 9100') });
  });

  test('is told by validate what is missing and what cannot be', async () => {
    await baremetal.succeed('node', 'create', '--driver', 'staging-iboot', '--name', 'bare');
    expect(await powerResult('bare')).toMatchObject({ Result: false, Reason: expect.stringMatching(/iboot_address is required.*iboot_username is required.*iboot_password is required/) });
    await enrol('relay-zero', 0);
    expect(await powerResult('relay-zero')).toMatchObject({ Result: false, Reason: expect.stringContaining('iboot_relay_id must be a whole number from 1 to 32, got 0') });
    await enrol('long-password', 1, { iboot_password: 'planted-password-of-more-than-20-bytes' });
    expect(await powerResult('long-password')).toMatchObject({ Result: false, Reason: expect.stringMatching(/iboot_password must be a text of at most 20 bytes/) });
  });

  test('switches two machines of one unit apart', async () => {
    await enrol('left', 1);
    await enrol('right', 2);
    for (const name of ['left', 'right']) {
      expect(await powerResult(name)).toEqual({ Interface: 'power', Result: true, Reason: '' });
      await baremetal.succeed('node', 'manage', name, '--wait', '60');
    }
    expect(await baremetal.show('node', 'show', 'left', '--fields', 'power_state', 'driver_info')).toMatchObject({
      power_state: 'power off', driver_info: { iboot_password: '******', iboot_address: unit.host },
    });
    expect(await change('left', 'power', 'on', 'left')).toBe('power on');
    expect(powers()).toEqual(['on', 'off', 'off', 'off']);
    expect(await change('right', 'power', 'on', 'right')).toBe('power on');
    expect(await change('left', 'power', 'off', 'left')).toBe('power off');
    expect(powers()).toEqual(['off', 'on', 'off', 'off']);

    const seen: string[] = [];
    using _left = unit.device(1).watchPower?.((each) => seen.push(`left ${each}`));
    using _right = unit.device(2).watchPower?.((each) => seen.push(`right ${each}`));
    expect(await change('right', 'reboot', 'right')).toBe('power on');
    expect(seen.splice(0)).toEqual(['right off', 'right on']);
    expect(await change('left', 'reboot', 'left')).toBe('power on');
    expect(seen).toEqual(['left on']);
    expect(await baremetal.refused('node', 'power', 'off', 'left', '--soft')).toMatch(/^Driver staging-iboot does not support soft power off .*\(HTTP 400\)$/);
    expect(unit.activity).toMatchObject({ refusedConnections: 0, mostConcurrentExchanges: 1 });
  });

  test.each<[name: string, relay: number, fields: Readonly<Record<string, string>>, says: RegExp]>([
    ['wrong-password', 3, { iboot_password: 'planted-wrong' }, /hung up on the first command, as units do on a wrong user name or password/],
    ['wrong-relay', 9, {}, /shows 4 relays; there is no relay 9\. Correct iboot_relay_id/],
  ])('is told readably why it cannot manage a node, and can once it is set right: %s', async (name, relay, fields, says) => {
    await enrol(name, relay, fields);
    expect(await powerResult(name)).toMatchObject({ Result: true });
    expect(await baremetal.refused('node', 'manage', name, '--wait', '60')).toContain("It's in unexpected stable state enroll");
    const { last_error: told } = await baremetal.show('node', 'show', name, '--fields', 'last_error');
    expect(told).toMatch(says);
    expect(told).not.toContain('planted');
    await baremetal.succeed('node', 'set', name, '--driver-info', `iboot_password=${PASSWORD}`, '--driver-info', 'iboot_relay_id=3');
    await baremetal.succeed('node', 'manage', name, '--wait', '60');
    expect(await baremetal.show('node', 'show', name, '--fields', 'last_error', 'power_state')).toEqual({ last_error: null, power_state: 'power off' });
  });

  test('finds a unit that was unplugged for ten seconds back by itself, and the timeline tells of it', async () => {
    await enrol('away', 4);
    await baremetal.succeed('node', 'manage', 'away', '--wait', '60');
    expect(await change('away', 'power', 'on', 'away')).toBe('power on');
    await unit.unplug();
    const backAt = performance.now() + UNPLUGGED_MS;
    const given = (node: Resource): boolean => node['fault'] === 'power failure';
    await api.waitForNode('away', given);
    expect(await baremetal.show('node', 'show', 'away', '--fields', 'maintenance', 'fault', 'power_state', 'last_error')).toEqual({
      maintenance: true, fault: 'power failure', power_state: 'power on', last_error: expect.stringMatching(/could not be reached/),
    });
    await api.waitForNode('away', (node) => given(node) && performance.now() >= backAt, { timeoutMs: 2 * UNPLUGGED_MS, intervalMs: 250 });
    await unit.plugIn();
    const back = await api.waitForNode('away', (node) => node['fault'] === null, { timeoutMs: 90_000, intervalMs: 100 });
    expect(back).toMatchObject({ maintenance: false, maintenance_reason: null, last_error: null, power_state: 'power on' });
    const told = (await api.timeline('away')).filter(({ type }) => type.startsWith('power-'));
    expect(told.map(({ type, severity }) => `${type} ${severity}`)).toEqual([
      'power-requested INFO', 'power-changed INFO', 'power-failed WARNING', 'power-failed WARNING', 'power-failed ERROR', 'power-observed INFO',
    ]);
    expect(told.at(-1)).toMatchObject({ message: 'The controller answers again: power on' });
    expect(powers()[3]).toBe('on');
    expect(await change('away', 'power', 'off', 'away')).toBe('power off');
    expect(powers()[3]).toBe('off');
  });
});
