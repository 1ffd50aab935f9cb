import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { decodeSdrRecord, type SdrRecord } from '../../src/sdr/index.js';
import { createSensorCache, readSensors, type SensorReadOptions, type SensorValue } from '../../src/sensors/index.js';
import { answer, type CommandHandlers, recordBmc, type RecordBmc, withMovingClock } from '../record-bmc.js';
import { bytes, SDR_FIXTURES } from '../record-fixtures.js';

const RECORDS = SDR_FIXTURES.records.map(({ record }) => decodeSdrRecord(bytes(record)));

/** Readings as recorded. Thresholds as the record has them are refused, so that the copy in the record is used. */
function recordedReadings(): CommandHandlers {
  const replies = new Map(SDR_FIXTURES.records.map(({ expect: { sensor_number }, reading_reply }) => [sensor_number, reading_reply]));
  return {
    '04/2d': (data) => {
      const reply = replies.get(data[0]);
      return reply === undefined ? answer(0xcb) : bytes(reply);
    },
  };
}

async function read(bmc: RecordBmc, records: readonly SdrRecord[], options: SensorReadOptions = {}): Promise<readonly SensorValue[]> {
  return withMovingClock((clock) => readSensors(bmc, records, { clock, ...options }));
}

/** A record like the one of `MB Temp`, changed at some offsets. */
function temperature(changes: Readonly<Record<number, number>> = {}): SdrRecord {
  const record = Buffer.from(bytes(SDR_FIXTURES.records[0]?.record ?? ''));
  for (const [offset, byte] of Object.entries(changes)) record[Number(offset)] = byte;
  return decodeSdrRecord(record);
}

const STATUS: Readonly<Record<string, string>> = {
  ok: 'ok',
  'Not Available': 'unknown',
  'Upper Non-Critical': 'warning',
  'Upper Critical': 'critical',
  'Upper Non-Recoverable': 'nonrecoverable',
  'Lower Non-Recoverable': 'nonrecoverable',
};

describe('recorded sensors', () => {
  const fixtures = SDR_FIXTURES.records.filter(({ expect: { class: sensorClass } }) => sensorClass !== undefined);

  test.each(fixtures)('$id is read as the tool reads it', async ({ record, expect: expected }) => {
    const [value] = await read(recordBmc(recordedReadings()), [decodeSdrRecord(bytes(record))]);
    if (value === undefined) throw new Error('no value');
    const printed = expected.reading?.value;
    if (printed === undefined || printed === 'inf') {
      if (expected.class === 'threshold') expect(value.value).toBeNull();
    } else {
      expect(value.value).toBeCloseTo(Number(printed), 3);
      expect(value.unavailable).toBeNull();
    }
    expect(value.kind).toBe(expected.class);
    // The tool has no status either where it has no factors; the BMC's bits hold all the same.
    if (expected.class === 'threshold' && !expected.name?.startsWith('nonlinear')) expect(value.status).toBe(STATUS[expected.status ?? '']);
  });

  test('one value for each sensor, in the order of the records, those of shared records too', async () => {
    const values = await read(recordBmc(recordedReadings()), RECORDS);
    const readable = SDR_FIXTURES.records.filter(({ expect: { class: sensorClass } }) => sensorClass !== undefined);
    expect(values.length).toBe(readable.length + 4);
    expect(values.filter(({ name }) => /^(DIMM|Bay) /.test(name)).map(({ name, status, states, unavailable }) => [name, status, states.length, unavailable?.reason])).toEqual([
      ['DIMM 5', 'ok', 1, undefined],
      ['DIMM 6', 'unknown', 0, 'absent'],
      ['DIMM 7', 'unknown', 0, 'absent'],
      ['Bay Z', 'ok', 1, undefined],
      ['Bay AA', 'unknown', 0, 'absent'],
      ['Bay AB', 'unknown', 0, 'absent'],
    ]);
  });

  test('everything about one of them', async () => {
    const [value] = await read(recordBmc(recordedReadings()), RECORDS);
    expect(value).toMatchObject({
      name: 'MB Temp', type: 'temperature', entity: 'system board', kind: 'threshold', raw: 0x60, value: 96, unit: 'degrees C', status: 'ok', states: [],
      thresholds: { upperNonCritical: 112, upperCritical: 144, upperNonRecoverable: 160 },
      limits: { nominal: 96, normalMaximum: 112, normalMinimum: 32, hysteresisPositive: 2, hysteresisNegative: 2, tolerance: 0.5, sensorMaximum: null },
      unavailable: null,
    });
  });

  test('a discrete sensor with numbers has both; one without has no unit', async () => {
    const values = await read(recordBmc(recordedReadings()), RECORDS);
    const byName = (name: string): SensorValue => values.find((value) => value.name === name) ?? expect.fail(name);
    expect(byName('Analog discrete')).toMatchObject({ kind: 'discrete', value: 64, unit: 'Watts', states: [{ offset: 1, text: 'state asserted' }] });
    expect(byName('No analog full')).toMatchObject({ value: null, unit: null, limits: null, unavailable: null, status: 'critical' });
    expect(byName('CPU2 Status')).toMatchObject({ status: 'nonrecoverable', states: [{ offset: 0 }, { offset: 1 }, { offset: 7 }] });
  });
});

