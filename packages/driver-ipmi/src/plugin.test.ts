import { readFileSync } from 'node:fs';
import { INTERFACES, STRATEGY_INTERFACES, supportedImplementations, type HardwareType, type InterfaceName } from '@ferric/core';
import { createFakeHost } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { plugin } from './plugin.js';
import { startVirtualDevice } from './simulator/index.js';

function hardwareType(): HardwareType {
  const [type] = plugin.create(createFakeHost()).hardwareTypes;
  expect.assert(type !== undefined);
  return type;
}

test('brings the hardware type ipmi, its driver, and the names it had before', () => {
  const parts = plugin.create(createFakeHost());
  expect(plugin.contract).toBe(1);
  expect([parts.drivers.map(({ name }) => name), parts.hardwareTypes.map(({ name }) => name), parts.strategies]).toEqual([['ipmitool'], ['ipmi'], []]);
  expect(hardwareType().aliases?.map(({ name }) => name)).toEqual(['pxe_ipmitool', 'agent_ipmitool']);
});

// Source: a recorded answer of Ironic 21.4 to POST /v1/nodes with the driver ipmi.
test.each<[InterfaceName, string]>([
  ['bios', 'no-bios'], ['boot', 'ipxe'], ['console', 'no-console'], ['deploy', 'direct'], ['management', 'ipmitool'], ['network', 'noop'],
  ['power', 'ipmitool'], ['raid', 'no-raid'], ['rescue', 'no-rescue'], ['storage', 'noop'], ['vendor', 'ipmitool'],
])('the default for %s is %s, as in Ironic', (name, implementation) => {
  expect(supportedImplementations(hardwareType(), name)[0]).toBe(implementation);
});

test('supports what an alias fixes, and something for every interface', () => {
  const type = hardwareType();
  for (const alias of type.aliases ?? []) {
    for (const name of INTERFACES.filter((each) => alias.interfaces[each] !== undefined)) expect(supportedImplementations(type, name)).toContain(alias.interfaces[name]);
  }
  for (const name of STRATEGY_INTERFACES) expect(supportedImplementations(type, name).length).toBeGreaterThan(0);
});

test('what the host gives is used', async () => {
  await using machine = await startVirtualDevice();
  const host = createFakeHost();
  const [driver] = plugin.create(host).drivers;
  expect.assert(driver !== undefined);
  await driver.open(driver.driverInfo.parse(machine.driverInfo)).power.set('power on');
  expect(host.transcript.frames.map(({ label }) => label)).toContain('Chassis Control (power on)');
  expect(host.gates.status()).toMatchObject([{ address: `127.0.0.1:${machine.bmc.port}`, active: 0 }]);
  await driver[Symbol.asyncDispose]();
});

test('the manifest carries the marker that a conductor reads first', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Record<string, unknown>;
  expect(manifest['ferric']).toEqual({ contract: plugin.contract, driver: 'ipmi' });
});
