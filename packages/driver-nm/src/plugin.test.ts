import { readFileSync } from 'node:fs';
import { STRATEGY_INTERFACES, supportedImplementations } from '@ferric/core';
import { createFakeHost } from '@ferric/core/testing';
import { plugin as ipmiPlugin } from '@ferric/driver-ipmi/plugin';
import { expect, test } from 'vitest';
import { plugin } from './plugin.js';
import { startVirtualDevice } from './simulator/index.js';

test('brings the hardware type staging-nm, its driver, and the name it had before', async () => {
  const parts = plugin.create(createFakeHost());
  expect(plugin.contract).toBe(1);
  expect(parts.drivers.map((driver) => driver.name)).toEqual(['staging-nm']);
  expect(parts.strategies).toEqual([]);
  const [type] = parts.hardwareTypes;
  expect([parts.hardwareTypes.length, type?.name]).toEqual([1, 'staging-nm']);
  expect(type?.aliases).toEqual([{ name: 'agent_ipmitool_nm', interfaces: { boot: 'pxe', deploy: 'direct' } }]);
  await Promise.all(parts.drivers.map((driver) => driver[Symbol.asyncDispose]()));
});

test('supports everything that ipmi does, its own implementation first', () => {
  const [type] = plugin.create(createFakeHost()).hardwareTypes;
  const [ipmi] = ipmiPlugin.create(createFakeHost()).hardwareTypes;
  expect.assert(type !== undefined && ipmi !== undefined);
  for (const name of ['power', 'management', 'vendor'] as const) {
    expect(supportedImplementations(type, name)).toEqual(['staging-nm', ...supportedImplementations(ipmi, name)]);
  }
  expect(supportedImplementations(type, 'console')).toEqual(['no-console', 'staging-nm', 'ipmitool']);
  for (const name of [...STRATEGY_INTERFACES, 'raid'] as const) expect(supportedImplementations(type, name)).toEqual(supportedImplementations(ipmi, name));
});

test('what the host gives is used', async () => {
  await using machine = await startVirtualDevice();
  const host = createFakeHost();
  const [driver] = plugin.create(host).drivers;
  expect.assert(driver !== undefined);
  const device = driver.open(driver.driverInfo.parse(machine.driverInfo));
  const version = device.vendor?.methods['get_nm_version'];
  expect(await version?.call(version.arguments.parse({}))).toMatchObject({ nm: '3.0' });
  expect(host.transcript.frames.some(({ label }) => label.includes('Get Node Manager Version'))).toBe(true);
  expect(host.logger.lines.some(({ message }) => message === 'Node Manager found')).toBe(true);
  expect(host.gates.status()).toMatchObject([{ address: `127.0.0.1:${machine.bmc.port}`, active: 0 }]);
  await driver[Symbol.asyncDispose]();
});

test('the manifest carries the marker that a conductor reads first', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Record<string, unknown>;
  expect(manifest['ferric']).toEqual({ contract: plugin.contract, driver: 'nm' });
});
