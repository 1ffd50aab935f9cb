import { errorCode, type PowerTarget, type TranscriptSink } from '@ferric/core';
import { createFakeLibvirtClient, noSuchDomain } from '../test/fake-libvirt-client.js';
import { failureOf, openLibvirtBench, type LibvirtBench } from '../test/libvirt-bench.js';
import { describe, expect, test } from 'vitest';
import { createLibvirtClient } from './client/libvirt-client.js';
import { createLibvirtDriver } from './libvirt-driver.js';

const readingOf = async (promise: Promise<{ readonly status: string; readonly reading: { readonly state: string } }>): Promise<string> => {
  const { status, reading } = await promise;
  return `${status}: ${reading.state}`;
};

describe('reading', () => {
  test('a hundred readings are a hundred calls, after the domain was found once', async () => {
    await using bench = await openLibvirtBench({ domains: 5 });
    const { domain } = bench;
    const byMac = bench.open(
      { libvirt_domain: undefined },
      { ports: domain.macAddresses.map((address) => ({ address: address.toUpperCase(), pxeEnabled: true })) },
    );
    await bench.device.power.read();
    const read100 = async (): Promise<void> => {
      for (let count = 0; count < 100; count += 1) expect((await byMac.power.read()).state).toBe('power off');
    };
    // List, events, one definition for each of five domains.
    expect(await bench.callsOf(() => byMac.power.read())).toBe(2 + 5 + 1);
    expect(await bench.callsOf(read100)).toBe(100);
    expect(bench.hypervisor.activity.connections).toBe(1);
  });

  test('tells what the machine does', async () => {
    await using bench = await openLibvirtBench();
    bench.domain.machine.power = 'power on';
    expect(await bench.device.power.read()).toMatchObject({ state: 'power on', source: 'device' });
    bench.domain.act('go to sleep');
    expect(await bench.device.power.read()).toMatchObject({ state: 'power on', detail: expect.stringContaining('Asleep') as string });
    bench.domain.act('wake up');
    bench.domain.act('stop on an I/O error');
    expect(await bench.device.power.read()).toMatchObject({ state: 'power on', detail: expect.stringContaining('I/O error') as string });
    bench.domain.act('crash');
    expect(await bench.device.power.read()).toMatchObject({ state: 'power off', detail: 'It crashed' });
  });

  test('a domain that was made anew under the same name is found anew', async () => {
    await using bench = await openLibvirtBench();
    await bench.device.power.read();
    const { definition, name } = bench.domain;
    await using client = createLibvirtClient({ uri: bench.hypervisor.uri });
    await client.domains.undefine(await client.domains.lookupByName(name));
    bench.hypervisor.define(definition.replace(bench.domain.uuid, '50000000-0000-4000-8000-000000000001'));
    bench.hypervisor.domain(name).machine.power = 'power on';
    expect(await bench.device.power.read()).toMatchObject({ state: 'power on' });
  });
});

