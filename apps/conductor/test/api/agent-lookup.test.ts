import { Secret } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMachineApi, type MachineApi, type MachineRequest } from '../support/machine-api.js';
import { recordedFile, RECORDED_MAC, RECORDED_NODE } from '../support/recorded-agent.js';

interface LookupBody {
  readonly node: Readonly<Record<string, unknown>>;
  readonly config: { readonly agent_token?: string; readonly [key: string]: unknown };
}

const BASE = 'http://192.0.2.1:6385';
let api: MachineApi;
beforeEach(async () => void (api = await createMachineApi()));
afterEach(() => api[Symbol.asyncDispose]());

const lookup = async (query: string, options: MachineRequest = {}) => {
  const answer = await api.request('GET', `/v1/lookup${query}`, { version: '1.62', ...options });
  return { ...answer, lookup: answer.body as LookupBody };
};
const ofMac = `?addresses=${encodeURIComponent(RECORDED_MAC)}`;

describe('an agent that looks its node up', () => {
  test('as recorded, is told what the recorded one was told', async () => {
    await api.addMachine({ uuid: RECORDED_NODE, provisionState: 'wait call-back' }, RECORDED_MAC);
    const { request, response } = recordedFile('lookup.json') as { request: { path: string; headers: Record<string, string> }; response: LookupBody };
    const { 'X-OpenStack-Ironic-API-Version': _version, 'Content-Type': type, ...headers } = request.headers;
    const answer = await lookup(request.path.replace('/v1/lookup', ''), { headers: { ...headers, 'content-type': type ?? '' } });
    expect(answer.status).toBe(200);
    expect(answer.lookup.node).toEqual({
      ...response.node,
      links: [
        { href: `${BASE}/v1/nodes/${RECORDED_NODE}`, rel: 'self' },
        { href: `${BASE}/nodes/${RECORDED_NODE}`, rel: 'bookmark' },
      ],
    });
    expect(Object.keys(answer.lookup.config)).toEqual(expect.arrayContaining(Object.keys(response.config)));
    expect(answer.lookup.config).toMatchObject({ heartbeat_timeout: 300, agent_token_required: true, agent_md5_checksum_enable: false });
    expect(answer.lookup.config.agent_token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test('gets its token once, which nobody else ever sees', async () => {
    const { node } = await api.addMachine({ provisionState: 'deploying' });
    const token = (await lookup(ofMac)).lookup.config.agent_token ?? '';
    const { driverInternalInfo } = await api.node(node.uuid);
    expect(driverInternalInfo['agent_secret_token']).toBeInstanceOf(Secret);
    expect((driverInternalInfo['agent_secret_token'] as Secret).reveal()).toBe(token);
    expect(driverInternalInfo['agent_conductor_url']).toBe(BASE);

    const again = await lookup(ofMac);
    expect([again.status, again.lookup.config.agent_token]).toEqual([200, '******']);
    expect((await api.node(node.uuid)).driverInternalInfo).toEqual(driverInternalInfo);
    const shown = await api.request('GET', `/v1/nodes/${node.uuid}`, { version: '1.82' });
    expect(shown.body).toMatchObject({ driver_internal_info: { agent_secret_token: '******' } });
    const events = await api.events(node.uuid, 'agent-looked-up');
    expect(events).toMatchObject([
      { severity: 'INFO', details: { first: true, address: '192.0.2.10' } },
      { severity: 'INFO', details: { first: false } },
    ]);
    for (const text of [again.text, shown.text, api.logger.text(), JSON.stringify(events)]) expect(text).not.toContain(token);
  });

  test('brought its token with what it booted from: that becomes its own, and nobody who asks learns it', async () => {
    const { node } = await api.addMachine({ provisionState: 'wait call-back', driverInternalInfo: { agent_embedded_token: new Secret('planted-token-of-a-medium-0123456789') } });
    for (const version of ['1.62', '1.61', '1.62']) {
      const answer = await lookup(ofMac, { version });
      expect([answer.status, answer.lookup.config.agent_token]).toEqual([200, version === '1.61' ? undefined : '******']);
      expect(answer.text).not.toContain('planted-token');
    }
    const { driverInternalInfo } = await api.node(node.uuid);
    expect((driverInternalInfo['agent_secret_token'] as Secret).reveal()).toBe('planted-token-of-a-medium-0123456789');
    // Anybody may look a node up, under any name of the conductor; images of the disk would be loaded from there.
    expect(driverInternalInfo['agent_conductor_url']).toBeUndefined();
    expect(await api.events(node.uuid, 'agent-looked-up')).toMatchObject([
      { message: expect.stringContaining('its token came with what it booted from') as string, details: { first: true } }, { details: { first: false } },
    ]);
    const beats = async (token: string) => api.request('POST', `/v1/heartbeat/${node.uuid}`, { version: '1.68', body: { callback_url: 'https://192.0.2.10:9999', agent_version: '11', agent_token: token } });
    const conductorUrl = async (): Promise<unknown> => (await api.node(node.uuid)).driverInternalInfo['agent_conductor_url'];
    expect([(await beats('x'.repeat(43))).status, await conductorUrl()]).toEqual([400, undefined]);
    expect([(await beats('planted-token-of-a-medium-0123456789')).status, await conductorUrl()]).toEqual([202, BASE]);
  });

  test('gets one token also when many ask at the same time', async () => {
    await api.addMachine({ provisionState: 'wait call-back' });
    const answers = await Promise.all(Array.from({ length: 12 }, () => lookup(ofMac)));
    const tokens = answers.map((answer) => answer.lookup.config.agent_token);
    expect(tokens.filter((token) => token !== '******')).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('fills the history no faster than once a minute, however often it asks', async () => {
    const { node } = await api.addMachine({ provisionState: 'wait call-back' });
    for (let time = 0; time < 20; time += 1) await lookup(ofMac);
    expect(await api.events(node.uuid, 'agent-looked-up')).toHaveLength(2);
    await api.clock.advance(60_000);
    for (let time = 0; time < 20; time += 1) await lookup(ofMac);
    expect(await api.events(node.uuid, 'agent-looked-up')).toHaveLength(3);
  });

  test.each(['deploying', 'wait call-back', 'cleaning', 'clean wait', 'inspecting', 'inspect wait', 'rescuing', 'rescue wait', 'service wait'] as const)(
    'is answered in state %s', async (provisionState) => {
      await api.addMachine({ provisionState, reservation: 'test' });
      expect((await lookup(ofMac)).status).toBe(200);
    },
  );

  test('is refused without a reason: unknown, in a wrong state and ambiguous look alike', async () => {
    const { node } = await api.addMachine({ provisionState: 'available' });
    await api.addMachine({ provisionState: 'wait call-back' }, '52:54:00:00:00:01');
    await api.addMachine({ provisionState: 'wait call-back' }, '52:54:00:00:00:02');
    const unknown = '00000000-0000-4000-8000-000000000000';
    const queries = [ofMac, '?addresses=52:54:00:99:99:99', '?addresses=52:54:00:00:00:01,52:54:00:00:00:02', `?node_uuid=${unknown}`, `?node_uuid=${node.uuid}`];
    const answers = await Promise.all(queries.map((query) => lookup(query)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.error).toEqual({ faultcode: 'Client', faultstring: 'Resource could not be found.', debuginfo: null });
    expect((await api.node(node.uuid)).driverInternalInfo).toEqual({});
    // The log of the operator has the reason, once per address and minute.
    expect(api.logger.at('warn')).toHaveLength(1);
  });

  test('is found by its UUID before its addresses, and by any of its addresses', async () => {
    const { node } = await api.addMachine({ provisionState: 'wait call-back' });
    const other = await api.addMachine({ provisionState: 'wait call-back' }, '52:54:00:00:00:01');
    await api.addPort(node.uuid, '52:54:00:00:00:09');
    const uuidOf = async (query: string): Promise<unknown> => (await lookup(query)).lookup.node['uuid'];
    expect(await uuidOf(`${ofMac}&node_uuid=${other.node.uuid.toUpperCase()}`)).toBe(other.node.uuid);
    // What is no MAC address of a machine, such as an InfiniBand GUID, is passed over.
    expect(await uuidOf('?addresses=80:00:02:08:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cb:a1,52-54-00-00-00-09,x')).toBe(node.uuid);
    expect(await uuidOf('?addresses=52:54:00:00:00:09,52:54:00:12:34:56')).toBe(node.uuid);
  });

  test.each([
    ['', 400, "At least one of 'addresses' and 'node_uuid' parameters is required"],
    ['?addresses=nonsense,x', 400, "At least one of 'addresses' and 'node_uuid' parameters is required"],
    ['?node_uuid=nonsense', 400, expect.stringMatching(/^Expected UUID for node_uuid: "?nonsense/) as string],
    ['?bogus=1', 400, 'Unexpected arguments: bogus'],
  ])('%s answers %i', async (query, status, faultstring) => {
    const answer = await lookup(query);
    expect([answer.status, answer.error?.['faultstring']]).toEqual([status, faultstring]);
  });

  test('is let in from 1.22 on and gets a token from 1.62 on', async () => {
    const { node } = await api.addMachine({ provisionState: 'wait call-back' });
    expect((await lookup(ofMac, { version: '1.21' })).status).toBe(404);
    const old = await lookup(ofMac, { version: '1.61' });
    expect(old.status).toBe(200);
    expect(old.lookup.config).not.toHaveProperty('agent_token');
    expect((await api.node(node.uuid)).driverInternalInfo).toEqual({});
  });

  test('sees no secret of its node', async () => {
    const secret = new Secret('planted-marker-77');
    await api.addMachine({ provisionState: 'wait call-back', instanceInfo: { configdrive: secret, image_source: 'http://192.0.2.9/x' }, driverInternalInfo: { other_password: secret } });
    const answer = await lookup(ofMac);
    expect(answer.lookup.node).toMatchObject({ instance_info: { configdrive: '******', image_source: 'http://192.0.2.9/x' }, driver_internal_info: { other_password: '******' } });
    expect(answer.text).not.toContain('planted-marker-77');
  });

  test.each(['evil\\example', 'user@evil.example', 'a b'])('does not have the address "%s" written down, which is none', async (host) => {
    const { node } = await api.addMachine({ provisionState: 'wait call-back' });
    await lookup(ofMac, { headers: { host } });
    expect((await api.node(node.uuid)).driverInternalInfo).not.toMatchObject({ agent_conductor_url: expect.stringContaining('evil') as string });
  });

  test('cannot have the address of the conductor changed afterwards', async () => {
    const { node } = await api.addMachine({ provisionState: 'wait call-back' });
    await lookup(ofMac);
    await lookup(ofMac, { headers: { host: 'evil.example' }, from: '198.51.100.66' });
    expect((await api.node(node.uuid)).driverInternalInfo['agent_conductor_url']).toBe(BASE);
  });
});

test('the configured address of the conductor wins over the one of the request', async () => {
  await using configured = await createMachineApi({ publicEndpoint: 'https://conductor.example/' });
  const { node } = await configured.addMachine({ provisionState: 'wait call-back' });
  await configured.request('GET', `/v1/lookup${ofMac}`, { version: '1.62' });
  expect((await configured.node(node.uuid)).driverInternalInfo['agent_conductor_url']).toBe('https://conductor.example');
});
