import { sampleNode } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { knownBootMode } from './boot-mode.js';

test.each([
  [{ instanceInfo: { deploy_boot_mode: 'bios' }, properties: { capabilities: 'boot_mode:uefi' } }, 'bios'],
  [{ properties: { capabilities: 'boot_mode:uefi' }, bootMode: 'bios' }, 'uefi'],
  [{ driverInternalInfo: { deploy_boot_mode: 'uefi' }, bootMode: 'bios' }, 'uefi'],
  [{ bootMode: 'uefi' }, 'uefi'],
  [{}, undefined],
] as const)('the firmware mode of %j is %s', (fields, expected) => {
  expect(knownBootMode(sampleNode(fields))).toBe(expected);
});
