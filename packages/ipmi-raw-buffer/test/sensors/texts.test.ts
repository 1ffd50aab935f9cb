import { describe, expect, test } from 'vitest';
import { decodeSdrRecord, type SensorUnits } from '../../src/sdr/index.js';
import { assertedStates, entityName, findStateMeaning, sensorTypeName, stateMeaning, unitName, unitText } from '../../src/sensors/index.js';
import { bytes, SDR_FIXTURES, SEL_FIXTURES } from '../record-fixtures.js';

/** What the tool says in other words than ours. */
const SAME: Readonly<Record<string, string>> = {
  'power supply ac lost': 'power supply input lost',
  'ac lost or out-of-range': 'input lost or out of range',
  'ac out-of-range, but present': 'input out of range, but present',
  'config error': 'configuration error',
  'unknown error': 'system firmware error',
  'unknown hang': 'system firmware hang',
  'unknown progress': 'system firmware progress',
};

function ours(text: string): string {
  const lower = text.toLowerCase();
  return SAME[lower] ?? lower;
}

describe('states', () => {
  test.each(SEL_FIXTURES.states)('$id', ({ event_type, sensor_type, offset, expect: expected }) => {
    const { text } = stateMeaning({ eventReadingType: event_type, sensorType: sensor_type }, offset);
    expect(text.toLowerCase()).toBe(expected === 'reserved' ? `state ${offset}` : ours(expected));
  });

  test('the list of the tool covers most of ours', () => {
    expect(SEL_FIXTURES.states.length).toBe(183);
  });

  const DISCRETE = SDR_FIXTURES.records.filter(({ expect: { states_asserted } }) => states_asserted !== undefined);

  test.each(DISCRETE)('$id asserts what the tool says', ({ record, reading_reply: reply, expect: expected }) => {
    const decoded = decodeSdrRecord(bytes(record));
    if (!('eventReadingType' in decoded)) throw new Error('no sensor');
    const [, , , low = 0, high = 0] = bytes(reply ?? '');
    const texts = assertedStates(decoded, (low | (high << 8)) & 0x7fff).map(({ text }) => text.toLowerCase());
    // The tool has no words for states of vendors.
    const known = texts.filter((text) => !/^state \d/.test(text));
    expect(known).toEqual((expected.states_asserted ?? []).map(ours));
  });

  test('presence, asserted, is no alarm; failure is', () => {
    const severity = (sensorType: number, offset: number): string | undefined => findStateMeaning({ eventReadingType: 0x6f, sensorType }, offset)?.severity;
    expect([severity(0x07, 7), severity(0x08, 0), severity(0x0c, 6), severity(0x0d, 0), severity(0x25, 0), severity(0x29, 2)]).toEqual(Array(6).fill('ok'));
    expect([severity(0x07, 1), severity(0x08, 1), severity(0x0d, 1), severity(0x29, 1)]).toEqual(['nonrecoverable', 'critical', 'critical', 'critical']);
    expect(findStateMeaning({ eventReadingType: 0x03, sensorType: 0x02 }, 0)).toEqual({ text: 'state deasserted', severity: 'ok' });
  });

  test('states of vendors have a number only', () => {
    expect(stateMeaning({ eventReadingType: 0x70, sensorType: 0x0b }, 2)).toEqual({ text: 'state 2', severity: 'ok' });
    expect(stateMeaning({ eventReadingType: 0x6f, sensorType: 0xc1 }, 0)).toEqual({ text: 'state 0', severity: 'ok' });
    expect(assertedStates({ eventReadingType: 0x6f, sensorType: 0xc1 }, 0xffff).length).toBe(15);
  });
});

describe('units', () => {
  const plain: SensorUnits = { rawFormat: 'unsigned', rate: 0, modifier: 'none', percentage: false, baseUnit: 1, modifierUnit: 0 };

  test.each(SDR_FIXTURES.records.filter(({ expect: { reading, record_type } }) => record_type === 1 && reading?.unit !== undefined))('$id', ({ id, record, expect: expected }) => {
    const decoded = decodeSdrRecord(bytes(record));
    if (decoded.kind !== 'full') throw new Error('no full sensor record');
    // The tool leaves the rate out.
    expect(unitText(decoded.units)).toBe(id === 'sdr-038' ? 'Joules per s' : expected.reading?.unit);
  });

  test.each<[Partial<SensorUnits>, string]>([
    [{ baseUnit: 6, rate: 3 }, 'Watts per s'],
    [{ baseUnit: 0, percentage: true }, 'percent'],
    [{ baseUnit: 18, percentage: true }, 'RPM percent'],
    [{ baseUnit: 6, modifier: 'divide', modifierUnit: 34 }, 'Watts/m'],
    [{ baseUnit: 6, modifier: 'multiply', modifierUnit: 19, rate: 6 }, 'Watts*Hz per day'],
    [{ baseUnit: 200 }, 'unit 200'],
  ])('%o is %s', (units, text) => {
    expect(unitText({ ...plain, ...units })).toBe(text);
  });

  test('codes stand where the specification puts them', () => {
    expect([0, 9, 10, 18, 20, 34, 43, 54, 60, 65, 70, 79, 80, 90, 92].map(unitName)).toEqual([
      'unspecified', 'VA', 'Nits', 'RPM', 'microsecond', 'm', 'gravities', 'ohms', 'decibels', 'color temp K', 'byte', 'miss', 'retry',
      'uncorrectable error', 'grams',
    ]);
  });
});

describe('names', () => {
  test('entities', () => {
    expect([3, 4, 7, 10, 19, 29, 32, 46, 0x37, 0x40, 0x95, 0xb1, 0xd2, 0x60].map(entityName)).toEqual([
      'processor', 'disk or disk bay', 'system board', 'power supply', 'power unit', 'fan device', 'memory device', 'management controller firmware',
      'air inlet', 'air inlet', 'chassis-specific entity 149', 'board-set entity 177', 'vendor-specific entity 210', 'entity 96',
    ]);
    for (const { entity_id, entity_name } of SDR_FIXTURES.records.map(({ expect: expected }) => expected)) {
      if (entity_id !== undefined && entity_name !== undefined) expect(entityName(entity_id).toLowerCase()).toBe(entity_name.toLowerCase());
    }
  });

  test('sensor types', () => {
    const renamed: Readonly<Record<string, string>> = {
      'drive slot / bay': 'drive slot', 'cable / interconnect': 'cable or interconnect', 'slot / connector': 'slot or connector', 'watchdog1': 'watchdog 1',
      'watchdog2': 'watchdog 2', 'management subsys health': 'management subsystem health', 'system firmwares': 'system firmware progress',
    };
    for (const { sensor_type, sensor_type_name } of SEL_FIXTURES.states) {
      const lower = sensor_type_name.toLowerCase();
      expect(sensorTypeName(sensor_type).toLowerCase()).toBe(renamed[lower] ?? lower);
    }
    expect([sensorTypeName(0x2d), sensorTypeName(0xc0)]).toEqual(['sensor type 45', 'vendor-specific 192']);
  });
});
