import { AGENT_KEYS } from '@ferric/agent';
import { HEARTBEAT_RECORD_STATES, HEARTBEAT_WAIT_STATES, PROVISION_STATES, Secret } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NodeUpdate } from '../../src/store/store.js';
import { createMachineApi, wrapped, type MachineApi, type MachineRequest } from '../support/machine-api.js';
import { recordedFile, RECORDED_NODE, RECORDED_TOKEN, type RecordedRequest } from '../support/recorded-agent.js';

const { request: RECORDED } = recordedFile('heartbeat.json') as { request: RecordedRequest };
const BODY = RECORDED.body ?? {};
const URL_OF_AGENT = 'https://192.0.2.10:9999';
const FACTS = { agent_secret_token: new Secret(RECORDED_TOKEN), agent_conductor_url: 'http://192.0.2.1:6385' };

let api: MachineApi;
beforeEach(async () => void (api = await createMachineApi()));
afterEach(() => api[Symbol.asyncDispose]());

const add = async (changes: NodeUpdate = {}): Promise<string> => {
  const { node } = await api.addMachine({ uuid: RECORDED_NODE, provisionState: 'wait call-back', targetProvisionState: 'active', driverInternalInfo: FACTS, ...changes });
  return node.uuid;
};
const beat = (body: unknown = BODY, options: MachineRequest & { readonly ident?: string } = {}) =>
  api.request('POST', `/v1/heartbeat/${options.ident ?? RECORDED_NODE}`, { version: '1.68', body, ...options });
const faultOf = async (...sent: Parameters<typeof beat>): Promise<unknown> => {
  const { status, error } = await beat(...sent);
  return [status, error?.['faultstring']];
};

