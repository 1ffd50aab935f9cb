import { Secret, type JsonObject } from '@ferric/core';
import { afterEach, describe, expect, test } from 'vitest';
import { createAgentClient, type Agent } from '../src/index.js';
import { startAgentServer, type AgentServer, type ReceivedRequest, type ServerAnswer } from './support/agent-server.js';
import { createHastyClock } from './support/hasty-clock.js';

const RESET: ServerAnswer = { connection: (socket) => socket.resetAndDestroy() };
const HALF: ServerAnswer = {
  connection: (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{"id": "1", "comm');
    socket.end();
  },
};
const SILENCE: ServerAnswer = { connection: () => undefined };

const cleanUps: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp[Symbol.asyncDispose]();
});

interface Bench {
  readonly agent: Agent;
  readonly server: AgentServer;
  readonly clock: ReturnType<typeof createHastyClock>;
  /** `POST /v1/commands/` and so on, in order. */
  asked(): readonly string[];
}

async function start(answers: readonly ServerAnswer[], commandTimeoutMs = 60_000): Promise<Bench> {
  const clock = createHastyClock();
  const server = await startAgentServer({ answer: (_request, index) => answers[index] ?? { status: 500, json: { faultstring: `request ${index}` } } });
  const agent = createAgentClient({ url: server.url, token: new Secret('x'.repeat(43)), commandTimeoutMs, ...(commandTimeoutMs === 60_000 ? { clock } : {}) });
  cleanUps.push(server, agent);
  const short = ({ method, path }: ReceivedRequest): string => `${method} ${path.replace(/[?&]agent_token=.*/, '').replace('/v1', '')}`;
  return { agent, server, clock, asked: () => server.requests.map(short) };
}

function command(id: string, name: string, status = 'SUCCEEDED', result: unknown = null): JsonObject {
  return { id, command_name: name, command_status: status, command_error: null, command_result: result as JsonObject };
}

const list = (...commands: readonly JsonObject[]): ServerAnswer => ({ json: { commands } });
const powerOff = async (agent: Agent): Promise<unknown> => agent.execute('standby.power_off', {}, { wait: false });
const step = (name: string): JsonObject => ({ step: { interface: 'deploy', step: name }, node: {}, ports: [], deploy_version: null });

const POST = 'POST /commands/?wait=false';
const LIST = 'GET /commands/';

