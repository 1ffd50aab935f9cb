import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { decodeRawSdrRecord, decodeSdrRecord, expandSensorRecord, indexSensors, isSensorRecord, listSensors, type SdrRecord } from '../../src/sdr/index.js';
import { bytes, SDR_FIXTURES, type SdrFixture } from '../record-fixtures.js';

function decoded(fixture: SdrFixture): SdrRecord {
  return decodeSdrRecord(bytes(fixture.record));
}

describe('recorded records', () => {
  test.each(SDR_FIXTURES.records)('$id is what the tools say', (fixture) => {
    const record = decoded(fixture);
    const { expect: expected } = fixture;
    expect([record.recordId, record.sdrVersion.toString(16), record.recordType, record.kind, record.bodyLength]).toEqual([
      expected.record_id, expected.sdr_version, expected.record_type, expected.kind, expected.body_length,
    ]);
    if ('name' in record) expect([record.name, record.nameEncoding]).toEqual([expected.name, expected.name_encoding]);
    if ('entityId' in record) expect([record.entityId, record.entityInstance]).toEqual([expected.entity_id, expected.entity_instance]);
  });

  test.each(SDR_FIXTURES.records.filter(({ expect: { sensor_number } }) => sensor_number !== undefined))('$id names its sensor', (fixture) => {
    const record = decoded(fixture);
    if (!isSensorRecord(record)) throw new Error('no sensor');
    const { expect: expected } = fixture;
    expect([record.ownerId.toString(16), record.lun, record.channel, record.sensorNumber, record.sensorType, record.eventReadingType]).toEqual([
      expected.owner_id, expected.owner_lun, expected.channel, expected.sensor_number, expected.sensor_type, expected.event_reading_type,
    ]);
  });

  test.each(SDR_FIXTURES.records.filter(({ expect: { factors } }) => factors !== undefined))('$id has its factors', (fixture) => {
    const record = decoded(fixture);
    if (record.kind !== 'full') throw new Error('no full sensor record');
    const { m, b, bExponent, resultExponent, tolerance, accuracy, accuracyExponent } = record.factors;
    const formats = ['unsigned', 'ones-complement', 'twos-complement', 'none'];
    expect({
      M: m, B: b, B_exp: bExponent, R_exp: resultExponent, tolerance, accuracy, accuracy_exp: accuracyExponent,
      linearization: record.linearization, analog_format: formats.indexOf(record.units.rawFormat),
    }).toEqual(fixture.expect.factors);
  });

  test.each(SDR_FIXTURES.records.filter(({ expect: { share_count } }) => share_count !== undefined))('$id stands for its sensors', (fixture) => {
    const record = decoded(fixture);
    const { expect: expected } = fixture;
    if (record.kind !== 'compact') throw new Error('no compact record');
    expect([record.shareCount, record.nameModifierOffset, record.entityInstanceIncrements]).toEqual([
      expected.share_count, expected.id_modifier_offset, expected.entity_instance_increments,
    ]);
    expect(record.nameModifier === 'alphabetic' ? 'alpha' : 'numeric').toBe(expected.id_modifier);
    const sensors = expandSensorRecord(record).map(({ sensorNumber, name, entityInstance }) => ({ number: sensorNumber, name, entity_instance: entityInstance }));
    expect(sensors).toEqual(
      expected.shared_sensors ?? [{ number: expected.sensor_number, name: expected.name?.trim(), entity_instance: expected.entity_instance }],
    );
  });

  test('FRU locators', () => {
    const records = SDR_FIXTURES.records.map((fixture) => ({ record: decoded(fixture), expected: fixture.expect })).filter(({ record }) => record.kind === 'fru-device-locator');
    expect(records.length).toBe(3);
    for (const { record, expected } of records) {
      expect(record).toMatchObject({
        accessAddress: Number(`0x${expected.device_access_address}`),
        fruDeviceId: expected.fru_device_id,
        logical: expected.logical,
        lun: expected.lun,
        privateBus: expected.private_bus,
        deviceType: Number(`0x${expected.device_type}`),
        deviceTypeModifier: Number(`0x${expected.device_type_modifier}`),
      });
    }
  });

  test('controller locator, generic device and records of vendors', () => {
    const byId = (id: string): SdrRecord => decoded(SDR_FIXTURES.records.find((fixture) => fixture.id === id) ?? expect.fail(id));
    expect(byId('sdr-110')).toMatchObject({
      slaveAddress: 0x2c,
      isStatic: false,
      capabilities: {
        chassis: false, bridge: false, eventGenerator: false, eventReceiver: false, fruInventory: false, sel: false, sdrRepository: false, sensors: true,
      },
    });
    expect(byId('sdr-113')).toMatchObject({ accessAddress: 0x20, slaveAddress: 0x9c });
    expect(byId('sdr-114')).toMatchObject({ manufacturerId: 343, data: bytes('0d012c0018191a1b') });
    expect(byId('sdr-115')).toMatchObject({ manufacturerId: 44247, data: bytes('00010203') });
  });
});

