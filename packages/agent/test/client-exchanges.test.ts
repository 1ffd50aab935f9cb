import { createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { formatFrame, FerricError, Secret, TranscriptRecorder, type FerricErrorCode } from '@ferric/core';
import { afterEach, describe, expect, test } from 'vitest';
import { collectSystemLogs, createAgentClient, type Agent, type AgentClientOptions } from '../src/index.js';
import { startAgentServer, type AgentServer, type ReceivedRequest, type ServerAnswer } from './support/agent-server.js';

const TOKEN = 'Zm9vYmFy-token_0123456789abcdefghijklmnopqr';
const DONE = { id: '1', command_name: 'sync', command_status: 'SUCCEEDED', command_error: null, command_result: null };

const cleanUps: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp[Symbol.asyncDispose]();
});

type Answer = ServerAnswer | ((request: ReceivedRequest, index: number) => ServerAnswer);

async function start(answer: Answer, options: Partial<AgentClientOptions> = {}): Promise<{ readonly agent: Agent; readonly server: AgentServer }> {
  const server = await startAgentServer({ answer: (request, index) => (typeof answer === 'function' ? answer(request, index) : answer) });
  const agent = createAgentClient({ url: server.url, token: new Secret(TOKEN), attempts: 1, ...options });
  cleanUps.push(server, agent);
  return { agent, server };
}

const sync = async (agent: Agent): Promise<unknown> => agent.execute('standby.sync', {}, { wait: true });

async function errorOf(promise: Promise<unknown>): Promise<FerricError> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  if (!FerricError.is(error)) throw new Error(`Expected a FerricError, got ${inspect(error)}`);
  return error;
}

describe('a request', () => {
  test('has a length, one connection of its own, and the token in its query', async () => {
    const { agent, server } = await start({ json: DONE });
    await sync(agent);
    await sync(agent);
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST', path: `/v1/commands/?wait=true&agent_token=${TOKEN}`, body: '{"name":"standby.sync","params":{}}',
      headers: { 'content-length': '35', 'content-type': 'application/json', connection: 'close' },
    });
    expect(request?.headers).not.toHaveProperty('transfer-encoding');
    expect(server.opened).toBe(2);
  });

  test('keeps the path of an address that has one, and writes a strange token as URLs do', async () => {
    const { agent, server } = await start({ json: { commands: [] } });
    await using behindProxy = createAgentClient({ url: `${server.url}/agents/7/`, token: new Secret('a b&wait=true') });
    await behindProxy.commands();
    await agent.commands();
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/agents/7/v1/commands/?agent_token=a%20b%26wait%3Dtrue', `/v1/commands/?agent_token=${TOKEN}`,
    ]);
  });

  test('carries secrets in the clear only in its body', async () => {
    const transcript = new TranscriptRecorder();
    const { agent, server } = await start({ json: DONE }, { transcript });
    const parameters = { rescue_password: new Secret('$6$salt$hash'), hashed: true };
    await agent.execute('rescue.finalize_rescue', parameters, { wait: true });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ name: 'rescue.finalize_rescue', params: { rescue_password: '$6$salt$hash', hashed: true } });
    expect(transcript.frames.map(({ direction, label, protocol, payload }) => [direction, label, protocol, payload])).toEqual([
      ['out', 'rescue.finalize_rescue', 'ipa',
        'POST /v1/commands/?wait=true&agent_token=****** {"name":"rescue.finalize_rescue","params":{"rescue_password":"******","hashed":true}}'],
      ['in', 'rescue.finalize_rescue', 'ipa', `200 ${JSON.stringify(DONE)}`],
    ]);
  });
});

