import type { JsonValue } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { lookUp, type MachineAgent } from '../support/machine-agent.js';
import { runConductor, type RunningConductor } from '../support/running-conductor.js';
import { createScript, SCRIPTED_HARDWARE, scriptedPlugin, scriptedStep, type Script } from '../support/scripted-strategies.js';

const MAC = '52:54:00:00:00:01';
const MARKER = 'planted-template-secret';
type Json = Record<string, JsonValue>;

interface Stage extends AsyncDisposable {
  readonly running: RunningConductor;
  readonly script: Script;
  readonly uuid: string;
  template(name: string, ...steps: readonly Json[]): Promise<void>;
  instanceTraits(traits: JsonValue): Promise<void>;
  deploy(more?: Json): Promise<{ readonly status: number; readonly text: string }>;
  /** Lets the machine report until its node is there and free. */
  reportUntil(state: string): Promise<Json>;
  ran(): readonly string[];
}

const step = (name: string, priority: number, args: Json = {}): Json => ({ interface: 'deploy', step: name, args, priority });

/** An available node with the traits CUSTOM_A and CUSTOM_B, whose ramdisk offers `burn` and `erase`. */
async function stage(): Promise<Stage> {
  const script = createScript();
  script.ramdisk = [
    scriptedStep(script, 'deploy', 'burn', 0, 'done', { arguments: { level: { description: 'how hot', required: true }, admin_password: { description: 'opens it', required: false } } }),
    scriptedStep(script, 'deploy', 'erase', 90, 'done'),
  ];
  const running = await runConductor({ agentRequireTls: false, reconcileIntervalMs: 100 }, [{ packageName: 'scripted', version: '0.0.0', plugin: scriptedPlugin(script) }]);
  const uuid = await running.enrol('n1', {}, { driver: SCRIPTED_HARDWARE, automated_clean: false });
  const call = async (method: string, path: string, body?: unknown): Promise<void> => {
    const answer = await running.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  await call('POST', '/v1/ports', { node_uuid: uuid, address: MAC });
  await call('PUT', `/v1/nodes/${uuid}/traits`, { traits: ['CUSTOM_A', 'CUSTOM_B'] });
  await running.provision(uuid, 'manage', 'manageable');
  await running.provision(uuid, 'provide', 'available');
  let agent: MachineAgent | undefined;
  return {
    running, script, uuid,
    template: (name, ...steps) => call('POST', '/v1/deploy_templates', { name, steps }),
    instanceTraits: (traits) => call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info/traits', value: traits }]),
    async deploy(more = {}) {
      const { status, body } = await running.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active', ...more });
      return { status, text: String((JSON.parse(String(body['error_message'] ?? '{}')) as Json)['faultstring']) };
    },
    async reportUntil(state) {
      for (let reports = 0; reports < 10; reports += 1) {
        const node = await running.waitFor(uuid, (each) => each['reservation'] === null && [state, 'wait call-back', 'deploy failed'].includes(String(each['provision_state'])));
        if (node['provision_state'] !== 'wait call-back') return node;
        agent ??= await lookUp(running, MAC);
        await agent.report();
      }
      throw new Error('The node still waits for its machine');
    },
    ran: () => script.calls.filter((each) => each.startsWith('run ')).map((each) => each.slice(4)),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

describe('a deployment', () => {
  test('runs the steps of the templates that its instance asks for, among those of the driver', async () => {
    await using at = await stage();
    await at.template('CUSTOM_A', step('burn', 85, { level: 'high', admin_password: MARKER }), step('finish', 0));
    await at.template('CUSTOM_B', step('write', 95));
    await at.instanceTraits(['CUSTOM_A']);
    expect((await at.deploy()).status).toBe(202);
    const active = await at.reportUntil('active');
    expect([active['provision_state'], active['last_error']]).toEqual(['active', null]);
    expect(at.ran()).toEqual(['boot', 'erase', 'burn', 'write']);
    expect(at.script.args[2]).toEqual({ level: 'high', admin_password: MARKER });
    expect(Object.keys(active['driver_internal_info'] as Json).filter((key) => key.includes('steps'))).toEqual([]);
  });

  test('shows the secrets of a template nowhere on the way', async () => {
    await using at = await stage();
    await at.template('CUSTOM_A', step('burn', 85, { level: 'high', admin_password: MARKER }));
    await at.instanceTraits(['CUSTOM_A']);
    const seen: string[] = [];
    at.script.during = async (call) => {
      if (call !== 'run burn') return;
      seen.push(JSON.stringify(await at.running.node(at.uuid)));
      throw new Error('the step failed');
    };
    await at.deploy();
    const failed = await at.reportUntil('active');
    expect(failed['last_error']).toContain('Failed to execute deploy step deploy.burn: the step failed');
    const plan = JSON.parse(seen[0] ?? '{}') as { driver_internal_info: { deploy_template_steps: Json[]; deploy_steps: Json[] } };
    expect(plan.driver_internal_info.deploy_template_steps).toMatchObject([{ step: 'burn', template: 'CUSTOM_A', args: { level: 'high', admin_password: '******' } }]);
    expect(plan.driver_internal_info.deploy_steps).toContainEqual(expect.objectContaining({ step: 'burn', priority: 85, args: { level: 'high', admin_password: '******' } }));
    const history = (await at.running.call('GET', `/v1/nodes/${at.uuid}/history?detail=true`)).body;
    expect(seen.join('') + JSON.stringify([failed, history, await at.running.timeline(at.uuid)]) + at.running.logger.text()).not.toContain(MARKER);
  });

  test('prefers what the request asks for', async () => {
    await using at = await stage();
    await at.template('CUSTOM_A', step('burn', 85, { level: 'high' }), step('finish', 0));
    await at.instanceTraits(['CUSTOM_A']);
    await at.deploy({ deploy_steps: [step('burn', 10, { level: 'low' })] });
    await at.reportUntil('active');
    expect(at.ran()).toEqual(['boot', 'erase', 'write', 'burn']);
    expect(at.script.args[3]).toEqual({ level: 'low' });
  });

  test('goes by the templates as they were when it began', async () => {
    await using at = await stage();
    await at.template('CUSTOM_A', step('erase', 10));
    await at.instanceTraits(['CUSTOM_A']);
    await at.deploy();
    await at.running.waitFor(at.uuid, (node) => node['provision_state'] === 'wait call-back' && node['reservation'] === null);
    await at.running.call('DELETE', '/v1/deploy_templates/CUSTOM_A');
    await at.reportUntil('active');
    expect(at.ran()).toEqual(['boot', 'write', 'finish', 'erase']);
  });

  test('is refused before it begins when a template does not fit the node', async () => {
    await using at = await stage();
    const prefix = (names: string) =>
      `Failed to validate deploy or power info for node ${at.uuid}. Error: Validation of deploy steps from deploy templates matching this node's instance traits failed. ` +
      `Matching deploy templates: ${names}. Errors: `;
    await at.template('CUSTOM_A', step('write', 10, { speed: MARKER }));
    await at.instanceTraits(['CUSTOM_A']);
    expect(await at.deploy()).toEqual({ status: 400, text: `${prefix('CUSTOM_A')}deploy step {'interface': 'deploy', 'step': 'write'} has these unexpected arguments: speed` });
    await at.template('CUSTOM_B', step('write', 20));
    await at.instanceTraits(['CUSTOM_B', 'CUSTOM_A']);
    expect((await at.deploy()).text).toMatch(/Matching deploy templates: CUSTOM_A,CUSTOM_B\. .*; deploy steps from all deploy templates .* Duplicate deploy steps for deploy\.write$/);
    expect((await at.running.node(at.uuid))['provision_state']).toBe('available');
  });

  test('fails when neither conductor nor ramdisk knows a step of a template, or an argument is missing', async () => {
    await using at = await stage();
    await at.template('CUSTOM_A', step('nosuch', 85), step('burn', 60));
    await at.instanceTraits(['CUSTOM_A']);
    expect((await at.deploy()).status).toBe(202);
    const failed = await at.reportUntil('active');
    expect(failed['last_error']).toBe(
      `Failed to deploy node ${at.uuid}: Validation of deploy steps from deploy templates matching this node's instance traits failed. Matching deploy templates: CUSTOM_A. ` +
        "Errors: node does not support this deploy step: {'interface': 'deploy', 'step': 'nosuch'}; " +
        "deploy step {'interface': 'deploy', 'step': 'burn'} is missing these required arguments: level (how hot)",
    );
    expect(failed['driver_internal_info']).not.toHaveProperty('deploy_template_steps');
  });

  test('is refused for traits that the node does not have, and for what is no list of traits', async () => {
    await using at = await stage();
    await at.instanceTraits(['CUSTOM_A', 'CUSTOM_Z']);
    const text = `Cannot specify instance traits that are not also set on the node. Node ${at.uuid} is missing traits CUSTOM_Z`;
    expect(await at.deploy()).toEqual({ status: 400, text: `Failed to validate deploy or power info for node ${at.uuid}. Error: ${text}` });
    await at.instanceTraits('CUSTOM_A');
    expect((await at.deploy()).text).toContain(`Error parsing traits from Node ${at.uuid} instance_info field. A list of strings is expected.`);
  });
});
