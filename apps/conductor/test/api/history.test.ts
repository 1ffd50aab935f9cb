import { describe, expect, test } from 'vitest';
import type { NodeEvent } from '../../src/events/node-event.js';
import { createApiClient, type ApiClient } from '../support/api-client.js';
import { eventUuid as uuidOf, sampleEvent } from '../support/sample-event.js';
import { sampleNode } from '../support/sample-node.js';

const node = sampleNode();

function api(...events: readonly NodeEvent[]): ApiClient {
  const client = createApiClient([node]);
  client.services.kept.events.push(...events);
  return client;
}

describe('history', () => {
  test('holds what went wrong, oldest first', async () => {
    await using client = api(sampleEvent(1), sampleEvent(2, { severity: 'INFO' }), sampleEvent(3, { actor: 'anna (req-0a)' }));
    const { body } = await client.request('GET', `/v1/nodes/${node.uuid}/history?detail=true`);
    expect(body).toEqual({
      history: [1, 3].map((id) => ({
        uuid: uuidOf(id), created_at: '2026-11-21T00:08:02.748000+00:00', severity: 'ERROR', event_type: 'work-failed', event: `failure ${id}`,
        conductor: 'peer1', user: id === 3 ? 'anna' : null, links: [{ href: `http://host:6385/v1/nodes/${node.uuid}/history/${uuidOf(id)}`, rel: 'self' }],
      })),
    });
  });

  test('cuts long texts in lists without detail', async () => {
    await using client = api(sampleEvent(1, { message: 'x'.repeat(300) }));
    const { body } = await client.request('GET', `/v1/nodes/${node.uuid}/history`);
    expect((body as { history: { event: string }[] }).history.map(({ event }) => event)).toEqual([`${'x'.repeat(251)}...`]);
    expect((await client.request('GET', `/v1/nodes/${node.uuid}/history/${uuidOf(1)}`)).body).toMatchObject({ event: 'x'.repeat(300) });
  });

  test('can be followed page by page over everything else that happened', async () => {
    const events = Array.from({ length: 30 }, (_each, index) => sampleEvent(index + 1, { severity: index % 3 === 0 ? 'ERROR' : 'INFO' }));
    await using client = api(...events);
    const seen: string[] = [];
    for (let url: string | undefined = `/v1/nodes/${node.uuid}/history?limit=4`; url !== undefined; ) {
      const page = (await client.request('GET', url)).body as { history: { event: string }[]; next?: string };
      seen.push(...page.history.map(({ event }) => event));
      url = page.next?.replace('http://host:6385', '');
    }
    expect(seen).toEqual(events.filter(({ severity }) => severity === 'ERROR').map(({ message }) => message));
  });

  test('does not know what is no failure of this node', async () => {
    await using client = api(sampleEvent(1, { severity: 'INFO' }), sampleEvent(2, { nodeUuid: uuidOf(99) }));
    for (const given of [uuidOf(1), uuidOf(2), uuidOf(3), 'x']) {
      const answer = await client.request('GET', `/v1/nodes/${node.uuid}/history/${given}`);
      expect([answer.status, answer.error?.['faultstring']]).toEqual([404, `Node history record ${given} could not be found.`]);
    }
    expect((await client.request('GET', `/v1/nodes/${node.uuid}/history?marker=${uuidOf(3)}`)).status).toBe(404);
    expect((await client.request('GET', `/v1/nodes/${node.uuid}/history`, { version: '1.77' })).status).toBe(404);
  });
});

describe('timeline', () => {
  const url = `/ferric/v1/nodes/${node.uuid}/timeline`;

  test('tells the newest events, newest last, without asking for a version', async () => {
    await using client = api(sampleEvent(1), sampleEvent(2), sampleEvent(3, { severity: 'INFO', details: { a: 1 } }));
    const answer = await client.request('GET', `${url}?limit=2`, { version: 'nonsense' });
    expect(answer.status).toBe(200);
    expect((answer.body as { events: { id: number }[] }).events.map(({ id }) => id)).toEqual([2, 3]);
    expect((answer.body as { events: object[] }).events[1]).toEqual({
      id: 3, uuid: uuidOf(3), at: '2026-11-21T00:08:02.748Z', node_uuid: node.uuid, type: 'work-failed', severity: 'INFO', message: 'failure 3',
      details: { a: 1 }, actor: 'req-1', conductor: 'peer1',
    });
  });

  test('can be followed from an event on', async () => {
    await using client = api(...[1, 2, 3].map((id) => sampleEvent(id)));
    const first = (await client.request('GET', `${url}?after=0&limit=2`)).body as { next: string };
    expect(first.next).toBe(`http://host:6385${url}?after=2&limit=2`);
    const second = (await client.request('GET', first.next.replace('http://host:6385', ''))).body as { events: { id: number }[] };
    expect(second.events.map(({ id }) => id)).toEqual([3]);
    expect(second).not.toHaveProperty('next');
  });

  test('tells how the power is known, and what is under way', async () => {
    await using client = api();
    const at = new Date(client.services.clock.now().getTime() - 5000);
    const work = { kind: 'power', key: 'k', input: {}, requestedAt: at, requestedBy: 'req-1' } as const;
    client.services.kept.nodes[0] = sampleNode({ powerState: 'power on', targetPowerState: 'power off', powerKnowledge: { source: 'device', detail: 'sleeping', at, failures: 0 }, work });
    expect((await client.request('GET', url)).body).toEqual({
      node_uuid: node.uuid,
      power: { state: 'power on', target_state: 'power off', source: 'device', detail: 'sleeping', failures: 0, since: at.toISOString(), age_ms: 5000 },
      work: { kind: 'power', requested_at: at.toISOString(), requested_by: 'req-1' },
      events: [],
    });
  });

  test('says so when the power is not known', async () => {
    await using client = api();
    expect((await client.request('GET', url)).body).toMatchObject({ power: { state: 'unknown', source: null, since: null, age_ms: null }, work: null });
  });

  test('of a deleted node can still be read by its UUID', async () => {
    await using client = api(sampleEvent(1, { type: 'node-deleted', severity: 'INFO' }));
    client.services.kept.nodes.length = 0;
    expect((await client.request('GET', url)).body).toMatchObject({ power: null, work: null, events: [{ type: 'node-deleted' }] });
    expect((await client.request('GET', '/ferric/v1/nodes/sample/timeline')).status).toBe(404);
    expect((await client.request('GET', `/ferric/v1/nodes/${uuidOf(7)}/timeline`)).error?.['faultstring']).toBe(`Node ${uuidOf(7)} could not be found.`);
  });
});
