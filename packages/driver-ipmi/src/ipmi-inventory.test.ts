import { createFakeClock } from '@ferric/core/testing';
import type { InventoryReport } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createFakeBmc, type FakeBmc } from '../test/fake-bmc.js';
import { fruImage, withFru, withRecords } from '../test/fake-records.js';
import { makeMachine } from '../test/make-machine.js';
import { createIpmiInventory } from './ipmi-inventory.js';

const read = (bmc: FakeBmc): Promise<InventoryReport> => createIpmiInventory(makeMachine(bmc, { clock: createFakeClock() })).read();

describe('the nameplate', () => {
  test('is that of the product', async () => {
    expect(await read(withFru(createFakeBmc(), { 0: fruImage({ product: true }) }))).toMatchObject({ vendor: 'Acme Ltd', model: 'R42', serialNumber: 'PSN-1' });
  });

  test('else that of the board', async () => {
    const report = await read(withFru(createFakeBmc(), { 0: fruImage({ product: false }) }));
    expect(report).toMatchObject({ vendor: 'Acme', model: 'Board1', serialNumber: 'SN-9' });
    expect(report.raw?.['fru']).toEqual([
      { id: 0, board: { manufacturer: 'Acme', productName: 'Board1', serialNumber: 'SN-9', manufacturedAt: '2015-06-23T10:51:00.000Z' } },
    ]);
  });

  test('else the maker of the controller, and nothing that nobody told', async () => {
    const report = await read(createFakeBmc());
    expect(report).toEqual({
      vendor: 'Intel',
      raw: {
        controller: { manufacturerId: 343, manufacturer: 'Intel', productId: 1, deviceId: 32, deviceRevision: 1, firmwareVersion: '1.00', ipmiVersion: '2.0' },
        fru: [],
      },
    });
  });
});

test('every FRU device of the controller is read, but for memory modules', async () => {
  const bmc = withFru(withRecords(createFakeBmc()), { 0: fruImage({ product: true }), 3: fruImage({ product: false }), 4: fruImage({ product: false }) });
  const { raw } = await read(bmc);
  expect(raw?.['fru']).toMatchObject([{ id: 0, product: { productName: 'R42' } }, { id: 3, name: 'PSU', board: { manufacturer: 'Acme' } }]);
  expect(raw?.['fru']).not.toHaveProperty('0.product.assetTag');
});

test('FRU data that are damaged say so', async () => {
  const image = fruImage({ product: false });
  image[20] = 0x58;
  const { raw } = await read(withFru(createFakeBmc(), { 0: image }));
  expect(raw?.['fru']).toMatchObject([{ id: 0, problems: [expect.stringContaining('checksum')] }]);
});

test('identity and network of the controller', async () => {
  const bmc = createFakeBmc();
  bmc.answers.set('06/37', () => [0, ...Array.from({ length: 16 }, (_, index) => index + 0x40)]);
  bmc.answers.set('06/42', () => [0, 0x03, 0x04, 0x01, 0x81, 0xf2, 0x1b, 0x00, 0x00, 0x00]);
  const parameters: Readonly<Record<number, readonly number[]>> = { 3: [192, 0, 2, 10], 4: [1], 5: [2, 0, 0, 0, 0, 1], 6: [255, 255, 255, 0] };
  const channels: number[] = [];
  bmc.answers.set('0c/02', ([channel = 0, parameter = 0]) => {
    channels.push(channel);
    const value = parameters[parameter];
    return value === undefined ? [0x80] : [0, 0x11, ...value];
  });
  const { raw } = await read(bmc);
  expect(raw?.['controller']).toMatchObject({
    systemGuid: { rfc4122: '40414243-4445-4647-4849-4a4b4c4d4e4f' },
    network: { ipAddress: '192.0.2.10', ipAddressSource: 'static', subnetMask: '255.255.255.0', macAddress: '02:00:00:00:00:01' },
  });
  expect(new Set(channels)).toEqual(new Set([3]));
});

test('a controller that does not answer has no inventory', async () => {
  const bmc = withFru(createFakeBmc(), { 0: fruImage({ product: true }) });
  bmc.fates.set('0a/11', ['request lost']);
  await expect(read(bmc)).rejects.toMatchObject({ code: 'TIMEOUT' });
});
