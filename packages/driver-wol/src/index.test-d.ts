import type { Driver, FerricPlugin, Secret, StartVirtualDevice } from '@ferric/core';
import { expectTypeOf, test } from 'vitest';
import { createWolDriver, wake, type WakeOptions, type WakePacket, type WakeReport, type WolDriverInfo } from './index.js';
import { plugin } from './plugin.js';
import { startVirtualDevice, type VirtualWolDevice } from './simulator/index.js';

test('wake takes one address or several and says what was sent', () => {
  expectTypeOf(wake).parameter(0).toEqualTypeOf<string | readonly string[]>();
  expectTypeOf(wake).returns.resolves.toEqualTypeOf<WakeReport>();
  expectTypeOf<WakeReport['packets']>().toEqualTypeOf<readonly WakePacket[]>();
  expectTypeOf<WakeOptions['ports']>().toEqualTypeOf<number | readonly number[] | undefined>();
  expectTypeOf<WakeOptions['secureOn']>().toEqualTypeOf<string | Secret | undefined>();
  expectTypeOf<WakeOptions>().toExtend<{ signal?: AbortSignal | undefined; timeoutMs?: number | undefined }>();
});

test('the driver knows its driver_info', () => {
  expectTypeOf(createWolDriver()).toEqualTypeOf<Driver<WolDriverInfo>>();
  expectTypeOf<WolDriverInfo>().toEqualTypeOf<{
    wol_host: readonly string[];
    wol_port: number;
    wol_ports?: readonly number[] | undefined;
    wol_secureon?: Secret | undefined;
    wol_interface?: string | undefined;
    wol_source_address?: string | undefined;
    wol_repeat: number;
    wol_spacing_ms: number;
  }>();
});

test('plugin and simulator keep the contract', () => {
  expectTypeOf(plugin).toEqualTypeOf<FerricPlugin>();
  expectTypeOf(startVirtualDevice).toExtend<StartVirtualDevice>();
  expectTypeOf(startVirtualDevice).returns.resolves.toEqualTypeOf<VirtualWolDevice>();
});
