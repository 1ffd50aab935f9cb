import { isIP } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { optionIssues } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callApi, command } from '../../test/simulator/api-client.js';
import { NODE_UUID, startStubConductor, type StubConductor, type StubOptions, TOKEN } from '../../test/simulator/stub-conductor.js';
import { readRecording } from '../../test/support/recordings.js';
import { createAgentFaults, startVirtualAgent, type VirtualAgent, type VirtualAgentOptions } from './index.js';

const MAC = '52:54:00:12:34:56';
const HEARTBEAT = `POST /v1/heartbeat/${NODE_UUID}`;
const LOOKUP = 'GET /v1/lookup';
const QUICK = {
  heartbeatRetryMs: [5, 10], lookupIntervalMs: 5, longestLookupIntervalMs: 10, lookupTimeoutMs: 300, inspectionRetryMs: [5, 10], shutdownMs: 5, forcedHeartbeatMs: 5,
} as const;

const cleanUps: AsyncDisposable[] = [];
let conductor: StubConductor;

beforeEach(async () => {
  conductor = await conductorWith({});
});

afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each[Symbol.asyncDispose]();
});

async function conductorWith(options: StubOptions): Promise<StubConductor> {
  const started = await startStubConductor(options);
  cleanUps.push(started);
  return started;
}

async function start(parameters = '', options: Partial<VirtualAgentOptions> = {}): Promise<VirtualAgent> {
  const agent = await startVirtualAgent({
    kernelParameters: `ipa-api-url=${conductor.url} ${parameters}`, macAddresses: [MAC], pacing: QUICK, ...options,
  });
  cleanUps.push(agent);
  return agent;
}

describe('the way to the first heartbeat', () => {
  test('is as recorded from the real agent: inspection, version, lookup, heartbeat', async () => {
    const recorded = (readRecording('conversation-master-whole-disk') as { direction: string; method: string; path: string; headers: Record<string, string>; body: object | null }[])
      .filter(({ direction }) => direction === 'agent->conductor')
      .slice(0, 4);
    const agent = await start(`ipa-inspection-callback-url=${conductor.url}/v1/continue_inspection BOOTIF=01-52-54-00-12-34-56`);
    await agent.firstHeartbeat();
    const seen = conductor.seen.map(({ method, path, headers, body }) => [method, path, headers['x-openstack-ironic-api-version'], Object.keys(Object(body) as object)]);
    expect(seen).toEqual(recorded.map(({ method, path, headers, body }) => [method, path, headers['X-OpenStack-Ironic-API-Version'], Object.keys(body ?? {})]));
    expect(agent).toMatchObject({ phase: 'serving', nodeUuid: NODE_UUID, heartbeats: 1 });
  });

  test('tells where the API is, the token, a version and a certificate for that address', async () => {
    const agent = await start('', { version: '11.1.2' });
    const [heartbeat] = await conductor.waitFor(HEARTBEAT);
    expect(heartbeat?.body).toEqual({
      callback_url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/) as string, agent_token: TOKEN, agent_version: '11.1.2', agent_verify_ca: agent.certificate,
    });
    const certificate = new X509Certificate(agent.certificate ?? '');
    expect([certificate.checkIP('127.0.0.1'), certificate.ca, certificate.verify(certificate.publicKey)]).toEqual(['127.0.0.1', false, true]);
    expect(await callApi(agent, { path: '/v1/status' })).toMatchObject({ status: 200, body: { version: '11.1.2' } });
  });

  test.each([
    ['1.67', '1.62', '1.67', ['callback_url', 'agent_token', 'agent_version']],
    ['1.40', '1.40', '1.40', ['callback_url', 'agent_version']],
    ['1.22', '1.22', '1.22', ['callback_url']],
    ['1.200', '1.62', '1.68', ['callback_url', 'agent_token', 'agent_version', 'agent_verify_ca']],
  ])('with a conductor of version %s asks for no more than it knows', async (version, lookup, heartbeat, fields) => {
    conductor = await conductorWith({ version });
    const agent = await start();
    const [seen] = await conductor.waitFor(HEARTBEAT);
    expect(conductor.requests(LOOKUP)[0]?.headers['x-openstack-ironic-api-version']).toBe(lookup);
    expect(seen?.headers['x-openstack-ironic-api-version']).toBe(heartbeat);
    expect(Object.keys(seen?.body as object)).toEqual(fields);
    expect(agent.callbackUrl).toMatch(fields.includes('agent_verify_ca') ? /^https:/ : /^http:/);
  });

  test.each([[404, 'gone'], [200, 'no JSON'], [200, { default_version: {} }]])('believes in 1.31 when the version cannot be learnt (%s %s)', async (status, body) => {
    conductor.on('GET /', () => ({ status, body }));
    await start();
    const [seen] = await conductor.waitFor(HEARTBEAT);
    expect(seen?.headers['x-openstack-ironic-api-version']).toBe('1.31');
    expect(Object.keys(seen?.body as object)).toEqual(['callback_url']);
  });

  test('advertises what the kernel parameters say', async () => {
    const agent = await start('ipa-advertise-host=192.0.2.7 ipa-advertise-port=12345');
    await agent.firstHeartbeat();
    expect(agent.callbackUrl).toBe('https://192.0.2.7:12345');
    expect(new X509Certificate(agent.certificate ?? '').subjectAltName).toBe('IP Address:192.0.2.7');
    expect(isIP(new URL(agent.apiUrl ?? '').hostname)).toBe(4);
  });

  test('goes on to the next conductor when one cannot be reached, and stays there', async () => {
    const gone = await startStubConductor();
    await gone[Symbol.asyncDispose]();
    const agent = await startVirtualAgent({ kernelParameters: { 'ipa-api-url': `${gone.url},${conductor.url}/` }, macAddresses: [MAC], pacing: QUICK });
    cleanUps.push(agent);
    await agent.firstHeartbeat();
    expect(agent.nodeUuid).toBe(NODE_UUID);
  });
});

