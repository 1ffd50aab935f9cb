import { type FerricErrorCode, optionIssues, Secret, TranscriptRecorder } from '@ferric/core';
import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { createRedfishClient } from '../client/redfish-client.js';
import { staticService, type StaticService } from '../../test/support/static-service.js';
import { extendedInfo, ROOT } from '../../test/support/tables.js';
import { createSubscription, findSubscription, readSubscriptions, removeSubscription, submitTestEvent } from './subscriptions.js';

const SERVICE = '/redfish/v1/EventService/';
const ALL = `${SERVICE}Subscriptions/`;
const link = (path: string): object => ({ '@odata.id': path });
const destinationOf = (id: number, more: object = {}): object => ({
  '@odata.id': `${ALL}${id}/`, Id: String(id), Destination: 'https://192.0.2.9/events', Context: 'rack-1', Protocol: 'Redfish', EventTypes: ['Alert'], ...more,
});
const listOf = (...ids: readonly number[]): { body: object } => ({ body: { Members: ids.map((id) => link(`${ALL}${id}/`)) } });

/** A service with one subscription, and what answers a new one. */
function start(answers: Parameters<typeof staticService>[1] = {}): Promise<StaticService> {
  const resources = {
    '/redfish/v1/': { ...ROOT, EventService: link(SERVICE) },
    [SERVICE]: {
      ServiceEnabled: true, EventTypesForSubscription: ['StatusChange', 'Alert'], Subscriptions: link(ALL),
      Actions: { '#EventService.SubmitTestEvent': { target: `${SERVICE}Actions/EventService.SubmitTestEvent/` } },
    },
    [ALL]: listOf(1).body,
    [`${ALL}1/`]: destinationOf(1),
    [`${ALL}2/`]: destinationOf(2),
  } as Parameters<typeof staticService>[0];
  return staticService(resources, answers);
}
const WANTED = { destination: 'https://192.0.2.9/events', context: 'rack-1' } as const;

test('subscriptions are read, found by their names, and ended', async () => {
  await using bench = await start();
  expect(await readSubscriptions(bench.client)).toMatchObject([{ id: '1', destination: 'https://192.0.2.9/events', context: 'rack-1', protocol: 'Redfish', eventTypes: ['Alert'] }]);
  expect(await findSubscription(bench.client, '1')).toMatchObject({ id: '1', resource: { path: `${ALL}1/` } });
  await removeSubscription(bench.client, '1');
  expect(bench.changes).toEqual([`DELETE ${ALL}1/`]);
});

test.each(['2', '', '..', '../../AccountService/Accounts/1'])('there is none of the name %j, and nothing is sent', async (id) => {
  await using bench = await start();
  expect(await failure(removeSubscription(bench.client, id))).toMatchObject({ code: 'NOT_FOUND', details: { id } });
  expect(await failure(findSubscription(bench.client, id))).toMatchObject({ code: 'NOT_FOUND' });
  expect(bench.changes).toEqual([]);
});

test('a new one is where the answer says, and its headers are secrets', async () => {
  await using bench = await start({ [`POST ${ALL}`]: { status: 201, headers: { location: `https://ilo.example${ALL}2/` }, body: {} } });
  const request = { ...WANTED, httpHeaders: [{ Authorization: new Secret('Bearer planted') }] };
  expect(await createSubscription(bench.client, request)).toMatchObject({ id: '2' });
  expect(bench.changes).toEqual([
    `POST ${ALL} {"Destination":"https://192.0.2.9/events","Protocol":"Redfish","Context":"rack-1","EventTypes":["Alert"],"HttpHeaders":[{"Authorization":"Bearer planted"}]}`,
  ]);
  await using strict = await start({ [`POST ${ALL}`]: { status: 400, body: extendedInfo('Base.1.4.PropertyValueFormatError', ['Bearer planted', 'HttpHeaders']) } });
  expect(JSON.stringify(await failure(createSubscription(strict.client, request)))).not.toContain('planted');
});

