import { describe, expect, test } from 'vitest';
import { correctedDate, decodeEventGenerator, decodeSelEntry, decodeTimestamp, describeSelEntry, type EventDescription } from '../../src/sel/index.js';
import { decodeSdrRecord, indexSensors } from '../../src/sdr/index.js';
import { bytes, SDR_FIXTURES, SEL_FIXTURES } from '../record-fixtures.js';

const EVENT_ONLY = decodeSdrRecord(bytes('7f00 51 03 15 21 00 a0 22 01 0f 6f 01 00 00 00 c9 42494f5320504f5354'));
const SENSORS = indexSensors([...SDR_FIXTURES.records.map(({ record }) => decodeSdrRecord(bytes(record))), EVENT_ONLY]);

function described(record: string, sensors = SENSORS): EventDescription {
  return describeSelEntry(decodeSelEntry(bytes(record)), sensors);
}

function live(id: string): EventDescription {
  return described(SEL_FIXTURES.live.find((fixture) => fixture.id === id)?.record ?? '');
}

describe('recorded entries', () => {
  test.each([...SEL_FIXTURES.live, ...SEL_FIXTURES.constructed])('$id has the fields that the tool says', ({ record, expect: expected }) => {
    const entry = decodeSelEntry(bytes(record));
    const data = entry.kind === 'system-event' ? undefined : Buffer.from(entry.data).toString('hex');
    expect({
      record_id: entry.recordId,
      record_type: entry.recordType,
      ...(entry.kind === 'oem' ? {} : { time_kind: entry.timestamp.kind }),
      ...(entry.kind === 'oem' ? {} : { timestamp: entry.timestamp.kind === 'unspecified' ? 0xffffffff : entry.timestamp.seconds }),
      ...(entry.kind === 'oem-timestamped' ? { manufacturer_id: entry.manufacturerId } : {}),
      ...(data === undefined ? {} : { oem_data: data }),
      ...(entry.kind === 'system-event'
        ? {
            generator_id: entry.generator.id,
            evm_rev: entry.eventMessageRevision,
            sensor_type: entry.sensorType,
            sensor_number: entry.sensorNumber,
            direction: entry.direction,
            event_type: entry.eventReadingType,
            offset: entry.offset,
            event_data: Buffer.from(entry.eventData).toString('hex'),
          }
        : {}),
    }).toEqual(expected);
  });

  test.each(SEL_FIXTURES.states)('$id keeps type, sensor type and offset', ({ record, event_type, sensor_type, offset }) => {
    expect(decodeSelEntry(bytes(record))).toMatchObject({ kind: 'system-event', eventReadingType: event_type, sensorType: sensor_type, offset });
  });
});