describe('a lookup', () => {
  test('is tried again until the answer is good', async () => {
    const answers = [{ status: 404 }, { status: 409 }, { status: 500 }, 'reset', { status: 200, body: 'no JSON' }, { status: 200, body: { node: {} } }] as const;
    const good = { node: { uuid: NODE_UUID }, config: { heartbeat_timeout: 20, agent_token: TOKEN } };
    conductor.on(LOOKUP, (_request, count) => answers[count - 1] ?? { status: 200, body: good });
    const agent = await start();
    await agent.firstHeartbeat();
    expect(conductor.requests(LOOKUP)).toHaveLength(7);
  });

  test('that never succeeds ends the agent', async () => {
    conductor.on(LOOKUP, () => ({ status: 404 }));
    const agent = await start('', { pacing: { ...QUICK, lookupTimeoutMs: 30 } });
    expect(await agent.ended).toEqual({ how: 'gave up', detail: 'no good answer to lookups within 30 ms: status 404' });
    await expect(agent.firstHeartbeat()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('waits longer each time, as the kernel parameters and chance say', async () => {
    conductor.on(LOOKUP, () => ({ status: 404 }));
    const agent = await start('ipa-lookup-interval=2 ipa-lookup-timeout=100', { clock: createFakeClock(), pacing: {}, random: () => 0.5 });
    await conductor.waitFor(LOOKUP);
    await expect.poll(() => agent.logLines.at(-1)).toMatch(/again in 2000 ms: status 404$/);
  });

  test('answered with asterisks ends an agent without a token', async () => {
    conductor = await conductorWith({ config: { agent_token: '******' } });
    expect(await (await start()).ended).toEqual({ how: 'gave up', detail: 'the agent token was given to somebody else before' });
    expect(conductor.requests(HEARTBEAT)).toEqual([]);
  });

  test('answered with asterisks is well for an agent that has one', async () => {
    conductor = await conductorWith({ config: { agent_token: '******' } });
    await start(`ipa-agent-token=${TOKEN}`);
    const [seen] = await conductor.waitFor(HEARTBEAT);
    expect(seen?.body).toMatchObject({ agent_token: TOKEN });
  });

  test('answered with a short token leaves the agent without one', async () => {
    conductor = await conductorWith({ config: { agent_token: 'short' } });
    const agent = await start();
    const [seen] = await conductor.waitFor(HEARTBEAT);
    expect(seen?.body).toMatchObject({ agent_token: null });
    expect(await callApi(agent, { path: '/v1/commands/', token: 'short' })).toMatchObject({ status: 401 });
  });
});

describe('inspection', () => {
  const URL_PARAMETER = (): string => `ipa-inspection-callback-url=${conductor.url}/v1/continue_inspection`;

  test('posts an inventory of the real shape', async () => {
    await start(URL_PARAMETER());
    const [post] = await conductor.waitFor('POST /v1/continue_inspection');
    const recorded = readRecording('continue_inspection-request') as Record<string, unknown>;
    const { body } = post as { body: Record<string, unknown> };
    expect(shapeOf(body['inventory'])).toEqual(shapeOf(recorded['inventory']));
    expect(shapeOf(body['root_disk'])).toEqual(shapeOf(recorded['root_disk']));
    expect(body['boot_interface']).toBeNull();
    expect(Buffer.from(String(body['logs']), 'base64').subarray(0, 2).toString('hex')).toBe('1f8b');
  });

  test('is tried again after a failure that may pass, and names the node for the lookup', async () => {
    conductor.on('POST /v1/continue_inspection', (_request, count) => (count < 3 ? { status: count === 1 ? 500 : 409 } : { status: 200, body: { uuid: NODE_UUID } }));
    await start(URL_PARAMETER());
    const [lookup] = await conductor.waitFor(LOOKUP);
    expect(conductor.requests('POST /v1/continue_inspection')).toHaveLength(3);
    expect(lookup?.path).toContain(`node_uuid=${NODE_UUID}`);
  });

  test('that is refused is left, and the agent goes on', async () => {
    conductor.on('POST /v1/continue_inspection', () => ({ status: 404 }));
    await start(URL_PARAMETER());
    const [lookup] = await conductor.waitFor(LOOKUP);
    expect(conductor.requests('POST /v1/continue_inspection')).toHaveLength(1);
    expect(lookup?.path).not.toContain('node_uuid');
  });

  test('alone, without a conductor to look up, leaves the agent serving', async () => {
    const agent = await startVirtualAgent({ kernelParameters: URL_PARAMETER(), macAddresses: [MAC], pacing: QUICK });
    cleanUps.push(agent);
    await conductor.waitFor('POST /v1/continue_inspection');
    await expect.poll(() => agent.phase).toBe('serving');
    expect(conductor.requests(LOOKUP)).toEqual([]);
  });
});

describe('heartbeats', () => {
  test('come again after a refusal, and after an asynchronous command', async () => {
    conductor.on(HEARTBEAT, (_request, count) => ({ status: count === 1 ? 409 : 202 }));
    const agent = await start();
    await conductor.waitFor(HEARTBEAT, 2);
    await agent.firstHeartbeat();
    await command(agent, 'image.install_bootloader', { root_uuid: null });
    await conductor.waitFor(HEARTBEAT, 3);
    await command(agent, 'standby.sync');
    expect(conductor.requests(HEARTBEAT)).toHaveLength(3);
  });
});

describe('faults', () => {
  test('never calls', async () => {
    const agent = await start('', { faults: createAgentFaults([{ kind: 'never calls' }]) });
    await expect(agent.firstHeartbeat({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(conductor.seen).toEqual([]);
  });

  test('wrong token and other address, once', async () => {
    conductor.on(HEARTBEAT, (_request, count) => ({ status: count === 1 ? 400 : 202 }));
    await start('', { faults: createAgentFaults([{ kind: 'wrong token', times: 1 }, { kind: 'other address', times: 1 }]) });
    const [first, second] = await conductor.waitFor(HEARTBEAT, 2);
    expect(first?.body).toMatchObject({ callback_url: 'https://192.0.2.99:9999', agent_token: 'x'.repeat(43) });
    expect(second?.body).toMatchObject({ callback_url: expect.stringContaining('127.0.0.1') as string, agent_token: TOKEN });
  });

  test('no heartbeats: it lives, and tells nobody', async () => {
    const agent = await start('', { faults: createAgentFaults([{ kind: 'no heartbeats' }]) });
    await expect.poll(() => agent.phase).toBe('serving');
    expect(await callApi(agent, { path: '/v1/commands/' })).toMatchObject({ status: 200 });
    expect(conductor.requests(HEARTBEAT)).toEqual([]);
  });

  test.each([
    ['garbage', /Parse Error|HTTP|socket hang up/],
    ['half frame', /aborted|terminated|hang up|ECONNRESET/],
  ] as const)('%s breaks an answer', async (kind, message) => {
    const agent = await start();
    await agent.firstHeartbeat();
    agent.faults.inject({ kind, times: 1 });
    await expect(callApi(agent, { path: '/v1/commands/' })).rejects.toThrow(message);
    expect(await callApi(agent, { path: '/v1/commands/' })).toMatchObject({ status: 200 });
  });

  test('silence is kept until the agent ends', async () => {
    const agent = await start();
    await agent.firstHeartbeat();
    agent.faults.inject({ kind: 'silence', times: 1 });
    const call = callApi(agent, { path: '/v1/commands/' });
    call.catch(() => undefined);
    await expect.poll(() => agent.faults.has('silence')).toBe(false);
    await agent[Symbol.asyncDispose]();
    await expect(call).rejects.toThrow(/hang up|ECONNRESET|disconnected/);
  });

  test.each([['server error', '/v1/status'], ['poisoned', '/v1/commands/']] as const)('%s is an answer of status 500', async (kind, path) => {
    const agent = await start();
    await agent.firstHeartbeat();
    agent.faults.inject({ kind });
    expect(await callApi(agent, { path })).toMatchObject({ status: 500, body: { faultcode: 'Server' } });
    agent.faults.clear(kind);
    expect(await callApi(agent, { path })).toMatchObject({ status: 200 });
  });

  test('refuses a kind that nobody knows', () => {
    expect(() => createAgentFaults([{ kind: 'rust' as 'slow' }])).toThrow(/kind must be one of/);
  });
});

describe('the end', () => {
  test.each([['standby.power_off', 'power off', ['off']], ['standby.run_image', 'reboot', ['reboot']]])('%s: %s', async (name, how, expected) => {
    const calls: string[] = [];
    const agent = await start('', { onPowerOff: () => void calls.push('off'), onReboot: () => void calls.push('reboot') });
    await agent.firstHeartbeat();
    expect(await command(agent, name, {}, false)).toMatchObject({ status: 200, body: { command_status: 'RUNNING', command_error: null, command_result: null } });
    expect(await agent.ended).toEqual({ how });
    await expect.poll(() => calls).toEqual(expected);
    expect(agent).toMatchObject({ phase: 'ended', apiUrl: undefined });
  });

  test.each([['rescue.finalize_rescue', { rescue_password: '$6$salt$hash', hashed: true }, 'rescued'], ['system.lockdown', {}, 'locked down']])(
    '%s stops the API and leaves the machine on', async (name, params, how) => {
      const hashes: string[] = [];
      const agent = await start('', { onRescue: (hash) => void hashes.push(hash.reveal()), onPowerOff: () => void hashes.push('off') });
      await agent.firstHeartbeat();
      expect(await command(agent, name, params)).toMatchObject({ status: 200, body: { command_status: 'SUCCEEDED', command_result: null } });
      expect(await agent.ended).toEqual({ how });
      expect(hashes).toEqual(how === 'rescued' ? ['$6$salt$hash'] : []);
    },
  );

  test('a rescue password that cannot be kept poisons the agent, as in the real one', async () => {
    const agent = await start('', { onRescue: () => Promise.reject(new Error('read-only file system')) });
    await agent.firstHeartbeat();
    const poisoned = { status: 500, body: { faultcode: 'Server', faultstring: 'Object of type OSError is not JSON serializable' } };
    expect(await command(agent, 'rescue.finalize_rescue', { rescue_password: 'x', hashed: true })).toMatchObject(poisoned);
    expect(await callApi(agent, { path: '/v1/commands/' })).toMatchObject(poisoned);
  });

  test('disposing twice is well, at any time, and leaves nothing behind', async () => {
    const agent = await start();
    await agent[Symbol.asyncDispose]();
    await agent[Symbol.asyncDispose]();
    expect(await agent.ended).toEqual({ how: 'stopped' });
    const lines = agent.logLines.join('\n');
    expect(lines).not.toContain(TOKEN);
  });
});

test('refuses what it cannot use, all at once', async () => {
  const refused = startVirtualAgent({
    kernelParameters: 'ipa-api-url=mdns ipa-listen-port=70000 ipa-lookup-timeout=soon ipa-advertise-protocol=ftp', macAddresses: ['nonsense'],
  });
  const error: unknown = await refused.catch((reason: unknown) => reason);
  expect(optionIssues(error).map(({ field }) => field).toSorted()).toEqual([
    'ipa-advertise-protocol', 'ipa-api-url', 'ipa-listen-port', 'ipa-lookup-timeout', 'macAddresses',
  ]);
  expect(optionIssues(await startVirtualAgent({ kernelParameters: 'quiet' }).catch((reason: unknown) => reason))).toMatchObject([{ field: 'ipa-api-url', problem: 'missing' }]);
});

/** Keys and kinds of values, all the way down; null stands for any kind. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return 'value';
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}
