import { FerricError, type Device, type PowerReading } from '@ferric/core';
import { expect, test } from 'vitest';
import { openLibvirtBench, type LibvirtBench } from '../test/libvirt-bench.js';
import { createLibvirtClient } from './client/libvirt-client.js';
import { createLibvirtDriver } from './libvirt-driver.js';
import { startVirtualHypervisor } from './simulator/index.js';

/** Each result in a word: its state, or the code of its failure. */
async function read(
  bench: LibvirtBench,
  devices: readonly Device[],
  options?: { timeoutMs?: number; signal?: AbortSignal },
): Promise<readonly string[]> {
  const results: readonly PromiseSettledResult<PowerReading>[] = (await bench.driver.readMany?.(devices, options)) ?? [];
  return results.map((result) =>
    result.status === 'fulfilled' ? result.value.state : FerricError.is(result.reason) ? result.reason.code : String(result.reason),
  );
}

test('a hundred machines of one hypervisor are one exchange', async () => {
  await using bench = await openLibvirtBench({ domains: 100 });
  const { domains } = bench.hypervisor;
  const devices = domains.map((domain, index) =>
    // Half of them by name, half of them by address.
    bench.open(
      { libvirt_domain: index % 2 === 0 ? domain.name : undefined },
      { ports: domain.macAddresses.map((address) => ({ address, pxeEnabled: true })) },
    ),
  );
  domains.forEach((domain, index) => (domain.machine.power = index % 3 === 0 ? 'power on' : 'power off'));
  const expected = domains.map((_domain, index) => (index % 3 === 0 ? 'power on' : 'power off'));
  expect(await read(bench, devices)).toEqual(expected);
  for (const order of [devices, devices.toReversed()]) {
    expect(await bench.callsOf(async () => expect(await read(bench, order)).toEqual(order === devices ? expected : expected.toReversed()))).toBe(1);
  }
});

test('details come along', async () => {
  await using bench = await openLibvirtBench();
  bench.domain.machine.power = 'power on';
  bench.domain.act('stop on an I/O error');
  const [result] = (await bench.driver.readMany?.([bench.device])) ?? [];
  expect(result).toMatchObject({
    status: 'fulfilled',
    value: { state: 'power on', source: 'device', detail: expect.stringContaining('I/O error') as string },
  });
});

test('each settles by itself: unknown, closed, foreign, and on a dead hypervisor', async () => {
  await using bench = await openLibvirtBench({ domains: 2 });
  const dead = await startVirtualHypervisor();
  dead.faults.inject({ kind: 'silence' });
  const closed = bench.open();
  await closed[Symbol.asyncDispose]();
  const foreignDriver = createLibvirtDriver();
  const foreign = foreignDriver.open(foreignDriver.driverInfo.parse({ libvirt_domain: 'x' }));
  const devices = [
    bench.open({ libvirt_domain: 'nobody' }),
    bench.device,
    closed,
    bench.open({ libvirt_uri: dead.uri, libvirt_domain: 'vm-1' }),
    foreign,
    bench.open({ libvirt_domain: undefined }),
    bench.open({ libvirt_domain: 'vm-2' }),
  ];
  expect(await read(bench, devices, { timeoutMs: 2000 })).toEqual([
    'NOT_FOUND',
    'power off',
    'ABORTED',
    'TIMEOUT',
    'INVALID_OPTIONS',
    'INVALID_OPTIONS',
    'power off',
  ]);
  await foreignDriver[Symbol.asyncDispose]();
  await dead[Symbol.asyncDispose]();
});

test('a dead hypervisor is given up at the deadline of the caller, not at one of its own', async () => {
  await using bench = await openLibvirtBench();
  await using dead = await startVirtualHypervisor();
  dead.faults.inject({ kind: 'silence' });
  const device = bench.open({ libvirt_uri: dead.uri, libvirt_domain: 'vm-1' });
  const [result] = (await bench.driver.readMany?.([device], { timeoutMs: 300 })) ?? [];
  expect(result).toMatchObject({ status: 'rejected', reason: { code: 'TIMEOUT', details: { timeoutMs: 300 } } });
});

test('a domain that was made anew is read all the same', async () => {
  await using bench = await openLibvirtBench({ domains: 2 });
  const devices = [bench.device, bench.open({ libvirt_domain: 'vm-2' })];
  await read(bench, devices);
  const { definition, uuid } = bench.domain;
  await using client = createLibvirtClient({ uri: bench.hypervisor.uri });
  await client.domains.undefine(await client.domains.lookupByUuid(uuid));
  bench.hypervisor.define(definition.replace(uuid, '50000000-0000-4000-8000-000000000001'));
  bench.hypervisor.domain('vm-1').machine.power = 'power on';
  expect(await read(bench, devices)).toEqual(['power on', 'power off']);
});

test('given up: every machine rejects with the reason of the caller', async () => {
  await using bench = await openLibvirtBench({ domains: 2 });
  bench.hypervisor.faults.inject({ kind: 'silence' });
  const caller = new AbortController();
  const results = bench.driver.readMany?.([bench.device, bench.open({ libvirt_domain: 'vm-2' })], { signal: caller.signal });
  caller.abort('left');
  expect(await results).toEqual([
    { status: 'rejected', reason: 'left' },
    { status: 'rejected', reason: 'left' },
  ]);
});

test('nobody to read is no exchange', async () => {
  await using bench = await openLibvirtBench();
  expect(await bench.callsOf(async () => expect(await read(bench, [])).toEqual([]))).toBe(0);
});
