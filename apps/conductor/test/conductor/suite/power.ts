import { describe, expect, test } from 'vitest';
import type { RunConductor, RunningConductor } from '../../support/running-conductor.js';

const setPower = (running: RunningConductor, uuid: string, target: string) =>
  running.call('PUT', `/v1/nodes/${uuid}/states/power`, { target });
const free = (node: Record<string, unknown>): boolean => node['target_power_state'] === null && node['reservation'] === null;

/** Changes of power, the same on every database. */
export function describePower(database: string, runConductor: RunConductor): void {
  describe(`power on ${database}`, () => {
    test('every target leads where it says, with the outcome in the timeline', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1');
      for (const [target, state] of [['power on', 'power on'], ['soft power off', 'power off'], ['rebooting', 'power on'], ['power off', 'power off']] as const) {
        expect((await setPower(running, uuid, target)).status).toBe(202);
        expect(await running.waitFor(uuid, free)).toMatchObject({ power_state: state, last_error: null });
      }
      const changes = (await running.timeline(uuid)).filter((event) => event['type'] === 'power-changed');
      expect(changes.map((event) => event['details'])).toEqual(
        ['power on', 'soft power off', 'rebooting', 'power off'].map((target) => expect.objectContaining({ target, status: 'done' }) as object),
      );
      expect(changes.every((event) => String(event['actor']).startsWith('req-'))).toBe(true);
    });

    test('a failure is told and leaves the node free', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1', { fake_failures: [{ action: 'power on', code: 'REFUSED', message: 'Interlock is open', times: 1 }] });
      await setPower(running, uuid, 'power on');
      const failed = await running.waitFor(uuid, (node) => node['last_error'] !== null && free(node));
      expect(failed['last_error']).toBe("Failed to change power state to 'power on' by 'power on': Interlock is open. Remove it from fake_failures in driver_info to let this succeed.");
      await setPower(running, uuid, 'power on');
      expect(await running.waitFor(uuid, (node) => node['power_state'] === 'power on' && free(node))).toMatchObject({ last_error: null });
    });

    test('a second request waits for the first and is refused when that takes too long', async () => {
      await using running = await runConductor({ lockWaitMs: 50 });
      const uuid = await running.enrol('n1', { fake_power_delay_ms: 1000 });
      await setPower(running, uuid, 'power on');
      const refused = await setPower(running, uuid, 'power off');
      expect(refused.status).toBe(409);
      expect(JSON.stringify(refused.body)).toContain(`Node ${uuid} is locked by host test, please retry after the current operation is completed.`);
      const busy = await running.node(uuid);
      expect(busy).toMatchObject({ reservation: 'test', target_power_state: 'power on' });
      expect(await running.waitFor(uuid, free)).toMatchObject({ power_state: 'power on' });
    });

    test('maintenance can be set while work runs', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1', { fake_power_delay_ms: 300 });
      await setPower(running, uuid, 'power on');
      expect((await running.call('PUT', `/v1/nodes/${uuid}/maintenance`, { reason: 'smoke' })).status).toBe(202);
      expect(await running.waitFor(uuid, free)).toMatchObject({ maintenance: true, maintenance_reason: 'smoke', power_state: 'power on' });
    });
  });
}
