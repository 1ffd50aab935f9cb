import type { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { powerSensors, readEmbeddedHealth, readHealthSensors, readHealthSummary, readInventory, type RibclElement } from '../../src/client/ribcl/index.js';
import { parseSize } from '../../src/client/ribcl/health/sizes.js';
import { resultOf } from '../../src/client/ribcl/match-reply.js';
import { parseDocument } from '../../src/client/ribcl/wire/parse-document.js';
import { parseReply } from '../../src/client/ribcl/wire/parse-reply.js';
import { gen8, gen8Json, reportOf } from './support/fixtures.js';

const AT = new Date('2026-01-01T00:00:00Z');
const g7 = resultOf(readEmbeddedHealth(), parseReply(gen8('get_host_health_data')));
const gen8Report = reportOf(gen8Json('get_embedded_health_output'));
const report = (content: string): RibclElement => parseDocument(`<GET_EMBEDDED_HEALTH_DATA>${content}</GET_EMBEDDED_HEALTH_DATA>`);

describe('inventory', () => {
  test('of a whole report of a Gen8 server', () => {
    expect(readInventory(gen8Report)).toEqual({
      memoryMegabytes: 32_768,
      cpus: 32,
      cpuArchitecture: 'x86_64',
      localGigabytes: 98,
      networkPorts: [
        { port: 'Port 1', macAddress: '40:a8:f0:1e:86:74' }, { port: 'Port 2', macAddress: '40:a8:f0:1e:86:75' },
        { port: 'Port 3', macAddress: '40:a8:f0:1e:86:76' }, { port: 'Port 4', macAddress: '40:a8:f0:1e:86:77' },
      ],
      firmware: { ...(gen8Json('firmware_embedded_health_output') as Record<string, string>), 'HP ProLiant System ROM Bootblock': '' },
      iloFirmwareVersion: '2.02 Sep 05 2014',
      romFirmwareVersion: '11/26/2014',
      gpuDevices: 2,
    });
  });

  test('of a report of an ML110 G7, with its own names', () => {
    expect(readInventory(g7)).toEqual({
      memoryMegabytes: 8192,
      cpus: 8,
      cpuArchitecture: 'x86_64',
      localGigabytes: 0,
      networkPorts: [{ port: 'Port 1', macAddress: 'e4:11:5b:a9:ae:70' }, { port: 'Port 2', macAddress: 'e4:11:5b:a9:ae:71' }],
      firmware: {
        'HP ProLiant System ROM': '07/01/2013', 'HP ProLiant System ROM - Backup': '12/04/2012', 'HP ProLiant System ROM Bootblock': '01/08/2011',
        iLO: '1.70 Pass 25 Jan 09 2014', 'Power Management Controller': 'Version 1.7', 'CPLD - PAL0': 'ProLiant ML110 G7 PAL version 0x0C',
      },
      iloFirmwareVersion: '1.70 Pass 25 Jan 09 2014',
      romFirmwareVersion: '07/01/2013',
      gpuDevices: 0,
    });
  });

  test('of a report without a controller for disks, and of an empty one', () => {
    const nothing = { memoryMegabytes: null, cpus: null, localGigabytes: 0, networkPorts: [], firmware: {}, iloFirmwareVersion: null, romFirmwareVersion: null, gpuDevices: 0 };
    expect(readInventory(reportOf(gen8Json('get_embedded_health_output_no_controller')))).toMatchObject(nothing);
    expect(readInventory(report(''))).toMatchObject(nothing);
  });

  test('the smallest logical drive counts, of all controllers', () => {
    const drive = (capacity: string): string => `<LOGICAL_DRIVE><CAPACITY VALUE="${capacity}"/><PHYSICAL_DRIVE><CAPACITY VALUE="1 GB"/></PHYSICAL_DRIVE></LOGICAL_DRIVE>`;
    const controllers = (...parts: readonly string[]): RibclElement => report(`<STORAGE>${parts.map((part) => `<CONTROLLER>${part}</CONTROLLER>`).join('')}</STORAGE>`);
    expect(readInventory(controllers(drive('931 GB') + drive('279.37 GiB'), drive('2 TB'))).localGigabytes).toBe(278);
    expect(readInventory(controllers(drive('0 GB'))).localGigabytes).toBe(0);
    expect(readInventory(controllers('')).localGigabytes).toBe(0);
  });

  test('only ports on the board count, each once, and only addresses of one card', () => {
    const card = (port: string, mac: string, location = 'Embedded'): string => `<NIC><NETWORK_PORT VALUE="${port}"/><LOCATION VALUE="${location}"/><MAC_ADDRESS VALUE="${mac}"/></NIC>`;
    const cards = [card('Port 1', 'AA-00-00-00-00-01'), card('Port 1', 'aa:00:00:00:00:02', 'PCI-E Slot 1'), card('Port 2', 'N/A'), card('Port 3', '00:00:00:00:00:00'), card('Port 4', 'ff:ff:ff:ff:ff:ff'), card('Port 5', 'aa:00:00:00:00:01')];
    expect(readInventory(report(`<NIC_INFORMATION>${cards.join('')}</NIC_INFORMATION>`)).networkPorts).toEqual([{ port: 'Port 5', macAddress: 'aa:00:00:00:00:01' }]);
  });

  test('graphics cards are counted by their temperatures', () => {
    const labels = ['01-Inlet', '32-GPU 1', '33-GPU 2', '34-GPU Zone'].map((label) => `<TEMP><LABEL VALUE="${label}"/></TEMP>`);
    expect(readInventory(report(`<TEMPERATURE>${labels.join('')}</TEMPERATURE>`)).gpuDevices).toBe(3);
  });

  test('boards without memory and places without a processor', () => {
    const memory = '<MEMORY><MEMORY_DETAILS_SUMMARY><CPU_1><TOTAL_MEMORY_SIZE VALUE="N/A"/></CPU_1></MEMORY_DETAILS_SUMMARY></MEMORY>';
    const processors = '<PROCESSORS><PROCESSOR><LABEL VALUE="Proc 1"/><EXECUTION_TECHNOLOGY VALUE="N/A"/></PROCESSOR></PROCESSORS>';
    expect(readInventory(report(memory + processors))).toMatchObject({ memoryMegabytes: 0, cpus: 0 });
  });

  test.each([
    ['threads', '<PROCESSORS><PROCESSOR><EXECUTION_TECHNOLOGY VALUE="8/8 cores; many threads"/></PROCESSOR></PROCESSORS>'],
    ['memory', '<MEMORY><MEMORY_DETAILS_SUMMARY><CPU_1><TOTAL_MEMORY_SIZE VALUE="much"/></CPU_1></MEMORY_DETAILS_SUMMARY></MEMORY>'],
    ['capacity', '<STORAGE><CONTROLLER><LOGICAL_DRIVE><CAPACITY VALUE="lots"/></LOGICAL_DRIVE></CONTROLLER></STORAGE>'],
  ])('%s that cannot be read are a PROTOCOL_FAULT', (_what, content) => {
    expect(() => readInventory(report(content))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }) as FerricError);
  });
});