describe('events in words', () => {
  test('a threshold event has reading, threshold and unit', () => {
    expect(live('live-001')).toEqual({
      sensorName: 'MB Temp',
      sensor: expect.objectContaining({ sensorNumber: 1 }) as object,
      sensorType: 'temperature',
      text: 'upper non-critical going high',
      details: ['reading 117 degrees C', 'threshold 112 degrees C'],
      severity: 'warning',
      reading: 117,
      threshold: 112,
      unit: 'degrees C',
      message: 'MB Temp (temperature): upper non-critical going high asserted; reading 117 degrees C; threshold 112 degrees C',
    });
    expect(live('live-002')).toMatchObject({ severity: 'ok', reading: 109, message: expect.stringContaining('deasserted') as string });
  });

  test('without the records of the sensor the bytes are shown', () => {
    expect(described('0300026c0e000020000402070152a0ac')).toMatchObject({
      sensorName: '#0x07', sensor: null, sensorType: 'voltage', text: 'lower critical going low', severity: 'critical', reading: null, threshold: null, unit: null,
      details: ['reading 0xa0 raw', 'threshold 0xac raw'],
    });
  });

  test.each([
    ['live-007', 'PSU Status', 'power supply input lost', [], 'ok'],
    ['live-009', 'BIOS POST', 'system firmware error', ['no system memory installed'], 'critical'],
    ['live-010', '#0xa0', 'system firmware progress', ['starting operating system boot process'], 'ok'],
    ['live-011', '#0xa1', 'log area reset/cleared', [], 'ok'],
    ['live-014', 'Button', 'power button pressed', [], 'ok'],
    ['live-016', 'ACPI State', 'S4/S5: soft-off', [], 'ok'],
    ['live-017', 'Watchdog2', 'hard reset', ['timer use: SMS/OS, interrupt: messaging interrupt'], 'critical'],
    ['live-019', 'CPU1 Status', 'thermal trip', [], 'nonrecoverable'],
    ['live-020', 'Battery', 'failed', [], 'critical'],
    ['live-021', 'Version', 'firmware or software change detected', ['operating system'], 'ok'],
  ])('%s', (id, sensorName, text, details, severity) => {
    expect(live(id)).toMatchObject({ sensorName, text, details, severity });
  });

  test('entries of vendors', () => {
    expect(live('live-023')).toMatchObject({ sensorName: null, severity: 'ok', message: 'vendor record 0xc0 of manufacturer 5701888: 010203040506' });
    expect(live('live-024').message).toBe('vendor record 0xe0: 00010203040506aabbccddeeff');
  });

  /** An event of the BMC's sensor ffh with these last four bytes: event type and data. */
  const event = (sensorType: string, data: string): EventDescription => described(`0100 02 00000000 2000 04 ${sensorType} ff ${data}`);

  test.each([
    ['12', '6f c5 00 ff', 'timestamp clock sync', ['first of a pair, SEL clock']],
    ['12', '6f c5 81 ff', 'timestamp clock sync', ['second of a pair, SDR clock']],
    ['12', '6f c4 05 ff', 'PEF action', ['alert, reset']],
    ['1d', '6f c7 04 ff', 'system restart', ['cause: watchdog expiration']],
    ['0c', '6f a0 ff 21', 'correctable ECC', ['OEM event data 0x21']],
    ['0c', '6f b0 ff 03', 'correctable ECC', ['memory module 0x03']],
    ['10', '6f 35 ff 4b', 'log almost full', ['75 percent full']],
    ['2c', '6f c4 13 ff', 'active', ['previous state: activation in progress, cause: commanded by software']],
    ['21', '6f f0 07 04', 'fault status', ['slot type: memory device', 'slot 4']],
    ['0f', '6f c2 15 ff', 'system firmware progress', ['event data 0x15']],
    ['0f', '6f 82 15 ff', 'system firmware progress', ['OEM event data 0x15']],
    ['0b', '07 41 f0 ff', 'transition to non-critical from OK', ['previous state: transition to OK']],
    ['c5', '70 f3 11 22', 'state 3', ['event data 0x11', 'event data 0x22']],
  ])('extension of sensor type %s: %s', (sensorType, data, text, details) => {
    expect(event(sensorType, data)).toMatchObject({ text, details });
  });

  test('the severity that an event tells counts more than that of its state', () => {
    expect(event('0b', '03 41 2f ff')).toMatchObject({ text: 'state asserted', severity: 'critical' });
    expect(event('0b', '03 41 ff ff')).toMatchObject({ severity: 'ok', details: [] });
    expect(event('0b', '83 41 2f ff')).toMatchObject({ severity: 'ok' });
  });

  test.each([
    ['01 57', 'warning'],
    ['81 57', 'ok'],
    ['01 56', 'ok'],
    ['81 56', 'warning'],
    ['01 52', 'critical'],
    ['01 53', 'ok'],
    ['81 55', 'nonrecoverable'],
    ['01 5b', 'nonrecoverable'],
  ])('threshold event %s is %s', (data, severity) => {
    expect(event('01', `${data} 00 00`).severity).toBe(severity);
  });

  test('under 1/x going high in raw counts is going low', () => {
    const fan = Buffer.from(bytes(SDR_FIXTURES.records.find(({ id }) => id === 'sdr-021')?.record ?? ''));
    const directory = indexSensors([decodeSdrRecord(fan)]);
    const number = Buffer.of(fan[7] ?? 0).toString('hex');
    const texts = [0, 1, 4, 7, 9, 10].map((offset) => described(`0100 02 00000000 2000 04 04 ${number} 01 5${offset.toString(16)} 40 80`, directory).text);
    expect(texts).toEqual([
      'upper non-critical going high', 'upper non-critical going low', 'upper non-recoverable going high', 'lower non-critical going low',
      'lower critical going low', 'lower non-recoverable going high',
    ]);
    expect(described(`0100 02 00000000 2000 04 04 ${number} 01 57 40 80`, directory)).toMatchObject({ reading: 15625, threshold: 7812.5, severity: 'warning' });
  });
});

describe('timestamps and generators', () => {
  test.each([
    [0, { kind: 'since-init', seconds: 0 }],
    [0x20000000, { kind: 'since-init', seconds: 0x20000000 }],
    [0x20000001, { kind: 'unix', seconds: 0x20000001, date: new Date('1987-01-05T18:48:33Z') }],
    [0x80000000, { kind: 'unix', seconds: 0x80000000, date: new Date('2038-01-19T03:14:08Z') }],
    [0xfffffffe, { kind: 'unix', seconds: 0xfffffffe, date: new Date('2106-02-07T06:28:14Z') }],
    [0xffffffff, { kind: 'unspecified' }],
  ])('%i', (value, timestamp) => {
    expect(decodeTimestamp(value)).toEqual(timestamp);
  });

  test('a date is corrected by what the clock is ahead', () => {
    expect(correctedDate(decodeTimestamp(1_600_000_000), 3_600_000)).toEqual(new Date(1_599_996_400_000));
    expect(correctedDate(decodeTimestamp(5))).toBeNull();
    expect(correctedDate(decodeTimestamp(0xffffffff))).toBeNull();
  });

  test.each([
    [0x0020, 'controller', 0, 0],
    [0x722c, 'controller', 7, 2],
    [0x0001, 'bios', 0, 0],
    [0x0021, 'smi-handler', 0, 0],
    [0x0041, 'system-management-software', 0, 0],
    [0x0061, 'oem-software', 0, 0],
    [0x0081, 'remote-console', 0, 0],
    [0x008f, 'terminal-mode', 0, 0],
    [0x00ff, 'unknown-software', 0, 0],
  ])('generator %i', (id, kind, channel, lun) => {
    expect(decodeEventGenerator(id)).toEqual({ id, ownerId: id & 0xff, kind, channel, lun });
  });
});

test('an entry that is too short is a PROTOCOL_FAULT, a longer one is read', () => {
  const entry = bytes(SEL_FIXTURES.live[0]?.record ?? '');
  for (let length = 0; length < 16; length += 1) {
    expect(() => decodeSelEntry(entry.subarray(0, length))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }) as Error);
  }
  expect(decodeSelEntry(Buffer.concat([entry, Buffer.of(1, 2, 3)]))).toEqual(decodeSelEntry(entry));
});
