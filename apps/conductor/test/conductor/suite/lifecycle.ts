import { describe, expect, test } from 'vitest';
import type { RunConductor } from '../../support/running-conductor.js';

/** What nodes go through, the same on every database. */
export function describeLifecycle(database: string, runConductor: RunConductor): void {
  describe(`the life of a node on ${database}`, () => {
    test('enroll, manageable, available, active, and back', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1');
      expect((await running.node(uuid))['provision_state']).toBe('enroll');

      const managed = await running.provision(uuid, 'manage', 'manageable');
      expect(managed).toMatchObject({ power_state: 'power off', target_provision_state: null, last_error: null });
      await running.provision(uuid, 'provide', 'available');
      const active = await running.provision(uuid, 'active', 'active');
      expect(active).toMatchObject({ power_state: 'power on', deploy_step: {}, last_error: null });
      expect(await running.provision(uuid, 'rebuild', 'active')).toMatchObject({ power_state: 'power on' });

      await running.call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info/image_source', value: 'http://image' }]);
      expect(await running.provision(uuid, 'deleted', 'available')).toMatchObject({ power_state: 'power off', instance_info: {}, instance_uuid: null });

      const states = (await running.timeline(uuid)).filter((event) => event['type'] === 'provision-state-changed').map((event) => event['message']);
      expect(states).toEqual([
        'enroll -> verifying', 'verifying -> manageable', 'manageable -> available', 'available -> deploying', 'deploying -> active',
        'active -> deploying', 'deploying -> active', 'active -> deleting', 'deleting -> available',
      ]);
    });

    test('inspect, adopt, rescue and unrescue', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1');
      await running.provision(uuid, 'manage', 'manageable');
      expect((await running.provision(uuid, 'inspect', 'manageable'))['inspection_finished_at']).not.toBeNull();
      await running.provision(uuid, 'adopt', 'active');
      const asked = await running.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'rescue', rescue_password: 'pw-1234' });
      expect(asked.status).toBe(202);
      const rescued = await running.waitFor(uuid, (node) => node['provision_state'] === 'rescue' && node['reservation'] === null);
      expect(rescued['instance_info']).not.toHaveProperty('rescue_password');
      await running.provision(uuid, 'unrescue', 'active');
    });

    test('a controller that fails leaves the node in enroll with the reason, and manage works once it is mended', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1', { fake_failures: [{ action: 'read power', code: 'UNREACHABLE', message: 'No route to host', times: 1 }] });
      await running.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' });
      const failed = await running.waitFor(uuid, (node) => node['last_error'] !== null);
      expect(failed).toMatchObject({
        provision_state: 'enroll', target_provision_state: null,
        last_error: `Failed to get power state for node ${uuid}. Error: No route to host. Remove it from fake_failures in driver_info to let this succeed.`,
      });
      expect(await running.provision(uuid, 'manage', 'manageable')).toMatchObject({ last_error: null });
    });

    test('a failed deploy names the step and can be tried again or torn down', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1', { fake_failures: [{ action: 'deploy', message: 'Boot image is broken' }] });
      await running.provision(uuid, 'manage', 'manageable');
      await running.provision(uuid, 'provide', 'available');
      const failed = await running.provision(uuid, 'active', 'deploy failed');
      expect(failed['last_error']).toBe(`Failed to deploy node ${uuid}: Failed to execute deploy step deploy.deploy: Boot image is broken`);
      expect(failed['target_provision_state']).toBe('active');
      await running.call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'remove', path: '/driver_info/fake_failures' }]);
      await running.provision(uuid, 'active', 'active');
      await running.provision(uuid, 'deleted', 'available');
    });

    test('manual cleaning runs the named steps and returns to manageable; automated cleaning when the node asks for it', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1', {}, { automated_clean: true });
      await running.provision(uuid, 'manage', 'manageable');
      const steps = [{ interface: 'vendor', step: 'log_passthrough' }];
      expect((await running.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'clean', clean_steps: steps })).status).toBe(202);
      await running.waitFor(uuid, (node) => node['provision_state'] === 'manageable' && node['reservation'] === null);
      await running.provision(uuid, 'provide', 'available');
      const finished = (await running.timeline(uuid)).filter((event) => event['type'] === 'step-finished').map((event) => event['message']);
      expect(finished).toEqual(['clean step vendor.log_passthrough finished', 'clean step vendor.log_passthrough finished']);
    });

    test('a node is cleaned after use, and cleaning that fails is told as that', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1', {}, { automated_clean: true });
      await running.provision(uuid, 'manage', 'manageable');
      await running.provision(uuid, 'adopt', 'active');
      expect(await running.provision(uuid, 'deleted', 'available')).toMatchObject({ target_provision_state: null, last_error: null });
      const states = (await running.timeline(uuid)).filter((event) => event['type'] === 'provision-state-changed').map((event) => event['message']);
      expect(states.slice(-3)).toEqual(['active -> deleting', 'deleting -> cleaning', 'cleaning -> available']);

      await running.provision(uuid, 'active', 'active');
      const failures = [{ action: 'log_passthrough', message: 'Disk is sealed' }];
      await running.call('PATCH', `/v1/nodes/${uuid}`, [
        { op: 'add', path: '/driver_info/fake_failures', value: failures },
        { op: 'add', path: '/instance_info/image_source', value: 'http://image' },
      ]);
      const failed = await running.provision(uuid, 'deleted', 'clean failed');
      expect(failed).toMatchObject({ target_provision_state: 'available', maintenance: true, fault: 'clean failure', instance_info: {} });
      expect(failed['last_error']).toBe(`Failed to clean node ${uuid}: Failed to execute clean step vendor.log_passthrough: Disk is sealed`);
    });

    test.each([true, false])('a retired node does not become available again (automated_clean %s)', async (automatedClean) => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1', {}, { automated_clean: automatedClean });
      await running.provision(uuid, 'manage', 'manageable');
      await running.provision(uuid, 'adopt', 'active');
      await running.call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'replace', path: '/retired', value: true }]);
      await running.provision(uuid, 'deleted', 'manageable');
      const refused = await running.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'provide' });
      expect(refused.status).toBe(400);
      expect(JSON.stringify(refused.body)).toContain(`The provide operation can't be performed on node ${uuid} because it is retired.`);
    });

    test('a rescue that fails does not keep the password', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1', { fake_failures: [{ action: 'rescue', message: 'No rescue image' }] });
      await running.provision(uuid, 'manage', 'manageable');
      await running.provision(uuid, 'adopt', 'active');
      await running.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'rescue', rescue_password: 'pw-1234' });
      const failed = await running.waitFor(uuid, (node) => node['provision_state'] === 'rescue failed' && node['reservation'] === null);
      expect(failed['instance_info']).toEqual({});
    });

    test('a clean step that the node does not have ends in clean failed, without maintenance', async () => {
      await using running = await runConductor();
      const uuid = await running.enrol('n1');
      await running.provision(uuid, 'manage', 'manageable');
      await running.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'clean', clean_steps: [{ interface: 'raid', step: 'paint_configuration' }] });
      const failed = await running.waitFor(uuid, (node) => node['provision_state'] === 'clean failed' && node['reservation'] === null);
      expect(failed).toMatchObject({ target_provision_state: 'manageable', maintenance: false, fault: null });
      expect(failed['last_error']).toContain(`Cannot clean node ${uuid}: node does not support this clean step`);
      expect(await running.provision(uuid, 'manage', 'manageable')).toMatchObject({ target_provision_state: null });
    });
  });
}