describe('changing', () => {
  test.each<readonly [PowerTarget, from: 'power on' | 'power off', end: 'power on' | 'power off', starts: number, buttons: number]>([
    ['power on', 'power off', 'power on', 1, 0],
    ['power on', 'power on', 'power on', 1, 0],
    ['power off', 'power on', 'power off', 1, 0],
    ['power off', 'power off', 'power off', 0, 0],
    ['rebooting', 'power on', 'power on', 2, 0],
    ['rebooting', 'power off', 'power on', 1, 0],
    ['soft power off', 'power on', 'power off', 1, 1],
    ['soft power off', 'power off', 'power off', 0, 0],
    ['soft rebooting', 'power on', 'power on', 2, 1],
    ['soft rebooting', 'power off', 'power on', 1, 0],
  ])('%s of a machine that is %s', async (target, from, end, starts, buttons) => {
    await using bench = await openLibvirtBench();
    bench.domain.machine.power = from;
    const idBefore = bench.domain.id;
    expect(await readingOf(bench.device.power.set(target))).toBe(`done: ${end}`);
    expect([bench.domain.machine.power, bench.domain.received.starts, bench.domain.received.powerButtons]).toEqual([end, starts, buttons]);
    // A reset would keep what the machine was started with.
    expect([bench.domain.received.resets, bench.domain.received.reboots]).toEqual([0, 0]);
    if (target.includes('rebooting') && from === 'power on') expect(bench.domain.id).not.toBe(idBefore);
  });

  test('a paused machine counts as on and can be switched off', async () => {
    await using bench = await openLibvirtBench();
    bench.domain.machine.power = 'power on';
    bench.domain.act('stop on an I/O error');
    expect((await bench.device.power.set('power on')).reading.detail).toContain('Paused');
    expect(await readingOf(bench.device.power.set('power off'))).toBe('done: power off');
  });

  test('a guest that ignores the power button is waited for until the deadline, and told from a hard failure', async () => {
    await using bench = await openLibvirtBench({ guests: { obeysAcpi: false } });
    bench.domain.machine.power = 'power on';
    const error = await failureOf(bench.device.power.set('soft power off', { timeoutMs: 1500 }));
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      hint: expect.stringContaining('ACPI') as string,
      details: { step: 'soft power off', expected: 'power off', received: 'power on' },
    });
    expect(error.details['address']).toBe(`127.0.0.1:${bench.hypervisor.port}`);
    expect([bench.domain.received.powerButtons, bench.domain.machine.power]).toEqual([1, 'power on']);
  });

  test('a daemon that is restarted while the guest shuts down does not end the waiting', async () => {
    await using bench = await openLibvirtBench({ guests: { shutdownMs: 500 } });
    bench.domain.machine.power = 'power on';
    const outcome = readingOf(bench.device.power.set('soft power off', { timeoutMs: 20_000 }));
    while (bench.domain.received.powerButtons === 0) await new Promise((resolve) => void setImmediate(resolve));
    await bench.hypervisor.restart();
    expect(await outcome).toBe('done: power off');
    expect(bench.domain.received.powerButtons).toBe(1);
  });

  test('a machine that somebody else has just switched is no error', async () => {
    await using bench = await openLibvirtBench();
    const { power } = bench.device;
    const outcomes = await Promise.all([power.set('power on'), power.set('power on'), bench.open().power.set('power on')]);
    expect(outcomes.map(({ status, reading }) => `${status}: ${reading.state}`)).toEqual(['done: power on', 'done: power on', 'done: power on']);
    expect(bench.domain.received.starts).toBe(1);
  });

  test('a domain that would be gone for good is left running', async () => {
    await using bench = await openLibvirtBench({ domains: [{ name: 'kept' }] });
    await using client = createLibvirtClient({ uri: bench.hypervisor.uri });
    const xml = bench.domain.definition
      .replace('<name>kept</name>', '<name>transient</name>')
      .replace(/<uuid>.*?<\/uuid>/, '')
      .replace(/<mac [^>]*>/, '');
    await client.domains.createTransient(xml);
    const device = bench.open({ libvirt_domain: 'transient' });
    for (const target of ['power off', 'rebooting', 'soft power off', 'soft rebooting'] as const) {
      const error = await failureOf(device.power.set(target));
      expect(error).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('transient') as string });
    }
    expect(await readingOf(device.power.set('power on'))).toBe('done: power on');
    expect(bench.hypervisor.domain('transient').machine.power).toBe('power on');
  });

  test('an unknown target is refused before anything is sent', async () => {
    await using bench = await openLibvirtBench();
    expect(
      await bench.callsOf(async () => expect((await failureOf(bench.device.power.set('hibernate' as PowerTarget))).code).toBe('UNSUPPORTED')),
    ).toBe(0);
  });

  test('before a change the domain is looked at: an address that has moved is followed', async () => {
    await using bench = await openLibvirtBench({ domains: 2 });
    const [first, second] = bench.hypervisor.domains;
    expect.assert(first !== undefined && second !== undefined);
    const [address] = first.macAddresses as [string];
    const device = bench.open({ libvirt_domain: undefined }, { ports: [{ address, pxeEnabled: true }] });
    await device.power.read();
    await using client = createLibvirtClient({ uri: bench.hypervisor.uri });
    const moved = second.macAddresses[0] as string;
    // Both at once, so that no event can have been taken in between.
    await client.domains.define(first.definition.replace(address, '52:54:00:ff:00:01'));
    await client.domains.define(second.definition.replace(moved, address));
    await device.power.set('power on');
    expect([first.machine.power, second.machine.power]).toEqual(['power off', 'power on']);
  });
});

