import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { staticService } from '../../test/support/static-service.js';
import { inlineResource } from '../resource/resource.js';
import { createVolume, decodeVolume, deleteVolume, readSimpleStorage, readStorage } from './storage.js';

const link = (path: string) => ({ '@odata.id': path });
const resources = {
  '/storage': { Members: [link('/storage/1'), link('/storage/2')] },
  '/storage/1': {
    Id: '1', Name: 'MR416i', Drives: [link('/drives/0'), link('/drives/1')], Volumes: link('/storage/1/volumes'),
    StorageControllers: [{ Name: 'Controller', Model: 'HPE MR416i-o', FirmwareVersion: '52.16', SupportedRAIDTypes: ['RAID0', 'RAID1'] }],
  },
  '/drives/0': { Id: '0', CapacityBytes: 480_103_981_056, MediaType: 'SSD', Protocol: 'SATA', SerialNumber: 'S1', Status: { Health: 'OK' } },
  '/storage/1/volumes': { Members: [link('/storage/1/volumes/1')] },
  '/storage/1/volumes/1': {
    Id: '1', Name: 'root', CapacityBytes: 480_000_000_000, RAIDType: 'RAID1', Identifiers: [{ DurableName: '600508B1001C', DurableNameFormat: 'NAA' }],
    Links: { Drives: [link('/drives/0'), link('/drives/1')] },
  },
  '/storage/2': { Id: '2', Controllers: link('/storage/2/controllers') },
  '/storage/2/controllers': { Members: [link('/storage/2/controllers/0')] },
  '/storage/2/controllers/0': { Name: 'NVMe', FirmwareVersion: '1' },
};
const system = inlineResource('/s', { Storage: link('/storage'), SimpleStorage: link('/simple') });

test('controllers with their drives and volumes, of older and newer services; a drive that is gone is left out', async () => {
  await using bench = await staticService(resources);
  const [raid, nvme] = await readStorage(bench.client, system);
  expect(raid).toMatchObject({
    id: '1', name: 'MR416i', volumesPath: '/storage/1/volumes',
    controllers: [{ model: 'HPE MR416i-o', firmwareVersion: '52.16', raidTypes: ['RAID0', 'RAID1'] }],
    drives: [{ path: '/drives/0', capacityBytes: 480_103_981_056, mediaType: 'SSD', protocol: 'SATA', health: 'OK', rotationSpeedRpm: undefined }],
    volumes: [{ name: 'root', raidType: 'RAID1', identifiers: ['600508B1001C'], drivePaths: ['/drives/0', '/drives/1'] }],
  });
  expect(nvme).toMatchObject({ id: '2', controllers: [{ name: 'NVMe', firmwareVersion: '1' }], drives: [], volumes: [], volumesPath: undefined });
  expect(await readStorage(bench.client, inlineResource('/s', {}))).toEqual([]);
});

test('volumes are made in their collection, and deleted', async () => {
  await using bench = await staticService(resources, { 'POST /storage/1/volumes': { status: 202, headers: { location: '/task/1' } } });
  const [raid, nvme] = await readStorage(bench.client, system);
  if (raid === undefined || nvme === undefined) expect.unreachable();
  expect(await createVolume(bench.client, raid, { RAIDType: 'RAID1', Links: { Drives: [link('/drives/0')] } })).toMatchObject({ status: 202, location: '/task/1' });
  const [volume] = raid.volumes;
  if (volume === undefined) expect.unreachable();
  await deleteVolume(bench.client, volume);
  expect(bench.changes).toEqual(['POST /storage/1/volumes {"RAIDType":"RAID1","Links":{"Drives":[{"@odata.id":"/drives/0"}]}}', 'DELETE /storage/1/volumes/1']);
  expect(await failure(createVolume(bench.client, nvme, {}))).toMatchObject({ code: 'UNSUPPORTED' });
});

test('the kind of a volume under its former name', () => {
  expect(['Mirrored', 'StripedWithParity', 'RawDevice', 'constructor'].map((VolumeType) => decodeVolume(inlineResource('/v', { VolumeType })).raidType)).toEqual(['RAID1', 'RAID5', undefined, undefined]);
});

test('simple storage', async () => {
  await using bench = await staticService({ '/simple': { Members: [link('/simple/1')] }, '/simple/1': { Devices: [{ Name: 'SATA Bay 1', CapacityBytes: 1000, Status: { Health: 'OK' } }, { Name: 'SATA Bay 2' }] } });
  expect(await readSimpleStorage(bench.client, system)).toEqual([
    { name: 'SATA Bay 1', capacityBytes: 1000, model: undefined, health: 'OK' },
    { name: 'SATA Bay 2', capacityBytes: undefined, model: undefined, health: undefined },
  ]);
  expect(await failure(readSimpleStorage(bench.client, inlineResource('/s', {})))).toMatchObject({ code: 'UNSUPPORTED' });
});
