import { describe, expect, test } from 'vitest';
import { chassisTypeName, decodeFru, decodeFruFields, type FruAreaFacts, listFruDevices } from '../../src/fru/index.js';
import { decodeSdrRecord } from '../../src/sdr/index.js';
import { bytes, FRU_FIXTURES, type FruAreaFixture, SDR_FIXTURES } from '../record-fixtures.js';

/** Names of texts in the fixture and here. */
const TEXTS: Readonly<Record<'chassis' | 'board' | 'product', Readonly<Record<string, string>>>> = {
  chassis: { part_number: 'partNumber', serial: 'serialNumber' },
  board: { manufacturer: 'manufacturer', product: 'productName', serial: 'serialNumber', part_number: 'partNumber', fru_file_id: 'fruFileId' },
  product: {
    manufacturer: 'manufacturer', name: 'productName', part_number: 'partNumber', version: 'version', serial: 'serialNumber', asset_tag: 'assetTag',
    fru_file_id: 'fruFileId',
  },
};

function expectArea(kind: keyof typeof TEXTS, area: FruAreaFacts | null, expected: FruAreaFixture | undefined): void {
  if (expected === undefined) {
    expect(area).toBeNull();
    return;
  }
  expect(area).toMatchObject({ offset: expected.offset, length: expected.length, checksumOk: expected.checksum_ok, hasEnd: expected.end_marker ?? false });
  expect(area?.problem === null).toBe(expected.error === undefined);
  for (const [name, ours] of Object.entries(TEXTS[kind])) {
    expect([name, (area as unknown as Record<string, unknown>)[ours]]).toEqual([name, expected[name] ?? null]);
  }
}

describe('recorded devices', () => {
  test.each(FRU_FIXTURES.cases)('$id', ({ data, expect: expected }) => {
    const fru = decodeFru(bytes(data));
    expect(fru.headerChecksumOk).toBe(expected.header_ok);
    expect(fru.format).toBe(expected.header_ok ? 'ipmi' : 'blank');
    expectArea('chassis', fru.chassis, expected.areas.chassis);
    expectArea('board', fru.board, expected.areas.board);
    expectArea('product', fru.product, expected.areas.product);
    expect(fru.chassis?.chassisType).toBe(expected.areas.chassis?.type);
    expect(fru.board?.languageCode).toBe(expected.areas.board?.language);
    const made = expected.areas.board?.mfg_date;
    expect(fru.board?.manufacturedAt?.toISOString()).toBe(typeof made === 'string' ? new Date(made).toISOString() : undefined);
    expect(fru.internalUse?.offset).toBe(expected.internal_use_offset);
    expect(
      fru.multirecords.map((record) => ({
        type: record.recordType, format: record.format, last: record.isLast, data: Buffer.from(record.data).toString('hex'), header_ok: record.headerChecksumOk,
        data_ok: record.dataChecksumOk,
      })),
    ).toEqual(expected.multirecord ?? []);
    const isFine = expected.header_ok && Object.values(expected.areas).every(({ error }) => error === undefined);
    expect(fru.problems.length === 0).toBe(isFine);
  });

  test('without the mark of the end the checksum is not taken for a field', () => {
    const fixture = FRU_FIXTURES.cases.find(({ id }) => id === 'fru-12-no-end-marker') ?? expect.fail('no case');
    expect(decodeFru(bytes(fixture.data)).problems).toEqual(['product area: the mark behind the last field is missing']);
  });

  test('the own area of the vendor ends where the next begins, or with the device', () => {
    const chassis = makeArea([1, 0, 23], `${latin('PN')}${latin('SN')}`);
    const behind = Buffer.concat([Buffer.of(1, 1 + chassis.length / 8, 1, 0, 0, 0, 0, 0), chassis, Buffer.alloc(24, 0x55)]);
    expect(decodeFru(behind).internalUse).toEqual({ offset: 8 + chassis.length, length: 24 });
    const before = Buffer.concat([Buffer.of(1, 1, 3, 0, 0, 0, 0, 0xfb), Buffer.alloc(16, 0x55), chassis]);
    expect(decodeFru(before)).toMatchObject({ internalUse: { offset: 8, length: 16 }, problems: [] });
  });

  test('multirecords have names and vendors', () => {
    const fixture = FRU_FIXTURES.cases.find(({ id }) => id === 'fru-04-multirecord') ?? expect.fail('no case');
    const fru = decodeFru(bytes(fixture.data));
    expect(fru.multirecords.map(({ typeName, manufacturerId }) => [typeName, manufacturerId])).toEqual([
      ['power supply information', null],
      ['DC output', null],
      ['management access', null],
      ['vendor record', 0x1357],
    ]);
    expect(fru.internalUse).toEqual({ offset: 8, length: 8 });
  });
});

