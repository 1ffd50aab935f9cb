import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { fixture, recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { inlineResource } from '../resource/resource.js';
import { decodeManagerFacts, findManager, resetManager } from './managers.js';

const link = (path: string) => ({ '@odata.id': path });

test('the manager of the system, else the first', async () => {
  await using bench = await staticService({
    '/redfish/v1/Managers/': { Members: [link('/redfish/v1/Managers/1/'), link('/redfish/v1/Managers/2/')] },
    '/redfish/v1/Managers/1/': fixture('redfish-gen10-dl180/manager'),
    '/redfish/v1/Managers/2/': { Id: '2' },
  });
  expect((await findManager(bench.client, recorded('redfish-gen10-dl180/system', 'default'))).path).toBe('/redfish/v1/Managers/1/');
  expect((await findManager(bench.client, inlineResource('/s', { Links: { ManagedBy: [link('/redfish/v1/Managers/2/')] } }))).body).toEqual({ Id: '2' });
  expect((await findManager(bench.client, undefined)).path).toBe('/redfish/v1/Managers/1/');
});

test('what it is', () => {
  expect(decodeManagerFacts(recorded('redfish-gen10-dl180/manager'))).toEqual({ model: undefined, firmwareVersion: 'iLO 5 v1.15', type: 'BMC', licence: 'iLO Advanced limited-distribution test' });
  // The recording names two versions: that of the standard part counts.
  expect(decodeManagerFacts(recorded('ris-gen9-bl460c/get_manager_details'))).toEqual({ model: 'iLO 4', firmwareVersion: 'iLO 4 v2.20', type: 'BMC', licence: 'iLO 4 Advanced' });
});

test('is restarted in the way that it takes, and what was known is forgotten', async () => {
  await using bench = await staticService({});
  await bench.client.root();
  await resetManager(bench.client, recorded('redfish-gen10-dl180/manager'));
  await bench.client.root();
  await resetManager(bench.client, recorded('ris-gen9-bl460c/get_manager_details'));
  await resetManager(bench.client, inlineResource('/m', { Actions: { '#Manager.Reset': { target: '/m/reset', 'ResetType@Redfish.AllowableValues': ['ForceRestart', 'GracefulRestart'] } } }));
  await resetManager(bench.client, recorded('redfish-gen10-dl180/manager'), 'ForceRestart');
  expect(bench.changes).toEqual([
    'POST /redfish/v1/Managers/1/Actions/Manager.Reset/ {}',
    'POST /rest/v1/Managers/1 {"Action":"Reset"}',
    'POST /m/reset {"ResetType":"GracefulRestart"}',
    'POST /redfish/v1/Managers/1/Actions/Manager.Reset/ {"ResetType":"ForceRestart"}',
  ]);
  expect(bench.service.steps.filter((step) => step === 'GET /redfish/v1/')).toHaveLength(2);
  expect(await failure(resetManager(bench.client, inlineResource('/m', {})))).toMatchObject({ code: 'UNSUPPORTED' });
});