describe('lost answers', () => {
  test.each<readonly [PowerTarget, from: 'power on' | 'power off', command: string, end: string]>([
    ['power on', 'power off', 'domain_create', 'done: power on'],
    ['power off', 'power on', 'domain_destroy', 'done: power off'],
    ['rebooting', 'power on', 'domain_destroy', 'done: power on'],
    ['rebooting', 'power on', 'domain_create', 'done: power on'],
  ])(
    '%s of a machine that is %s, without the answer to %s, is done when the machine shows it, and nothing is sent twice',
    async (target, from, command, end) => {
      const sent: string[] = [];
      const transcript: TranscriptSink = {
        record({ direction, label }) {
          if (direction !== 'out' || !/^domain_(create|destroy)/.test(label)) return;
          sent.push(label.split(' ')[0] as string);
          if (label.startsWith(command)) void loseAnswer(bench);
        },
      };
      await using bench = await openLibvirtBench({ driver: { transcript } });
      bench.domain.machine.power = from;
      expect(await readingOf(bench.device.power.set(target, { timeoutMs: 10_000 }))).toBe(end);
      expect(bench.hypervisor.activity.connections).toBe(2);
      expect(new Set(sent).size).toBe(sent.length);
    },
  );

  test('a command that was lost on its way there fails with why it was lost', async () => {
    const transcript: TranscriptSink = {
      record({ direction, label }) {
        if (direction === 'out' && label.startsWith('domain_create')) bench.hypervisor.faults.inject({ kind: 'refuse' });
        if (direction === 'out' && label.startsWith('domain_create')) bench.hypervisor.disconnect();
      },
    };
    await using bench = await openLibvirtBench({ driver: { transcript } });
    const error = await failureOf(bench.device.power.set('power on', { timeoutMs: 10_000 }));
    expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('domain_create') as string });
    expect(bench.domain.received.starts).toBe(0);
  });
});

/** The command is carried out, and the connection breaks before its answer. */
async function loseAnswer({ hypervisor, domain }: LibvirtBench): Promise<void> {
  const { id } = domain;
  hypervisor.faults.inject({ kind: 'silence', times: 1 });
  while (domain.id === id) await new Promise((resolve) => void setImmediate(resolve));
  hypervisor.disconnect();
}

test('a domain that is nowhere: NOT_FOUND after one more look', async () => {
  const fake = createFakeLibvirtClient([{ name: 'vm-1', uuid: '10000000-0000-4000-8000-000000000001', macs: [] }]);
  (fake.client.domains as { state: unknown }).state = async () => {
    fake.calls.push('state');
    throw noSuchDomain('vm-1');
  };
  const driver = createLibvirtDriver({ createClient: () => fake.client });
  const device = driver.open(driver.driverInfo.parse({ libvirt_domain: 'vm-1' }));
  expect(errorCode(await failureOf(device.power.read()))).toBe('NOT_FOUND');
  expect(fake.calls).toEqual(['name vm-1', 'state', 'name vm-1', 'state']);
  await driver[Symbol.asyncDispose]();
});
