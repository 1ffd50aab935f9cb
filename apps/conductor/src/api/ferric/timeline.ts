import { isUuid, type JsonObject } from '@ferric/core';
import type { NodeEvent } from '../../events/node-event.js';
import { RequestFault } from '../../fault.js';
import type { StoredNode } from '../../nodes/stored-node.js';
import type { ApiDependencies } from '../dependencies.js';
import { integer } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { MAXIMUM_VERSION } from '../http/versions.js';
import { nodeIdentifier } from '../nodes/node-names.js';
import { readLimit } from '../table/paging.js';
import { EVENT_SCHEMA, eventDocument } from './event-document.js';

const DEFAULT_LIMIT = 100;

/** `/ferric/v1/nodes/{node}/timeline`: what happened to a node and what is known of it now. */
export function timelineEndpoint(api: ApiDependencies): AnyEndpoint {
  return defineEndpoint({
    method: 'GET',
    path: '/ferric/v1/nodes/:node/timeline',
    summary: 'Tells what happened to a node, newest last, and how its power is known.',
    query: {
      after: { type: integer, description: 'Id of an event: only later ones. Default: the newest.' },
      limit: { type: integer, description: `Longest page. Default ${DEFAULT_LIMIT}.` },
    },
    answer: { status: 200, description: 'The timeline.', schema: TIMELINE_SCHEMA },
    async handle({ base, parameters, query }) {
      const limit = readLimit(query.limit ?? DEFAULT_LIMIT);
      const { uuid, node, events } = await readTimeline(api, nodeIdentifier(parameters['node'] ?? '', MAXIMUM_VERSION), query.after, limit);
      const last = query.after !== undefined && events.length === limit ? events.at(-1) : undefined;
      return ok({
        node_uuid: uuid,
        power: node === undefined ? null : powerDocument(api, node),
        work: node === undefined ? null : workDocument(node),
        events: events.map(eventDocument),
        ...(last === undefined ? {} : { next: `${base}/ferric/v1/nodes/${uuid}/timeline?after=${last.id}&limit=${limit}` }),
      });
    },
  });
}

interface Timeline {
  readonly uuid: string;
  /** Absent when the node was deleted: its events stay for a while. */
  readonly node: StoredNode | undefined;
  readonly events: readonly NodeEvent[];
}

async function readTimeline({ nodes, store }: ApiDependencies, identifier: string, after: number | undefined, limit: number): Promise<Timeline> {
  const read = (uuid: string): Promise<readonly NodeEvent[]> =>
    after === undefined ? store.events.latest(uuid, { limit }) : store.events.after(after, { nodeUuid: uuid, limit });
  try {
    const node = await nodes.find(identifier);
    return { uuid: node.uuid, node, events: await read(node.uuid) };
  } catch (error) {
    if (!(error instanceof RequestFault) || error.status !== 404 || !isUuid(identifier)) throw error;
    const [newest] = await store.events.latest(identifier, { limit: 1 });
    if (newest === undefined) throw error;
    return { uuid: identifier, node: undefined, events: await read(identifier) };
  }
}

function powerDocument({ clock, powerConfirmedAt }: ApiDependencies, { uuid, powerState, targetPowerState, powerKnowledge }: StoredNode): JsonObject {
  const power = { state: powerState ?? 'unknown', target_state: targetPowerState };
  if (powerKnowledge === null) return { ...power, source: null, detail: null, failures: 0, since: null, age_ms: null };
  const { source, detail, failures, at } = powerKnowledge;
  const confirmedMs = Math.max(at.getTime(), powerConfirmedAt?.(uuid)?.getTime() ?? 0);
  return { ...power, source, detail, failures, since: at.toISOString(), age_ms: Math.max(0, clock.now().getTime() - confirmedMs) };
}

function workDocument({ work }: StoredNode): JsonObject | null {
  if (work === null) return null;
  return { kind: work.kind, requested_at: work.requestedAt.toISOString(), requested_by: work.requestedBy };
}

const TIMELINE_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    node_uuid: { type: 'string', format: 'uuid' },
    power: {
      type: ['object', 'null'],
      properties: {
        state: { enum: ['power on', 'power off', 'error', 'unknown'] },
        target_state: { type: ['string', 'null'] },
        source: { enum: ['device', 'assumed', null], description: 'Whether the controller was asked, or nobody can be.' },
        detail: { type: ['string', 'null'] },
        failures: { type: 'integer', description: 'Failed readings in a row.' },
        since: { type: ['string', 'null'], format: 'date-time', description: 'When this was recorded.' },
        age_ms: { type: ['integer', 'null'], description: 'Age of the last confirmation. Milliseconds.' },
      },
    },
    work: {
      type: ['object', 'null'],
      properties: { kind: { type: 'string' }, requested_at: { type: 'string', format: 'date-time' }, requested_by: { type: 'string' } },
    },
    events: { type: 'array', items: EVENT_SCHEMA },
    next: { type: 'string', format: 'uri' },
  },
};
