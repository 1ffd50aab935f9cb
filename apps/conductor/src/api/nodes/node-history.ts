import { isUuid, type JsonObject } from '@ferric/core';
import type { NodeEvent } from '../../events/node-event.js';
import { faults } from '../../fault.js';
import type { Store } from '../../store/store.js';
import type { ApiDependencies } from '../dependencies.js';
import { integer, truth, uuid } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { listSchema, recordSchema } from '../openapi/schemas.js';
import { defineTable, type View } from '../table/field.js';
import { fieldMakers, LINKS_SCHEMA } from '../table/field-makers.js';
import { nextLink, readLimit } from '../table/paging.js';
import { presentersOf } from '../table/presenter.js';
import { findNode, viewOf } from './node-lookup.js';

const SINCE = 78;

/** Longest text in a list that does not ask for detail; longer ones are cut. Source: Ironic, NodeHistoryController. */
const LONGEST_SUMMARY = 255;

const { text, time } = fieldMakers<NodeEvent>();

/** Ironic's history holds what went wrong: our events of severity ERROR. The timeline has the others. */
export const HISTORY_TABLE = defineTable<NodeEvent>({
  name: 'history_record',
  collection: 'history',
  summary: ['uuid', 'created_at', 'severity', 'event'],
  fields: [
    text('uuid', 'uuid', 'UUID of the record.'),
    time('created_at', 'at', 'When it happened.'),
    text('severity', 'severity', 'INFO, WARNING or ERROR.'),
    text('event_type', 'type', 'What kind of event it was.'),
    text('event', 'message', 'What happened.'),
    text('conductor', 'conductor', 'Conductor that wrote it.'),
    {
      name: 'user',
      since: 1,
      description: 'Who asked for what failed; null when nobody named did.',
      schema: { type: ['string', 'null'] },
      columns: ['actor'],
      show: ({ actor }) => /^(.+) \(req-[0-9a-f-]+\)$/.exec(actor)?.[1] ?? null,
    },
    {
      name: 'links',
      since: 1,
      description: 'Link to the record.',
      schema: LINKS_SCHEMA,
      columns: ['nodeUuid', 'uuid'],
      links: 'always',
      show: (event, { base }) => [{ href: `${base}/v1/nodes/${event.nodeUuid}/history/${event.uuid}`, rel: 'self' }],
    },
  ],
});

/** `/v1/nodes/{node}/history`. */
export function nodeHistoryEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const presenters = presentersOf(HISTORY_TABLE, []);
  const whole = (event: NodeEvent, version: number, view: View): JsonObject => presenters(version, 'whole record').present(event, view);
  const summary = (event: NodeEvent, version: number, view: View): JsonObject => {
    const { message } = event;
    const cut = message.length > LONGEST_SUMMARY ? `${message.slice(0, LONGEST_SUMMARY - 4)}...` : message;
    return presenters(version, 'summary').present({ ...event, message: cut }, view);
  };
  return [
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/history',
      summary: 'Lists what went wrong with a node, oldest first.',
      since: SINCE,
      query: {
        detail: { type: truth, description: 'Show all fields and whole texts.' },
        marker: { type: uuid, description: 'UUID of the last record of the page before.' },
        limit: { type: integer, description: 'Longest page.' },
      },
      answer: { status: 200, description: 'A page of records.', schema: listSchema(HISTORY_TABLE) },
      async handle(call) {
        const { base, query, version } = call;
        const limit = readLimit(query.limit);
        const node = await findNode(api, call);
        const after = query.marker === undefined ? 0 : (await findRecord(api.store, node.uuid, query.marker)).id;
        const events = await errorsAfter(api.store.events, node.uuid, after, limit);
        const view = viewOf(api, call);
        const last = events.length === limit ? events.at(-1) : undefined;
        const next = { base, path: `nodes/${node.uuid}/history`, table: HISTORY_TABLE, version, query, selection: 'whole record', limit, unsorted: true } as const;
        return ok({
          history: events.map((event) => (query.detail === true ? whole : summary)(event, version, view)),
          ...(last === undefined ? {} : { next: nextLink({ ...next, marker: last.uuid }) }),
        });
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/history/:event',
      summary: 'Shows one record of what went wrong with a node.',
      since: SINCE,
      answer: { status: 200, description: 'The record.', schema: recordSchema(HISTORY_TABLE) },
      async handle(call) {
        const node = await findNode(api, call);
        const event = await findRecord(api.store, node.uuid, call.parameters['event'] ?? '');
        return ok(whole(event, call.version, viewOf(api, call)));
      },
    }),
  ];
}

/** @throws RequestFault 404. */
async function findRecord(store: Pick<Store, 'events'>, nodeUuid: string, given: string): Promise<NodeEvent> {
  const event = isUuid(given) ? await store.events.get(nodeUuid, given.toLowerCase()) : undefined;
  if (event?.severity !== 'ERROR') throw faults.historyNotFound(given);
  return event;
}

/** The first errors of a node after an event. The store keeps few events per node, so the others may be read over. */
async function errorsAfter(events: Store['events'], nodeUuid: string, after: number, limit: number): Promise<readonly NodeEvent[]> {
  const chunk = 1000;
  const found: NodeEvent[] = [];
  for (let from = after; ; ) {
    const read = await events.after(from, { nodeUuid, limit: chunk, severity: 'ERROR' });
    found.push(...read.filter((event) => event.severity === 'ERROR'));
    const last = read.at(-1);
    if (found.length >= limit || read.length < chunk || last === undefined) return found.slice(0, limit);
    from = last.id;
  }
}
