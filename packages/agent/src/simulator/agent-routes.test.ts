import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callApi, command } from '../../test/simulator/api-client.js';
import { rawImage, sha256 } from '../../test/simulator/raw-image.js';
import { startStubConductor, type StubConductor } from '../../test/simulator/stub-conductor.js';
import { readRecording, type RecordedExchange } from '../../test/support/recordings.js';
import { createVirtualDisk, startVirtualAgent, type VirtualAgent } from './index.js';

let conductor: StubConductor;
let agent: VirtualAgent;

beforeEach(async () => {
  conductor = await startStubConductor();
  conductor.on('GET /image.raw', () => ({ status: 200, body: rawImage() }));
  agent = await startVirtualAgent({
    kernelParameters: { 'ipa-api-url': conductor.url }, version: '11.99.0', disk: createVirtualDisk(), pacing: { shutdownMs: 60_000, downloadRetries: 0 },
  });
  await agent.firstHeartbeat();
});

afterEach(async () => {
  await agent[Symbol.asyncDispose]();
  await conductor[Symbol.asyncDispose]();
});

/** What was asked of the real agent, with what is different here put in its place. */
function requestOf({ method, path, body }: RecordedExchange): { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown } {
  const versions = { generic_hardware_manager: '1.2' };
  const text = JSON.stringify(body)
    .replaceAll('http://192.0.2.1:6385', conductor.url)
    .replace(/"os_hash_algo":"sha512","os_hash_value":"[0-9a-f]+"/, `"os_hash_algo":"sha256","os_hash_value":"${sha256(rawImage())}"`)
    .replace('{"ferric_file_disk":"1","generic_hardware_manager":"1.2"}', JSON.stringify(versions));
  const url = new URL(path, 'http://agent');
  url.searchParams.delete('agent_token');
  return { method: method as 'GET' | 'POST', path: `${url.pathname}${url.search}`, ...(body === null ? {} : { body: JSON.parse(text) as unknown }) };
}