describe('a heartbeat', () => {
  test('as recorded is accepted with nothing in its answer, written down, and makes the work go on', async () => {
    const uuid = await add({ lastError: 'an old failure' });
    const answer = await beat(BODY, { headers: { 'user-agent': 'python-requests/2.28.1', accept: 'application/json' } });
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([202, '', undefined]);
    const node = await api.node(uuid);
    expect(node.driverInternalInfo).toEqual({
      ...FACTS,
      agent_secret_token: expect.any(Secret) as Secret,
      agent_url: URL_OF_AGENT,
      agent_version: '11.99.0',
      agent_verify_ca: BODY['agent_verify_ca'],
      agent_last_heartbeat: '2026-11-21T08:00:00.000Z',
    });
    expect(Object.keys(node.driverInternalInfo).filter((key) => !(AGENT_KEYS as readonly string[]).includes(key))).toEqual([]);
    expect(node).toMatchObject({ reservation: 'test', provisionState: 'wait call-back', provisionUpdatedAt: api.clock.now(), lastError: null });
    expect(node.work).toMatchObject({ kind: 'deploy', input: { resume: true, manual: false } });
    expect(api.started).toEqual([node.work]);
    expect(await api.events(uuid, 'agent-reported')).toMatchObject([{ severity: 'INFO', details: { address: '192.0.2.10', agent_url: URL_OF_AGENT, agent_version: '11.99.0' } }]);
  });

  test.each([
    ['wait call-back', 'active', { kind: 'deploy', input: { resume: true, manual: false } }],
    ['clean wait', 'available', { kind: 'clean', input: { resume: true, manual: false } }],
    ['clean wait', 'manageable', { kind: 'clean', input: { resume: true, manual: true } }],
    ['rescue wait', 'rescue', { kind: 'rescue', input: { resume: true, manual: false } }],
  ] as const)('in state %s on the way to %s makes its work go on', async (provisionState, targetProvisionState, work) => {
    const uuid = await add({ provisionState, targetProvisionState });
    expect((await beat()).status).toBe(202);
    expect((await api.node(uuid)).work).toMatchObject(work);
    expect(api.started).toMatchObject([work]);
  });

  test.each([
    ['while somebody works on the node', { reservation: 'other' }, 'other'],
    ['in maintenance', { maintenance: true }, null],
  ])('%s is only written down', async (_case, changes, reservation) => {
    const uuid = await add(changes);
    expect((await beat()).status).toBe(202);
    expect(await api.node(uuid)).toMatchObject({ work: null, reservation, driverInternalInfo: { agent_url: URL_OF_AGENT }, provisionUpdatedAt: api.clock.now() });
    expect(api.started).toEqual([]);
  });

  test('promises work once, however many come at the same time', async () => {
    await add();
    const answers = await Promise.all(Array.from({ length: 10 }, () => beat()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(api.started).toHaveLength(1);
  });

  test('in every state does what the state admits', async () => {
    const before = new Date('2026-11-20T00:00:00Z');
    const uuid = await add();
    for (const provisionState of PROVISION_STATES) {
      await api.store.write((transaction) => transaction.nodes.update(uuid, { provisionState, provisionUpdatedAt: before, work: null, reservation: null, driverInternalInfo: FACTS }));
      expect((await beat()).status).toBe(202);
      const { driverInternalInfo, provisionUpdatedAt } = await api.node(uuid);
      const isWaiting = HEARTBEAT_WAIT_STATES.has(provisionState);
      expect([provisionState, 'agent_url' in driverInternalInfo]).toEqual([provisionState, isWaiting || HEARTBEAT_RECORD_STATES.has(provisionState)]);
      expect([provisionState, provisionUpdatedAt]).toEqual([provisionState, isWaiting ? api.clock.now() : before]);
    }
    expect(api.started.map(({ kind }) => kind)).toEqual(['deploy', 'clean', 'rescue']);
  });

  test('that repeats itself is no news; one that tells something else is', async () => {
    const uuid = await add({ maintenance: true });
    for (let time = 0; time < 5; time += 1) {
      await beat();
      await api.clock.advance(100_000);
    }
    expect(await api.events(uuid, 'agent-reported')).toHaveLength(1);
    expect((await api.node(uuid)).driverInternalInfo['agent_last_heartbeat']).toBe('2026-11-21T08:06:40.000Z');
    await beat({ ...BODY, agent_version: '12.0.0' });
    expect((await api.events(uuid, 'agent-reported'))[1]).toMatchObject({ message: 'The deploy agent reported version 12.0.0' });
    await beat({ callback_url: URL_OF_AGENT, agent_token: RECORDED_TOKEN, agent_status: 'error', agent_status_message: 'no space left' }, { version: '1.72' });
    expect((await api.node(uuid)).driverInternalInfo).toMatchObject({ agent_status: 'error', agent_status_message: 'no space left' });
    expect((await api.events(uuid, 'agent-reported'))[2]?.message).toContain('no space left');
  });

  test('may name its node, and a node that is unknown is told', async () => {
    await add({ name: 'rack-7' });
    expect((await beat(BODY, { ident: 'rack-7' })).status).toBe(202);
    expect(await faultOf(BODY, { ident: 'rack-8' })).toEqual([404, 'Node rack-8 could not be found.']);
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await faultOf(BODY, { ident: unknown })).toEqual([404, `Node ${unknown} could not be found.`]);
  });
});

const without = (key: string): Record<string, unknown> => Object.fromEntries(Object.entries(BODY).filter(([name]) => name !== key));

describe('a heartbeat is refused', () => {
  test.each([
    ['without a token', without('agent_token'), 'Agent token is required for heartbeat processing.'],
    ['with a wrong token', { ...BODY, agent_token: 'guess' }, 'Invalid or missing agent token received.'],
    ['with the mask for a token', { ...BODY, agent_token: '******' }, 'Invalid or missing agent token received.'],
    ['without a version', without('agent_version'), 'Agent did not transmit a version, and a version is required. Please update the agent being used.'],
    ['without an address', without('callback_url'), 'Missing mandatory parameter: callback_url'],
    ['with an address that is none', { ...BODY, callback_url: 'file:///etc/passwd' }, 'An issue with the supplied "callback_url" has been detected.'],
    ['without TLS', { ...BODY, callback_url: 'http://192.0.2.10:9999' }, 'TLS is required by configuration'],
    ['with a list for a body', [BODY], "Schema error for body: '******' is not of type 'object'"],
    ['with a number for a token', { ...BODY, agent_token: 7 }, 'Expected string for agent_token'],
  ])('%s', async (_case, body, faultstring) => {
    const uuid = await add();
    expect(await faultOf(body)).toEqual([400, faultstring]);
    expect(await api.node(uuid)).toMatchObject({ work: null, reservation: null });
    expect((await api.node(uuid)).driverInternalInfo).not.toHaveProperty('agent_url');
    expect(api.started).toEqual([]);
  });

  test.each([
    ['1.21', 404, undefined],
    ['1.35', 400, 'Field "agent_version" not recognised'],
    ['1.67', 400, 'Field "agent_verify_ca" not recognised in this version'],
  ])('at version %s', async (version, status, faultstring) => {
    await add();
    expect(await faultOf(BODY, { version })).toEqual([status, faultstring]);
  });

  test('for a node that has given no token in this boot', async () => {
    await add({ driverInternalInfo: {} });
    expect(await faultOf()).toEqual([400, 'Invalid or missing agent token received.']);
  });

  test('from another address than before, which the history tells once a minute', async () => {
    const uuid = await add();
    await beat();
    await api.store.write((transaction) => transaction.nodes.update(uuid, { work: null, reservation: null }));
    const before = await api.node(uuid);
    const stolen = { ...BODY, callback_url: 'https://198.51.100.66:9999' };
    const wrong = { ...BODY, agent_token: 'planted-guess-123' };
    for (const body of [stolen, stolen, wrong]) expect((await beat(body, { from: '198.51.100.66' })).status).toBe(400);
    expect(await api.node(uuid)).toEqual(before);
    expect(api.started).toHaveLength(1);
    const message = 'A heartbeat from 198.51.100.66 was refused: Detected change in ramdisk provided "callback_url" (the agent of this boot is at https://192.0.2.10:9999)';
    expect(await api.events(uuid, 'agent-refused')).toMatchObject([{ severity: 'WARNING', message, details: { address: '198.51.100.66', agent_url: URL_OF_AGENT } }]);
    expect(api.logger.at('warn')).toMatchObject([{ message }]);

    await api.clock.advance(60_000);
    await beat(wrong, { from: '198.51.100.66' });
    const events = await api.events(uuid, 'agent-refused');
    expect(events).toHaveLength(2);
    expect(events[1]?.message).toContain('Invalid or missing agent token received');
    for (const text of [JSON.stringify(events), api.logger.text()]) {
      expect(text).not.toContain('planted-guess-123');
      expect(text).not.toContain(RECORDED_TOKEN);
    }
  });

  test('in the same words while the history cannot be written', async () => {
    let fails = false;
    await using broken = await createMachineApi({
      wrapStore: (store) =>
        wrapped(store, {
          write: (work) => store.write((transaction) => work(fails ? { ...transaction, events: { append: () => Promise.reject(new Error('disk full')) } } : transaction)),
        }),
    });
    await broken.addMachine({ uuid: RECORDED_NODE, provisionState: 'wait call-back', driverInternalInfo: FACTS });
    fails = true;
    const answer = await broken.request('POST', `/v1/heartbeat/${RECORDED_NODE}`, { version: '1.68', body: { ...BODY, agent_token: 'x' } });
    expect([answer.status, answer.error?.['faultstring']]).toEqual([400, 'Invalid or missing agent token received.']);
    expect(broken.logger.at('error')).toHaveLength(1);
  });
});

test('an agent without TLS is let in where the operator says so', async () => {
  await using open = await createMachineApi({ requireTls: false });
  const { node } = await open.addMachine({ provisionState: 'wait call-back', driverInternalInfo: FACTS });
  const { agent_verify_ca: _ca, ...body } = BODY;
  const answer = await open.request('POST', `/v1/heartbeat/${node.uuid}`, { version: '1.68', body: { ...body, callback_url: 'http://192.0.2.10:9999' } });
  expect(answer.status).toBe(202);
  expect((await open.node(node.uuid)).driverInternalInfo).toMatchObject({ agent_url: 'http://192.0.2.10:9999' });
});
