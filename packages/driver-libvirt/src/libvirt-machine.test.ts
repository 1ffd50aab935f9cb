import { createClosing, createGateRegistry, silentLogger, systemClock } from '@ferric/core';
import { expect, test } from 'vitest';
import { createFakeLibvirtClient, type FakeDomain, type FakeLibvirtClient } from '../test/fake-libvirt-client.js';
import { failureOf } from '../test/libvirt-bench.js';
import type { DomainTarget } from './domain-finder.js';
import { createHypervisor } from './hypervisor.js';
import { createMachine, type Machine, type MachineCall } from './libvirt-machine.js';

const MAC = '52:54:00:00:00:01';
const OTHER = '52:54:00:00:00:02';
const uuid = (number: number): string => `10000000-0000-4000-8000-00000000000${number}`;
const domains = (): FakeDomain[] => [
  { name: 'a', uuid: uuid(1), macs: [MAC] },
  { name: 'b', uuid: uuid(2), macs: [OTHER] },
];

function machineOf(target: DomainTarget, fake: FakeLibvirtClient): Machine {
  const hypervisor = createHypervisor({
    client: fake.client,
    gate: createGateRegistry().gate('x', { concurrency: 4 }),
    clock: systemClock,
    logger: silentLogger,
  });
  const closing = createClosing('closed');
  return createMachine({
    target: () => target,
    clock: systemClock,
    logger: silentLogger,
    hypervisor: () => hypervisor,
    guard: (options, work) => closing.guard(options, work),
  });
}

const perform = async <T>(machine: Machine, work: (call: MachineCall) => Promise<T>): Promise<T> =>
  machine.perform({ what: 'test', timeoutMs: 5000 }, undefined, work);
const locatedName = async (machine: Machine): Promise<string> => perform(machine, async (call) => (await call.locate()).domain.name);

test('an address that moved without any event is found where it is, before something is changed', async () => {
  const fake = createFakeLibvirtClient(domains());
  const machine = machineOf({ domain: undefined, macs: [MAC] }, fake);
  expect(await locatedName(machine)).toBe('a');
  const [first, second] = fake.domains as [FakeDomain, FakeDomain];
  first.macs = [OTHER];
  second.macs = [MAC];
  // What only looks believes what is known.
  expect(await perform(machine, async (call) => (await call.find()).name)).toBe('a');
  // The other domain is still known under its old address, so that this one is missing until everything was looked at again.
  expect((await failureOf(locatedName(machine))).code).toBe('NOT_FOUND');
  await fake.tell('defined', second);
  expect(await locatedName(machine)).toBe('b');
});

test('a name that another domain has got is looked up again', async () => {
  const fake = createFakeLibvirtClient(domains());
  const machine = machineOf({ domain: 'a', macs: [] }, fake);
  expect(await locatedName(machine)).toBe('a');
  fake.domains.splice(0, 2, { name: 'old', uuid: uuid(1), macs: [] }, { name: 'a', uuid: uuid(3), macs: [] });
  expect(await perform(machine, async (call) => (await call.locate()).domain.uuid)).toBe(uuid(3));
});

test('a uuid names a domain whatever its name becomes', async () => {
  const fake = createFakeLibvirtClient(domains());
  const machine = machineOf({ domain: uuid(1).toUpperCase(), macs: [] }, fake);
  expect(await locatedName(machine)).toBe('a');
  fake.domains.splice(0, 1, { name: 'renamed', uuid: uuid(1), macs: [] });
  expect(await perform(machine, async (call) => (await call.locate()).domain.uuid)).toBe(uuid(1));
});

test('a definition that is never that of the machine is a conflict that may pass', async () => {
  const fake = createFakeLibvirtClient([{ name: 'a', uuid: uuid(1), macs: [], xml: '<domain><name>b</name></domain>' }]);
  expect(await failureOf(locatedName(machineOf({ domain: 'a', macs: [] }, fake)))).toMatchObject({ code: 'CONFLICT', retryable: true });
});

test('exchanges have the time that is left, and at most half a minute', async () => {
  const fake = createFakeLibvirtClient(domains());
  const machine = machineOf({ domain: 'a', macs: [] }, fake);
  const limits: (number | undefined)[] = [];
  const keep = async (options: { readonly timeoutMs?: number | undefined }): Promise<void> => void limits.push(options.timeoutMs);
  await machine.perform({ what: 'test', timeoutMs: 300_000 }, undefined, async (call) => {
    await call.exchange(keep);
    await call.exchange(keep, Number.POSITIVE_INFINITY);
  });
  await perform(machine, (call) => call.exchange(keep));
  expect(limits[0]).toBe(30_000);
  expect(limits[1]).toBeGreaterThan(290_000);
  expect(limits[2]).toBeLessThanOrEqual(5000);
});