test('one whose answer says nothing of its place, or gets lost, is found by what it is for', async () => {
  await using silent = await start({ [`POST ${ALL}`]: { status: 201, body: {} }, [`GET ${ALL}`]: [listOf(1), listOf(1, 2)] });
  expect(await createSubscription(silent.client, WANTED)).toMatchObject({ id: '2' });
  await using lost = await start({ [`POST ${ALL}`]: { instead: 'reset' }, [`GET ${ALL}`]: [listOf(1), listOf(1, 2)] });
  expect(await createSubscription(lost.client, WANTED)).toMatchObject({ id: '2' });
  expect(lost.changes).toHaveLength(1);
});

const MADE = { status: 201, headers: { location: `https://ilo.example${ALL}2/` }, body: {} } as const;

// Made is made: whoever hears of a failure subscribes a second time.
test.each<readonly [what: string, answer: object]>([
  ['is not available', { status: 503 }],
  ['finds nothing there', { status: 404, body: extendedInfo('Base.1.4.ResourceMissingAtURI') }],
  ['is not let in', { status: 403 }],
  ['offers no reading', { status: 405 }],
])('a new one whose reader %s is told as it was asked for', async (_what, answer) => {
  await using bench = await start({ [`POST ${ALL}`]: MADE, [`GET ${ALL}2/`]: answer });
  const created = await createSubscription(bench.client, { ...WANTED, httpHeaders: [{ Authorization: 'Bearer planted' }] });
  expect(created).toMatchObject({ id: '2', ...WANTED, protocol: 'Redfish', eventTypes: ['Alert'], resource: { path: `${ALL}2/` } });
  expect(JSON.stringify(created)).not.toContain('planted');
  expect(bench.changes).toHaveLength(1);
});

test.each<readonly [status: number, code: FerricErrorCode]>([[503, 'BUSY'], [404, 'PROTOCOL_FAULT'], [405, 'PROTOCOL_FAULT'], [403, 'REFUSED'], [500, 'REFUSED']])(
  'nobody tries again when the search for a new one ends with %d',
  async (status, code) => {
    await using bench = await start({ [`POST ${ALL}`]: { status: 201, body: {} }, [`GET ${ALL}`]: [listOf(1), { status }] });
    const error = await failure(createSubscription(bench.client, WANTED));
    expect(error).toMatchObject({ code, retryable: false, details: { sent: true } });
    // Of an answer to the change itself, the status would say that it was not made.
    expect(error).not.toHaveProperty('details.status');
  },
);

test('something else at the place of a new one is a fault, and nobody tries again', async () => {
  await using bench = await start({ [`POST ${ALL}`]: MADE, [`GET ${ALL}2/`]: { body: { Name: 'x' } } });
  expect(await failure(createSubscription(bench.client, WANTED))).toMatchObject({ code: 'PROTOCOL_FAULT', retryable: false, details: { sent: true, property: 'Destination' } });
});

test('whoever gives up while a new one is read hears their own reason', async () => {
  const leaving = new AbortController();
  const reason = new Error('gone home');
  await using bench = await start({
    [`POST ${ALL}`]: MADE,
    [`GET ${ALL}2/`]: () => {
      leaving.abort(reason);
      return { status: 503 };
    },
  });
  expect(await failure(createSubscription(bench.client, WANTED, { signal: leaving.signal }))).toBe(reason);
});

test('a client that is closed while a new one is read says so', async () => {
  let closed: PromiseLike<void> | undefined;
  await using bench = await start({
    [`POST ${ALL}`]: MADE,
    [`GET ${ALL}2/`]: () => {
      closed = bench.client[Symbol.asyncDispose]();
      return { instead: 'silence' };
    },
  });
  expect(await failure(createSubscription(bench.client, WANTED))).toMatchObject({ code: 'ABORTED', retryable: false, details: { sent: true } });
  await closed;
});