describe('readings that are none', () => {
  test.each([
    ['scanning is off', '00 22 80 00 00', 'scanning-disabled'],
    ['the reading is not there', '00 22 e0 00 00', 'reading-unavailable'],
    ['the sensor is not present', 'cb', 'absent'],
    ['the sensor number means nothing', 'cc', 'absent'],
    ['the sensor cannot be read', 'cd', 'absent'],
    ['another refusal', 'd4', 'refused'],
    ['half an answer', '00 22', 'refused'],
    ['an empty answer', '00', 'refused'],
  ])('%s: null, unknown and the reason', async (_what, reply, reason) => {
    const [value] = await read(recordBmc({ '04/2d': () => bytes(reply) }), [temperature()]);
    expect(value).toMatchObject({ raw: null, value: null, status: 'unknown', states: [], unavailable: { reason } });
    expect(value?.thresholds.upperCritical).toBe(144);
  });

  test('a short answer has no states, reserved bits are no states', async () => {
    expect((await read(recordBmc({ '04/2d': () => bytes('00 60 c0') }), [temperature()]))[0]).toMatchObject({ value: 96, status: 'ok', states: [] });
    expect((await read(recordBmc({ '04/2d': () => bytes('00 60 c0 c0') }), [temperature()]))[0]).toMatchObject({ status: 'ok', states: [] });
    expect((await read(recordBmc({ '04/2d': () => bytes('00 60 c0 d8 80') }), [temperature()]))[0]).toMatchObject({
      status: 'critical',
      states: [{ text: 'at or above upper non-critical' }, { text: 'at or above upper critical' }],
    });
  });

  test('the scanning bit is ignored when asked for', async () => {
    const bmc = recordBmc({ '04/2d': () => bytes('00 60 80 00') });
    expect((await read(bmc, [temperature()], { ignoreScanningBit: true }))[0]).toMatchObject({ value: 96, unavailable: null });
  });

  test('a busy sensor is asked again', async () => {
    let busy = 1;
    const bmc = recordBmc({ '04/2d': () => (busy-- > 0 ? answer(0xc3) : bytes('00 60 c0 00')) });
    expect((await read(bmc, [temperature()]))[0]?.value).toBe(96);
  });
});

