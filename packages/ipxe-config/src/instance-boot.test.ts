import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { networkNode } from '../test/nodes.js';
import { instanceBoot, type InstanceBoot } from './index.js';

const IMAGE = { image_source: 'http://h/image' };
const PAIR = { kernel: 'http://h/k', ramdisk: 'http://h/r' };
const ISO = { boot_iso: 'http://h/x.iso' };
const option = (name: string): { capabilities: { boot_option: string } } => ({ capabilities: { boot_option: name } });

const TABLE: readonly (readonly [boot: InstanceBoot, deploy: string, instanceInfo: object])[] = [
  ['disk', 'direct', {}],
  ['disk', 'direct', IMAGE],
  ['disk', 'direct', { ...IMAGE, ...option('local') }],
  ['disk', 'direct', { ...IMAGE, ...PAIR }],
  ['disk', 'direct', { ...IMAGE, ...option('netboot') }],
  ['disk', 'direct', { ...IMAGE, ...PAIR, image_type: 'whole-disk', ...option('netboot') }],
  ['partition', 'direct', { ...IMAGE, ...PAIR, ...option('netboot') }],
  ['partition', 'direct', { ...IMAGE, ...PAIR, ...option('NetBoot') }],
  ['partition', 'direct', { ...IMAGE, image_type: 'partition', ...option('netboot') }],
  ['partition', 'direct', { ...IMAGE, ...PAIR, capabilities: '{"boot_option": "netboot"}' }],
  ['partition', 'direct', { ...IMAGE, ...PAIR, capabilities: 'boot_mode:uefi, boot_option:netboot' }],
  ['ramdisk', 'ramdisk', PAIR],
  ['ramdisk', 'ramdisk', {}],
  ['ramdisk', 'direct', { ...PAIR, ...option('ramdisk') }],
  ['ramdisk', 'direct', PAIR],
  ['iso', 'ramdisk', ISO],
  ['iso', 'ramdisk', { ...ISO, ...PAIR }],
  ['iso', 'direct', { ...ISO, ...option('ramdisk') }],
  ['iso', 'direct', ISO],
  ['disk', 'direct', { ...ISO, ...IMAGE }],
  ['disk', 'direct', { boot_iso: '', kernel: null, ramdisk: 'http://h/r' }],
  ['anaconda', 'anaconda', { ...IMAGE, ...PAIR }],
  ['anaconda', 'direct', { ...IMAGE, ...PAIR, ...option('kickstart') }],
];

describe('instanceBoot', () => {
  test.each(TABLE)('is %s with deploy interface %s and %j', (boot, deploy, instanceInfo) => {
    expect(instanceBoot(networkNode({ deploy, instanceInfo: instanceInfo as Record<string, string> }))).toBe(boot);
  });

  test('reads sealed capabilities', () => {
    expect(instanceBoot(networkNode({ instanceInfo: { ...PAIR, ...IMAGE, capabilities: new Secret('{"boot_option": "netboot", "token": "x"}') } }))).toBe('partition');
  });

  test.each([
    [option('floppy'), 'instance_info.capabilities.boot_option must be one of local, netboot, ramdisk, kickstart, got "floppy"'],
    [{ capabilities: { boot_option: 5 } }, 'instance_info.capabilities.boot_option must be one of'],
    [{ capabilities: 'nonsense' }, 'instance_info.capabilities must be an object such as {"boot_option": "local"}'],
    [{ capabilities: ['boot_option'] }, 'instance_info.capabilities must be an object'],
    [{ capabilities: '[1]' }, 'instance_info.capabilities must be an object'],
  ])('refuses %j', (instanceInfo, message) => {
    expect(() => instanceBoot(networkNode({ instanceInfo }))).toThrow(message);
  });
});