/** Makes an area with its length and checksum. */
function makeArea(header: readonly number[], fields: string, options: { readonly end?: string } = {}): Buffer {
  const body = Buffer.concat([Buffer.from(header), bytes(fields), bytes(options.end ?? 'c1')]);
  const length = Math.ceil((body.length + 1) / 8) * 8;
  const padded = Buffer.concat([body, Buffer.alloc(length - body.length)]);
  padded[1] = length / 8;
  padded[length - 1] = (0x100 - (padded.reduce((sum, byte) => sum + byte, 0) & 0xff)) & 0xff;
  return padded;
}

/** A device with one area at offset 8, named in the header at this index. */
function device(headerIndex: number, content: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header[0] = 1;
  header[headerIndex] = 1;
  header[7] = (0x100 - 2) & 0xff;
  return Buffer.concat([header, content]);
}
const CHASSIS = 2;
const BOARD = 3;
const PRODUCT = 4;

const latin = (text: string): string => Buffer.concat([Buffer.of(0xc0 | text.length), Buffer.from(text, 'latin1')]).toString('hex');
const utf16 = (text: string): string => Buffer.concat([Buffer.of(0xc0 | (text.length * 2)), Buffer.from(text, 'utf16le')]).toString('hex');

describe('fields', () => {
  test('every encoding, and custom fields behind the named ones', () => {
    const fields = `${latin('PN')}${latin('SN')}04deadbeef 45 0123bc4567 83 29dca6 ${latin('Extra °')}`;
    const fru = decodeFru(device(CHASSIS, makeArea([1, 0, 23], fields)));
    expect(fru.chassis).toMatchObject({
      partNumber: 'PN',
      serialNumber: 'SN',
      custom: [
        { encoding: 'binary', text: 'deadbeef' },
        { encoding: 'bcd+', text: '0123-.4567' },
        { encoding: '6-bit', text: 'IPMI' },
        { encoding: 'latin-1', text: 'Extra °' },
      ],
    });
    expect(fru.problems).toEqual([]);
  });

  test.each([
    ['00 and blanks', 'c8 41422020 20000000', 'AB'],
    ['ff', 'c6 4142ffffffff', 'AB'],
    ['ff fe', 'c5 4142fffe20', 'AB'],
    ['controls inside', 'c4 41070d42', 'AB'],
    ['nothing but padding', 'c4 ffffffff', ''],
  ])('padding with %s is left out', (_what, field, text) => {
    expect(decodeFruFields(bytes(`${field}c1`), () => true).fields[0]?.text).toBe(text);
  });

  test('in another language texts are UTF-16, but serial numbers and file ids stay Latin-1', () => {
    const french = 6;
    const board = `${utf16('Ångström')}${utf16('板')}${latin('SER1')}${utf16('部')}${latin('f.v1')}`;
    expect(decodeFru(device(BOARD, makeArea([1, 0, french, 0, 0, 0], board))).board).toMatchObject({
      manufacturer: 'Ångström', productName: '板', serialNumber: 'SER1', partNumber: '部', fruFileId: 'f.v1', manufacturedAt: null,
    });
    const product = `${utf16('会社')}${utf16('製品')}${utf16('A1')}${utf16('v2')}${latin('SER2')}${utf16('札')}${utf16('f')}`;
    expect(decodeFru(device(PRODUCT, makeArea([1, 0, french], product))).product).toMatchObject({
      manufacturer: '会社', productName: '製品', partNumber: 'A1', version: 'v2', serialNumber: 'SER2', assetTag: '札', fruFileId: 'f',
    });
    expect(decodeFru(device(PRODUCT, makeArea([1, 0, 25], latin('English')))).product?.manufacturer).toBe('English');
  });

  test('texts that are not there are null, empty ones empty', () => {
    expect(decodeFru(device(PRODUCT, makeArea([1, 0, 0], `${latin('ME')}c0`))).product).toMatchObject({ manufacturer: 'ME', productName: '', partNumber: null, serialNumber: null });
  });
});

