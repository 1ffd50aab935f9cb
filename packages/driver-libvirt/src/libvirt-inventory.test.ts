import { FerricError } from '@ferric/core';
import { expect, test } from 'vitest';
import { domainFixture } from '../test/domain-fixtures.js';
import { createFakeLibvirtClient } from '../test/fake-libvirt-client.js';
import { failureOf, openLibvirtBench } from '../test/libvirt-bench.js';
import { createLibvirtDriver } from './libvirt-driver.js';

test('tells what the machine is made of', async () => {
  await using bench = await openLibvirtBench({
    domains: [{ name: 'vm-1', processors: 3, memoryMebibytes: 2048, macAddresses: ['52:54:00:00:00:01', '52:54:00:00:00:02'] }],
  });
  const report = await bench.device.inventory.read();
  expect(report).toMatchObject({
    model: 'pc-q35-7.2',
    cpus: 3,
    memoryMegabytes: 2048,
    cpuArchitecture: 'x86_64',
    macAddresses: ['52:54:00:00:00:01', '52:54:00:00:00:02'],
    raw: { name: 'vm-1', uuid: bench.domain.uuid, machine: 'pc-q35-7.2' },
  });
  const disks = report.raw?.['disks'] as readonly Record<string, unknown>[];
  expect(disks.map(({ target, device }) => [target, device])).toEqual([
    ['vda', 'disk'],
    ['sda', 'cdrom'],
  ]);
  expect(JSON.stringify(report)).not.toContain('screen12');
});

test('tells what the machine says of itself', async () => {
  await using bench = await openLibvirtBench();
  bench.hypervisor.define(domainFixture('16'));
  const report = await bench.open({ libvirt_domain: 'sysinfo' }).inventory.read();
  expect(report).toMatchObject({ vendor: 'Fedora', model: 'Virt-Manager & Co', serialNumber: 'SN-0016' });
});

test('an interrupt reaches a machine that runs, and is refused for one that does not', async () => {
  await using bench = await openLibvirtBench();
  expect(await failureOf(bench.device.nmi.inject())).toMatchObject({ code: 'CONFLICT' });
  bench.domain.machine.power = 'power on';
  await bench.device.nmi.inject();
  expect(bench.domain.received.nonMaskableInterrupts).toBe(1);
});

test('disks are as large as the hypervisor measures them, where it does', async () => {
  const fake = createFakeLibvirtClient([
    { name: 'vm-1', uuid: '10000000-0000-4000-8000-000000000001', macs: [], xml: domainFixture('07').replace('per-device', 'vm-1') },
  ]);
  let stats: () => Promise<unknown> = async () => [
    {
      domain: { name: 'vm-1', uuid: '', id: -1 },
      values: { 'block.count': 2, 'block.0.name': 'vda', 'block.0.capacity': 5_368_709_120n, 'block.1.name': 'hda' },
    },
  ];
  Object.assign(fake.client.domains, { stats: () => stats() });
  const driver = createLibvirtDriver({ createClient: () => fake.client });
  const { inventory } = driver.open(driver.driverInfo.parse({ libvirt_domain: 'vm-1' }));
  const sizes = async (): Promise<readonly unknown[]> => {
    const report = await inventory?.read();
    return ((report?.raw?.['disks'] ?? []) as readonly Record<string, unknown>[]).map((disk) => disk['capacityBytes']);
  };
  expect(await sizes()).toEqual([5_368_709_120, undefined, undefined]);
  stats = async () => Promise.reject(new FerricError('UNSUPPORTED', 'no statistics'));
  expect(await sizes()).toEqual([undefined, undefined, undefined]);
  await driver[Symbol.asyncDispose]();
});