describe('records that no fixture holds', () => {
  test('the locator of the BMC itself, as captured', () => {
    const record = decodeSdrRecord(bytes('0000 51 12 15 20 00 21 bf 00 00 00 2e 01 00 ca 466572726963 20 424d43'));
    expect(record).toMatchObject({
      kind: 'mc-device-locator',
      slaveAddress: 0x20,
      channel: 0,
      isStatic: true,
      powerAndInitialization: 0x21,
      entityId: 0x2e,
      name: 'Ferric BMC',
      capabilities: {
        chassis: true, bridge: false, eventGenerator: true, eventReceiver: true, fruInventory: true, sel: true, sdrRepository: true, sensors: true,
      },
    });
  });

  test('event-only, with several sensors in one record', () => {
    const record = decodeSdrRecord(bytes('0700 51 03 10 21 00 a0 22 81 0f 6f 02 85 00 55 c4 50 4f 53 54'));
    expect(record).toMatchObject({
      kind: 'event-only', ownerId: 0x21, lun: 0, sensorNumber: 0xa0, entityId: 0x22, entityInstance: 1, entityLogical: true, sensorType: 0x0f,
      eventReadingType: 0x6f, shareCount: 2, oem: 0x55, name: 'POST',
    });
    expect(listSensors([record]).map(({ name, sensorNumber, entityInstance }) => [name, sensorNumber, entityInstance])).toEqual([
      ['POST5', 0xa0, 1],
      ['POST6', 0xa1, 2],
    ]);
  });

  test('entity association: a list and a range; empty places are left out', () => {
    const list = decodeSdrRecord(bytes('0800 51 08 0b 17 01 20 0a 01 0a 02 00 00 00 00'));
    expect(list).toMatchObject({ kind: 'entity-association', entityId: 0x17, entityInstance: 1, range: false, linked: false, presenceAlwaysReadable: true });
    expect('contained' in list && list.contained).toEqual([
      { entityId: 10, entityInstance: 1, entityLogical: false },
      { entityId: 10, entityInstance: 2, entityLogical: false },
    ]);
    expect(decodeSdrRecord(bytes('0800 51 08 0b 17 01 c0 1d 01 1d 04 00 00 00 00'))).toMatchObject({ range: true, linked: true, presenceAlwaysReadable: false });
  });

  test('a generic device on a bus whose channel number is split over two bytes', () => {
    expect(decodeSdrRecord(bytes('0b00 51 10 0c 2d 9d 3a 03 00 1b 02 07 81 44 c1 58'))).toMatchObject({
      kind: 'generic-device-locator', accessAddress: 0x2c, slaveAddress: 0x9c, channel: 9, lun: 3, privateBus: 2, addressSpan: 3, deviceType: 0x1b,
      deviceTypeModifier: 2, entityId: 7, entityInstance: 1, entityLogical: true, oem: 0x44, name: 'X',
    });
  });

  test('device-relative association', () => {
    const record = decodeSdrRecord(bytes('0900 51 09 1b 17 61 2c 10 80 2c 10 1d 61 2c 10 1d 64 00 00 00 00 00 00 00 00 000000000000'));
    expect(record).toMatchObject({
      kind: 'device-relative-entity-association',
      entityId: 0x17,
      entityInstance: 0x61,
      slaveAddress: 0x2c,
      channel: 1,
      range: true,
      contained: [
        { slaveAddress: 0x2c, channel: 1, entityId: 0x1d, entityInstance: 0x61 },
        { slaveAddress: 0x2c, channel: 1, entityId: 0x1d, entityInstance: 0x64 },
      ],
    });
  });

  test.each([
    ['a type that is not decoded', '0a00 51 14 02 aa bb', [0xaa, 0xbb]],
    ['another version', '0a00 01 01 02 aa bb', [0xaa, 0xbb]],
  ])('%s is kept raw', (_what, record, data) => {
    expect(decodeSdrRecord(bytes(record))).toMatchObject({ kind: 'other', recordId: 10, data: Uint8Array.from(data) });
  });
});

