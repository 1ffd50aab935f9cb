import { expect, test } from 'vitest';
import { recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { inlineResource } from '../resource/resource.js';
import { readEthernetInterfaces } from './ethernet.js';
import { readMemory } from './memory.js';
import { readProcessors } from './processors.js';

const link = (path: string) => ({ '@odata.id': path });

test('memory of Redfish and of RIS', async () => {
  await using bench = await staticService({
    '/redfish/v1/Systems/1/Memory/': { Members: [link('/m/1'), link('/m/2')] },
    '/m/1': { Id: 'proc1dimm1', CapacityMiB: 16_384, MemoryType: 'DRAM', MemoryDeviceType: 'DDR4', OperatingSpeedMhz: 2400, PartNumber: ' P1 ', Status: { Health: 'OK', State: 'Enabled' } },
    '/m/2': { Id: 'proc1dimm2', CapacityMiB: null, Status: { State: 'Absent' } },
    '/rest/v1/Systems/1/Memory': { links: { Member: [{ href: '/rest/v1/Systems/1/Memory/proc1dimm1' }] } },
    '/rest/v1/Systems/1/Memory/proc1dimm1': { SocketLocator: 'PROC 1 DIMM 1', SizeMB: 8192, DIMMType: 'DDR4', DIMMTechnology: 'RDIMM', MaximumFrequencyMHz: 2133, DIMMStatus: 'GoodInUse' },
  });
  expect(await readMemory(bench.client, recorded('redfish-gen10-dl180/system', 'default'))).toMatchObject([
    { id: 'proc1dimm1', capacityMib: 16_384, type: 'DRAM', technology: 'DDR4', speedMhz: 2400, partNumber: 'P1', health: 'OK', state: 'Enabled' },
    { id: 'proc1dimm2', capacityMib: 0, state: 'Absent' },
  ]);
  expect(await readMemory(bench.client, recorded('ris-gen9-bl460c/response_body_for_rest_op'))).toMatchObject([{ id: 'PROC 1 DIMM 1', capacityMib: 8192, type: 'DDR4', speedMhz: 2133, state: 'GoodInUse' }]);
});

test('processors, without empty sockets', async () => {
  await using bench = await staticService({
    '/redfish/v1/Systems/1/Processors/': { Members: [link('/p/1'), link('/p/2')] },
    '/p/1': { Id: '1', ProcessorType: 'CPU', Manufacturer: 'Intel(R) Corporation', Model: 'Xeon', ProcessorArchitecture: 'x86', InstructionSet: 'x86-64', TotalCores: 6, TotalThreads: 12, MaxSpeedMHz: 4000, Status: { Health: 'OK' } },
    '/p/2': { Id: '2', Status: { State: 'Absent' } },
  });
  expect(await readProcessors(bench.client, recorded('redfish-gen10-dl180/system', 'default'))).toEqual([
    { path: '/p/1', id: '1', type: 'CPU', manufacturer: 'Intel(R) Corporation', model: 'Xeon', architecture: 'x86', instructionSet: 'x86-64', cores: 6, threads: 12, speedMhz: 4000, health: 'OK', state: undefined },
  ]);
});

test('network interfaces, also where early firmware links them, with addresses in one form', async () => {
  const path = '/redfish/v1/Systems/1/EthernetInterfaces/';
  await using bench = await staticService({
    [path]: { Members: [link('/e/1'), link('/e/2'), link('/e/3'), link('/e/4')] },
    '/e/1': { Id: '1', MACAddress: '12:44:6A:3B:04:11', Status: { Health: 'OK', State: 'Enabled' }, SpeedMbps: 1000, LinkStatus: 'LinkUp' },
    '/e/2': { Id: '2', MacAddress: '12-44-6a-3b-04-12' },
    '/e/3': { Id: '3', MACAddress: '12:44-6a:3b:04:12' },
    '/e/4': { Id: '4', PermanentMACAddress: '00:00:00:00:00:04', MACAddress: '02:00:00:00:00:04' },
  });
  for (const variant of ['default', 'System_for_oem_ethernet_interfaces']) {
    expect((await readEthernetInterfaces(bench.client, recorded('redfish-gen10-dl180/system', variant))).map(({ id, macAddress }) => [id, macAddress])).toEqual([
      ['1', '12:44:6a:3b:04:11'], ['2', '12:44:6a:3b:04:12'], ['3', undefined], ['4', '00:00:00:00:00:04'],
    ]);
  }
  expect(await readEthernetInterfaces(bench.client, inlineResource('/s', { EthernetInterfaces: link(path) }))).toMatchObject([{ speedMbps: 1000, linkStatus: 'LinkUp', health: 'OK', state: 'Enabled' }, {}, {}, {}]);
});