/** Answers without what differs from run to run: ids, times, addresses, and the hardware manager that only the recorded agent had. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'string') return value.replaceAll(/https?:\/\/(?:127\.0\.0\.1|192\.0\.2\.10):\d+/g, 'AGENT').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID');
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'ferric_file_disk');
  return Object.fromEntries(entries.map(([key, each]) => [key, key === 'started_at' ? typeof each : comparable(each)]));
}

describe('answers as recorded from the real agent', () => {
  const recorded = readRecording('agent-commands') as readonly RecordedExchange[];
  const steps = (body: unknown): unknown[] => Object.values((body as { command_result: Record<string, Record<string, object[]>> }).command_result).flatMap((each) => Object.values(each).flat());

  test.each(recorded.slice(0, 4).map((each) => [each.path.split('?')[0], each] as const))('GET %s', async (_path, exchange) => {
    const answer = await callApi(agent, requestOf(exchange));
    expect(answer.status).toBe(exchange.status);
    expect(comparable(answer.body)).toEqual(comparable(exchange.response));
  });

  test.each(recorded.slice(4, 6).map((each) => [String(each.body?.['name']), each] as const))('%s offers the same steps', async (_name, exchange) => {
    const answer = await callApi(agent, requestOf(exchange));
    const names = (body: unknown): unknown[] => steps(body).flatMap((each) => (typeof each === 'object' ? [{ ...each, argsinfo: Object.keys((each as { argsinfo?: object }).argsinfo ?? {}) }] : []));
    expect(answer.status).toBe(exchange.status);
    expect(Object.keys(answer.body)).toEqual(Object.keys(exchange.response));
    expect(new Set(names(answer.body))).toEqual(new Set(names(exchange.response)));
  });

  test.each(recorded.slice(6, 11).map((each) => [String(each.response['faultstring']), each] as const))('%s', async (_text, exchange) => {
    const { status, body } = await callApi(agent, requestOf(exchange));
    expect({ status, body }).toEqual({ status: exchange.status, body: exchange.response });
  });

  test('a deployment, from write_image to power_off', async () => {
    const [write, busy] = [recorded[11], recorded[12]] as const;
    if (write === undefined || busy === undefined) throw new Error('The recording is shorter than it was');
    const running = await callApi(agent, requestOf(write));
    expect({ ...running, body: comparable(running.body) }).toEqual({ status: 200, location: undefined, body: comparable(write.response) });
    expect(await callApi(agent, requestOf(busy))).toMatchObject({ status: 409, body: busy.response });
    const id = String(running.body['id']);
    const written = await callApi(agent, { path: `/v1/commands/${id}?wait=true` });
    expect(written.body).toMatchObject({
      command_status: 'SUCCEEDED',
      command_result: {
        deploy_result: { result: 'prepare_image: image (image.raw) written to device /dev/sda root_uuid=0x00000000' },
        deploy_step: { step: 'write_image' },
      },
    });
    for (const index of [15, 18, 20] as const) {
      const exchange = recorded[index];
      if (exchange === undefined) throw new Error('The recording is shorter than it was');
      const answer = await callApi(agent, requestOf(exchange));
      expect([answer.status, Object.keys(answer.body)]).toEqual([exchange.status, Object.keys(exchange.response)]);
      expect(comparable({ ...answer.body, command_error: null })).toEqual(comparable({ ...exchange.response, command_error: null }));
    }
    const mismatch = agent.commands.find(({ status }) => status === 'CLEAN_VERSION_MISMATCH');
    expect(mismatch?.error).toEqual({
      ...(recorded[18]?.response['command_error'] as object),
      details: "Current versions: {'generic_hardware_manager': '1.2'}, versions used by ironic: {'ferric_file_disk': '0'}",
    });
    for (const index of [16, 21] as const) {
      const exchange = recorded[index];
      if (exchange === undefined) throw new Error('The recording is shorter than it was');
      const answer = await callApi(agent, requestOf(exchange));
      expect({ ...answer, body: comparable(answer.body) }).toEqual({ status: exchange.status, location: undefined, body: comparable(exchange.response) });
      await callApi(agent, { path: `/v1/commands/${String(answer.body['id'])}?wait=true` });
    }
    expect(agent.commands.at(-1)).toMatchObject({ name: 'power_off', status: 'SUCCEEDED', result: null });
  });

  test('the poisoned state after a parameter that a command does not have', async () => {
    const [poison, after] = readRecording('agent-poisoned-by-unknown-parameter') as readonly RecordedExchange[];
    if (poison === undefined || after === undefined) throw new Error('The recording is shorter than it was');
    expect(await callApi(agent, requestOf(poison))).toMatchObject({ status: poison.status, body: poison.response });
    expect(await callApi(agent, requestOf(after))).toMatchObject({ status: after.status, body: after.response });
    // Commands are still taken; only the list is lost.
    expect(await command(agent, 'standby.sync')).toMatchObject({ status: 200 });
    expect(await callApi(agent, requestOf(after))).toMatchObject({ status: 500 });
  });
});

describe('beyond the recordings', () => {
  test.each([null, 'wrong'])('refuses the token %s', async (token) => {
    const refused = { status: 401, body: { faultcode: 'Client', faultstring: '401 Unauthorized: Token invalid.' } };
    expect(await callApi(agent, { path: '/v1/commands/', token })).toMatchObject(refused);
    expect(await callApi(agent, { path: '/v1/commands/abc', token })).toMatchObject(refused);
    expect(await callApi(agent, { method: 'POST', path: '/v1/commands/', token, body: {} })).toMatchObject(refused);
    expect(await callApi(agent, { path: '/v1/status', token })).toMatchObject({ status: 200 });
  });

  test('points to the path with a slash, and knows paths without a version', async () => {
    expect(await callApi(agent, { path: '/v1/commands' })).toMatchObject({ status: 308, location: expect.stringMatching(/\/v1\/commands\/\?agent_token=/) as string });
    expect(await callApi(agent, { path: '/commands/' })).toMatchObject({ status: 200, body: { commands: [] } });
    expect(await callApi(agent, { path: '/status' })).toMatchObject({ status: 200 });
    expect(await callApi(agent, { path: '/v2' })).toMatchObject({ status: 404, body: { faultcode: 'Client' } });
    expect(await callApi(agent, { method: 'POST', path: '/v1/status', body: {} })).toMatchObject({ status: 405 });
  });

  test('knows no command that it was not sent', async () => {
    expect(await callApi(agent, { path: '/v1/commands/abc' })).toMatchObject({ status: 404, body: { faultstring: 'Not found: Command Result with id abc not found.' } });
  });

  test.each(['{', '[]', '{"name": "standby.sync"}', '{"name": "standby.sync", "params": []}'])('refuses the body %s', async (body) => {
    expect(await callApi(agent, { method: 'POST', path: '/v1/commands/', body })).toMatchObject({
      status: 400, body: { faultstring: '400 Bad Request: Missing or invalid name or params' },
    });
  });

  test('an unknown parameter of an asynchronous command is a failure that can be told', async () => {
    expect(await command(agent, 'standby.power_off', { bogus: 1 })).toMatchObject({
      status: 200,
      body: { command_status: 'FAILED', command_error: { type: 'CommandExecutionError', code: 500, details: "StandbyExtension.power_off() got an unexpected keyword argument 'bogus'" } },
    });
    expect(await callApi(agent, { path: '/v1/commands/' })).toMatchObject({ status: 200 });
  });

  test.each([
    [{ step: 'nosuch' }, 'HardwareManagerMethodNotFound', 'Could not find method: nosuch'],
    [{ step: 'write_image', args: {} }, 'DeploymentError', "Unexpected exception performing deploy step write_image. TypeError: GenericHardwareManager.write_image() missing 1 required positional argument: 'image_info'"],
    [{ interface: 'deploy' }, 'CommandExecutionError', 'Malformed deploy_step, no "step" key: {"interface":"deploy"}'],
  ])('a step that cannot run fails: %j', async (step, type, details) => {
    expect(await command(agent, 'deploy.execute_deploy_step', { step, node: {}, ports: [], deploy_version: null })).toMatchObject({
      body: { command_status: 'FAILED', command_error: { type, details } },
    });
  });

  test('steps that do nothing say so', async () => {
    const { body } = await command(agent, 'clean.execute_clean_step', { step: { step: 'burnin_cpu' }, node: {}, ports: [] });
    expect(body).toMatchObject({ command_status: 'SUCCEEDED', command_result: { clean_result: 'nothing was done: this agent does not stress the cpu' } });
  });

  test('faults of steps', async () => {
    const run = (step: string): Promise<unknown> => command(agent, 'deploy.execute_deploy_step', { step: { step }, node: {}, ports: [] }).then(({ body }) => body);
    agent.faults.inject({ kind: 'step failure', step: 'erase_pstore', message: 'the disk is on fire', times: 1 });
    agent.faults.inject({ kind: 'version mismatch', times: 1 });
    agent.faults.inject({ kind: 'reboot requested', step: 'write_image' });
    expect(await run('erase_devices_metadata')).toMatchObject({ command_status: 'CLEAN_VERSION_MISMATCH' });
    expect(await run('erase_devices_metadata')).toMatchObject({ command_status: 'SUCCEEDED' });
    expect(await run('erase_pstore')).toMatchObject({ command_status: 'FAILED', command_error: { details: 'the disk is on fire' } });
    expect(await run('erase_pstore')).toMatchObject({ command_status: 'SUCCEEDED' });
    const { body } = await command(agent, 'deploy.get_deploy_steps', { node: {}, ports: [] });
    const steps = (body['command_result'] as { deploy_steps: Record<string, { step: string; reboot_requested: boolean }[]> }).deploy_steps['GenericHardwareManager'] ?? [];
    expect(steps.filter((each) => each.reboot_requested).map(({ step }) => step)).toEqual(['write_image']);
  });

  test('a stuck step keeps the agent busy until it is let go', async () => {
    agent.faults.inject({ kind: 'stuck step' });
    await command(agent, 'clean.execute_clean_step', { step: { step: 'erase_devices' }, node: {}, ports: [] }, false);
    expect(await command(agent, 'standby.sync')).toMatchObject({ status: 409 });
  });

  test('erases what it says', async () => {
    const [disk] = agent.disks;
    if (disk === undefined) throw new Error('The agent has no disk');
    const mark = Buffer.from('data');
    const places = [0, 1024 * 1024 - 4, 5_000_000, disk.sizeBytes - 4];
    for (const place of places) await disk.write(place, mark);
    const left = async (): Promise<boolean[]> => Promise.all(places.map(async (place) => (await disk.read(place, 4)).equals(mark)));
    await command(agent, 'clean.execute_clean_step', { step: { step: 'erase_devices_metadata' }, node: {}, ports: [] });
    expect(await left()).toEqual([false, false, true, false]);
    await command(agent, 'clean.execute_clean_step', { step: { step: 'erase_devices' }, node: {}, ports: [] });
    expect(await left()).toEqual([false, false, false, false]);
  });

  test('sends its log and its hardware', async () => {
    const { body } = await command(agent, 'log.collect_system_logs');
    const { system_logs: logs } = body['command_result'] as { system_logs: string };
    expect(Buffer.from(logs, 'base64').subarray(0, 2).toString('hex')).toBe('1f8b');
    expect((await command(agent, 'poll.get_hardware_info')).body['command_result']).toEqual(agent.inventory);
  });
});
