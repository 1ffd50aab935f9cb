import { expect, test } from 'vitest';
import { shapeProblem } from './shapes.js';

const at = new Date();
const sensor = { name: 'Inlet', kind: 'temperature', value: 21, unit: 'degrees C', status: 'ok', at };

test.each<[string, unknown]>([
  ['secureBoot.read', false],
  ['bootMode.read', 'uefi'],
  ['bootDevice.read', { device: null, persistent: null }],
  ['virtualMedia.read', []],
  ['virtualMedia.read', [{ type: 'cdrom', url: 'http://192.0.2.1/x.iso' }]],
  ['httpBoot.read', null],
  ['httpBoot.read', 'https://192.0.2.1/x.iso'],
  ['sensors.read', [sensor, { ...sensor, value: null }]],
  ['inventory.read', {}],
  ['bios.read', [{ name: 'BootMode', value: 'Uefi' }]],
  ['raid.read', { logical_disks: [] }],
  ['firmware.read', [{ component: 'bmc', currentVersion: '2.81' }]],
  ['indicators.list', [{ component: 'system', name: 'led', readonly: false, states: ['off', 'blinking'] }]],
  ['eventLog.read', [{ id: '1', at: null, severity: 'critical', message: 'Fan lost' }]],
  ['power.read', 'anything: rules of its own look at it'],
])('%s may yield %o', (call, value) => {
  expect(shapeProblem(call, value)).toBeUndefined();
});

test.each<[string, unknown]>([
  ['secureBoot.read', 'Enabled'],
  ['bootMode.read', 'UEFI'],
  ['bootDevice.read', 'pxe'],
  ['bootDevice.read', { device: 'pxe' }],
  ['virtualMedia.read', undefined],
  ['virtualMedia.read', [{ type: 'cdrom' }]],
  ['httpBoot.read', ''],
  ['httpBoot.read', undefined],
  ['sensors.read', [{ ...sensor, at: at.toISOString() }]],
  ['sensors.read', [{ ...sensor, status: 'fine' }]],
  ['sensors.read', [{ ...sensor, name: '' }]],
  ['inventory.read', []],
  ['bios.read', [{ name: 'BootMode' }]],
  ['raid.read', null],
  ['firmware.read', [{ component: 'bmc' }]],
  ['indicators.list', [{ component: 'lamp', name: 'led', readonly: false, states: ['off'] }]],
  ['indicators.list', [{ component: 'system', name: 'led', readonly: false, states: ['glowing'] }]],
  ['indicators.list', [{ component: 'system', name: 'led', states: ['off'] }]],
  ['eventLog.read', [{ id: '1', at: '2026-01-01', message: 'x' }]],
])('%s must not yield %o', (call, value) => {
  expect(shapeProblem(call, value)).toMatch(/^it must be|^it must have/);
});
