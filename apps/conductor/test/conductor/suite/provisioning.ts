import { describe, expect, test } from 'vitest';
import type { JsonValue } from '@ferric/core';
import { lookUp, type MachineAgent } from '../../support/machine-agent.js';
import type { RunConductor, RunningConductor } from '../../support/running-conductor.js';
import { createScript, SCRIPTED_HARDWARE, scriptedPlugin, scriptedStep, type Script } from '../../support/scripted-strategies.js';

const MAC = '52:54:00:00:00:01';
type Json = Record<string, JsonValue>;
type Settings = NonNullable<Parameters<RunConductor>[0]>;

/** One node on a conductor whose strategies follow a script. */
interface Stage extends AsyncDisposable {
  readonly running: RunningConductor;
  readonly script: Script;
  readonly uuid: string;
  /** Where the conductor keeps its records. */
  readonly place: Settings;
  ask(target: string, more?: Json): Promise<void>;
  /** Waits until the node is in this state and free. */
  reached(state: string): Promise<Json>;
  agent(): Promise<MachineAgent>;
  /** Events of the node by type. */
  told(type: string): Promise<readonly string[]>;
}

/** A node that waits for its machine, which reports, with crashes and failures in between. */
export function describeProvisioning(database: string, runConductor: RunConductor, newPlace: () => Promise<Settings>): void {
  const plugins = (script: Script) => [{ packageName: 'scripted', version: '0.0.0', plugin: scriptedPlugin(script) }];
  const start = (script: Script, settings: Settings): Promise<RunningConductor> =>
    runConductor({ agentRequireTls: false, reconcileIntervalMs: 100, ...settings }, plugins(script));

  async function stage(script: Script = createScript(), settings: Settings = {}): Promise<Stage> {
    const place = await newPlace();
    const running = await start(script, { ...place, ...settings });
    const uuid = await running.enrol('n1', {}, { driver: SCRIPTED_HARDWARE });
    await running.call('POST', '/v1/ports', { node_uuid: uuid, address: MAC });
    await running.provision(uuid, 'manage', 'manageable');
    return stageOf(running, script, uuid, place);
  }

  function stageOf(running: RunningConductor, script: Script, uuid: string, place: Settings): Stage {
    return {
      running, script, uuid, place,
      async ask(target, more = {}) {
        const { status, body } = await running.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target, ...more });
        if (status !== 202) throw new Error(`${target} answered ${status}: ${JSON.stringify(body)}`);
      },
      reached: (state) => running.waitFor(uuid, (node) => node['provision_state'] === state && node['reservation'] === null),
      agent: () => lookUp(running, MAC),
      told: async (type) => (await running.timeline(uuid)).filter((event) => event['type'] === type).map((event) => String(event['message'])),
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
    };
  }

  describe(`provisioning on ${database}: a node that waits for its machine`, () => {
    test('goes on with each report, step by step, and shows what it waits for', async () => {
      await using at = await stage();
      at.script.answers.set('write', [{ next: 'wait', waitsFor: 'the image to be written' }]);
      await at.running.provision(at.uuid, 'provide', 'available');
      await at.ask('active');
      const waiting = await at.reached('wait call-back');
      expect(waiting['deploy_step']).toMatchObject({ step: 'boot', index: 1, total: 3 });
      const progress = (waiting['driver_internal_info'] as Json)['step_progress'] as Json;
      expect(progress).toMatchObject({ step: 'deploy.boot', index: 1, total: 3, waiting_for: 'boot to end' });
      expect(Date.parse(String(progress['gives_up_at'])) - Date.parse(String(progress['waiting_since']))).toBe(1_800_000);

      const agent = await at.agent();
      expect(await agent.report()).toBe(202);
      expect((await at.running.waitFor(at.uuid, (node) => (node['deploy_step'] as Json)['step'] === 'write' && node['reservation'] === null))['provision_state']).toBe('wait call-back');
      expect(await agent.report()).toBe(202);
      const still = await at.running.waitFor(at.uuid, (node) => ((node['driver_internal_info'] as Json)['step_progress'] as Json)['waiting_for'] === 'the image to be written');
      expect(still['provision_state']).toBe('wait call-back');
      expect(await agent.report()).toBe(202);
      const active = await at.reached('active');
      expect(active).toMatchObject({ deploy_step: {}, last_error: null, target_provision_state: null });
      expect(Object.keys(active['driver_internal_info'] as Json).filter((key) => /agent|step/.test(key))).toEqual([]);
      expect(at.script.calls.filter((call) => !call.startsWith('ramdisk'))).toEqual([
        'prepare', 'run boot', 'resume boot', 'run write', 'resume write', 'resume write', 'run finish',
      ]);
      expect((await at.told('provision-state-changed')).slice(-5)).toEqual([
        'deploying -> wait call-back', 'wait call-back -> deploying', 'deploying -> wait call-back', 'wait call-back -> deploying', 'deploying -> active',
      ]);
    });

    test('runs the steps of the ramdisk among the others, and those that a client asked for', async () => {
      const script = createScript();
      script.ramdisk = [scriptedStep(script, 'deploy', 'erase', 90, 'done'), scriptedStep(script, 'deploy', 'burn', 0, 'done')];
      await using at = await stage(script);
      await at.running.provision(at.uuid, 'provide', 'available');
      await at.ask('active', { deploy_steps: [{ interface: 'deploy', step: 'burn', args: {}, priority: 85 }] });
      await at.reached('wait call-back');
      const agent = await at.agent();
      await agent.report();
      await at.running.waitFor(at.uuid, (node) => (node['deploy_step'] as Json)['step'] === 'write' && node['reservation'] === null);
      await agent.report();
      await at.reached('active');
      expect(script.calls.filter((call) => call.startsWith('run'))).toEqual(['run boot', 'run erase', 'run burn', 'run write', 'run finish']);
    });

    test('fails when neither conductor nor ramdisk knows a step that was asked for', async () => {
      await using at = await stage();
      await at.running.provision(at.uuid, 'provide', 'available');
      await at.ask('active', { deploy_steps: [{ interface: 'deploy', step: 'nosuch', args: {}, priority: 85 }] });
      await at.reached('wait call-back');
      await (await at.agent()).report();
      const failed = await at.reached('deploy failed');
      expect(failed['last_error']).toContain("node does not support this deploy step: {'interface': 'deploy', 'step': 'nosuch'}");
      expect(at.script.calls.at(-1)).toBe('clean up');
    });

    test('loses no report that comes while the node is still locked', async () => {
      const script = createScript();
      await using at = await stage(script);
      await at.running.provision(at.uuid, 'provide', 'available');
      script.during = async (call) => {
        if (call === 'run boot') expect(await (await at.agent()).report()).toBe(202);
        if (call === 'run write') script.during = async () => undefined;
      };
      await at.ask('active');
      await at.running.waitFor(at.uuid, (node) => (node['deploy_step'] as Json)['step'] === 'write' && node['reservation'] === null);
      expect(script.calls).toEqual(['prepare', 'run boot', 'ramdisk steps deploy', 'resume boot', 'run write']);
    });

    test('fails with the reason of its step and cleans up', async () => {
      await using at = await stage();
      at.script.answers.set('write', [new Error('the disk is too small')]);
      await at.running.provision(at.uuid, 'provide', 'available');
      await at.ask('active');
      await at.reached('wait call-back');
      const agent = await at.agent();
      await agent.report();
      await at.running.waitFor(at.uuid, (node) => (node['deploy_step'] as Json)['step'] === 'write' && node['reservation'] === null);
      await agent.report();
      const failed = await at.reached('deploy failed');
      expect(failed['last_error']).toBe(`Failed to deploy node ${at.uuid}: Failed to execute deploy step deploy.write: the disk is too small`);
      expect(at.script.calls.at(-1)).toBe('clean up');
    });

    test('holds where a client asked for it, deaf to reports, until somebody aborts', async () => {
      await using at = await stage();
      await at.running.provision(at.uuid, 'provide', 'available');
      await at.ask('active', { deploy_steps: [{ interface: 'deploy', step: 'hold', args: {}, priority: 90 }] });
      await at.reached('wait call-back');
      const agent = await at.agent();
      await agent.report();
      await at.reached('deploy hold');
      expect(await agent.report()).toBe(202);
      expect((await at.running.node(at.uuid))['provision_state']).toBe('deploy hold');
      await at.ask('abort');
      expect((await at.reached('deploy failed'))['last_error']).toBe('By request, the operation in state "deploy hold" was aborted');
      expect(at.script.calls.at(-1)).toBe('clean up');
    });

    test('may be held twice', async () => {
      const script = createScript();
      script.ramdisk = [scriptedStep(script, 'deploy', 'burn', 85, 'wait')];
      await using at = await stage(script);
      await at.running.provision(at.uuid, 'provide', 'available');
      const wait = (priority: number): Json => ({ interface: 'deploy', step: 'wait', args: {}, priority });
      await at.ask('active', { deploy_steps: [wait(90), wait(82)] });
      await at.reached('wait call-back');
      const agent = await at.agent();
      for (const index of [2, 3, 4, 5]) {
        await agent.report();
        await at.running.waitFor(at.uuid, (node) => (node['deploy_step'] as Json)['index'] === index && node['reservation'] === null);
      }
      await agent.report();
      await at.reached('active');
      expect(script.calls.filter((call) => call.startsWith('run'))).toEqual(['run boot', 'run burn', 'run write', 'run finish']);
    });

    test('is given up when its time is over, with what is known of the machine', async () => {
      await using at = await stage(createScript(), { deployCallbackTimeoutMs: 300 });
      await at.running.provision(at.uuid, 'provide', 'available');
      await at.ask('active');
      const failed = await at.reached('deploy failed');
      expect(failed['last_error']).toContain(`Timeout reached while waiting for callback for node ${at.uuid}. The machine never asked for its boot script`);
      expect(at.script.calls).toEqual(['prepare', 'run boot', 'clean up']);
    });
  });

  describe(`provisioning on ${database}: cleaning`, () => {
    test('boots the ramdisk first, runs what it offers and ends in order', async () => {
      const script = createScript();
      script.ramdisk = [scriptedStep(script, 'clean', 'metadata', 99, 'wait'), scriptedStep(script, 'clean', 'disks', 10, 'done'), scriptedStep(script, 'clean', 'never', 0, 'done')];
      await using at = await stage(script, { automatedClean: true });
      await at.ask('provide');
      expect((await at.reached('clean wait'))['clean_step']).toEqual({});
      const agent = await at.agent();
      await agent.report();
      await at.running.waitFor(at.uuid, (node) => (node['clean_step'] as Json)['step'] === 'metadata' && node['reservation'] === null);
      await agent.report();
      expect(await at.reached('available')).toMatchObject({ clean_step: {}, last_error: null, maintenance: false });
      expect(script.calls.filter((call) => !call.startsWith('ramdisk'))).toEqual([
        'prepare cleaning', 'run metadata', 'resume metadata', 'run disks', 'tear down cleaning',
      ]);
    });

    test('by hand runs what was asked for, in that order, twice if asked twice', async () => {
      const script = createScript();
      script.ramdisk = [scriptedStep(script, 'clean', 'a', 0, 'wait'), scriptedStep(script, 'clean', 'b', 50, 'done')];
      await using at = await stage(script);
      const steps = ['a', 'b', 'a'].map((step) => ({ interface: 'deploy', step }));
      await at.ask('clean', { clean_steps: steps });
      await at.reached('clean wait');
      const agent = await at.agent();
      for (const index of [1, 3]) {
        await agent.report();
        await at.running.waitFor(at.uuid, (node) => (node['clean_step'] as Json)['index'] === index && node['reservation'] === null);
      }
      await agent.report();
      await at.reached('manageable');
      expect(script.calls.filter((call) => /^(run|resume)/.test(call))).toEqual(['run a', 'resume a', 'run b', 'run a', 'resume a']);
    });

    test('by hand gives each step its arguments, secrets too, however often it waits in between', async () => {
      const script = createScript();
      script.ramdisk = ['a', 'b'].map((name) => scriptedStep(script, 'clean', name, 0, 'wait'));
      await using at = await stage(script);
      const args = [{ bios_password: 'planted-1', mode: 'fast' }, { bios_password: 'planted-2' }];
      await at.ask('clean', { clean_steps: ['a', 'b'].map((step, index) => ({ interface: 'deploy', step, args: args[index] ?? {} })) });
      await at.reached('clean wait');
      const agent = await at.agent();
      for (const step of ['a', 'b']) {
        await agent.report();
        await at.running.waitFor(at.uuid, (node) => (node['clean_step'] as Json)['step'] === step && node['reservation'] === null);
      }
      await agent.report();
      await at.reached('manageable');
      expect(script.args).toEqual(args);
      expect(JSON.stringify([await at.running.node(at.uuid), await at.running.timeline(at.uuid)])).not.toContain('planted');
    });

    test('that fails leaves the machine in order and the node in maintenance', async () => {
      const script = createScript();
      script.ramdisk = [scriptedStep(script, 'clean', 'disks', 10, 'wait')];
      script.answers.set('disks', [new Error('/dev/vda is read-only')]);
      await using at = await stage(script, { automatedClean: true });
      await at.ask('provide');
      await at.reached('clean wait');
      const agent = await at.agent();
      await agent.report();
      await at.running.waitFor(at.uuid, (node) => (node['clean_step'] as Json)['step'] === 'disks' && node['reservation'] === null);
      await agent.report();
      const failed = await at.reached('clean failed');
      expect(failed).toMatchObject({ maintenance: true, fault: 'clean failure', clean_step: {} });
      expect(failed['last_error']).toContain('/dev/vda is read-only');
      expect(script.calls.at(-1)).toBe('tear down cleaning');
    });

    test('that is aborted while it waits leaves the machine in order', async () => {
      await using at = await stage(createScript(), { automatedClean: true });
      await at.ask('provide');
      await at.reached('clean wait');
      await at.ask('abort');
      const failed = await at.reached('clean failed');
      expect(failed['last_error']).toBe('By request, the operation in state "clean wait" was aborted');
      expect(at.script.calls).toEqual(['prepare cleaning', 'tear down cleaning']);
    });

    test.each(['aborted', 'failed'])('and cannot be left in order when it %s leaves no agent that the next one waits for', async (end) => {
      const script = createScript();
      script.during = async (call, { keep }) => {
        if (call === 'prepare cleaning') await keep({ driverInternalInfo: { agent_boot: { purpose: 'clean' }, agent_restarts: true } });
        if (call === 'prepare cleaning' && end === 'failed') throw new Error('the medium cannot be made');
        if (call === 'tear down cleaning') throw new Error('the controller is away');
      };
      await using at = await stage(script, { automatedClean: true });
      await at.ask('provide');
      if (end === 'aborted') {
        await at.reached('clean wait');
        await at.ask('abort');
      }
      const failed = await at.reached('clean failed');
      expect(failed['last_error']).toContain('Besides, the machine could not be left in order: the controller is away');
      expect(Object.keys(failed['driver_internal_info'] as Json).filter((key) => key.startsWith('agent_'))).toEqual([]);
    });

    test('lets a step that may not be aborted end first', async () => {
      const script = createScript();
      script.ramdisk = [scriptedStep(script, 'clean', 'firmware', 99, 'wait', { abortable: false }), scriptedStep(script, 'clean', 'disks', 10, 'done')];
      await using at = await stage(script, { automatedClean: true });
      await at.ask('provide');
      await at.reached('clean wait');
      const agent = await at.agent();
      await agent.report();
      await at.running.waitFor(at.uuid, (node) => (node['clean_step'] as Json)['step'] === 'firmware' && node['reservation'] === null);
      await at.ask('abort');
      expect((await at.running.node(at.uuid))['provision_state']).toBe('clean wait');
      await agent.report();
      expect((await at.reached('clean failed'))['last_error']).toContain('By request, the cleaning was aborted after the step that could not be');
      expect(script.calls).not.toContain('run disks');
    });
  });

  describe(`provisioning on ${database}: inspection and rescue`, () => {
    test('an inspection goes on with what the machine sends, and keeps it', async () => {
      await using at = await stage();
      await at.ask('inspect');
      await at.reached('inspect wait');
      const sent = { inventory: { interfaces: [{ name: 'eth0', mac_address: MAC }], properties: { cpus: 4 } }, root_disk: { name: '/dev/vda' } };
      const { status, body } = await at.running.call('POST', '/v1/continue_inspection', sent);
      expect([status, body]).toEqual([202, { uuid: at.uuid }]);
      const inspected = await at.reached('manageable');
      expect(inspected).toMatchObject({ properties: { cpus: 4 }, inspection_started_at: null });
      expect(inspected['inspection_finished_at']).not.toBeNull();
      const ports = (await at.running.call('GET', `/v1/nodes/${at.uuid}/ports`)).body['ports'] as unknown as Json[];
      expect(ports.map((port) => port['address'])).toEqual([MAC, '52:54:00:00:00:99']);
      const inventory = (await at.running.call('GET', `/v1/nodes/${at.uuid}/inventory`)).body;
      expect(inventory).toMatchObject({ inventory: { properties: { cpus: 4 } }, plugin_data: { root_disk: { name: '/dev/vda' } } });
    });

    test('an inspection that is aborted ends in order', async () => {
      await using at = await stage();
      await at.ask('inspect');
      await at.reached('inspect wait');
      await at.ask('abort');
      await at.reached('inspect failed');
      expect(at.script.calls).toEqual(['inspect', 'abort inspect']);
    });

    test('a rescue that is aborted ends in order', async () => {
      await using at = await stage();
      await at.ask('adopt');
      await at.reached('active');
      await at.ask('rescue', { rescue_password: 'p4ss' });
      await at.reached('rescue wait');
      await at.ask('abort');
      await at.reached('rescue failed');
      expect(at.script.calls).toEqual(['rescue', 'clean up rescue']);
    });

    test('a rescue goes on when the machine reports', async () => {
      await using at = await stage();
      await at.ask('adopt');
      await at.reached('active');
      await at.ask('rescue', { rescue_password: 'p4ss' });
      await at.reached('rescue wait');
      await (await at.agent()).report();
      const rescued = await at.reached('rescue');
      expect(rescued['instance_info']).toEqual({});
      expect(at.script.calls).toEqual(['rescue', 'resume rescue']);
    });
  });

  describe(`provisioning on ${database}: a conductor that stops in the middle`, () => {
    test.each(['run boot', 'resume boot', 'run write', 'resume write', 'run finish'])('during "%s" repeats that and nothing else', async (where) => {
      const script = createScript();
      await using first = await stage(script);
      await first.running.provision(first.uuid, 'provide', 'available');
      let stopped: Promise<void> | undefined;
      script.during = async (call, task) => {
        if (call !== where || stopped !== undefined) return;
        stopped = first.running.conductor.close();
        await new Promise((resolve) => task.signal.addEventListener('abort', resolve, { once: true }));
        throw task.signal.reason;
      };
      await first.ask('active');
      const next = await reportUntilStopped(first, () => stopped);
      await stopped;
      await using again = stageOf(await start(script, { ...first.place, dataDir: first.running.dataDir }), script, first.uuid, first.place);
      await reportUntil(again, 'active', next);
      const steps = script.calls.filter((call) => /^(run|resume) /.test(call));
      const expected = ['run boot', 'resume boot', 'run write', 'resume write', 'run finish'];
      expect(steps).toEqual(expected.flatMap((step) => (step === where ? [step, step] : [step])));
    });
  });

  /** Reports whenever the node waits, until the conductor stops. Yields the agent, which outlives the conductor. */
  async function reportUntilStopped(at: Stage, stopped: () => Promise<void> | undefined): Promise<string | undefined> {
    let token: string | undefined;
    while (stopped() === undefined) {
      const node = await at.running.node(at.uuid).catch(() => undefined);
      if (node?.['provision_state'] !== 'wait call-back' || node['reservation'] !== null) continue;
      token ??= (await at.agent()).token;
      await at.running.call('POST', `/v1/heartbeat/${at.uuid}`, { callback_url: 'http://192.0.2.10:9999', agent_version: '11.99.0', agent_token: token }).catch(() => undefined);
    }
    return token;
  }

  async function reportUntil(at: Stage, state: string, known: string | undefined): Promise<void> {
    let token = known;
    await at.running.waitFor(at.uuid, (node) => {
      if (node['provision_state'] === state && node['reservation'] === null) return true;
      if (node['provision_state'] === 'wait call-back' && node['reservation'] === null) {
        void (async () => {
          token ??= (await at.agent()).token;
          await at.running.call('POST', `/v1/heartbeat/${at.uuid}`, { callback_url: 'http://192.0.2.10:9999', agent_version: '11.99.0', agent_token: token });
        })().catch(() => undefined);
      }
      return false;
    });
  }
}