describe('thresholds', () => {
  const reading: CommandHandlers = { '04/2d': () => bytes('00 60 c0 00 00') };

  test('the answer of the BMC is preferred to the copy in the record', async () => {
    const bmc = recordBmc(reading, { '04/27': () => bytes('00 30 000000 70 91 a1') });
    expect((await read(bmc, [temperature()]))[0]?.thresholds).toEqual({ upperCritical: 145, upperNonRecoverable: 161 });
  });

  test.each([
    ['refuses', answer(0xc1)],
    ['answers too little', answer(0, 0x38, 0, 0, 0, 1)],
  ])('the copy is used when the BMC %s', async (_what, reply) => {
    expect((await read(recordBmc(reading, { '04/27': () => reply }), [temperature()]))[0]?.thresholds).toEqual({
      upperNonCritical: 112, upperCritical: 144, upperNonRecoverable: 160,
    });
  });

  test.each([
    ['has none', temperature({ 11: 0x60 }), {}],
    ['has fixed ones', temperature({ 11: 0x6c }), { upperNonCritical: 112, upperCritical: 144, upperNonRecoverable: 160 }],
  ])('a sensor that %s is not asked', async (_what, record, thresholds) => {
    const bmc = recordBmc(reading, { '04/27': () => bytes('00 38 000000 01 02 03') });
    expect((await read(bmc, [record]))[0]?.thresholds).toEqual(thresholds);
    expect(bmc.count('04/27')).toBe(0);
  });

  test('they are asked once for each sensor with a cache, and again with a new one', async () => {
    const bmc = recordBmc(reading, { '04/27': () => bytes('00 38 000000 70 90 a0') });
    const cache = createSensorCache();
    await read(bmc, [temperature()], { cache });
    await read(bmc, [temperature()], { cache });
    expect(bmc.count('04/27')).toBe(1);
    await read(bmc, [temperature()], { cache: createSensorCache() });
    expect(bmc.count('04/27')).toBe(2);
    await read(bmc, [temperature()], { thresholds: 'none' });
    await read(bmc, [temperature()], { thresholds: 'record' });
    expect(bmc.count('04/27')).toBe(2);
  });

  const silence = (): never => {
    throw new FerricError('TIMEOUT', 'no answer');
  };
  const unreachable = (): never => {
    throw new FerricError('UNREACHABLE', 'no way');
  };
  const busy = (): never => {
    throw new FerricError('BUSY', 'too many wait');
  };

  test.each([
    ['is silent', silence],
    ['cannot be reached', unreachable],
    ['has no time for the request', busy],
    ['is busy', () => answer(0xc0)],
    ['needs too long', () => answer(0xc3)],
    ['has no answer now', () => answer(0xce)],
  ])('a cache does not keep that the controller %s: it is asked in the next reading', async (_what, failure) => {
    let failing = true;
    const bmc = recordBmc(reading, { '04/27': () => (failing ? failure() : bytes('00 30 000000 70 91 a1')) });
    const cache = createSensorCache();
    expect((await read(bmc, [temperature()], { cache }))[0]?.thresholds.upperCritical).toBe(144);
    failing = false;
    expect((await read(bmc, [temperature()], { cache }))[0]?.thresholds.upperCritical).toBe(145);
  });

  test('a controller that was silent for others is asked in the next reading', async () => {
    let failing = true;
    const bmc = recordBmc(reading, { '04/27': () => (failing ? silence() : bytes('00 30 000000 70 91 a1')) });
    const cache = createSensorCache();
    const records = [1, 2, 3, 4].map((number) => temperature({ 7: number }));
    await read(bmc, records, { cache });
    expect(bmc.count('04/27')).toBe(2);
    failing = false;
    expect((await read(bmc, records, { cache })).map(({ thresholds }) => thresholds.upperCritical)).toEqual([145, 145, 145, 145]);
  });

  test.each([
    ['invalid command', answer(0xc1)],
    ['not present', answer(0xcb)],
    ['invalid field', answer(0xcc)],
    ['illegal for this sensor', answer(0xcd)],
    ['too little privilege', answer(0xd4)],
    ['half an answer', answer(0, 0x38, 0, 0, 0, 1)],
  ])('a cache keeps a lasting answer: %s', async (_what, reply) => {
    const bmc = recordBmc(reading, { '04/27': () => reply });
    const cache = createSensorCache();
    await read(bmc, [temperature()], { cache });
    await read(bmc, [temperature()], { cache });
    expect(bmc.count('04/27')).toBe(1);
  });

  test('under 1/x the crossed upper threshold is a lower one', async () => {
    const fan = temperature({ 21: 18, 23: 7, 24: 1, 25: 0, 28: 0, 29: 0xa0 });
    const [value] = await read(recordBmc({ '04/2d': () => bytes('00 78 c0 08') }), [fan]);
    expect(value).toMatchObject({ status: 'warning', states: [{ text: 'at or below lower non-critical' }] });
    expect(value?.thresholds).toEqual({
      lowerNonCritical: expect.closeTo(1e6 / 112) as number, lowerCritical: expect.closeTo(1e6 / 144) as number, lowerNonRecoverable: expect.closeTo(1e6 / 160) as number,
    });
    expect(value?.value).toBeCloseTo(1e6 / 120);
  });
});

