import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { fixture, recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { inlineResource } from '../resource/resource.js';
import { decodeUpdateProgress, decodeUpdateService, readFirmware, readUpdateService, startUpdate } from './updates.js';

const link = (path: string) => ({ '@odata.id': path });

test('the service of iLO 5 and how far it is', async () => {
  await using bench = await staticService({ '/redfish/v1/UpdateService/': fixture('redfish-gen10-dl180/update_service') });
  expect(await readUpdateService(bench.client)).toMatchObject({ enabled: true, canFetch: true, pushPath: '/cgi-bin/uploadFile', progress: { state: 'Updating', percent: 24 } });
});

test('the progress of RIS, and of a service that tells none', () => {
  expect(decodeUpdateProgress(inlineResource('/u', { State: 'PROGRESSING', ProgressPercent: 50 }))).toEqual({ state: 'PROGRESSING', percent: 50 });
  expect(decodeUpdateProgress(inlineResource('/u', { Oem: { Hpe: { State: 'Complete', FlashProgressPercent: null } } }))).toEqual({ state: 'Complete', percent: undefined });
  expect(decodeUpdateProgress(inlineResource('/u', {}))).toEqual({ state: undefined, percent: undefined });
});

test('an update is begun with a URL; the protocol is said only where it is asked for', async () => {
  await using bench = await staticService({});
  await startUpdate(bench.client, decodeUpdateService(recorded('redfish-gen10-dl180/update_service')), 'http://192.0.2.1/ilo5.bin');
  const picky = inlineResource('/u', { Actions: { '#UpdateService.SimpleUpdate': { target: '/u/go', 'TransferProtocol@Redfish.AllowableValues': ['HTTP', 'HTTPS'] } } });
  await startUpdate(bench.client, decodeUpdateService(picky), 'https://192.0.2.1/x.bin', { targets: ['/redfish/v1/Managers/1'] });
  expect(bench.changes).toEqual([
    'POST /redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate/ {"ImageURI":"http://192.0.2.1/ilo5.bin"}',
    'POST /u/go {"ImageURI":"https://192.0.2.1/x.bin","TransferProtocol":"HTTPS","Targets":["/redfish/v1/Managers/1"]}',
  ]);
  expect(await failure(startUpdate(bench.client, decodeUpdateService(inlineResource('/u', {})), 'http://a/b'))).toMatchObject({ code: 'UNSUPPORTED' });
});

test('what is installed', async () => {
  const path = '/redfish/v1/UpdateService/FirmwareInventory/';
  await using bench = await staticService({ [path]: { Members: [link(`${path}1/`), link(`${path}2/`)] }, [`${path}1/`]: { Id: '1', Name: 'iLO 5', Version: '1.15', Updateable: true }, [`${path}2/`]: { Id: '2', Version: '' } });
  expect(await readFirmware(bench.client, decodeUpdateService(recorded('redfish-gen10-dl180/update_service')))).toEqual([
    { id: '1', name: 'iLO 5', version: '1.15', updateable: true },
    { id: '2', name: `${path}2/`, version: undefined, updateable: undefined },
  ]);
  expect(await failure(readFirmware(bench.client, decodeUpdateService(inlineResource('/u', {}))))).toMatchObject({ code: 'UNSUPPORTED' });
});
