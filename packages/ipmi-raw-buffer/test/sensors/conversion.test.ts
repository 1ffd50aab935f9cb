import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeReadingFactors, decodeSdrRecord, type FullSensorRecord } from '../../src/sdr/index.js';
import {
  accuracyPercent, type Conversion, convertHysteresis, convertReading, convertThresholds, convertTolerance, isInverse, linearizationName, linearize,
  rawNumber, recordConversion, recordLimits, recordThresholds, type SensorLimits, thresholdsOfMask,
} from '../../src/sensors/index.js';
import { bytes, SDR_FIXTURES, type SdrFixture } from '../record-fixtures.js';

function fullRecord(hexadecimal: string): FullSensorRecord {
  const record = decodeSdrRecord(bytes(hexadecimal));
  if (record.kind !== 'full') throw new Error('no full sensor record');
  return record;
}

function conversionOf(record: FullSensorRecord): Conversion {
  return recordConversion(record) ?? expect.fail('no conversion');
}

/** As ipmitool prints: at most three decimals. */
function expectValue(value: number | null, printed: string): void {
  if (['inf', '-inf', 'nan', '-nan'].includes(printed)) expect(value).toBeNull();
  else expect(value).toBeCloseTo(Number(printed), 3);
}

describe('recorded readings', () => {
  test.each(SDR_FIXTURES.readings)('$id of $raw', ({ record, raw, expect: expected }) => {
    const value = convertReading(raw, conversionOf(fullRecord(record)));
    expectValue(value, expected.text_ipmitool);
    if (expected.value !== undefined) expect(Math.abs((value ?? Number.NaN) - expected.value)).toBeLessThanOrEqual(Math.abs(expected.value) * 1e-6);
  });

  test('there are many of them', () => {
    expect(SDR_FIXTURES.readings.length).toBe(122);
  });

  const ANALOG = SDR_FIXTURES.records.filter(({ expect: { kind, class: sensorClass } }) => kind === 'full' && sensorClass === 'threshold');
  const withLimits: readonly (readonly [keyof SdrFixture['expect'], keyof SensorLimits])[] = [
    ['nominal', 'nominal'],
    ['normal_min', 'normalMinimum'],
    ['normal_max', 'normalMaximum'],
    ['hysteresis_positive', 'hysteresisPositive'],
    ['hysteresis_negative', 'hysteresisNegative'],
    ['sensor_min', 'sensorMinimum'],
    ['sensor_max', 'sensorMaximum'],
  ];

  test.each(ANALOG)('$id has the limits that the tool prints', ({ record, expect: expected }) => {
    const limits = recordLimits(fullRecord(record));
    for (const [printedName, name] of withLimits) {
      const printed = expected[printedName];
      // What the record does not specify the tool leaves out or calls so; it calls a limit of 0 so too.
      if (typeof printed !== 'string' || printed === 'Unspecified') expect([null, 0]).toContain(limits[name] === null ? null : Math.abs(limits[name]));
      else expectValue(limits[name], printed);
    }
  });

  test.each(ANALOG.filter(({ expect: { factors } }) => factors?.['linearization'] === 0))('$id has the tolerance that the tool prints', ({ record, expect: expected }) => {
    expectValue(convertTolerance(conversionOf(fullRecord(record))), String(Math.abs(Number(expected.reading?.tolerance ?? '0'))));
  });

  const SHORT_NAMES = {
    lnc: 'lowerNonCritical', lcr: 'lowerCritical', lnr: 'lowerNonRecoverable', unc: 'upperNonCritical', ucr: 'upperCritical', unr: 'upperNonRecoverable',
  } as const;

  test.each(ANALOG)('$id has the thresholds that the tool prints', ({ record, expect: expected }) => {
    const full = fullRecord(record);
    const conversion = recordConversion(full);
    const thresholds = convertThresholds(recordThresholds(full), isInverse(full), (raw) => (conversion === null ? null : convertReading(raw, conversion)));
    expect(Object.keys(thresholds).toSorted()).toEqual(
      Object.keys(expected.thresholds ?? {}).map((name) => SHORT_NAMES[name as keyof typeof SHORT_NAMES]).toSorted(),
    );
    for (const [name, printed] of Object.entries(expected.thresholds ?? {})) expectValue(thresholds[SHORT_NAMES[name as keyof typeof SHORT_NAMES]] ?? null, printed);
    const printedSettable = (expected.settable ?? 'No Thresholds').split(' ').filter((name) => name in SHORT_NAMES);
    expect([...thresholdsOfMask(full.readingMask >> 8)].toSorted()).toEqual(printedSettable.map((name) => SHORT_NAMES[name as keyof typeof SHORT_NAMES]).toSorted());
  });
});