describe('sensors without a formula', () => {
  const record = temperature({ 11: 0x60, 23: 0x70 });
  const factors: CommandHandlers = {
    '04/2d': () => bytes('00 10 c0 00'),
    '04/23': (data) => answer(0, 0xff, data[1] === 0x10 ? bytes('030000000000') : bytes('010000000000')),
  };

  test('their factors are asked for each raw reading, once', async () => {
    const bmc = recordBmc(factors);
    const cache = createSensorCache();
    expect((await read(bmc, [record], { cache }))[0]?.value).toBe(48);
    expect((await read(bmc, [record], { cache }))[0]?.value).toBe(48);
    expect(bmc.asked.filter((asked) => asked.startsWith('04/23'))).toEqual(['04/23 0110']);
  });

  test('a cache keeps that there are none only when the controller says so', async () => {
    let reply: Buffer | null = null;
    const bmc = recordBmc(factors, {
      '04/23': () => {
        if (reply === null) throw new FerricError('TIMEOUT', 'no answer');
        return reply;
      },
    });
    const cache = createSensorCache();
    const readOnce = async (): Promise<number | null | undefined> => (await read(bmc, [record], { cache }))[0]?.value;
    expect(await readOnce()).toBeNull();
    reply = answer(0xc0);
    expect(await readOnce()).toBeNull();
    reply = answer(0, 0xff, bytes('030000000000'));
    expect(await readOnce()).toBe(48);

    const refusing = recordBmc(factors, { '04/23': () => answer(0xcd) });
    const other = createSensorCache();
    await read(refusing, [record], { cache: other });
    await read(refusing, [record], { cache: other });
    expect(refusing.count('04/23')).toBe(1);
  });

  test('without factors there is no value, but a status', async () => {
    const [value] = await read(recordBmc({ '04/2d': () => bytes('00 10 c0 10') }), [record]);
    expect(value).toMatchObject({ raw: 0x10, value: null, status: 'critical', unavailable: { reason: 'no-value' } });
  });
});

