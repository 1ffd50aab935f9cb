import { FerricError, Secret, type JsonObject } from '@ferric/core';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createAgentClient, executeDeployStep, getCleanSteps, getDeploySteps, getPartitionUuids, installBootloader, powerOff, sync,
  type Agent, type AgentCommandName,
} from '../src/index.js';
import { startAgentServer, type AgentServer } from './support/agent-server.js';
import { RECORDED_NODE, RECORDED_TOKEN, readRecording, recordedCommands, type RecordedExchange } from './support/recordings.js';

const token = new Secret(RECORDED_TOKEN);
const cleanUps: AsyncDisposable[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp[Symbol.asyncDispose]();
});

async function replay(exchanges: readonly RecordedExchange[]): Promise<{ readonly agent: Agent; readonly server: AgentServer }> {
  const server = await startAgentServer({
    answer: (_request, index) => {
      const exchange = exchanges[index];
      return exchange === undefined ? { status: 500, json: { faultstring: 'nothing more was recorded' } } : { status: exchange.status, json: exchange.response };
    },
  });
  const agent = createAgentClient({ url: server.url, token });
  cleanUps.push(server, agent);
  return { agent, server };
}

/** What the recorded answer is to us: the code of an error, or status and name. */
function expectedOutcome({ status, response }: RecordedExchange): unknown {
  const codes: Readonly<Record<number, string>> = { 400: 'REFUSED', 401: 'AUTH_FAILED', 404: 'REFUSED', 409: 'BUSY', 500: 'PROTOCOL_FAULT' };
  if (status !== 200) return { code: codes[status], message: expect.stringContaining(`: ${String(response['faultstring'])}`) };
  const commandStatus = response['command_status'];
  return { status: commandStatus === 'CLEAN_VERSION_MISMATCH' ? 'VERSION_MISMATCH' : commandStatus, name: response['command_name'] };
}

async function outcome(agent: Agent, exchange: RecordedExchange): Promise<unknown> {
  try {
    const parameters = exchange.body?.['params'] as JsonObject;
    const wait = exchange.path.includes('wait=true');
    const command = await agent.execute(exchange.body?.['name'] as AgentCommandName, parameters, { wait });
    return { status: command.status, name: command.name };
  } catch (error) {
    if (!FerricError.is(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

describe.each(['agent-commands', 'conversation-master-whole-disk', 'conversation-2023.2-whole-disk'])('the recording %s', (name) => {
  const sent = recordedCommands(name).filter(({ method, body }) => method === 'POST' && body?.['name'] !== undefined);
  const lists = recordedCommands(name).filter(({ method, path }) => method === 'GET' && path.startsWith('/v1/commands/?'));

  test('commands are sent byte for byte at the same address and read for what they are', async () => {
    expect(sent.length).toBeGreaterThanOrEqual(11);
    const { agent, server } = await replay(sent);
    for (const exchange of sent) expect(await outcome(agent, exchange)).toEqual(expectedOutcome(exchange));
    expect(server.requests.map(({ method, path, body }) => ({ method, path, body: JSON.parse(body) as unknown }))).toEqual(
      sent.map(({ method, path, body }) => ({ method, path, body })),
    );
  });

  test('lists are asked for at the same address and read in order', async () => {
    expect(lists.length).toBeGreaterThanOrEqual(4);
    const { agent, server } = await replay(lists);
    for (const { response } of lists) {
      const recorded = response['commands'] as readonly JsonObject[];
      const commands = await agent.commands();
      expect(commands.map(({ id }) => id)).toEqual(recorded.map(({ id }) => id));
    }
    expect(server.requests.map(({ method, path, body }) => [method, path, body])).toEqual(lists.map(({ path }) => ['GET', path, '']));
  });
});

test('the poisoned agent is told from one that is busy or gone, with its own words and what to do', async () => {
  const { agent } = await replay(readRecording('agent-poisoned-by-unknown-parameter') as readonly RecordedExchange[]);
  const failure = {
    code: 'PROTOCOL_FAULT', retryable: false,
    message: expect.stringContaining('Object of type TypeError is not JSON serializable') as string,
    hint: expect.stringContaining('may answer 500 to every later question about its commands') as string,
  };
  await expect(agent.execute('standby.sync', { bogus: 1 }, { wait: true })).rejects.toMatchObject(failure);
  await expect(agent.commands()).rejects.toMatchObject(failure);
});

test('the commands of this package are those that the real agent understood', async () => {
  const recorded = (command: string): RecordedExchange =>
    recordedCommands('agent-commands').find(({ body, status }) => body?.['name'] === command && status === 200) as RecordedExchange;
  const names = [
    'clean.get_clean_steps', 'deploy.get_deploy_steps', 'deploy.execute_deploy_step', 'standby.get_partition_uuids', 'image.install_bootloader',
    'standby.sync', 'standby.power_off',
  ];
  const exchanges = names.map(recorded);
  const { agent, server } = await replay(exchanges);

  const subject = { node: { uuid: RECORDED_NODE, properties: {}, instance_info: {}, driver_internal_info: {}, driver_info: {} }, ports: [] };
  const clean = await getCleanSteps(agent, subject);
  const deploy = await getDeploySteps(agent, subject);
  const recordedStep = (exchanges[2]?.body?.['params'] as JsonObject | undefined)?.['step'] as { interface: string; step: string; args: JsonObject };
  const writing = await executeDeployStep(agent, { ...subject, step: recordedStep, deployVersion: deploy.hardwareManagerVersion });
  const partitions = await getPartitionUuids(agent);
  const none = { rootUuid: undefined, efiSystemPartitionUuid: undefined, prepBootPartitionUuid: undefined };
  await installBootloader(agent, { ...none, targetBootMode: 'bios' });
  await sync(agent);
  const leaving = await powerOff(agent);

  expect(server.requests.map(({ path, body }) => [path, JSON.parse(body) as unknown])).toEqual(exchanges.map(({ path, body }) => [path, body]));
  expect(clean.hardwareManagerVersion).toEqual({ ferric_file_disk: '1', generic_hardware_manager: '1.2' });
  expect(clean.steps[0]).toEqual({
    interface: 'deploy', step: 'erase_devices_metadata', priority: 99, rebootRequested: false, abortable: true, arguments: {}, manager: 'FileDiskManager',
  });
  expect(deploy.steps.find(({ step }) => step === 'apply_configuration')?.arguments['raid_config']).toEqual({
    description: 'The RAID configuration to apply.', required: true,
  });
  expect([writing.status, leaving.status, partitions]).toEqual(['RUNNING', 'RUNNING', { ...none, rootUuid: '0x00000000' }]);
});