describe('broken devices', () => {
  const good = device(CHASSIS, makeArea([1, 0, 23], `${latin('PN')}${latin('SN')}`));
  const changed = (offset: number, byte: number): Buffer => {
    const copy = Buffer.from(good);
    copy[offset] = byte;
    return copy;
  };

  test('wrong checksums are told, and everything is decoded all the same', () => {
    expect(decodeFru(changed(7, 0))).toMatchObject({ headerChecksumOk: false, chassis: { partNumber: 'PN', checksumOk: true }, problems: ['common header: the checksum is wrong'] });
    expect(decodeFru(changed(good.length - 1, 0))).toMatchObject({
      headerChecksumOk: true, chassis: { serialNumber: 'SN', checksumOk: false }, problems: ['chassis area: the checksum is wrong'],
    });
  });

  test('a field that reaches beyond its area ends the area, not the device', () => {
    const fru = decodeFru(changed(14, 0xff));
    expect(fru.chassis).toMatchObject({ partNumber: 'PN', serialNumber: null, hasEnd: false, problem: 'a field reaches beyond the end of the area' });
    expect(fru.format).toBe('ipmi');
  });

  test('an area behind the end of the device, and one of length 0, are not there', () => {
    const far = changed(2, 0x20);
    expect(decodeFru(far)).toMatchObject({ chassis: null, problems: ['common header: the checksum is wrong', 'chassis area: it is not there'] });
    expect(decodeFru(changed(9, 0)).chassis).toBeNull();
  });

  test('cut at every byte: what is left is decoded', () => {
    for (let length = 0; length < good.length; length += 1) {
      if (length < 8) expect(() => decodeFru(good.subarray(0, length))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }) as Error);
      else expect(decodeFru(good.subarray(0, length)).problems.length).toBeGreaterThan(0);
    }
    expect(decodeFru(good).problems).toEqual([]);
  });

  test('what is no FRU is called unknown', () => {
    expect(decodeFru(bytes('92100b0203190009 0000'))).toMatchObject({ format: 'unknown', chassis: null, problems: ['the device is not in the FRU format'] });
  });

  test('a multirecord with a wrong header checksum ends the list, with wrong data it does not', () => {
    const fixture = FRU_FIXTURES.cases.find(({ id }) => id === 'fru-04-multirecord') ?? expect.fail('no case');
    const image = Buffer.from(bytes(fixture.data));
    const start = (image[5] ?? 0) * 8;
    const wrongData = Buffer.from(image);
    wrongData[start + 5] = 0;
    expect(decodeFru(wrongData).multirecords.map(({ dataChecksumOk }) => dataChecksumOk)).toEqual([false, true, true, true]);
    expect(decodeFru(wrongData).problems).toEqual([`multirecord at ${start}: the checksum of the data is wrong`]);
    const wrongHeader = Buffer.from(image);
    wrongHeader[start + 4] = 0;
    expect(decodeFru(wrongHeader).multirecords.length).toBe(1);
    expect(decodeFru(image.subarray(0, start + 30)).problems).toEqual(['a multirecord reaches beyond the end of the device']);
  });

  test('multirecords without end are cut', () => {
    const record = Buffer.of(0xc0, 0x02, 0x00, 0x00, 0x3e);
    const endless = Buffer.concat([Buffer.of(1, 0, 0, 0, 0, 1, 0, 0xfe), ...Array.from({ length: 400 }, () => record)]);
    const fru = decodeFru(endless);
    expect(fru.multirecords.length).toBe(256);
    expect(fru.problems).toEqual(['there are more than 256 multirecords']);
  });
});

test('chassis types', () => {
  expect([1, 2, 3, 0x11, 0x17, 0x1c, 0x1d, 0x7f].map(chassisTypeName)).toEqual([
    'other', 'unknown', 'desktop', 'main server chassis', 'rack mount chassis', 'blade', 'blade enclosure', 'chassis type 127',
  ]);
});

test('FRU devices that the records name, each once', () => {
  const records = SDR_FIXTURES.records.map(({ record }) => decodeSdrRecord(bytes(record)));
  const bmc = decodeSdrRecord(bytes('0000 51 12 15 20 00 21 bf 00 00 00 2e 01 00 ca 46657272696320424d43'));
  const satellite = decodeSdrRecord(bytes('0000 51 12 0f 2e 01 20 08 00 00 00 2e 02 00 c4 48534250'));
  const eeprom = decodeSdrRecord(bytes('0000 51 11 0f 20 a0 01 00 00 10 00 0a 01 00 c4 45455052'));
  const dimm = decodeSdrRecord(bytes('0000 51 11 0f 2c 05 88 10 00 10 01 20 01 00 c4 44494d4d'));
  expect(listFruDevices([...records, bmc, satellite, eeprom, dimm]).map(({ fruDeviceId, name, content, lun, bridge }) => [fruDeviceId, name, content, lun, bridge])).toEqual([
    [0, 'Builtin FRU', 'unspecified', 0, undefined],
    [1, 'PSU1 FRU', 'unspecified', 0, undefined],
    [3, 'BP FRU 6', 'unspecified', 0, undefined],
    [5, 'DIMM', 'memory-module', 1, [{ channel: 1, address: 0x2c }]],
    [0, 'HSBP', 'fru', undefined, [{ channel: 1, address: 0x2e }]],
  ]);
});