test.each([
  ['16 GB', 16 * 1024 ** 3], ['8192 MB', 8 * 1024 ** 3], ['279.37 GiB', Math.floor(279.37 * 1024 ** 3)], ['1TB', 1024 ** 4], ['5 KB', 5120], ['7 B', 7], ['1 PB', 1024 ** 5],
  ['N/A', undefined], ['', undefined], ['16', undefined], ['GB', undefined], ['-1 GB', undefined], ['1 EB', undefined], [undefined, undefined],
])('a size of %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

describe('sensors', () => {
  const sensors = readHealthSensors(gen8Report, AT);
  const named = (name: string): unknown => sensors.find((sensor) => sensor.name === name);
  const count = (kind: string): number => sensors.filter((sensor) => sensor.kind === kind).length;

  test('of a whole report of a Gen8 server', () => {
    const listed = (gen8Json('get_embedded_health_output') as { GET_EMBEDDED_HEALTH_DATA: { TEMPERATURE: { TEMP: { STATUS: { VALUE: string } }[] } } }).GET_EMBEDDED_HEALTH_DATA.TEMPERATURE.TEMP;
    const installed = listed.filter(({ STATUS }) => STATUS.VALUE === 'OK').length;
    expect(installed).toBeLessThan(listed.length);
    expect([count('fan'), count('temperature'), count('power supply'), count('power'), sensors.length]).toEqual([4, installed, 2, 1, installed + 7]);
    expect(named('Fan Block 1')).toEqual({ name: 'Fan Block 1', kind: 'fan', value: 12, unit: 'percent', status: 'ok', at: AT });
    expect(named('01-Inlet Ambient')).toMatchObject({ kind: 'temperature', unit: 'degrees C', status: 'ok', thresholds: { upperWarning: 42, upperCritical: 46 } });
    expect(named('Power Supply 1')).toEqual({ name: 'Power Supply 1', kind: 'power supply', value: 'Good, In Use', status: 'ok', at: AT });
    expect(named('Present power')).toEqual({ name: 'Present power', kind: 'power', value: 162, unit: 'Watts', status: 'ok', at: AT });
  });

  test('a threshold that is not told is left out', () => {
    const partly = sensors.filter(({ thresholds }) => thresholds?.upperWarning !== undefined && thresholds.upperCritical === undefined);
    expect(partly.length).toBeGreaterThan(0);
  });

  test('of a report of an ML110 G7', () => {
    const found = readHealthSensors(g7, AT);
    expect(found.map(({ name, kind, value, unit, status }) => [name, kind, value, unit, status])).toEqual([
      ['Fan 1', 'fan', 31, 'percent', 'ok'], ['Fan 7', 'fan', 13, 'percent', 'ok'], ['Fan 8', 'fan', 10, 'percent', 'ok'],
      ['01-Inlet Ambient', 'temperature', 16, 'degrees C', 'ok'], ['02-CPU', 'temperature', 40, 'degrees C', 'ok'], ['03-P1 DIMM 1-4', 'temperature', 26, 'degrees C', 'ok'],
      ['04-P1 Mem Zone', 'temperature', 33, 'degrees C', 'ok'], ['05-P1 Mem Zone', 'temperature', 31, 'degrees C', 'ok'], ['06-HD Max', 'temperature', 50, 'degrees C', 'ok'],
      ['07-VR P1', 'temperature', 30, 'degrees C', 'ok'], ['08-VR P1', 'temperature', 37, 'degrees C', 'ok'], ['09-VR P1 Zone', 'temperature', 28, 'degrees C', 'ok'],
      ['10-VR P1Mem Zone', 'temperature', 26, 'degrees C', 'ok'], ['15-System Board', 'temperature', 22, 'degrees C', 'ok'], ['16-System Board', 'temperature', 29, 'degrees C', 'ok'],
      ['Power Supply 1', 'power supply', 'OK', undefined, 'ok'],
      ['Present power', 'power', 37, 'Watts', 'ok'],
    ]);
    expect(found.find(({ name }) => name === '02-CPU')?.thresholds).toEqual({ upperWarning: 74, upperCritical: 75 });
  });

  test.each([['OK', 'ok'], ['Good, In Use', 'ok'], ['Degraded', 'warning'], ['Failed', 'critical'], ['Critical', 'critical'], ['Other', 'unknown'], ['', 'unknown']])('a fan that is "%s" is %s', (word, status) => {
    const [fan] = readHealthSensors(report(`<FANS><FAN><LABEL VALUE="Fan 1"/><STATUS VALUE="${word}"/><SPEED VALUE="N/A"/></FAN></FANS>`), AT);
    expect(fan).toEqual({ name: 'Fan 1', kind: 'fan', value: null, status, at: AT });
  });

  test('the power readings', () => {
    expect(powerSensors({ present: 108, average: null, maximum: 157, minimum: 106 }, AT)).toEqual([
      { name: 'Present power', kind: 'power', value: 108, unit: 'Watts', status: 'ok', at: AT },
      { name: 'Average power', kind: 'power', value: null, unit: 'Watts', status: 'unknown', at: AT },
      { name: 'Maximum power', kind: 'power', value: 157, unit: 'Watts', status: 'ok', at: AT },
      { name: 'Minimum power', kind: 'power', value: 106, unit: 'Watts', status: 'ok', at: AT },
    ]);
  });
});

test('the health at a glance tells status and redundancy of each kind of part', () => {
  expect(readHealthSummary(gen8Report)).toEqual([
    { name: 'BIOS_HARDWARE', text: 'OK', status: 'ok', redundancy: null },
    { name: 'FANS', text: 'OK', status: 'ok', redundancy: 'Redundant' },
    { name: 'MEMORY', text: 'Other', status: 'unknown', redundancy: null },
    { name: 'NETWORK', text: 'OK', status: 'ok', redundancy: null },
    { name: 'POWER_SUPPLIES', text: 'OK', status: 'ok', redundancy: 'Redundant' },
    { name: 'PROCESSOR', text: 'OK', status: 'ok', redundancy: null },
    { name: 'STORAGE', text: 'OK', status: 'ok', redundancy: null },
    { name: 'TEMPERATURE', text: 'OK', status: 'ok', redundancy: null },
  ]);
  expect(readHealthSummary(g7).find(({ name }) => name === 'POWER_SUPPLIES')).toEqual({ name: 'POWER_SUPPLIES', text: 'OK', status: 'ok', redundancy: 'Not Redundant' });
});