describe('worked examples, as ipmitool 1.8.19 reads them', () => {
  test.each([
    ['MB Temp', 0x00, '00 010100010000', 0x60, 96],
    ["CPU temp, two's complement", 0x80, '00 010000000000', 0xf0, -16],
    ["one's complement, M 2, B -5", 0x40, '00 0200fbc00000', 0x80, -259],
    ['12 V', 0x00, '00 3f00000000d0', 0xc0, 12.096],
    ['5 V', 0x00, '00 1800640000d1', 0xa6, 4.984],
    ['-12 V', 0x00, '00 c2c0000000d0', 0xc2, -12.028],
    ['fan', 0x00, '00 010000000020', 0x2d, 4500],
    ['fan 1/x', 0x00, '07 0600000000a0', 0x21, 5050.505_050_505],
    ["cube, two's complement", 0x80, '09 010000000000', 0xfd, -27],
  ])('%s', (_name, units, factors, raw, value) => {
    const template = SDR_FIXTURES.records[0]?.record ?? '';
    const record = Buffer.from(bytes(template));
    record[20] = units;
    record.set(bytes(factors), 23);
    expect(convertReading(raw, conversionOf(fullRecord(record.toString('hex'))))).toBeCloseTo(value, 6);
  });

  test('accuracy and tolerance', () => {
    expect(accuracyPercent(decodeReadingFactors(bytes('010100010000')))).toBeCloseTo(0.01);
    expect(accuracyPercent(decodeReadingFactors(bytes('0100003f1800')))).toBeCloseTo(127);
    expect(convertTolerance({ rawFormat: 'unsigned', linearization: 0, factors: decodeReadingFactors(bytes('010100010000')) })).toBe(0.5);
  });

  test('the tolerance of a formula counts raw steps and has no one value', () => {
    expect(convertTolerance({ rawFormat: 'unsigned', linearization: 1, factors: decodeReadingFactors(bytes('010100010000')) })).toBeNull();
    expect(convertTolerance({ rawFormat: 'none', linearization: 0, factors: decodeReadingFactors(bytes('010100010000')) })).toBeNull();
  });

  test('hysteresis leaves B out, and 0x00 and 0xff say nothing', () => {
    const conversion: Conversion = { rawFormat: 'twos-complement', linearization: 0, factors: decodeReadingFactors(bytes('180064 00 00 d1')) };
    expect([0x00, 0x02, 0x80, 0xff].map((raw) => convertHysteresis(raw, conversion))).toEqual([null, 0.048, 3.072, null]);
  });
});

describe('formulas', () => {
  test.each([
    [7, 0],
    [1, 0],
    [1, -1],
    [10, -4],
    [5, 400],
    [12, 1],
    [0x6f, 1],
  ])('formula %i of %d is no number: null', (code, value) => {
    expect(linearize(code, value)).toBeNull();
  });

  test('names', () => {
    expect([0, 7, 11, 12, 0x70].map(linearizationName)).toEqual(['linear', '1/x', 'cube root', 'reserved 12', 'non-linear']);
  });

  test('raw formats at their ends', () => {
    expect([0x00, 0x7f, 0x80, 0xfe, 0xff].map((raw) => rawNumber(raw, 'ones-complement'))).toEqual([0, 127, -127, -1, 0]);
    expect([0x00, 0x7f, 0x80, 0xff].map((raw) => rawNumber(raw, 'twos-complement'))).toEqual([0, 127, -128, -1]);
    expect(rawNumber(5, 'none')).toBeNull();
  });

  test('whatever the factors, a value is a finite number or null', () => {
    const formats = fc.constantFrom('unsigned', 'ones-complement', 'twos-complement', 'none');
    const anything = fc.record({ factors: fc.uint8Array({ minLength: 6, maxLength: 6 }), linearization: fc.integer({ min: 0, max: 127 }), raw: fc.integer({ min: 0, max: 255 }), rawFormat: formats });
    fc.assert(
      fc.property(anything, ({ factors, linearization, raw, rawFormat }) => {
        const conversion = { rawFormat, linearization, factors: decodeReadingFactors(factors) } as const;
        for (const value of [convertReading(raw, conversion), convertHysteresis(raw, conversion), convertTolerance(conversion)]) {
          expect(value === null || Number.isFinite(value)).toBe(true);
        }
        const { m, b, bExponent, resultExponent } = conversion.factors;
        expect([m, b].every((number) => number >= -512 && number <= 511)).toBe(true);
        expect([bExponent, resultExponent].every((number) => number >= -8 && number <= 7)).toBe(true);
      }),
    );
  });
});

test('under 1/x upper and lower change places', () => {
  const fan = SDR_FIXTURES.records.find(({ id }) => id === 'sdr-021') ?? expect.fail('no 1/x record');
  const record = Buffer.from(bytes(fan.record));
  record[11] = 0x48;
  record[18] = 0x18;
  record[38] = 0x40;
  record[37] = 0x80;
  const full = fullRecord(record.toString('hex'));
  const conversion = conversionOf(full);
  const thresholds = convertThresholds(recordThresholds(full), isInverse(full), (raw) => convertReading(raw, conversion));
  // A pulse of 0x40 is a speed of 10^6 / 64, one of 0x80 half of it.
  expect(thresholds).toEqual({ lowerNonCritical: 15625, lowerCritical: 7812.5 });
});