describe('a command whose answer is lost', () => {
  test.each([['the connection is reset', RESET], ['the answer breaks off', HALF]])('is not sent again when the list has it: %s', async (_how, fault) => {
    const { agent, asked } = await start([fault, list(command('1', 'sync'), command('2', 'power_off', 'RUNNING'))]);
    expect(await powerOff(agent)).toMatchObject({ id: '2', name: 'power_off', status: 'RUNNING' });
    expect(asked()).toEqual([POST, LIST]);
  });

  test('is sent again when the list does not have it, after a pause', async () => {
    const { agent, asked, clock } = await start([RESET, list(command('1', 'sync')), { json: command('2', 'power_off', 'RUNNING') }]);
    expect(await powerOff(agent)).toMatchObject({ id: '2' });
    expect(asked()).toEqual([POST, LIST, POST]);
    expect(clock.pauses).toEqual([1000]);
  });

  test('is not mistaken for the same command before it, which this client has seen', async () => {
    const before = command('1', 'execute_deploy_step', 'FAILED');
    const { agent, asked } = await start([list(before), RESET, list(before), { json: command('2', 'execute_deploy_step', 'RUNNING') }]);
    await agent.commands();
    expect(await agent.execute('deploy.execute_deploy_step', step('write_image'), { wait: false })).toMatchObject({ id: '2' });
    expect(asked()).toEqual([LIST, POST, LIST, POST]);
  });

  test('is not mistaken for the step before it, which nobody has seen but which says what it was', async () => {
    const before = command('1', 'execute_deploy_step', 'SUCCEEDED', { deploy_result: null, deploy_step: { interface: 'deploy', step: 'erase_devices' } });
    const { agent, asked } = await start([RESET, list(before), { json: command('2', 'execute_deploy_step', 'RUNNING') }]);
    expect(await agent.execute('deploy.execute_deploy_step', step('write_image'), { wait: false })).toMatchObject({ id: '2' });
    expect(asked()).toEqual([POST, LIST, POST]);
  });

  test('is found when it ended meanwhile', async () => {
    const ended = command('1', 'execute_deploy_step', 'SUCCEEDED', { deploy_result: null, deploy_step: { interface: 'deploy', step: 'write_image' } });
    const { agent, asked } = await start([RESET, list(ended)]);
    expect(await agent.execute('deploy.execute_deploy_step', step('write_image'), { wait: false })).toMatchObject({ id: '1', status: 'SUCCEEDED' });
    expect(asked()).toEqual([POST, LIST]);
  });

  test('is waited for when the caller wants its end', async () => {
    const { agent, asked } = await start([RESET, list(command('a 1', 'install_bootloader', 'RUNNING')), { json: command('a 1', 'install_bootloader') }]);
    expect(await agent.execute('image.install_bootloader', {}, { wait: true })).toMatchObject({ status: 'SUCCEEDED' });
    expect(asked()).toEqual(['POST /commands/?wait=true', LIST, 'GET /commands/a%201?wait=true']);
  });

  test('is in doubt when the list does not come either, and never sent again', async () => {
    const { agent, asked, clock } = await start([RESET, RESET, RESET, RESET]);
    await expect(powerOff(agent)).rejects.toMatchObject({
      code: 'UNREACHABLE', details: { command: 'standby.power_off', mayHaveArrived: true }, hint: expect.stringContaining('may have been carried out') as string,
    });
    expect(asked()).toEqual([POST, LIST, LIST, LIST]);
    expect(clock.pauses).toEqual([1000, 2000]);
  });

  test('fails with what the list says when that tells more', async () => {
    const { agent } = await start([RESET, { status: 500, json: { faultcode: 'Server', faultstring: 'Object of type TypeError is not JSON serializable' } }]);
    await expect(powerOff(agent)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('TypeError') as string });
  });

  test('is given up after the third time', async () => {
    const { agent, asked } = await start([RESET, list(), RESET, list(), RESET, list()]);
    await expect(powerOff(agent)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(asked()).toEqual([POST, LIST, POST, LIST, POST, LIST]);
  });
});

describe('a command that the agent is silent about', () => {
  test('is found in the list when it is there', async () => {
    const { agent, asked } = await start([SILENCE, list(command('1', 'power_off', 'RUNNING'))], 150);
    expect(await powerOff(agent)).toMatchObject({ id: '1' });
    expect(asked()).toEqual([POST, LIST]);
  });

  test('is not sent again when it is not: a synchronous one may still run', async () => {
    const { agent, asked } = await start([SILENCE, list()], 150);
    await expect(powerOff(agent)).rejects.toMatchObject({ code: 'TIMEOUT', details: { command: 'standby.power_off', timeoutMs: 150 } });
    expect(asked()).toEqual([POST, LIST]);
  });
});

describe('reading', () => {
  test.each([['the connection is reset', RESET], ['the answer breaks off', HALF]])('is tried again: %s', async (_how, fault) => {
    const { agent, clock } = await start([fault, fault, list(command('1', 'sync'))]);
    expect(await agent.commands()).toMatchObject([{ id: '1' }]);
    expect(clock.pauses).toEqual([1000, 2000]);
  });

  test('is given up after the third time', async () => {
    const { agent, asked } = await start([HALF, HALF, HALF, list()]);
    await expect(agent.commands()).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('broke off') as string });
    expect(asked()).toHaveLength(3);
  });

  test('is not tried again after silence', async () => {
    const { agent, asked } = await start([SILENCE, list()], 150);
    await expect(agent.commands()).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
    expect(asked()).toHaveLength(1);
  });
});

test('a command is sent again when nobody listened', async () => {
  const gone = await startAgentServer({ answer: () => list() });
  await gone[Symbol.asyncDispose]();
  const clock = createHastyClock();
  await using agent = createAgentClient({ url: gone.url, token: new Secret('x'.repeat(43)), clock, attempts: 4 });
  await expect(powerOff(agent)).rejects.toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { reason: 'ECONNREFUSED', address: gone.address } });
  expect(clock.pauses).toEqual([1000, 2000, 4000]);
});
