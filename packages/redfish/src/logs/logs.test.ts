import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { inlineResource } from '../resource/resource.js';
import { clearLog, readLogEntries, readLogServices } from './logs.js';

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
    { id: '7', at: new Date('2017-03-13T11:11:48Z'), severity: 'Critical', message: 'Fan failure.', messageId: 'X.1.Y', sensorType: 'Fan' },
    { id: '8', at: null, severity: undefined, message: '', messageId: undefined, sensorType: undefined },
    { id: '9', at: null, severity: undefined, message: 'last', messageId: undefined, sensorType: undefined },
  ]);
  expect(await readLogEntries(bench.client, log, { limit: 1 })).toHaveLength(1);
  await clearLog(bench.client, log);
  expect(bench.changes).toEqual([`POST ${IML}Actions/LogService.ClearLog/ {}`]);
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
