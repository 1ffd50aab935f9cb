import { describe, expect, test } from 'vitest';
import { staticService } from '../../test/support/static-service.js';
import { inlineResource } from '../resource/resource.js';
import { decodeSensor, decodeSensorLists, POWER_LISTS, THERMAL_LISTS } from './decode-sensors.js';
import { readChassis, readSensors } from './read-sensors.js';

/** In the form of schema Thermal, with what iLO makes of it: limits of 0 that mean none, sensors that are absent. */
const THERMAL = {
  Temperatures: [
    { Name: '01-Inlet Ambient', ReadingCelsius: 21, UpperThresholdCritical: 42, UpperThresholdFatal: 46, PhysicalContext: 'Intake', Status: { Health: 'OK', State: 'Enabled' } },
    { Name: '03-P1 DIMM', ReadingCelsius: 0, UpperThresholdCritical: 0, UpperThresholdFatal: 0, Status: { State: 'Absent' } },
  ],
  Fans: [
    { Name: 'Fan 1', Reading: 12, ReadingUnits: 'Percent', Status: { Health: 'Warning', State: 'Enabled' } },
    { FanName: 'Fan 2', CurrentReading: 17, Units: 'Percent', Status: { Health: 'OK', State: 'Enabled' } },
    { Reading: 5400, LowerThresholdNonCritical: 1000, Status: null },
  ],
};
const POWER = {
  PowerControl: [{ PowerConsumedWatts: 139, PowerMetrics: { AverageConsumedWatts: 138 } }],
  PowerSupplies: [{ LastPowerOutputWatts: 65, Status: { Health: 'OK', State: 'Enabled' } }, { Status: { Health: 'Critical', State: 'Enabled' } }],
  Voltages: [{ Name: 'VBAT', ReadingVolts: '3.12', LowerThresholdCritical: 2.5 }],
};
const SENSOR = {
  Name: 'Inlet', Reading: 20.5, ReadingType: 'Temperature', ReadingUnits: 'Cel', PhysicalContext: 'Intake', Status: { Health: 'OK', State: 'Enabled' },
  Thresholds: { UpperCaution: { Reading: 40 }, UpperCritical: { Reading: 45 }, LowerFatal: { Reading: null } },
};

describe('sensors', () => {
  test('of Thermal', () => {
    expect(decodeSensorLists(inlineResource('/t', THERMAL), THERMAL_LISTS)).toEqual([
      { name: '01-Inlet Ambient', kind: 'temperature', value: 21, unit: 'degrees C', health: 'OK', state: 'Enabled', thresholds: { upperCritical: 42, upperFatal: 46 }, context: 'Intake' },
      { name: '03-P1 DIMM', kind: 'temperature', value: undefined, unit: 'degrees C', health: undefined, state: 'Absent', thresholds: {}, context: undefined },
      { name: 'Fan 1', kind: 'fan', value: 12, unit: '%', health: 'Warning', state: 'Enabled', thresholds: {}, context: undefined },
      { name: 'Fan 2', kind: 'fan', value: 17, unit: '%', health: 'OK', state: 'Enabled', thresholds: {}, context: undefined },
      { name: 'Fan 3', kind: 'fan', value: 5400, unit: 'RPM', health: undefined, state: undefined, thresholds: { lowerCaution: 1000 }, context: undefined },
    ]);
  });

  test('of Power', () => {
    expect(decodeSensorLists(inlineResource('/p', POWER), POWER_LISTS).map(({ name, kind, value, unit, health, thresholds }) => [name, kind, value, unit, health, thresholds])).toEqual([
      ['Power 1', 'power', 139, 'W', undefined, {}],
      ['Power supply 1', 'power supply', 65, 'W', 'OK', {}],
      ['Power supply 2', 'power supply', undefined, 'W', 'Critical', {}],
      ['VBAT', 'voltage', 3.12, 'V', undefined, { lowerCritical: 2.5 }],
    ]);
  });

  test('of their own', () => {
    expect(decodeSensor(inlineResource('/s', SENSOR))).toEqual({
      name: 'Inlet', kind: 'temperature', value: 20.5, unit: 'degrees C', health: 'OK', state: 'Enabled', thresholds: { upperCaution: 40, upperCritical: 45 }, context: 'Intake',
    });
    expect(decodeSensor(inlineResource('/s', { Reading: 7, ReadingType: 'constructor', ReadingUnits: 'toString' }))).toMatchObject({ name: '/s', kind: 'other', value: 7, unit: 'toString' });
  });

  const link = (path: string) => ({ '@odata.id': path });

  test('are read from what the chassis offers', async () => {
    await using bench = await staticService({ '/t': THERMAL, '/p': POWER });
    const chassis = inlineResource('/c', { Thermal: link('/t'), Power: link('/p'), Sensors: link('/sensors') });
    expect(await readSensors(bench.client, chassis)).toHaveLength(9);
    expect(bench.service.steps).toEqual(['GET /t', 'GET /p']);
  });

  test('of newer services, which still link what they do not have any more', async () => {
    await using bench = await staticService({ '/sensors': { Members: [link('/s/1')] }, '/s/1': SENSOR });
    const chassis = inlineResource('/c', { Thermal: link('/t'), Sensors: link('/sensors') });
    expect((await readSensors(bench.client, chassis)).map(({ name }) => name)).toEqual(['Inlet']);
  });

  test('of RIS', async () => {
    await using bench = await staticService({ '/rest/v1/Chassis/1/PowerMetrics': POWER });
    expect(await readSensors(bench.client, inlineResource('/rest/v1/Chassis/1', { links: { PowerMetrics: { href: '/rest/v1/Chassis/1/PowerMetrics' } } }))).toHaveLength(4);
    expect(await readSensors(bench.client, inlineResource('/c', {}))).toEqual([]);
  });

  test('the chassis is the one of the system, else all that there are', async () => {
    await using bench = await staticService({ '/redfish/v1/Chassis/': { Members: [link('/c/1'), link('/c/2')] }, '/c/1': { Id: '1' }, '/c/2': { Id: '2' } });
    expect((await readChassis(bench.client, inlineResource('/s', { Links: { Chassis: [link('/c/2')] } }))).map(({ path }) => path)).toEqual(['/c/2']);
    expect((await readChassis(bench.client, undefined)).map(({ path }) => path)).toEqual(['/c/1', '/c/2']);
  });
});
