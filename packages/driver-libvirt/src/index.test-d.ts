import type { Driver, FerricPlugin, GateSettings, Gate, Secret, StartVirtualDevice } from '@ferric/core';
import { expectTypeOf, test } from 'vitest';
import { createLibvirtDriver, type LibvirtDriverInfo, type LibvirtDriverSettings } from './index.js';
import { plugin } from './plugin.js';
import { startVirtualDevice } from './simulator/index.js';

test('the driver knows its driver_info', () => {
  expectTypeOf(createLibvirtDriver()).toEqualTypeOf<Driver<LibvirtDriverInfo>>();
  expectTypeOf<LibvirtDriverInfo>().toEqualTypeOf<{
    libvirt_uri: string;
    ssh_key_filename?: string | undefined;
    sasl_username?: string | undefined;
    sasl_password?: Secret | undefined;
    libvirt_domain?: string | undefined;
    libvirt_storage_pool: string;
  }>();
});

test('everything about the driver has a default', () => {
  expectTypeOf(createLibvirtDriver).parameter(0).toEqualTypeOf<LibvirtDriverSettings | undefined>();
  expectTypeOf<LibvirtDriverSettings['gate']>().toEqualTypeOf<((address: string, settings?: GateSettings) => Gate) | undefined>();
});

test('plugin and simulator keep the contract', () => {
  expectTypeOf(plugin).toEqualTypeOf<FerricPlugin>();
  expectTypeOf(startVirtualDevice).toExtend<StartVirtualDevice>();
});
