import { readFileSync } from 'node:fs';
import { createDeviceMemory, errorCode, POWER_TARGETS, STATE_AFTER_TARGET, type Device, type DeviceContext, type JsonObject } from '@ferric/core';
import { createFakeClock, createFakeHost } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeDriver } from './fake-driver.js';
import { fakeDriverInfo } from './fake-options.js';
import { startVirtualDevice } from './simulator/index.js';

function open(fields: Readonly<Record<string, unknown>> = {}, context?: DeviceContext): Device {
  return createFakeDriver().open(fakeDriverInfo.parse(fields), context);
}

function recordedBody(name: string): JsonObject {
  const text = readFileSync(new URL(`../test/fixtures/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { response: { body: JsonObject } }).response.body;
}

const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'ok', errorCode);

describe('a machine in memory', () => {
  test('is off at first', async () => {
    const clock = createFakeClock();
    expect(await open({}, { clock }).power.read()).toEqual({ state: 'power off', source: 'device', at: clock.now() });
  });

  test.each(POWER_TARGETS)('obeys "%s" at once from either state', async (target) => {
    for (const before of ['power on', 'power off'] as const) {
      const { power } = open({}, { memory: createDeviceMemory({ fake_power_state: before }) });
      expect(await power.set(target)).toMatchObject({ status: 'done', reading: { state: STATE_AFTER_TARGET[target], source: 'device' } });
      expect(await power.read()).toMatchObject({ state: STATE_AFTER_TARGET[target] });
    }
  });

  test('survives a restart, since its node remembers it', async () => {
    const memory = createDeviceMemory();
    const before = open({}, { memory });
    await before.power.set('power on');
    await before.bootDevice?.set('pxe', { persistent: true });
    await before[Symbol.asyncDispose]();
    const after = open({}, { memory });
    expect(await after.power.read()).toMatchObject({ state: 'power on' });
    expect(await after.bootDevice?.read()).toEqual({ device: 'pxe', persistent: true });
  });

  test('takes no other state than its memory for granted', async () => {
    const memory = createDeviceMemory({ fake_power_state: 'on fire' });
    expect(await open({}, { memory }).power.read()).toMatchObject({ state: 'power off' });
  });

  test('boots from the network, as recorded', async () => {
    const { bootDevice } = open();
    const setting = await bootDevice?.read();
    expect({ boot_device: setting?.device, persistent: setting?.persistent }).toEqual(recordedBody('077-boot-device-get'));
    expect([...(bootDevice?.supported ?? [])]).toEqual(recordedBody('078-boot-device-supported')['supported_boot_devices']);
  });

  test('refuses what it cannot do and changes nothing', async () => {
    const memory = createDeviceMemory();
    const device = open({}, { memory });
    expect(await codeOf(device.power.set('hibernate' as never))).toBe('UNSUPPORTED');
    expect(await codeOf(device.bootDevice?.set('disk', { persistent: false }) ?? Promise.resolve())).toBe('UNSUPPORTED');
    expect(memory.get('fake_power_state')).toBeUndefined();
    expect(memory.get('fake_boot_device')).toBeUndefined();
  });
});

describe('a scripted machine', () => {
  test('is as slow as told, and its default deadline makes room for that', async () => {
    const clock = createFakeClock();
    const setting = open({ fake_power_delay_ms: 60_000 }, { clock }).power.set('power on');
    await clock.advance(60_000);
    expect(await setting).toMatchObject({ status: 'done', reading: { state: 'power on' } });
  });

  test('keeps the deadline of the caller', async () => {
    const clock = createFakeClock();
    const memory = createDeviceMemory();
    const setting = codeOf(open({ fake_power_delay_ms: 60_000 }, { clock, memory }).power.set('power on', { timeoutMs: 1000 }));
    await clock.advance(1000);
    expect(await setting).toBe('TIMEOUT');
    expect(memory.get('fake_power_state')).toBeUndefined();
  });

  test('gives up with the reason of the caller and changes nothing', async () => {
    const memory = createDeviceMemory();
    const caller = new AbortController();
    const reason = new Error('the user left');
    const setting = open({ fake_power_delay_ms: 600_000 }, { memory }).power.set('power on', { signal: caller.signal });
    caller.abort(reason);
    await expect(setting).rejects.toBe(reason);
    expect(memory.get('fake_power_state')).toBeUndefined();
  });

  test('fails as told, as often as told, and is then as before', async () => {
    const { power } = open({ fake_failures: [{ action: 'power on', code: 'UNREACHABLE', times: 1 }] });
    expect(await codeOf(power.set('power on'))).toBe('UNREACHABLE');
    expect(await power.read()).toMatchObject({ state: 'power off' });
    expect(await codeOf(power.set('power on'))).toBe('ok');
  });

  test('logs the clean step without the values of its arguments', async () => {
    const { logger } = createFakeHost();
    const [step] = open({}, { logger }).steps ?? [];
    expect(step).toMatchObject({ kind: 'clean', interface: 'vendor', name: 'log_passthrough', priority: 1 });
    expect(await step?.run({ license: 'top-secret-value' })).toBe('done');
    expect(logger.at('info')).toEqual([{ level: 'info', fields: { arguments: ['license'] }, message: 'clean step log_passthrough' }]);
  });
});

describe('a machine behind a controller', () => {
  test('is changed there and nowhere else', async () => {
    await using machine = await startVirtualDevice();
    const memory = createDeviceMemory();
    await using device = open(machine.driverInfo, { memory });
    expect(await device.power.set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on', source: 'device' } });
    expect(machine.state.power).toBe('power on');
    expect(memory.get('fake_power_state')).toBeUndefined();
    machine.state.power = 'power off';
    expect(await device.power.read()).toMatchObject({ state: 'power off' });
  });

  test('is not told what it already does, but restarts whenever asked', async () => {
    await using machine = await startVirtualDevice();
    await using device = open(machine.driverInfo);
    machine.state.power = 'power on';
    await device.power.set('power on');
    expect(machine.activity.changeCommands).toBe(0);
    await device.power.set('rebooting');
    await device.power.set('soft rebooting');
    expect(machine.activity.changeCommands).toBe(2);
  });

  test('that says yes and does nothing is asked once, watched until the deadline, and told apart from silence', async () => {
    await using machine = await startVirtualDevice();
    await using device = open(machine.driverInfo);
    machine.faults.inject({ kind: 'wrong state' });
    await expect(device.power.set('power on', { timeoutMs: 350 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      details: { address: '127.0.0.1', step: 'power on', expected: 'power on', received: 'power off' },
    });
    expect(machine.activity.changeCommands).toBe(1);
  });

  test('that changes late is waited for', async () => {
    await using machine = await startVirtualDevice();
    await using device = open(machine.driverInfo);
    machine.faults.inject({ kind: 'wrong state' });
    const setting = device.power.set('power on', { timeoutMs: 5000 });
    await expect.poll(() => machine.activity.changeCommands).toBe(1);
    machine.state.power = 'power on';
    expect(await setting).toMatchObject({ status: 'done', reading: { state: 'power on' } });
  });

  test('is left alone by a closed device, and waiting calls end', async () => {
    await using machine = await startVirtualDevice();
    machine.faults.inject({ kind: 'silence' });
    const driver = createFakeDriver();
    const device = driver.open(fakeDriverInfo.parse(machine.driverInfo));
    const reading = codeOf(device.power.read({ signal: new AbortController().signal }));
    await expect.poll(() => machine.activity.mostConcurrentExchanges).toBe(1);
    await driver[Symbol.asyncDispose]();
    expect(await reading).toBe('ABORTED');
    expect(await codeOf(device.power.read())).toBe('ABORTED');
    expect(await codeOf(device.power.read({ signal: new AbortController().signal }))).toBe('ABORTED');
    await expect.poll(() => machine.activity.openConnections).toBe(0);
    expect(machine.activity.mostConcurrentExchanges).toBe(1);
    await device[Symbol.asyncDispose]();
    await driver[Symbol.asyncDispose]();
  });

  test('is asked one thing at a time by all devices of a driver', async () => {
    await using machine = await startVirtualDevice();
    machine.faults.inject({ kind: 'slow', delayMs: 5 });
    await using driver = createFakeDriver();
    const info = fakeDriverInfo.parse(machine.driverInfo);
    await Promise.all([driver.open(info).power.read(), driver.open(info).power.read(), driver.open(info).bootDevice?.read()]);
    expect(machine.activity.mostConcurrentExchanges).toBe(1);
  });
});
