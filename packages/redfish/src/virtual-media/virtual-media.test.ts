import type { JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { fixture, recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { extendedInfo } from '../../test/support/tables.js';
import { decodeVirtualMedia, ejectMedia, findDrive, insertMedia, readVirtualMedia, setBootOnNextReset } from './virtual-media.js';

const cd = decodeVirtualMedia(recorded('redfish-gen10-dl180/vmedia', 'default'));
const floppy = decodeVirtualMedia(recorded('redfish-gen10-dl180/vmedia', 'vmedia_floppy'));
const URL_NEW = 'http://192.0.2.1/deploy.iso';
const CD = '/redfish/v1/Managers/1/VirtualMedia/2/';
const OEM = `${CD}Actions/Oem/Hpe/HpeiLOVirtualMedia`;

test('drives are found by what they take', async () => {
  await using bench = await staticService({
    '/redfish/v1/Managers/1/VirtualMedia/': { Members: [{ '@odata.id': '/redfish/v1/Managers/1/VirtualMedia/1/' }, { '@odata.id': CD }] },
    '/redfish/v1/Managers/1/VirtualMedia/1/': fixture('redfish-gen10-dl180/vmedia', 'vmedia_floppy'),
    [CD]: fixture('redfish-gen10-dl180/vmedia', 'vmedia_inserted'),
  });
  const drives = await readVirtualMedia(bench.client, recorded('redfish-gen10-dl180/manager'));
  expect(findDrive(drives, ['cd', 'dvd'])).toMatchObject({ image: 'http://172.17.1.121:8081/test', inserted: true, connectedVia: 'URI', writeProtected: true });
  expect(findDrive(drives, ['Floppy'])).toMatchObject({ image: undefined, inserted: false, writeProtected: false, bootOnNextReset: undefined });
  expect(() => findDrive(drives, ['Tape'])).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }) as Error);
});

test('drives of iLO 4', () => {
  expect(decodeVirtualMedia(recorded('ris-gen9-bl460c/resp_vm_status_cdrom_inserted'))).toMatchObject({
    mediaTypes: ['CD', 'DVD'], image: 'http://1.1.1.1/cdrom.iso', inserted: true, writeProtected: true, bootOnNextReset: false,
  });
  expect(decodeVirtualMedia(recorded('ris-gen9-bl460c/resp_vm_status_floppy_empty'))).toMatchObject({ mediaTypes: ['Floppy', 'USBStick'], image: undefined, inserted: false });
});

/** The same drive as the three kinds of service give it, with the requests by which it is used. */
const body = (image: string | null): JsonObject => ({ '@odata.id': CD, Image: image, Inserted: image !== null, MediaTypes: ['CD'] });
const STYLES = [
  {
    style: 'standard',
    empty: { ...body(null), Actions: { '#VirtualMedia.InsertMedia': { target: `${CD}insert` }, '#VirtualMedia.EjectMedia': { target: `${CD}eject` } }, Oem: fixture('redfish-gen10-dl180/vmedia', 'default')['Oem'] ?? {} },
    insert: `POST ${CD}insert {"Image":"${URL_NEW}"}`,
    eject: `POST ${CD}eject {}`,
  },
  { style: 'vendor', empty: { ...fixture('redfish-gen10-dl180/vmedia', 'default') }, insert: `POST ${OEM}.InsertVirtualMedia/ {"Image":"${URL_NEW}"}`, eject: `POST ${OEM}.EjectVirtualMedia/ {}` },
  { style: 'property', empty: body(null), insert: `PATCH ${CD} {"Image":"${URL_NEW}"}`, eject: `PATCH ${CD} {"Image":null}` },
] as const;

