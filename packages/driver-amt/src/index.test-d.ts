import type { Driver, FerricPlugin, Secret, StartVirtualDevice } from '@ferric/core';
import { expectTypeOf, test } from 'vitest';
import {
  type AmtClient, type AmtDriverInfo, type AmtPowerStatus, type AmtPowerTarget, createAmtClient, createAmtDriver, type NextBoot, type WsmanSettings,
} from './index.js';
import { plugin } from './plugin.js';
import { startVirtualDevice } from './simulator/index.js';

test('the client takes a text or a secret, and speaks in typed values', () => {
  expectTypeOf(createAmtClient).returns.toExtend<AmtClient>();
  expectTypeOf<WsmanSettings['password']>().toEqualTypeOf<string | Secret>();
  expectTypeOf<ReturnType<AmtClient['power']['read']>>().resolves.toEqualTypeOf<AmtPowerStatus>();
  expectTypeOf<AmtPowerStatus['state']>().toEqualTypeOf<'power on' | 'power off' | 'unknown'>();
  expectTypeOf<'hibernate'>().toExtend<AmtPowerTarget>();
  expectTypeOf<{ device: 'pxe' }>().toExtend<NextBoot>();
  expectTypeOf<{ device: 'uefihttp' }>().not.toExtend<NextBoot>();
});

test('the driver knows its driver_info', () => {
  expectTypeOf(createAmtDriver()).toEqualTypeOf<Driver<AmtDriverInfo>>();
  expectTypeOf<AmtDriverInfo>().toEqualTypeOf<{
    amt_address: string;
    amt_username: string;
    amt_password: Secret;
    amt_protocol: 'http' | 'https';
    amt_port?: number | undefined;
    amt_awake_interval: number;
    amt_max_attempts: number;
    amt_action_wait: number;
    amt_verify_ca: string | boolean;
    amt_tls_fingerprint?: string | undefined;
    amt_tls_profile: 'modern' | 'legacy';
    amt_https_boot_url?: string | undefined;
  }>();
});

test('plugin and simulator keep the contract', () => {
  expectTypeOf(plugin).toEqualTypeOf<FerricPlugin>();
  expectTypeOf(startVirtualDevice).toExtend<StartVirtualDevice>();
});