describe('the rules of names and numbers', () => {
  const first = SDR_FIXTURES.records[0] ?? expect.fail('no records');

  test('bytes behind the record are ignored, and a name never reaches into them', () => {
    const record = bytes(first.record);
    const long = Buffer.concat([record, Buffer.from('TRAILING')]);
    long[47] = 0xdf;
    expect(decodeSdrRecord(long)).toMatchObject({ name: 'MB Temp' });
    // Bit 5 is reserved: it does not count.
    long[47] = 0xe4;
    expect(decodeSdrRecord(long)).toMatchObject({ name: 'MB T' });
  });

  test('controls are dropped and a nameless sensor is called by its number', () => {
    const record = Buffer.from(bytes(first.record));
    record.fill(0, 48);
    const decodedRecord = decodeSdrRecord(record);
    expect(decodedRecord).toMatchObject({ name: '' });
    expect(listSensors([decodedRecord])[0]?.name).toBe('#1');
  });

  test('unicode names', () => {
    const record = Buffer.from(bytes(first.record));
    record[47] = 0x06;
    record.set(Buffer.from('Tü7', 'utf16le'), 48);
    expect(decodeSdrRecord(record)).toMatchObject({ name: 'Tü7', nameEncoding: 'unicode' });
  });

  test('shared sensors do not count beyond the last number', () => {
    const shared = SDR_FIXTURES.records.find(({ id }) => id === 'sdr-100') ?? expect.fail('no shared record');
    const record = Buffer.from(bytes(shared.record));
    record[7] = 0xfe;
    expect(listSensors([decodeSdrRecord(record)]).map(({ sensorNumber }) => sensorNumber)).toEqual([0xfe, 0xff]);
  });

  test('a sensor is found by owner, unit and number, and the first of two counts', () => {
    const records = SDR_FIXTURES.records.map(decoded);
    const twin = { ...(records[0] ?? expect.fail('no record')), name: 'second' };
    const directory = indexSensors([...records, twin]);
    expect(directory.find({ ownerId: 0x20, lun: 0, sensorNumber: 1 })?.name).toBe('MB Temp');
    expect(directory.find({ ownerId: 0x20, lun: 0, sensorNumber: 131 })?.name).toBe('DIMM 6');
    expect(directory.find({ ownerId: 0x20, lun: 1, sensorNumber: 131 })).toBeUndefined();
    expect(directory.find({ ownerId: 0x21, lun: 0, sensorNumber: 131 })).toBeUndefined();
  });
});

describe('records that end too early', () => {
  const longest = SDR_FIXTURES.records.filter(({ id }) => ['sdr-001', 'sdr-100', 'sdr-105', 'sdr-110', 'sdr-113', 'sdr-114'].includes(id));

  test.each(longest)('$id cut at every byte is a PROTOCOL_FAULT', ({ record }) => {
    const whole = bytes(record);
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => decodeSdrRecord(whole.subarray(0, length))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }) as FerricError);
    }
    expect(() => decodeSdrRecord(whole)).not.toThrow();
  });

  test.each(longest)('$id with a body as short as it says is decoded or refused, and always kept raw', ({ record }) => {
    const whole = Buffer.from(bytes(record));
    for (let body = 0; body < whole.length - 5; body += 1) {
      whole[4] = body;
      let failure: unknown;
      try {
        decodeSdrRecord(whole.subarray(0, 5 + body));
      } catch (error) {
        failure = error;
      }
      expect(failure === undefined || (FerricError.is(failure) && failure.code === 'PROTOCOL_FAULT')).toBe(true);
      expect(decodeRawSdrRecord(whole).data.length).toBe(body);
    }
  });

  test('the error tells what came', () => {
    expect(() => decodeSdrRecord(bytes('0100 51 01 03 aabbcc'))).toThrow('Full sensor record: expected at least 44 bytes, got 8 bytes 0100510103aabbcc');
  });
});
