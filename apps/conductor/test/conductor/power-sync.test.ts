import { startVirtualDevice } from '@ferric/driver-fake/simulator';
import { startVirtualHypervisor } from '@ferric/driver-libvirt/simulator';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '@ferric/core';
import { runConductor } from '../support/running-conductor.js';

const FAST = { powerSyncIntervalMs: 30, powerRecoveryIntervalMs: 50, powerSyncTimeoutMs: 200 };

/** Source: libvirt, src/remote/remote_protocol.x, REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS. */
const BULK_READING = 344;

async function managed(running: Awaited<ReturnType<typeof runConductor>>, driverInfo: Readonly<Record<string, unknown>>): Promise<string> {
  const uuid = await running.enrol('n1', driverInfo as Record<string, JsonValue>);
  await running.provision(uuid, 'manage', 'manageable');
  return uuid;
}

describe('power sync', () => {
  test('notices what somebody did at the machine, and does not undo it', async () => {
    await using machine = await startVirtualDevice();
    await using running = await runConductor(FAST);
    const uuid = await managed(running, machine.driverInfo);
    machine.state.power = 'power on';
    await running.waitFor(uuid, (node) => node['power_state'] === 'power on');
    const observed = (await running.timeline(uuid)).find((event) => event['type'] === 'power-observed');
    expect(observed).toMatchObject({ message: 'Found power on, was power off', actor: 'test', details: { before: 'power off', state: 'power on', source: 'device' } });
    expect(machine.activity.changeCommands).toBe(0);
  });

  test('sets it back when told to', async () => {
    await using machine = await startVirtualDevice();
    await using running = await runConductor({ ...FAST, powerSyncForce: true });
    const uuid = await managed(running, machine.driverInfo);
    machine.state.power = 'power on';
    await running.waitFor(uuid, () => machine.state.power === 'power off');
    const settled = await running.waitFor(uuid, (node) => node['power_state'] === 'power off' && node['reservation'] === null);
    expect(settled).toMatchObject({ target_power_state: null, last_error: null });
  });

  test('a controller that is away ends in maintenance, and comes back by itself', async () => {
    await using machine = await startVirtualDevice();
    await using running = await runConductor(FAST);
    const uuid = await managed(running, machine.driverInfo);
    machine.faults.inject({ kind: 'reset' });
    const lost = await running.waitFor(uuid, (node) => node['fault'] === 'power failure');
    expect(lost['maintenance']).toBe(true);
    expect(lost['last_error']).toContain(`During sync_power_state, max retries exceeded for node ${uuid}`);
    machine.faults.clear();
    const back = await running.waitFor(uuid, (node) => node['fault'] === null);
    expect(back).toMatchObject({ maintenance: false, maintenance_reason: null, last_error: null, power_state: 'power off' });
  });

  test('a controller that refuses the password is not asked for ever: only a change of the node has it tried again', async () => {
    await using locked = await startVirtualDevice();
    await using other = await startVirtualDevice();
    await using running = await runConductor(FAST);
    const uuid = await managed(running, locked.driverInfo);
    const otherUuid = await running.enrol('other', other.driverInfo as Record<string, JsonValue>);
    await running.provision(otherUuid, 'manage', 'manageable');
    const setPassword = async (value: unknown): Promise<void> => {
      const { status } = await running.call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'replace', path: '/driver_info/fake_password', value }]);
      expect(status).toBe(200);
    };
    // A node beside it that goes and comes back shows that those that were given up are looked at again.
    const loseAndRecoverOther = async (): Promise<void> => {
      other.faults.inject({ kind: 'reset' });
      await running.waitFor(otherUuid, (node) => node['fault'] === 'power failure');
      other.faults.clear();
      await running.waitFor(otherUuid, (node) => node['fault'] === null);
    };
    await setPassword(locked.wrongDriverInfo?.['fake_password']);
    await running.waitFor(uuid, (node) => node['fault'] === 'power failure');
    await loseAndRecoverOther();
    const attempts = locked.activity.authenticationAttempts;
    await loseAndRecoverOther();
    expect([locked.activity.authenticationAttempts, (await running.node(uuid))['fault']]).toEqual([attempts, 'power failure']);
    await setPassword(locked.driverInfo['fake_password']);
    await running.waitFor(uuid, (node) => node['fault'] === null);
  });

  test('one dead controller does not keep the others from being read', async () => {
    await using dead = await startVirtualDevice();
    await using alive = await startVirtualDevice();
    await using running = await runConductor({ ...FAST, powerSyncTimeoutMs: 5000 });
    const deadUuid = await running.enrol('dead', dead.driverInfo as Record<string, JsonValue>);
    await running.provision(deadUuid, 'manage', 'manageable');
    const aliveUuid = await running.enrol('alive', alive.driverInfo as Record<string, JsonValue>);
    await running.provision(aliveUuid, 'manage', 'manageable');
    dead.faults.inject({ kind: 'silence' });
    alive.state.power = 'power on';
    await running.waitFor(aliveUuid, (node) => node['power_state'] === 'power on');
    expect((await running.node(deadUuid))['fault']).toBeNull();
  });

  test('machines of one controller that can be read together take one exchange', async () => {
    await using hypervisor = await startVirtualHypervisor({ domains: [{ name: 'one' }, { name: 'two' }, { name: 'three' }] });
    await using running = await runConductor({ ...FAST, powerSyncTimeoutMs: 5000 });
    for (const name of ['one', 'two', 'three']) {
      const uuid = await running.enrol(name, { libvirt_uri: hypervisor.uri, libvirt_domain: name }, { driver: 'staging-libvirt' });
      await running.provision(uuid, 'manage', 'manageable');
    }
    hypervisor.domain('two').machine.power = 'power on';
    await running.waitFor('two', (node) => node['power_state'] === 'power on');
    expect((await running.node('one'))['power_state']).toBe('power off');
    const { activity } = hypervisor;
    const before = { all: activity.calls, bulk: activity.callsOf(BULK_READING) };
    await running.waitFor('one', () => activity.callsOf(BULK_READING) >= before.bulk + 3);
    expect(activity.calls - before.all).toBe(activity.callsOf(BULK_READING) - before.bulk);
  });
});
