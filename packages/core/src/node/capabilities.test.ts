import { describe, expect, test } from 'vitest';
import { askedBootMode, capabilityOf, readCapabilities, withCapability } from './capabilities.js';

describe('capabilities', () => {
  test.each([
    ['boot_mode:uefi, disk_label:gpt', { boot_mode: 'uefi', disk_label: 'gpt' }], [{ boot_option: 'local', count: 5 }, { boot_option: 'local' }],
    ['', {}], ['nonsense', {}], [undefined, {}], [null, {}], [['a:b'], {}], [7, {}], ['cpu:a:b', { cpu: 'a:b' }],
  ])('of %j are %j', (value, expected) => {
    expect(readCapabilities(value as never)).toEqual(expected);
  });

  test('one is changed and the rest stays', () => {
    expect(withCapability('a:1,boot_mode:bios,b:2', 'boot_mode', 'uefi')).toBe('a:1,boot_mode:uefi,b:2');
    expect(withCapability(undefined, 'boot_mode', 'uefi')).toBe('boot_mode:uefi');
  });

  test("the instance's come before the node's", () => {
    expect(capabilityOf({ instanceInfo: { capabilities: { boot_mode: 'bios' } }, properties: { capabilities: 'boot_mode:uefi,x:y' } }, 'boot_mode')).toBe('bios');
    expect(capabilityOf({ instanceInfo: {}, properties: { capabilities: 'boot_mode:uefi' } }, 'boot_mode')).toBe('uefi');
  });
});

test.each([
  [{ instanceInfo: { capabilities: { boot_mode: 'bios' } }, properties: { capabilities: 'boot_mode:uefi' } }, 'bios'],
  [{ instanceInfo: { deploy_boot_mode: 'uefi' }, properties: { capabilities: 'boot_mode:bios' } }, 'uefi'],
  [{ instanceInfo: { deploy_boot_mode: 'bios', capabilities: { secure_boot: 'True' } }, properties: { capabilities: 'boot_mode:bios' } }, 'uefi'],
  // What an inspection found out about the machine is nobody's wish.
  [{ instanceInfo: {}, properties: { capabilities: 'secure_boot:true' } }, undefined],
  [{ instanceInfo: {}, properties: { capabilities: 'boot_mode:openfirmware' } }, undefined],
  [{ instanceInfo: {}, properties: {} }, undefined],
] as const)('the firmware mode that %j asks for is %s', (node, expected) => {
  expect(askedBootMode(node)).toBe(expected);
});
