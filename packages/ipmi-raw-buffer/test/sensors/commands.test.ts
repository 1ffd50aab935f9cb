import { describe, expect, test } from 'vitest';
import {
  decodeReadingFactorsReport, decodeSensorEventEnable, decodeSensorHysteresis, decodeSensorReading, decodeSensorThresholds, decodeSensorType,
  getSensorEventEnable, getSensorHysteresis, getSensorReading, getSensorReadingFactors, getSensorThresholds, getSensorType, setSensorHysteresis,
  setSensorThresholds,
} from '../../src/sensors/index.js';
import { answer, recordBmc } from '../record-bmc.js';
import { bytes } from '../record-fixtures.js';

describe('answers as captured', () => {
  test('readings', () => {
    expect(decodeSensorReading(bytes('60c00000'))).toEqual({ raw: 0x60, eventsEnabled: true, scanningEnabled: true, unavailable: false, states: 0 });
    expect(decodeSensorReading(bytes('22800000'))).toMatchObject({ scanningEnabled: false });
    expect(decodeSensorReading(bytes('00c08000'))).toMatchObject({ states: 0x80 });
    expect(decodeSensorReading(bytes('00e0ffff'))).toMatchObject({ unavailable: true, states: 0x7fff });
  });

  test('thresholds', () => {
    expect(decodeSensorThresholds(bytes('380000007090a0'))).toEqual({ upperNonCritical: 112, upperCritical: 144, upperNonRecoverable: 160 });
    expect(decodeSensorThresholds(bytes('3f05fbf65f6469'))).toEqual({
      lowerNonCritical: 5, lowerCritical: 0xfb, lowerNonRecoverable: 0xf6, upperNonCritical: 95, upperCritical: 100, upperNonRecoverable: 105,
    });
    // No more bytes than the mask needs.
    expect(decodeSensorThresholds(bytes('0205fb'))).toEqual({ lowerCritical: 0xfb });
    expect(decodeSensorThresholds(bytes('00'))).toEqual({});
  });

  test('hysteresis, event enable, type and factors', () => {
    expect(decodeSensorHysteresis(bytes('0203'))).toEqual({ positive: 2, negative: 3 });
    expect(decodeSensorEventEnable(bytes('c0ff0fff0f'))).toEqual({ eventsEnabled: true, scanningEnabled: true, assertions: 0x0fff, deassertions: 0x0fff });
    expect(decodeSensorEventEnable(bytes('40'))).toEqual({ eventsEnabled: false, scanningEnabled: true, assertions: 0, deassertions: 0 });
    expect(decodeSensorType(bytes('0181'))).toEqual({ sensorType: 1, eventReadingType: 1 });
    expect(decodeReadingFactorsReport(bytes('20 c2c0000000d0'))).toMatchObject({ nextRaw: 0x20, factors: { m: -62, b: 0, resultExponent: -3 } });
  });
});

test.each([
  ['Get Sensor Reading', decodeSensorReading, 2],
  ['Get Sensor Hysteresis', decodeSensorHysteresis, 2],
  ['Get Sensor Type', decodeSensorType, 2],
  ['Get Sensor Event Enable', decodeSensorEventEnable, 1],
  ['Get Sensor Reading Factors', decodeReadingFactorsReport, 7],
])('%s: too little is a PROTOCOL_FAULT', (step, decode, least) => {
  for (let length = 0; length < least; length += 1) {
    expect(() => decode(new Uint8Array(length))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT', details: expect.objectContaining({ step }) as object }) as Error);
  }
  expect(() => decode(new Uint8Array(least))).not.toThrow();
});

test('requests', async () => {
  const bmc = recordBmc({
    '04/2d': () => answer(0, 0x60, 0xc0),
    '04/27': () => answer(0, 0),
    '04/25': () => answer(0, 2, 2),
    '04/2f': () => answer(0, 1, 1),
    '04/29': () => answer(0, 0xc0),
    '04/23': () => answer(0, 0xff, bytes('010000000000')),
    '04/26': () => answer(0),
    '04/24': () => answer(0),
  });
  await getSensorReading(bmc, 1);
  await getSensorThresholds(bmc, 2);
  await getSensorHysteresis(bmc, 3);
  await getSensorType(bmc, 4);
  await getSensorEventEnable(bmc, 5);
  await getSensorReadingFactors(bmc, 6, 0x80);
  await setSensorThresholds(bmc, 7, { upperCritical: 0x90, lowerNonCritical: 0x05 });
  await setSensorHysteresis(bmc, 8, { positive: 2, negative: 3 });
  expect(bmc.asked).toEqual([
    '04/2d 01', '04/27 02', '04/25 03ff', '04/2f 04', '04/29 05', '04/23 0680', '04/26 0711050000009000', '04/24 08ff0203',
  ]);
});

test('what is no byte is refused before anything is sent', async () => {
  const bmc = recordBmc({});
  const issue = (field: string): object => ({ code: 'INVALID_OPTIONS', details: { issues: [expect.objectContaining({ field }) as object] } });
  await expect(getSensorReading(bmc, 256)).rejects.toMatchObject(issue('sensorNumber'));
  await expect(setSensorThresholds(bmc, 1, { upperCritical: 1.5 })).rejects.toMatchObject(issue('upperCritical'));
  await expect(setSensorHysteresis(bmc, 1, { positive: -1, negative: 0 })).rejects.toMatchObject(issue('positive'));
  expect(bmc.asked).toEqual([]);
});

test('a refusal names the BMC, the step and the code', async () => {
  await expect(getSensorReading(recordBmc({ '04/2d': () => answer(0xcb) }), 1)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    details: { address: '192.0.2.7:623', step: 'Get Sensor Reading', completionCode: '0xcb' },
  });
});
