import { readFileSync } from 'node:fs';
import { STRATEGY_INTERFACES, supportedImplementations } from '@ferric/core';
import { createFakeHost } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { plugin } from './plugin.js';
import { startVirtualDevice } from './simulator/index.js';

test('brings the hardware type staging-amt, its driver, and the names it had before', async () => {
  const parts = plugin.create(createFakeHost());
  expect(plugin.contract).toBe(1);
  expect(parts.drivers.map((driver) => driver.name)).toEqual(['staging-amt']);
  expect(parts.strategies).toEqual([]);
  const [type] = parts.hardwareTypes;
  expect([parts.hardwareTypes.length, type?.name]).toEqual([1, 'staging-amt']);
  expect(type?.aliases).toEqual([
    { name: 'pxe_amt', interfaces: { boot: 'pxe', deploy: 'direct' } },
    { name: 'agent_amt', interfaces: { boot: 'pxe', deploy: 'direct' } },
  ]);
  await Promise.all(parts.drivers.map((driver) => driver[Symbol.asyncDispose]()));
});

test('supports what an alias fixes, and something for every interface', () => {
  const [type] = plugin.create(createFakeHost()).hardwareTypes;
  expect.assert(type !== undefined);
  for (const alias of type.aliases ?? []) {
    expect(supportedImplementations(type, 'boot')).toContain(alias.interfaces.boot);
    expect(supportedImplementations(type, 'deploy')).toContain(alias.interfaces.deploy);
  }
  for (const name of STRATEGY_INTERFACES) expect(supportedImplementations(type, name).length).toBeGreaterThan(0);
  expect(supportedImplementations(type, 'power')).toEqual(['staging-amt']);
  expect(supportedImplementations(type, 'management')).toEqual(['staging-amt', 'noop']);
  expect(supportedImplementations(type, 'vendor')).toEqual(['staging-amt', 'no-vendor']);
  expect(supportedImplementations(type, 'console')).toEqual(['no-console']);
});

test('what the host gives is used', async () => {
  await using machine = await startVirtualDevice();
  const host = createFakeHost();
  const [driver] = plugin.create(host).drivers;
  expect.assert(driver !== undefined);
  const device = driver.open(driver.driverInfo.parse(machine.driverInfo));
  await device.power.read();
  const where = `127.0.0.1:${machine.device.port}`;
  expect(host.transcript.frames.length).toBeGreaterThan(0);
  for (const frame of host.transcript.frames) expect(frame.peer).toContain(where);
  expect(host.gates.status().map(({ address, breaker }) => [address, breaker])).toEqual([[where, 'closed']]);
  await driver[Symbol.asyncDispose]();
});

test('the manifest carries the marker that a conductor reads first', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Record<string, unknown>;
  expect(manifest['ferric']).toEqual({ contract: plugin.contract, driver: 'amt' });
});
