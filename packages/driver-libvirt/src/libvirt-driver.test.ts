import { createGateRegistry, errorCode, FerricError, optionIssues, TranscriptRecorder } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { failureOf, openLibvirtBench } from '../test/libvirt-bench.js';
import { createLibvirtDriver } from './libvirt-driver.js';
import { startVirtualHypervisor } from './simulator/index.js';

test('a device has what a domain has', async () => {
  await using bench = await openLibvirtBench();
  expect(Object.keys(bench.device).toSorted()).toEqual([
    'bootDevice',
    'bootMode',
    'console',
    'inventory',
    'nmi',
    'power',
    'secureBoot',
    'virtualMedia',
  ]);
  expect(bench.driver.name).toBe('staging-libvirt');
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('an idle time of %d is refused', (idleMs) => {
  expect(() => createLibvirtDriver({ idleMs })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }) as Error);
});

describe('validate', () => {
  const driver = createLibvirtDriver();
  const info = driver.driverInfo.parse({});

  test('asks for ports, or for the name of the domain', () => {
    let error: unknown;
    try {
      driver.validate?.(info, { ports: [] });
    } catch (thrown) {
      error = thrown;
    }
    expect(optionIssues(error)).toMatchObject([{ field: 'ports', problem: 'missing' }]);
    expect(() => driver.validate?.(info, { ports: [{ address: '52:54:00:00:00:01', pxeEnabled: true }] })).not.toThrow();
    expect(() => driver.validate?.(driver.driverInfo.parse({ libvirt_domain: 'x' }))).not.toThrow();
  });

  test('a call says the same', async () => {
    const device = driver.open(info);
    expect(optionIssues(await failureOf(device.power.read()))).toMatchObject([{ field: 'ports' }]);
  });
});

describe('connections', () => {
  test('machines of one hypervisor share one, also one after the other', async () => {
    await using bench = await openLibvirtBench({ domains: 3 });
    const devices = bench.hypervisor.domains.map(({ name }) => bench.open({ libvirt_domain: name }));
    await Promise.all(devices.map((device) => device.power.read()));
    await Promise.all(devices.map((device) => device[Symbol.asyncDispose]()));
    await bench.device.power.read();
    await bench.device[Symbol.asyncDispose]();
    await bench.open().power.read();
    expect([bench.hypervisor.activity.connections, bench.hypervisor.activity.openConnections]).toEqual([1, 1]);
  });

  test('other credentials have a connection of their own', async () => {
    const hypervisor = await startVirtualHypervisor({ credentials: { username: 'me', password: 'right-password' } });
    const driver = createLibvirtDriver();
    const open = (password: string): ReturnType<typeof driver.open> =>
      driver.open(driver.driverInfo.parse({ libvirt_uri: hypervisor.uri, libvirt_domain: 'vm-1', sasl_username: 'me', sasl_password: password }));
    expect(errorCode(await failureOf(open('wrong-password').power.read()))).toBe('AUTH_FAILED');
    expect((await open('right-password').power.read()).state).toBe('power off');
    expect(hypervisor.activity.openConnections).toBe(1);
    await driver[Symbol.asyncDispose]();
    await hypervisor[Symbol.asyncDispose]();
  });

  test('one that nobody uses is closed after a while', async () => {
    const clock = createFakeClock();
    await using bench = await openLibvirtBench({ driver: { clock, idleMs: 60_000 } });
    await bench.device.power.read();
    await bench.device[Symbol.asyncDispose]();
    await clock.advance(59_999);
    expect(bench.hypervisor.activity.openConnections).toBe(1);
    await clock.advance(1);
    await expect.poll(() => bench.hypervisor.activity.openConnections).toBe(0);
  });

  test('one that is kept for later does not keep the process alive', async () => {
    await using bench = await openLibvirtBench();
    const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    await bench.device.power.read();
    const inUse = sockets();
    await bench.device[Symbol.asyncDispose]();
    expect(inUse - sockets()).toBe(1);
    await bench.open().power.read();
    expect(inUse - sockets()).toBe(0);
    expect(bench.hypervisor.activity.connections).toBe(1);
  });

  test('the gate is that of the address, and takes as much at one time as a daemon does', async () => {
    const asked: unknown[] = [];
    const gates = createGateRegistry();
    await using bench = await openLibvirtBench({
      driver: {
        gate(address, settings) {
          asked.push([address, settings]);
          return gates.gate(address, settings);
        },
      },
    });
    await bench.device.power.read();
    expect(asked).toEqual([[`127.0.0.1:${bench.hypervisor.port}`, { concurrency: 32, queueLimit: 1024 }]]);
  });

  test('frames go to the transcript of the device', async () => {
    await using bench = await openLibvirtBench();
    const transcript = new TranscriptRecorder();
    await bench.open({}, { transcript }).power.read();
    await bench.device.power.read();
    expect(transcript.frames.filter(({ label }) => label.startsWith('domain_get_state')).length).toBe(2);
    expect(bench.hypervisor.activity.connections).toBe(2);
  });
});

describe('closing', () => {
  test('ends calls under way, and refuses new ones', async () => {
    await using bench = await openLibvirtBench();
    bench.hypervisor.faults.inject({ kind: 'silence' });
    const reading = failureOf(bench.device.power.read());
    await bench.device[Symbol.asyncDispose]();
    expect((await reading).code).toBe('ABORTED');
    expect((await failureOf(bench.device.power.read())).code).toBe('ABORTED');
  });

  test('of the driver closes its connections', async () => {
    await using bench = await openLibvirtBench();
    await bench.device.power.read();
    await bench.driver[Symbol.asyncDispose]();
    await expect.poll(() => bench.hypervisor.activity.openConnections).toBe(0);
    expect((await failureOf(bench.open().power.read())).code).toBe('ABORTED');
  });
});

test('a hypervisor that is not there: UNREACHABLE with its address', async () => {
  const hypervisor = await startVirtualHypervisor();
  await hypervisor[Symbol.asyncDispose]();
  const driver = createLibvirtDriver();
  const error = await failureOf(
    driver.open(driver.driverInfo.parse({ libvirt_uri: hypervisor.uri, libvirt_domain: 'vm-1' })).power.read({ timeoutMs: 1000 }),
  );
  expect(FerricError.is(error) && ['UNREACHABLE', 'TIMEOUT'].includes(error.code)).toBe(true);
  expect(error.details['address']).toBe(`127.0.0.1:${hypervisor.port}`);
  await driver[Symbol.asyncDispose]();
});