// Newer firmware of iLO 5 has the actions of the standard and its own.
describe.each(STYLES)('a drive with the $style style', ({ empty, insert, eject }) => {
  const full = (image: string): JsonObject => ({ ...empty, Image: image, Inserted: true });

  test('takes an image', async () => {
    await using bench = await staticService({ [CD]: empty });
    await insertMedia(bench.client, cd, URL_NEW);
    expect(bench.changes).toEqual([insert]);
  });

  test('that is full is emptied first', async () => {
    await using bench = await staticService({ [CD]: full('http://192.0.2.1/old.iso') });
    await insertMedia(bench.client, cd, URL_NEW);
    expect(bench.changes).toEqual([eject, insert]);
  });

  test('with this very image in it is left alone', async () => {
    await using bench = await staticService({ [CD]: full(URL_NEW) });
    await insertMedia(bench.client, cd, URL_NEW);
    expect(bench.changes).toEqual([]);
  });

  test('is emptied, and an empty one left alone', async () => {
    await using bench = await staticService({ [CD]: full(URL_NEW) });
    await ejectMedia(bench.client, cd);
    expect(bench.changes).toEqual([eject]);
    await using other = await staticService({ [CD]: empty });
    await ejectMedia(other.client, cd);
    expect(other.changes).toEqual([]);
  });

  test('gets further parameters only when they are given', async () => {
    await using bench = await staticService({ [CD]: empty });
    await insertMedia(bench.client, cd, URL_NEW, { Inserted: true, WriteProtected: true });
    expect(bench.changes).toEqual([insert.replace('}', ',"Inserted":true,"WriteProtected":true}')]);
  });
});

test('a missing licence is told in the words of the controller', async () => {
  await using bench = await staticService(
    { [CD]: fixture('redfish-gen10-dl180/vmedia', 'default') },
    { [`POST ${OEM}.InsertVirtualMedia/`]: { status: 400, body: extendedInfo('iLO.2.14.LicenseKeyRequired', [], { Message: 'A license key is required to use this feature.' }) } },
  );
  expect(await failure(insertMedia(bench.client, cd, URL_NEW))).toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('A license key is required to use this feature') as string,
    hint: 'Install a licence that covers this function, such as iLO Advanced.',
    details: { messageId: 'iLO.2.14.LicenseKeyRequired' },
  });
});

test('an image that is refused once the former one is out: the error tells what was taken out', async () => {
  await using bench = await staticService(
    { [CD]: { ...fixture('redfish-gen10-dl180/vmedia', 'default'), Image: 'http://user:pass-in-url@192.0.2.1/old.iso', Inserted: true } },
    { [`POST ${OEM}.InsertVirtualMedia/`]: { status: 400, body: extendedInfo('iLO.2.14.LicenseKeyRequired') } },
  );
  const error = await failure(insertMedia(bench.client, cd, URL_NEW));
  expect(error).toMatchObject({ code: 'REFUSED', retryable: false, hint: 'Install a licence that covers this function, such as iLO Advanced.', details: { ejected: 'http://user:******@192.0.2.1/old.iso', messageId: 'iLO.2.14.LicenseKeyRequired' } });
  expect(bench.changes).toEqual([`POST ${OEM}.EjectVirtualMedia/ {}`, `POST ${OEM}.InsertVirtualMedia/ {"Image":"${URL_NEW}"}`]);
});

test('the next reset boots from it where the vendor has that, under the name that the vendor uses', async () => {
  await using bench = await staticService({});
  await setBootOnNextReset(bench.client, cd, true);
  await setBootOnNextReset(bench.client, decodeVirtualMedia(recorded('ris-gen9-bl460c/resp_vm_status_cdrom_inserted')), false);
  expect(bench.changes).toEqual([
    `PATCH ${CD} {"Oem":{"Hpe":{"BootOnNextServerReset":true}}}`,
    'PATCH /rest/v1/Managers/1/VirtualMedia/2 {"Oem":{"Hp":{"BootOnNextServerReset":false}}}',
  ]);
  expect(await failure(setBootOnNextReset(bench.client, floppy, true))).toMatchObject({ code: 'UNSUPPORTED' });
});