describe('what an agent says instead of doing it', () => {
  test.each<[number, unknown, FerricErrorCode, boolean]>([
    [401, { faultcode: 'Client', faultstring: '401 Unauthorized: Token invalid.' }, 'AUTH_FAILED', false],
    [409, { faultcode: 'Client', faultstring: 'Agent is busy: executing command execute_deploy_step' }, 'BUSY', true],
    [400, { faultcode: 'Client', faultstring: 'AGENT IS BUSY: executing command x' }, 'BUSY', true],
    [400, { faultcode: 'Client', faultstring: 'Invalid command: Unknown command: nosuch' }, 'REFUSED', false],
    [404, { faultcode: 'Client', faultstring: 'Not found: Extension with id nosuch not found.' }, 'REFUSED', false],
    [500, { faultcode: 'Server', faultstring: 'Object of type OSError is not JSON serializable' }, 'PROTOCOL_FAULT', false],
  ])('status %i with %j is %s', async (status, json, code, retryable) => {
    const { agent } = await start({ status, json });
    const error = await errorOf(sync(agent));
    expect(error).toMatchObject({ code, retryable, details: { status, command: 'standby.sync' } });
    expect(error.message).toContain((json as { faultstring: string }).faultstring);
  });

  test('a list is never busy', async () => {
    const { agent } = await start({ status: 409, json: { faultstring: 'Agent is busy' } });
    await expect(agent.commands()).rejects.toMatchObject({ code: 'REFUSED' });
  });

  test.each([301, 302, 307, 308])('a redirect with %i is not followed', async (status) => {
    const { agent, server } = await start({ status, headers: { location: '/v1/commands/' }, text: '' });
    await expect(sync(agent)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('never followed') as string });
    await expect(agent.commands()).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(server.requests).toHaveLength(2);
  });

  test('after a refusal that left the body unread the next call still gets through', async () => {
    // As the agent's server does it: it refuses at the end of the header, and takes what follows for the next request.
    const server = createServer((socket) => {
      let heard = '';
      let refused = false;
      socket.on('error', () => undefined).on('data', (chunk: Buffer) => {
        heard += chunk.toString('latin1');
        const end = heard.indexOf('\r\n\r\n');
        if (end < 0) return;
        const isPost = heard.startsWith('POST');
        heard = heard.slice(end + 4);
        const answer = refused ? ['400 Bad Request', 'Malformed Request-Line'] : isPost ? ['401 Unauthorized', '{"faultstring":"Token invalid."}'] : ['200 OK', '{"commands":[]}'];
        refused ||= isPost;
        socket.write(`HTTP/1.1 ${answer[0]}\r\nContent-Length: ${answer[1]?.length}\r\n\r\n${answer[1]}`);
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    await using agent = createAgentClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: new Secret(TOKEN) });
    await expect(agent.execute('standby.sync', {}, { wait: true })).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    expect(await agent.commands()).toEqual([]);
    await agent[Symbol.asyncDispose]();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
});

describe('what is no answer of an agent', () => {
  test.each<[string, ServerAnswer]>([
    ['no JSON', { text: '<html>Welcome</html>' }],
    ['nothing', { text: '' }],
    ['a list', { json: [] }],
    ['another object', { json: { hello: 'world' } }],
    ['half a document', { text: '{"id": "1", "command_name": "sy' }],
    ['an unknown status', { json: { ...DONE, command_status: 'PAUSED' } }],
    ['no HTTP', { connection: (socket) => void socket.end('SSH-2.0-OpenSSH_9.2p1\r\n') }],
    ['something very deep', { text: `${JSON.stringify(DONE).slice(0, -6)}:${'['.repeat(100_000)}${']'.repeat(100_000)}}` }],
  ])('%s is PROTOCOL_FAULT', async (_what, answer) => {
    const { agent, server } = await start(answer);
    await expect(sync(agent)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', retryable: false, details: { address: server.address, command: 'standby.sync' } });
  });

  test('more than 8 MiB is not even read', async () => {
    const { agent } = await start({ json: { ...DONE, command_result: 'x'.repeat(9 * 1024 * 1024) } });
    await expect(sync(agent)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('more than 8388608 bytes') as string });
  });

  test('a log may be larger than any other answer', async () => {
    const logs = Buffer.alloc(9 * 1024 * 1024, 'log').toString('base64');
    const { agent } = await start({ json: { ...DONE, command_name: 'collect_system_logs', command_result: { system_logs: logs } } });
    expect((await collectSystemLogs(agent)).length).toBe(9 * 1024 * 1024);
  });
});

describe('a call ends', () => {
  const silence: ServerAnswer = { connection: () => undefined };

  test('by its deadline', async () => {
    const { agent, server } = await start(silence);
    await expect(agent.commands({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 50, address: server.address } });
    await expect(agent.execute('standby.sync', {}, { wait: true, timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test('with the reason of the caller who gives it up', async () => {
    const reason = new Error('changed my mind');
    const controller = new AbortController();
    const { agent } = await start(() => {
      controller.abort(reason);
      return silence;
    });
    await expect(agent.commands({ signal: controller.signal })).rejects.toBe(reason);
    await expect(agent.execute('standby.sync', {}, { wait: true, signal: controller.signal })).rejects.toBe(reason);
  });

  test('when its client is closed, and no connection stays', async () => {
    const asked = Promise.withResolvers<void>();
    const { agent, server } = await start(() => {
      asked.resolve();
      return silence;
    });
    const call = errorOf(agent.commands());
    await asked.promise;
    expect(server.open).toBe(1);
    await agent[Symbol.asyncDispose]();
    expect(await call).toMatchObject({ code: 'ABORTED' });
    await expect(agent.commands()).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(sync(agent)).rejects.toMatchObject({ code: 'ABORTED' });
    await agent[Symbol.asyncDispose]();
    await expect.poll(() => server.open).toBe(0);
  });
});

test('a connection that is still being made is closed too', async () => {
  const connected = Promise.withResolvers<Socket>();
  // It takes the connection, and never says a word of TLS.
  const server = createServer((socket) => connected.resolve(socket.on('error', () => undefined).resume()));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const agent = createAgentClient({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, token: new Secret(TOKEN) });
  const call = errorOf(agent.commands());
  const closed = connected.promise.then((socket) => new Promise<void>((resolve) => void socket.on('close', () => resolve())));
  await connected.promise;
  await agent[Symbol.asyncDispose]();
  expect(await call).toMatchObject({ code: 'ABORTED' });
  await closed;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
});

describe('secrets', () => {
  const configDrive = 'H4sIAGNvbmZpZ2RyaXZlIGNvbnRlbnQ=';
  const step = { interface: 'deploy', step: 'write_image', args: { image_info: { image_request_authorization: new Secret('dXNlcjpodW50ZXIy') }, configdrive: new Secret(configDrive) } };
  const parameters = { step, node: {}, ports: [], deploy_version: null };
  const secretTexts = [TOKEN, configDrive, 'dXNlcjpodW50ZXIy'];

  test.each<[string, (request: ReceivedRequest) => ServerAnswer]>([
    ['an answer that is no HTTP', ({ path, body }) => ({ connection: (socket) => void socket.end(`${path} ${body}\r\n\r\n`) })],
    ['an answer that is no JSON', ({ path, body }) => ({ text: `You asked ${path} ${body}` })],
    ['a refusal', ({ path, body }) => ({ status: 400, json: { faultstring: `bad request ${path} ${body}` } })],
    ['an error page', ({ path, body }) => ({ status: 502, text: `cannot reach ${path} ${body}` })],
    ['a redirect', ({ path, body }) => ({ status: 302, headers: { location: `https://example.com${path}` }, text: `${path} ${body}` })],
    ['a strange command', ({ path, body }) => ({ json: { ...DONE, command_status: `${path} ${body}` } })],
  ])('stay out of errors and transcripts although %s repeats them', async (_what, answer) => {
    const transcript = new TranscriptRecorder();
    const { agent } = await start(answer, { transcript });
    const error = await errorOf(agent.execute('deploy.execute_deploy_step', parameters, { wait: false }));
    const seen = [inspect(error, { depth: null, showHidden: true }), JSON.stringify(error), ...transcript.frames.map(formatFrame)].join('\n');
    expect(transcript.frames.length).toBeGreaterThan(0);
    expect(secretTexts.filter((secret) => seen.includes(secret))).toEqual([]);
  });

  test('stay out of what a step tells when it ended, and of why it failed', async () => {
    const told = { interface: 'deploy', step: 'write_image', args: { image_info: { id: 'x', image_request_authorization: 'b3RoZXI=' }, configdrive: 'other drive' } };
    const ended = { ...DONE, command_name: 'execute_deploy_step', command_result: { deploy_result: { result: 'written' }, deploy_step: told } };
    const failed = {
      ...ended, command_status: 'FAILED', command_result: null,
      command_error: { type: 'CommandExecutionError', code: 500, message: 'failed', details: `cannot use ${configDrive} of ${TOKEN}` },
    };
    const { agent } = await start((_request, index) => ({ json: [ended, failed][index] }));
    expect((await agent.execute('deploy.execute_deploy_step', parameters, { wait: false })).result).toEqual({
      deploy_result: { result: 'written' },
      deploy_step: { interface: 'deploy', step: 'write_image', args: { image_info: { id: 'x', image_request_authorization: '******' }, configdrive: '******' } },
    });
    expect((await agent.execute('deploy.execute_deploy_step', parameters, { wait: false })).error).toEqual({
      type: 'CommandExecutionError', code: 500, message: 'cannot use ****** of ******',
    });
  });
});

describe('options', () => {
  test.each<[string, Partial<AgentClientOptions>]>([
    ['url', { url: 'ftp://192.0.2.10' }],
    ['url', { url: 'https://user:pass@192.0.2.10:9999' }],
    ['url', { url: 'https://192.0.2.10:9999/?agent_token=x' }],
    ['url', { url: 'nonsense' }],
    ['token', { token: new Secret('') }],
    ['verifyCa', { verifyCa: 'not a certificate' }],
    ['verifyCa', { verifyCa: 'x', url: 'http://192.0.2.10:9999' }],
    ['commandTimeoutMs', { commandTimeoutMs: 50 }],
    ['attempts', { attempts: 0 }],
  ])('%s is checked: %j', (field, options) => {
    const make = (): Agent => createAgentClient({ url: 'https://192.0.2.10:9999', token: new Secret(TOKEN), ...options });
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', details: { issues: [expect.objectContaining({ field })] } }) as Error);
  });
});