test('the place of a task is not that of a new one', async () => {
  const task = '/redfish/v1/TaskService/TaskMonitors/7';
  await using bench = await start({ [`POST ${ALL}`]: { status: 202, headers: { location: task }, body: {} }, [`GET ${ALL}`]: [listOf(1), listOf(1, 2)] });
  expect(await createSubscription(bench.client, WANTED)).toMatchObject({ id: '2' });
  expect(bench.service.seen.map(({ path }) => path)).not.toContain(task);
});

test('headers are seen nowhere, also when they came as plain texts and the controller repeats them', async () => {
  const planted = 'planted-3f9a';
  const echo = { HttpHeaders: [{ 'X-Rack-Key': planted }] };
  await using bench = await start({
    [`POST ${ALL}`]: [{ ...MADE, body: echo }, { status: 400, body: extendedInfo('Base.1.4.PropertyValueFormatError', [planted, 'HttpHeaders'], { Message: `Not good: ${planted}` }) }],
    [`GET ${ALL}2/`]: { body: destinationOf(2, echo) },
  });
  const transcript = new TranscriptRecorder();
  await using client = createRedfishClient({ url: bench.service.url, transcript });
  const request = { ...WANTED, httpHeaders: [{ 'X-Rack-Key': planted, 'X-Rack': new Secret('planted-too') }] };
  await createSubscription(client, request);
  const error = await failure(createSubscription(client, request));
  expect(bench.service.seen.at(-1)?.body).toMatchObject({ HttpHeaders: [{ 'X-Rack-Key': planted, 'X-Rack': 'planted-too' }] });
  const frames = transcript.frames.map(({ direction, payload }) => `${direction} ${String(payload)}`);
  expect(frames).toContainEqual(expect.stringMatching(/^out .*"HttpHeaders":\[\{"X-Rack-Key":"\*{6}","X-Rack":"\*{6}"\}\]/));
  expect([...frames, JSON.stringify(error)].join('\n')).not.toContain('planted');
});

test('one that was there before, or is for somebody else, is not taken for the new one', async () => {
  await using bench = await start({ [`POST ${ALL}`]: { instead: 'reset' } });
  expect(await failure(createSubscription(bench.client, WANTED))).toMatchObject({ code: 'UNREACHABLE', retryable: false });
  await using other = await start({ [`POST ${ALL}`]: { status: 201, body: {} }, [`GET ${ALL}`]: [listOf(1), listOf(1, 2)] });
  expect(await failure(createSubscription(other.client, { ...WANTED, context: 'rack-2' }))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { sent: true } });
});

test('a kind of event that the controller does not know is not sent', async () => {
  await using bench = await start();
  const error = await failure(createSubscription(bench.client, { ...WANTED, eventTypes: ['Alert', 'Weather'] }));
  expect(optionIssues(error)).toMatchObject([{ field: 'eventTypes', expected: 'a list of some of StatusChange, Alert' }]);
  expect(bench.changes).toEqual([]);
});

test('no room for another one is BUSY; no event service is UNSUPPORTED', async () => {
  await using full = await start({ [`POST ${ALL}`]: { status: 400, body: extendedInfo('Base.1.4.CreateLimitReachedForResource') } });
  expect(await failure(createSubscription(full.client, WANTED))).toMatchObject({ code: 'BUSY' });
  await using none = await staticService({});
  expect(await failure(readSubscriptions(none.client))).toMatchObject({ code: 'UNSUPPORTED' });
});

test('a test event has all that the action asks for', async () => {
  await using bench = await start();
  await submitTestEvent(bench.client, { message: 'Hello' });
  expect(bench.service.seen.at(-1)?.body).toEqual({
    EventType: 'Alert', EventId: 'test', EventTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string, Severity: 'OK', Message: 'Hello', MessageArgs: [],
    MessageId: 'Base.1.0.Success', OriginOfCondition: SERVICE,
  });
});
