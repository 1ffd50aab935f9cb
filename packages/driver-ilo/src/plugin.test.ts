import { readFileSync } from 'node:fs';
import { STRATEGY_INTERFACES, supportedImplementations, type HardwareType } from '@ferric/core';
import { createFakeHost } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { plugin } from './plugin.js';
import { startVirtualDevice } from './simulator/index.js';

const types = (): readonly [ilo: HardwareType, ilo5: HardwareType] => {
  const { hardwareTypes: [ilo, ilo5] } = plugin.create(createFakeHost());
  expect.assert(ilo !== undefined && ilo5 !== undefined);
  return [ilo, ilo5];
};

test('brings two hardware types, their drivers and an inspect interface, and the names that there were before', async () => {
  const parts = plugin.create(createFakeHost());
  expect(plugin.contract).toBe(1);
  expect(parts.drivers.map(({ name }) => name)).toEqual(['ilo', 'ilo5']);
  expect(parts.strategies.map(({ interface: owner, name }) => `${owner} ${name}`)).toContain('inspect ilo');
  expect(parts.hardwareTypes.map(({ name, aliases = [] }) => [name, ...aliases.map((alias) => alias.name)])).toEqual([['ilo', 'iscsi_ilo', 'agent_ilo', 'pxe_ilo'], ['ilo5']]);
  await Promise.all(parts.drivers.map((driver) => driver[Symbol.asyncDispose]()));
});

// As Ironic 21.4 answered to GET /v1/drivers/ilo.
test.each([
  ['power', ['ilo']], ['management', ['ilo']], ['bios', ['ilo', 'no-bios']], ['vendor', ['ilo', 'no-vendor']],
  ['boot', ['ilo-virtual-media', 'ilo-pxe', 'ilo-ipxe']], ['raid', ['no-raid', 'agent']], ['rescue', ['no-rescue', 'agent']],
] as const)('%s of ilo has the implementations of Ironic, the default first', (name, implementations) => {
  const [ilo] = types();
  for (const each of implementations) expect(supportedImplementations(ilo, name)).toContain(each);
  expect(supportedImplementations(ilo, name)[0]).toBe(implementations[0]);
});

test('ilo5 has management, disk arrays and a boot interface of its own', () => {
  const [ilo, ilo5] = types();
  expect(supportedImplementations(ilo5, 'boot')).toEqual([...supportedImplementations(ilo, 'boot').filter((each) => each !== 'no-boot'), 'ilo-uefi-https', 'no-boot']);
  expect(ilo5.strategyNames?.boot?.['ilo-uefi-https']).toBe('uefi-https');
  expect(supportedImplementations(ilo5, 'power')).toEqual(['ilo']);
  expect(supportedImplementations(ilo5, 'management')[0]).toBe('ilo5');
  expect(supportedImplementations(ilo5, 'raid')).toEqual(['ilo5', 'no-raid', 'agent']);
});

test('supports what an alias fixes, something for every interface, and strategies under names of its own', () => {
  for (const type of types()) {
    for (const { interfaces } of type.aliases ?? []) {
      expect(supportedImplementations(type, 'boot')).toContain(interfaces.boot);
      expect(supportedImplementations(type, 'deploy')).toContain(interfaces.deploy);
    }
    for (const name of STRATEGY_INTERFACES) expect(supportedImplementations(type, name).length).toBeGreaterThan(0);
    expect(supportedImplementations(type, 'inspect')[0]).toBe('ilo');
    expect(type.strategyNames?.boot).toMatchObject({ 'ilo-virtual-media': 'virtual-media', 'ilo-pxe': 'pxe', 'ilo-ipxe': 'ipxe' });
  }
});

test('what the host gives is used', async () => {
  await using machine = await startVirtualDevice();
  const host = createFakeHost();
  const { drivers } = plugin.create(host);
  for (const driver of drivers) await driver.open(driver.driverInfo.parse(machine.driverInfo)).power.read();
  const where = `127.0.0.1:${machine.ilo.port}`;
  expect(host.transcript.frames.length).toBeGreaterThan(0);
  for (const frame of host.transcript.frames) expect(frame.peer).toContain(where);
  expect(host.gates.status().map(({ address, breaker }) => [address, breaker])).toEqual([[where, 'closed']]);
  // Both drivers of one machine speak to it in one session.
  expect(machine.activity).toMatchObject({ mostConcurrentExchanges: 1 });
  expect(machine.ilo.activity.mostOpenSessions).toBeLessThanOrEqual(1);
  for (const driver of drivers) await driver[Symbol.asyncDispose]();
  expect(machine.ilo.activity.openSessions).toBe(0);
});

test('the manifest carries the marker that a conductor reads first', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Record<string, unknown>;
  expect(manifest['ferric']).toEqual({ contract: plugin.contract, driver: 'ilo' });
});
