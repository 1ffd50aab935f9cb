import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock, type JsonValue, type Secret } from '@ferric/core';
import { startVirtualDevice } from '@ferric/driver-fake/simulator';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openStore } from '../../../src/store/open-store.js';
import type { NodeUpdate } from '../../../src/store/store.js';
import type { RunConductor } from '../../support/running-conductor.js';

/** Where a conductor keeps its facts across starts. */
export interface Place {
  readonly dataDir: string;
  readonly databaseUrl?: Secret;
}

/** What the next start mends, the same on every database. */
export function describeRecovery(database: string, runConductor: RunConductor, makeDatabase: () => Promise<Secret | undefined>): void {
  let place: Place;

  beforeEach(async () => {
    const databaseUrl = await makeDatabase();
    place = { dataDir: await mkdtemp(join(tmpdir(), 'ferric-recovery-')), ...(databaseUrl === undefined ? {} : { databaseUrl }) };
  });

  afterEach(() => rm(place.dataDir, { recursive: true, force: true }));

  /** Makes one available node and changes its record behind the conductor's back, as a crash or a restored backup would. */
  async function leaveBehind(changes: NodeUpdate): Promise<string> {
    let uuid: string;
    {
      await using running = await runConductor(place);
      uuid = await running.enrol('n1');
      await running.provision(uuid, 'manage', 'manageable');
      await running.provision(uuid, 'provide', 'available');
    }
    await using store = await openStore({
      dataDirectory: place.dataDir,
      databaseUrl: place.databaseUrl?.reveal(),
      hostname: 'test',
      logger: silentLogger,
      clock: systemClock,
    });
    await store.write((transaction) => transaction.nodes.update(uuid, changes));
    return uuid;
  }

  describe(`the next start on ${database} mends what a crash left`, () => {
    test('work that was promised and never started is started', async () => {
      const work = { kind: 'deploy', key: 'a5b7ad8a-0000-4000-8000-000000000001', input: {}, requestedAt: new Date(), requestedBy: 'req-1' } as const;
      const uuid = await leaveBehind({ provisionState: 'deploying', targetProvisionState: 'active', work, reservation: 'test' });
      await using running = await runConductor(place);
      expect(await running.waitFor(uuid, (node) => node['reservation'] === null)).toMatchObject({ provision_state: 'active', last_error: null });
    });

    test('a working state without work gets its work back', async () => {
      const uuid = await leaveBehind({ provisionState: 'deleting', targetProvisionState: 'available' });
      await using running = await runConductor(place);
      const restored = await running.waitFor(uuid, (node) => node['provision_state'] === 'available' && node['reservation'] === null);
      expect(restored).toMatchObject({ target_provision_state: null, last_error: null });
    });

    test('a lock of a call that died is freed', async () => {
      const uuid = await leaveBehind({ reservation: 'test' });
      await using running = await runConductor(place);
      expect((await running.node(uuid))['reservation']).toBeNull();
    });

    test('a machine that never calls back is not waited for for ever', async () => {
      const uuid = await leaveBehind({ provisionState: 'wait call-back', targetProvisionState: 'active', provisionUpdatedAt: new Date(Date.now() - 5000) });
      await using running = await runConductor({ ...place, deployCallbackTimeoutMs: 1000 });
      const failed = await running.waitFor(uuid, (node) => node['provision_state'] === 'deploy failed' && node['reservation'] === null);
      expect(failed['last_error']).toContain(`Timeout reached while waiting for callback for node ${uuid}. The machine never asked for its boot script`);
    });

    test('a reboot that was under way is not sent again, since nobody knows whether the machine restarted', async () => {
      await using machine = await startVirtualDevice();
      let uuid: string;
      {
        await using running = await runConductor(place);
        uuid = await running.enrol('n1', machine.driverInfo as Record<string, JsonValue>);
        machine.faults.inject({ kind: 'slow', delayMs: 500 });
        await running.call('PUT', `/v1/nodes/${uuid}/states/power`, { target: 'rebooting' });
        await vi.waitFor(() => expect(machine.activity.changeCommands).toBe(1), { timeout: 5000 });
      }
      machine.faults.clear();
      await using running = await runConductor(place);
      const stopped = await running.waitFor(uuid, (node) => node['reservation'] === null);
      expect(stopped['target_power_state']).toBeNull();
      expect(stopped['last_error']).toContain('it is not repeated: the machine may have restarted already');
      expect(machine.activity.changeCommands).toBe(1);
    });

    test('an operator can abort a wait', async () => {
      const uuid = await leaveBehind({ provisionState: 'clean wait', targetProvisionState: 'available' });
      await using running = await runConductor(place);
      const failed = await running.provision(uuid, 'abort', 'clean failed');
      expect(failed).toMatchObject({ target_provision_state: 'available', last_error: 'By request, the operation in state "clean wait" was aborted' });
      await running.provision(uuid, 'manage', 'manageable');
    });

    test('work in flight goes on after a stop', async () => {
      let uuid: string;
      {
        await using running = await runConductor(place);
        uuid = await running.enrol('n1', { fake_power_delay_ms: 500 });
        await running.call('PUT', `/v1/nodes/${uuid}/states/power`, { target: 'power on' });
      }
      await using running = await runConductor(place);
      expect(await running.waitFor(uuid, (node) => node['reservation'] === null)).toMatchObject({
        power_state: 'power on',
        target_power_state: null,
        last_error: null,
      });
    });
  });
}
