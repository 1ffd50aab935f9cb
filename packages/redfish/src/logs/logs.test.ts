import type { JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { ROOT } from '../../test/support/tables.js';
import { inlineResource } from '../resource/resource.js';
import { clearLog, type LogCut, type LogService, readLogEntries, readLogServices } from './logs.js';

const link = (path: string) => ({ '@odata.id': path });
const IML = '/redfish/v1/Systems/1/LogServices/IML/';
const ENTRY = { Id: '7', Created: '2017-03-13T11:11:48Z', Severity: 'Critical', Message: 'Fan failure.', MessageId: 'X.1.Y', SensorType: 'Fan' };

const resources = {
  '/redfish/v1/Systems/1/LogServices/': { Members: [link(IML)] },
  [IML]: { Id: 'IML', Name: 'Integrated Management Log', Entries: link(`${IML}Entries/`), Actions: { '#LogService.ClearLog': { target: `${IML}Actions/LogService.ClearLog/` } } },
  [`${IML}Entries/`]: { Members: [{ ...link(`${IML}Entries/7/`), ...ENTRY }, { ...link(`${IML}Entries/8/`), EventTimestamp: 'never', RecordId: 8 }, link(`${IML}Entries/9/`)] },
  [`${IML}Entries/9/`]: { Id: '9', Message: 'last' },
};

test('the log of a system', async () => {
  await using bench = await staticService(resources);
  const [log] = await readLogServices(bench.client, recorded('redfish-gen10-dl180/system', 'default'));
  expect(log).toMatchObject({ id: 'IML', name: 'Integrated Management Log' });
  if (log === undefined) return;
  expect(await readLogEntries(bench.client, log)).toEqual([
    { id: '9', at: null, severity: undefined, message: 'last', messageId: undefined, sensorType: undefined },
    { id: '8', at: null, severity: undefined, message: '', messageId: undefined, sensorType: undefined },
    { id: '7', at: new Date('2017-03-13T11:11:48Z'), severity: 'Critical', message: 'Fan failure.', messageId: 'X.1.Y', sensorType: 'Fan' },
  ]);
  await clearLog(bench.client, log);
  expect(bench.changes).toEqual([`POST ${IML}Actions/LogService.ClearLog/ {}`]);
});

/** A log with so many entries, in an order of its own. */
const long = (ids: readonly string[]) => ({
  [`${IML}Entries/`]: { Members: ids.map((id) => link(`${IML}Entries/${id}/`)) },
  ...Object.fromEntries(ids.map((id) => [`${IML}Entries/${id}/`, { Id: id, Message: `m${id}` }])),
});
const IML_LOG: LogService = { resource: inlineResource(IML, resources[IML]), id: 'IML', name: undefined };
const idsOf = (entries: readonly { readonly id: string }[]): readonly string[] => entries.map(({ id }) => id);

describe('a log that is long', () => {
  test.each([
    { what: 'the oldest first', ids: ['8', '9', '10', '11'], newest: ['11', '10'] },
    { what: 'the newest first', ids: ['11', '10', '9', '8'], newest: ['11', '10'] },
    { what: 'under names that are no numbers, where the last is the newest', ids: ['a', 'c', 'b'], newest: ['b', 'c'] },
  ])('gives its newest entries, and is known to be cut: $what', async ({ ids, newest }) => {
    await using bench = await staticService(long(ids));
    const cuts: LogCut[] = [];
    expect(idsOf(await readLogEntries(bench.client, IML_LOG, { limit: 2, onCut: (cut) => cuts.push(cut) }))).toEqual(newest);
    expect(cuts).toEqual([{ read: 2, found: ids.length }]);
    // The others are not read.
    expect(bench.service.steps.filter((step) => /Entries\/.+\/$/.test(step))).toHaveLength(2);
  });

  test('is read to 500 entries by default', async () => {
    const ids = Array.from({ length: 502 }, (_, index) => String(index + 1));
    const Members = ids.map((id) => ({ ...link(`${IML}Entries/${id}/`), Id: id }));
    await using bench = await staticService({ [`${IML}Entries/`]: { Members } });
    const cuts: LogCut[] = [];
    const entries = await readLogEntries(bench.client, IML_LOG, { onCut: (cut) => cuts.push(cut) });
    expect([entries.length, entries[0]?.id, entries.at(-1)?.id, cuts]).toEqual([500, '502', '3', [{ read: 500, found: 502 }]]);
  });

  test('of which all is read is not cut', async () => {
    await using bench = await staticService(long(['1', '2']));
    const cuts: LogCut[] = [];
    expect(idsOf(await readLogEntries(bench.client, IML_LOG, { limit: 2, onCut: (cut) => cuts.push(cut) }))).toEqual(['2', '1']);
    expect(cuts).toEqual([]);
  });
});

describe('a service that takes $expand', () => {
  const root = (ExpandQuery: JsonObject) => ({ '/redfish/v1/': { ...ROOT, ProtocolFeaturesSupported: { ExpandQuery } } });
  const expanded = `${IML}Entries/?$expand=.`;

  test('brings the entries along', async () => {
    await using bench = await staticService({ ...root({ NoLinks: true }), ...long(['1', '2']), [expanded]: { Members: [{ ...link(`${IML}Entries/1/`), ...ENTRY, Id: '1' }, { ...link(`${IML}Entries/2/`), ...ENTRY, Id: '2' }] } });
    expect(idsOf(await readLogEntries(bench.client, IML_LOG))).toEqual(['2', '1']);
    expect(bench.service.steps).toEqual(['GET /redfish/v1/', `GET ${expanded}`]);
  });

  test.each([501, 400, 405])('in words only is asked without: status %s', async (status) => {
    await using bench = await staticService({ ...root({ NoLinks: true }), ...long(['1', '2']) }, { [`GET ${expanded}`]: { status } });
    expect(idsOf(await readLogEntries(bench.client, IML_LOG))).toEqual(['2', '1']);
  });

  test('but not that form of it is not asked for it', async () => {
    await using bench = await staticService({ ...root({ NoLinks: false, ExpandAll: true }), ...long(['1']) });
    expect(idsOf(await readLogEntries(bench.client, IML_LOG))).toEqual(['1']);
    expect(bench.service.steps).not.toContain(`GET ${expanded}`);
  });

  test('that is away is not asked another way', async () => {
    await using bench = await staticService({ ...root({ NoLinks: true }), ...long(['1']) }, { [`GET ${expanded}`]: { status: 503 } });
    expect(await failure(readLogEntries(bench.client, IML_LOG))).toMatchObject({ code: 'BUSY' });
  });
});

test('the logs of RIS are called Logs, and named by their paths', async () => {
  await using bench = await staticService({
    '/rest/v1/Systems/1/Logs': { links: { Member: [{ href: '/rest/v1/Systems/1/Logs/IML' }] } },
    '/rest/v1/Systems/1/Logs/IML': { links: { Entries: [{ href: '/rest/v1/Systems/1/Logs/IML/Entries' }] } },
    '/rest/v1/Systems/1/Logs/IML/Entries': { Items: [{ Created: '2015-01-01T00:00:00Z', Message: 'm', RecordId: 3, links: { self: { href: '/rest/v1/Systems/1/Logs/IML/Entries/3' } } }] },
  });
  const [log] = await readLogServices(bench.client, recorded('ris-gen9-bl460c/response_body_for_rest_op'));
  expect(log?.id).toBe('IML');
  if (log === undefined) return;
  expect(await readLogEntries(bench.client, log)).toMatchObject([{ id: '3', at: new Date('2015-01-01T00:00:00Z'), message: 'm' }]);
  expect(await failure(clearLog(bench.client, log))).toMatchObject({ code: 'UNSUPPORTED' });
  expect(await failure(readLogServices(bench.client, inlineResource('/s', {})))).toMatchObject({ code: 'UNSUPPORTED' });
});
