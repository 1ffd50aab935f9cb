import { readFileSync } from 'node:fs';
import { STRATEGY_INTERFACES, supportedImplementations } from '@ferric/core';
import { createFakeHost } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { plugin } from './plugin.js';
import { startVirtualDevice } from './simulator/index.js';

test('brings the hardware type staging-libvirt, its driver, and the names it had before', async () => {
  const parts = plugin.create(createFakeHost());
  expect(plugin.contract).toBe(1);
  expect(parts.drivers.map((driver) => driver.name)).toEqual(['staging-libvirt']);
  expect(parts.strategies).toEqual([]);
  const [type] = parts.hardwareTypes;
  expect([parts.hardwareTypes.length, type?.name]).toEqual([1, 'staging-libvirt']);
  expect(type?.aliases?.map(({ name }) => name)).toEqual(['pxe_libvirt', 'agent_libvirt', 'pxe_libvirt_agent']);
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
  for (const name of ['power', 'management'] as const) expect(supportedImplementations(type, name)[0]).toBe('staging-libvirt');
});

test('what the host gives is used', async () => {
  await using machine = await startVirtualDevice();
  const host = createFakeHost();
  const [driver] = plugin.create(host).drivers;
  expect.assert(driver !== undefined);
  const device = driver.open(driver.driverInfo.parse(machine.driverInfo), {
    ports: machine.ports.map(({ address }) => ({ address, pxeEnabled: true })),
  });
  await device.power.set('power on');
  expect(host.transcript.frames.some(({ label }) => label.startsWith('domain_create'))).toBe(true);
  expect(host.logger.lines.length).toBeGreaterThan(0);
  expect(host.gates.status()).toMatchObject([{ address: `127.0.0.1:${machine.hypervisor.port}`, active: 0 }]);
  await driver[Symbol.asyncDispose]();
});

test('the manifest carries the marker that a conductor reads first', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Record<string, unknown>;
  expect(manifest['ferric']).toEqual({ contract: plugin.contract, driver: 'libvirt' });
});