describe('the owners of sensors', () => {
  const behind = temperature({ 5: 0x2c, 6: 0x12, 7: 9 });

  test('another controller is asked over its bus and unit, with a time of its own', async () => {
    const seen: unknown[] = [];
    const bmc = recordBmc({
      '04/2d': (_data, request) => {
        seen.push({ bridge: request.bridge, lun: request.lun });
        return bytes('00 60 c0 00');
      },
    });
    await read(bmc, [behind, temperature()]);
    expect(seen).toEqual([{ bridge: [{ channel: 1, address: 0x2c }], lun: 2 }, { bridge: undefined, lun: 0 }]);
    expect([bmc.options[0]?.timeoutMs, bmc.options.at(-1)?.timeoutMs]).toEqual([5000, undefined]);
  });

  test('behind a bridge the path is extended, and the own address is that of the controller', async () => {
    const seen: unknown[] = [];
    const bmc = recordBmc({
      '04/2d': (_data, request) => {
        seen.push(request.bridge);
        return bytes('00 60 c0 00');
      },
    });
    await read(bmc, [behind, temperature()], { ownAddress: 0x2c, bridge: [{ channel: 0, address: 0x2c }], thresholds: 'none' });
    expect(seen).toEqual([[{ channel: 0, address: 0x2c }], [{ channel: 0, address: 0x2c }, { channel: 0, address: 0x20 }]]);
  });

  test('the sensors of a program are not asked', async () => {
    const bmc = recordBmc({});
    expect((await read(bmc, [temperature({ 5: 0x21 })]))[0]).toMatchObject({ value: null, unavailable: { reason: 'software' } });
    expect(bmc.asked).toEqual([]);
  });

  test('a silent controller behind the BMC costs two waits, and the sensors of the BMC are read', async () => {
    const bmc = recordBmc({
      '04/2d': (_data, request) => {
        if (request.bridge !== undefined) throw new FerricError('TIMEOUT', 'nobody there');
        return bytes('00 60 c0 00');
      },
    });
    const values = await read(bmc, [behind, behind, behind, behind, temperature()]);
    expect(values.map(({ value, unavailable }) => value ?? unavailable?.reason)).toEqual(['unreachable', 'unreachable', 'unreachable', 'unreachable', 96]);
    expect(bmc.asked.filter((asked) => asked === '04/2d 09').length).toBe(2);
  });
});

describe('failures of the BMC itself', () => {
  const failing = (failures: readonly (FerricError | null)[]): RecordBmc => {
    let asked = 0;
    return recordBmc({
      '04/2d': () => {
        const failure = failures[asked++] ?? null;
        if (failure !== null) throw failure;
        return bytes('00 60 c0 00');
      },
    });
  };
  const silence = new FerricError('TIMEOUT', 'no answer');

  test('one sensor without answer does not fail the others', async () => {
    const values = await read(failing([null, silence, null, silence, null]), [temperature(), temperature(), temperature(), temperature(), temperature()]);
    expect(values.map(({ value, unavailable }) => value ?? unavailable)).toEqual([
      96, { reason: 'unreachable', text: 'no answer' }, 96, { reason: 'unreachable', text: 'no answer' }, 96,
    ]);
  });

  test('two in a row do: it is gone', async () => {
    await expect(read(failing([null, silence, silence]), [temperature(), temperature(), temperature(), temperature()])).rejects.toBe(silence);
  });

  test.each(['UNREACHABLE', 'AUTH_FAILED', 'ABORTED'] as const)('%s does at once', async (code) => {
    const failure = new FerricError(code, 'gone');
    await expect(read(failing([null, failure]), [temperature(), temperature(), temperature()])).rejects.toBe(failure);
  });

  test('the caller ends it with its own reason', async () => {
    const caller = new AbortController();
    const reason = new Error('changed my mind');
    let asked = 0;
    const bmc = recordBmc({
      '04/2d': () => {
        if (++asked === 2) caller.abort(reason);
        return bytes('00 60 c0 00');
      },
    });
    await expect(read(bmc, [temperature(), temperature(), temperature()], { signal: caller.signal })).rejects.toBe(reason);
    expect(asked).toBe(2);
  });

  test('firmware that never answers to Get Sensor Thresholds is asked for them twice, not for each sensor', async () => {
    const bmc = recordBmc({
      '04/2d': () => bytes('00 60 c0 00'),
      '04/27': () => {
        throw silence;
      },
    });
    const records = [1, 2, 3, 4].map((number) => temperature({ 7: number }));
    const values = await read(bmc, records);
    expect(values.map(({ value, thresholds }) => [value, thresholds.upperCritical])).toEqual(records.map(() => [96, 144]));
    expect(bmc.count('04/27')).toBe(2);
  });

  test('only the sensors that are wanted are asked', async () => {
    const bmc = recordBmc(recordedReadings());
    const values = await read(bmc, RECORDS, { select: ({ sensorType }) => sensorType === 0x04 });
    expect(values.map(({ type }) => type)).toEqual(Array(values.length).fill('fan'));
    expect(bmc.count('04/2d')).toBe(values.length);
  });
});
