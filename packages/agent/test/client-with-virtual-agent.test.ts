import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import {
  collectSystemLogs, createAgentClient, executeCleanStep, finalizeRescue, getCleanSteps, getDeploySteps, getHardwareInfo, nodeForAgent, powerOff,
  readAgentRecord, sync, type Agent,
} from '../src/index.js';
import { startVirtualAgent, type VirtualAgent, type VirtualAgentOptions } from '../src/simulator/index.js';
import { startSmallConductor, type SmallConductor } from './support/small-conductor.js';

const MAC = '52:54:00:12:34:56';

interface Bench extends AsyncDisposable {
  readonly conductor: SmallConductor;
  readonly machine: VirtualAgent;
  readonly agent: Agent;
}

/** An agent that found its node and has reported, and a client made from nothing but what the node knows of it. */
async function start(options: Partial<VirtualAgentOptions> = {}, parameters = ''): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const conductor = stack.use(await startSmallConductor(MAC, 'clean wait'));
  const kernelParameters = `ipa-api-url=${conductor.url} ${parameters.replace('CONDUCTOR', conductor.url)}`;
  const machine = stack.use(await startVirtualAgent({ kernelParameters, macAddresses: [MAC], pacing: { shutdownMs: 1 }, ...options }));
  await machine.firstHeartbeat();
  const { url, token, verifyCa } = readAgentRecord(conductor.node);
  const agent = stack.use(createAgentClient({ url: url ?? '', token: token ?? new Secret('none'), verifyCa }));
  const keep = stack.move();
  return { conductor, machine, agent, [Symbol.asyncDispose]: () => keep.disposeAsync() };
}

describe('an agent that is found by the rules of this package', () => {
  test('is reached over TLS by what its heartbeat told', async () => {
    await using bench = await start();
    expect(readAgentRecord(bench.conductor.node)).toMatchObject({ url: bench.machine.callbackUrl, verifyCa: bench.machine.certificate });
    expect(bench.agent.url).toMatch(/^https:/);
    expect(await bench.agent.commands()).toEqual([]);
  });

  test('sends its inventory first when it is asked to', async () => {
    await using bench = await start({}, 'ipa-inspection-callback-url=CONDUCTOR/v1/continue_inspection BOOTIF=01-52-54-00-12-34-56');
    expect(bench.conductor.inspections).toMatchObject([{ macs: [MAC], error: null, bootInterface: MAC }]);
    expect(bench.conductor.inspections[0]?.inventory).toEqual(await getHardwareInfo(bench.agent));
  });

  test('tells its steps, runs one, and refuses another version', async () => {
    await using bench = await start();
    const subject = { node: nodeForAgent(bench.conductor.node), ports: [] };
    const { steps, hardwareManagerVersion } = await getCleanSteps(bench.agent, subject);
    expect(steps.map(({ step }) => step)).toContain('erase_devices_metadata');
    expect((await getDeploySteps(bench.agent, subject)).steps.map(({ step }) => step)).toContain('write_image');

    const step = { interface: 'deploy', step: 'erase_devices_metadata' };
    const started = await executeCleanStep(bench.agent, { ...subject, step, cleanVersion: hardwareManagerVersion });
    expect(started).toMatchObject({ name: 'execute_clean_step', error: null });
    await expect.poll(async () => (await bench.agent.commands()).at(-1)?.status).toBe('SUCCEEDED');
    expect(await executeCleanStep(bench.agent, { ...subject, step, cleanVersion: { other: '1' } })).toMatchObject({ status: 'VERSION_MISMATCH' });
    expect((await bench.agent.commands()).map(({ name }) => name)).toEqual(['get_clean_steps', 'get_deploy_steps', 'execute_clean_step', 'execute_clean_step']);
  });

  test('hides its log in an archive, and takes a rescue password that nobody else sees', async () => {
    const hashes: Secret[] = [];
    await using bench = await start({ onRescue: (hash) => void hashes.push(hash) });
    expect((await collectSystemLogs(bench.agent)).slice(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    await finalizeRescue(bench.agent, { rescuePassword: new Secret('$6$salt$hash') });
    expect(hashes.map((hash) => hash.reveal())).toEqual(['$6$salt$hash']);
    expect(await bench.machine.ended).toMatchObject({ how: 'rescued' });
  });

  test('switches itself off, and is unreachable afterwards', async () => {
    await using bench = await start();
    await sync(bench.agent);
    expect(await powerOff(bench.agent)).toMatchObject({ name: 'power_off' });
    expect(await bench.machine.ended).toMatchObject({ how: 'power off' });
    const { url, token, verifyCa } = readAgentRecord(bench.conductor.node);
    await using later = createAgentClient({ url: url ?? '', token: token ?? new Secret('none'), verifyCa, attempts: 1 });
    await expect(later.commands()).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  test('does not listen to who has another token', async () => {
    await using bench = await start();
    const { url, verifyCa } = readAgentRecord(bench.conductor.node);
    await using stranger = createAgentClient({ url: url ?? '', token: new Secret('x'.repeat(43)), verifyCa });
    await expect(stranger.commands()).rejects.toMatchObject({ code: 'AUTH_FAILED', retryable: false });
    await expect(powerOff(stranger)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });
});
