import type { Driver, FerricPlugin, Secret, StartVirtualDevice } from '@ferric/core';
import { expectTypeOf, test } from 'vitest';
import { createDxpClient, createIbootDriver, type DxpClient, type DxpClientSettings, type IbootDriverInfo, type RelayState } from './index.js';
import { plugin } from './plugin.js';
import { type IbootUnit, startIbootUnit, startVirtualDevice } from './simulator/index.js';

test('the client takes a text or a secret, and speaks of on and off', () => {
  expectTypeOf(createDxpClient).returns.toEqualTypeOf<DxpClient>();
  expectTypeOf<DxpClientSettings['password']>().toEqualTypeOf<string | Secret>();
  expectTypeOf<RelayState>().toEqualTypeOf<'on' | 'off'>();
  expectTypeOf<ReturnType<DxpClient['readRelays']>>().resolves.toEqualTypeOf<readonly RelayState[]>();
});

test('the driver knows its driver_info', () => {
  expectTypeOf(createIbootDriver()).toEqualTypeOf<Driver<IbootDriverInfo>>();
  expectTypeOf<IbootDriverInfo>().toEqualTypeOf<{
    iboot_address: string;
    iboot_username: string;
    iboot_password: Secret;
    iboot_port: number;
    iboot_relay_id: number;
    iboot_relay_base: 0 | 1;
    iboot_max_retry: number;
    iboot_retry_interval: number;
    iboot_reboot_delay: number;
  }>();
});

test('plugin and simulator keep the contract', () => {
  expectTypeOf(plugin).toEqualTypeOf<FerricPlugin>();
  expectTypeOf(startVirtualDevice).toExtend<StartVirtualDevice>();
  expectTypeOf(startIbootUnit).returns.resolves.toEqualTypeOf<IbootUnit>();
});
