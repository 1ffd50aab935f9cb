import type { CallOptions, Driver, FerricPlugin, StartVirtualDevice } from '@ferric/core';
import type { IpmiDriverInfo } from '@ferric/driver-ipmi';
import type { IpmiClient, RequestCarrier } from '@ferric/ipmi-raw-buffer';
import { expectTypeOf, test } from 'vitest';
import { createNmDriver, getNmPolicy, getNmVersion, setNmPolicy, type NmPolicy, type NmPolicyState, type NmVersion, type NodeManagerLocation } from './index.js';
import { plugin } from './plugin.js';
import { startVirtualDevice } from './simulator/index.js';

test('functions are typed by their commands, and take any carrier', () => {
  expectTypeOf(getNmVersion).parameter(0).toEqualTypeOf<RequestCarrier>();
  expectTypeOf(getNmVersion).parameter(1).toEqualTypeOf<NodeManagerLocation>();
  expectTypeOf(getNmVersion).parameter(2).toEqualTypeOf<CallOptions | undefined>();
  expectTypeOf(getNmVersion).returns.resolves.toEqualTypeOf<NmVersion>();
  expectTypeOf(getNmPolicy).returns.resolves.toEqualTypeOf<NmPolicyState>();
  expectTypeOf(setNmPolicy).parameter(2).toEqualTypeOf<NmPolicy>();
  expectTypeOf<IpmiClient>().toExtend<RequestCarrier>();
});

test('words are words', () => {
  // @ts-expect-error there is no such domain
  const wrong: NmPolicy['domainId'] = 'moon';
  expectTypeOf(wrong).toExtend<string>();
  expectTypeOf<NmPolicy['domainId']>().toEqualTypeOf<'platform' | 'cpu' | 'memory' | 'io'>();
});

test('driver, plugin and simulator keep the contract', () => {
  expectTypeOf(createNmDriver()).toEqualTypeOf<Driver<IpmiDriverInfo>>();
  expectTypeOf(plugin).toEqualTypeOf<FerricPlugin>();
  expectTypeOf(startVirtualDevice).toExtend<StartVirtualDevice>();
});
