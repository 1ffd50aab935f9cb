import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { networkNode } from '../test/nodes.js';
import { BOOT_FILE_ROLES, bootFileReference, DEFAULT_BOOT_SETTINGS, readPortAddress } from './index.js';

describe('bootFileReference', () => {
  test('finds each role where its owner named it', () => {
    const instanceInfo = { kernel: 'http://h/k', ramdisk: 'http://h/r', boot_iso: 'http://h/i', stage2: 'http://h/s', ks_template: 'file:///srv/ks' };
    const found = BOOT_FILE_ROLES.map((role) => bootFileReference(networkNode({ instanceInfo }), role, DEFAULT_BOOT_SETTINGS));
    expect(found).toEqual([
      'http://images.example/agent.kernel', 'file:///srv/images/agent.initramfs', 'http://images.example/rescue.kernel', 'http://images.example/rescue.initramfs',
      'http://h/k', 'http://h/r', 'http://h/i', 'http://h/s', 'file:///srv/ks',
    ]);
  });

  test("falls back to the conductor's own, which a node's field wins over", () => {
    const settings = { ...DEFAULT_BOOT_SETTINGS, deployKernel: 'http://own/k', rescueRamdisk: 'http://own/r' };
    const bare = networkNode({ driverInfo: { deploy_kernel: null, deploy_ramdisk: '', rescue_ramdisk: '' } });
    expect(bootFileReference(bare, 'deploy_kernel', settings)).toBe('http://own/k');
    expect(bootFileReference(bare, 'rescue_ramdisk', settings)).toBe('http://own/r');
    expect(bootFileReference(bare, 'deploy_ramdisk', settings)).toBeUndefined();
    expect(bootFileReference(bare, 'kernel', settings)).toBeUndefined();
    expect(bootFileReference(networkNode(), 'deploy_kernel', settings)).toBe('http://images.example/agent.kernel');
    expect(() => bootFileReference(bare, 'deploy_kernel', { ...settings, deployKernel: 'nonsense' })).toThrow('deployKernel must be an http, https or file:/// URL');
  });

  test('opens a sealed reference', () => {
    const node = networkNode({ driverInfo: { deploy_kernel: new Secret('https://user:hunter2@h/k') } });
    expect(bootFileReference(node, 'deploy_kernel', DEFAULT_BOOT_SETTINGS)).toBe('https://user:hunter2@h/k');
  });

  test.each([
    '1be26c0b-03f2-4d2e-ae87-c02d7f33c123', 'glance://x', 'file://host/x', 'file:/x', 'ftp://h/k', 'http:/h', 'http:///k', 'http://h/a b', 'http://h/\n', 'http://h:99999/', 5, {}, ['http://h/k'],
  ])('refuses %j', (value) => {
    const node = networkNode({ driverInfo: { deploy_kernel: value } });
    expect(() => bootFileReference(node, 'deploy_kernel', DEFAULT_BOOT_SETTINGS)).toThrow('driver_info.deploy_kernel must be');
  });

  test('does not show the password of a wrong reference', () => {
    const node = networkNode({ driverInfo: { deploy_kernel: new Secret('ftp://user:hunter2@h/k') } });
    expect(() => bootFileReference(node, 'deploy_kernel', DEFAULT_BOOT_SETTINGS)).toThrow(expect.not.stringContaining('hunter2'));
    expect(() => bootFileReference(node, 'deploy_kernel', DEFAULT_BOOT_SETTINGS)).toThrow(/^(?!.*hunter2)/);
  });
});

test.each([
  ['52:54:00:cf:2d:31', '52:54:00:cf:2d:31'], ['52-54-00-cf-2d-31', '52:54:00:cf:2d:31'], ['525400CF2D31', '52:54:00:cf:2d:31'], ['52:54:00:CF:2d:31', '52:54:00:cf:2d:31'],
  ['', undefined], ['52%3A54%3A00%3Acf%3A2d%3A31', undefined], ['${mac}', undefined], ['52:54:00:cf:2d:31\n', undefined],
])('readPortAddress(%j)', (text, address) => {
  expect(readPortAddress(text)).toBe(address);
});
