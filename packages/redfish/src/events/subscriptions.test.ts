import { optionIssues, Secret } from '@ferric/core';
import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
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

test('one that was there before, or is for somebody else, is not taken for the new one', async () => {
  await using bench = await start({ [`POST ${ALL}`]: { instead: 'reset' } });
  expect(await failure(createSubscription(bench.client, WANTED))).toMatchObject({ code: 'UNREACHABLE', retryable: false });
  await using other = await start({ [`POST ${ALL}`]: { status: 201, body: {} }, [`GET ${ALL}`]: [listOf(1), listOf(1, 2)] });
  expect(await failure(createSubscription(other.client, { ...WANTED, context: 'rack-2' }))).toMatchObject({ code: 'PROTOCOL_FAULT' });
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
