import { expect, test } from 'vitest';
import { createMachineApi } from '../support/machine-api.js';
import { RECORDED_MAC, RECORDED_NODE, RECORDED_TOKEN, recordedRequests } from '../support/recorded-agent.js';

/** The states that the node is in when the agent asks for the first time, and once it was inspected. */
test.each([
  ['conversation-master-whole-disk.json', 'inspect wait'],
  ['conversation-2023.2-whole-disk.json', 'wait call-back'],
] as const)('every request in %s gets the recorded status', async (name, first) => {
  await using api = await createMachineApi();
  await api.addMachine({ uuid: RECORDED_NODE, provisionState: first, targetProvisionState: 'active' }, RECORDED_MAC);
  const requests = recordedRequests(name);
  expect(requests.length).toBeGreaterThanOrEqual(9);
  let token = RECORDED_TOKEN;
  for (const { method, path, headers, body, status } of requests) {
    const sent = body === undefined || body === null ? {} : { body: JSON.parse(JSON.stringify(body).replaceAll(RECORDED_TOKEN, token)) as unknown };
    const answer = await api.request(method, path, { headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value])), ...sent });
    expect([method, path, answer.status]).toEqual([method, path, status]);
    const given = (answer.body as { config?: { agent_token?: string } } | undefined)?.config?.agent_token ?? '******';
    if (given !== '******') token = given;
    // What the agent needs of the document of versions.
    if (path === '/') expect(answer.body).toMatchObject({ default_version: { version: '1.82' } });
    // The work that goes on gives the node back; what was inspected is deployed now.
    await api.store.write((transaction) => transaction.nodes.update(RECORDED_NODE, { work: null, reservation: null, provisionState: 'wait call-back' }));
  }
  const heartbeats = requests.filter(({ path }) => path.startsWith('/v1/heartbeat')).length;
  expect(api.started.map(({ kind }) => kind)).toEqual([...(first === 'inspect wait' ? ['inspect'] : []), ...Array.from({ length: heartbeats }, () => 'deploy')]);
  expect(token).not.toBe(RECORDED_TOKEN);
});
