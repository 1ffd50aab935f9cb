import { inspect } from 'node:util';
import { createDeviceMemory, FerricError, formatFrame, optionIssues, TranscriptRecorder, type Device, type DeviceContext, type DeviceMemory } from '@ferric/core';
import { createFakeClock, createRecordingLogger, systemError } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeNetwork, type FakeNetwork } from '../test/fake-network.js';
import { toHex } from '../test/golden.js';
import { decodeMagicPacket } from './client/magic-packet.js';
import type { WakeReport } from './client/wake-report.js';
import { createWolDriver } from './wol-driver.js';

const FIRST = '52:54:00:cf:2d:31';
const SECOND = '52:54:00:cf:2d:32';
const PORTS = [
  { address: FIRST, pxeEnabled: true },
  { address: SECOND, pxeEnabled: false },
];
const AT = '2026-01-01T00:00:00.000Z';

interface Bench extends AsyncDisposable {
  readonly device: Device;
  readonly network: FakeNetwork;
  readonly memory: DeviceMemory;
}

/** A device of a fresh driver on a fake network and clock. */
function openDevice(info: Readonly<Record<string, unknown>> = {}, context: DeviceContext = {}): Bench {
  const network = createFakeNetwork();
  const driver = createWolDriver({ network, clock: createFakeClock() });
  const memory = context.memory ?? createDeviceMemory();
  const device = driver.open(driver.driverInfo.parse({ wol_spacing_ms: 0, ...info }), { ports: PORTS, memory, ...context });
  return { device, network, memory, [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose]() };
}

const failureOf = async (promise: Promise<unknown>): Promise<FerricError> => {
  const error: unknown = await promise.then(() => expect.unreachable('it resolved'), (reason: unknown) => reason);
  expect(FerricError.is(error)).toBe(true);
  return error as FerricError;
};
const macsSent = (network: FakeNetwork): readonly string[] => network.datagrams.sent.map(({ bytes }) => decodeMagicPacket(bytes).mac);

test('is called staging-wol and can power on, power off and reboot', async () => {
  await using bench = openDevice();
  expect([...bench.device.power.targets].toSorted()).toEqual(['power off', 'power on', 'rebooting']);
  expect(createWolDriver().name).toBe('staging-wol');
  expect(Object.keys(bench.device)).toEqual(['power']);
});

describe.each(['power on', 'rebooting'] as const)('%s', (target) => {
  test('sends one packet per port of the node, in order, whether or not it boots from the network', async () => {
    await using bench = openDevice();
    const outcome = await bench.device.power.set(target);
    expect(macsSent(bench.network)).toEqual([FIRST, SECOND]);
    expect(bench.network.destinations).toEqual(['255.255.255.255:9', '255.255.255.255:9']);
    expect(outcome).toMatchObject({ status: 'sent', reading: { state: 'power on', source: 'assumed' } });
    expect(outcome.detail).toContain('nothing confirms');
    expect((outcome.report as unknown as WakeReport).packets).toEqual(
      [FIRST, SECOND].map((mac) => ({ mac, interface: 'eth0', source: '192.0.2.2', destination: '255.255.255.255', port: 9, bytes: 102, sentAt: AT })),
    );
    expect(await bench.device.power.read()).toMatchObject({ state: 'power on', source: 'assumed' });
  });

  test('sends again although the machine is assumed to run: an assumption is no evidence', async () => {
    await using bench = openDevice();
    await bench.device.power.set('power on');
    await bench.device.power.set(target);
    expect(macsSent(bench.network)).toEqual([FIRST, SECOND, FIRST, SECOND]);
  });

  test('says so when it fails, and assumes nothing new', async () => {
    await using bench = openDevice({ wol_secureon: '192.168.1.1' });
    bench.network.datagrams.failWhen(({ bytes }) => decodeMagicPacket(bytes).mac === SECOND, systemError('ENETUNREACH', 'send'));
    const error = await failureOf(bench.device.power.set(target));
    expect(error.code).toBe('UNREACHABLE');
    expect(error.details['packets']).toEqual([expect.objectContaining({ mac: SECOND })]);
    expect(error.details['sent']).toEqual([expect.objectContaining({ mac: FIRST })]);
    expect(await bench.device.power.read()).toMatchObject({ state: 'power off' });
  });
});

test('rebooting says that a running machine does not restart', async () => {
  await using bench = openDevice();
  expect((await bench.device.power.set('rebooting')).detail).toContain('does not restart');
  expect((await bench.device.power.set('power on')).detail).not.toContain('does not restart');
});

describe('power off', () => {
  test('sends nothing and asks for a person', async () => {
    const logger = createRecordingLogger();
    await using bench = openDevice({}, { logger });
    await bench.device.power.set('power on');
    const outcome = await bench.device.power.set('power off');
    expect(outcome).toMatchObject({ status: 'manual intervention required', reading: { state: 'power off', source: 'assumed' } });
    expect(outcome.reading.detail).toContain('may still run');
    expect(outcome.detail).toContain('nothing was sent');
    expect(macsSent(bench.network)).toEqual([FIRST, SECOND]);
    expect(await bench.device.power.read()).toMatchObject({ state: 'power off', source: 'assumed' });
    expect(logger.at('warn')).toHaveLength(1);
  });
});

describe('the assumed state', () => {
  test('is power off before anything was asked for, and says why', async () => {
    await using bench = openDevice();
    const reading = await bench.device.power.read();
    expect(reading).toMatchObject({ state: 'power off', source: 'assumed', at: new Date(AT) });
    expect(reading.detail).toContain('never asked');
  });

  test('outlives the device where its memory does', async () => {
    const memory = createDeviceMemory();
    await using first = openDevice({}, { memory });
    await first.device.power.set('power on');
    expect(memory.get('assumed_power_state')).toEqual({ state: 'power on', requestedAt: AT });
    await using second = openDevice({}, { memory });
    expect(await second.device.power.read()).toMatchObject({ state: 'power on', detail: expect.stringContaining(AT) });
  });

  test('is what was seen elsewhere, with the evidence, until something is asked for again', async () => {
    const memory = createDeviceMemory();
    await using bench = openDevice({}, { memory });
    await bench.device.power.set('power on');
    bench.device.power.assume?.('power off', 'the deploy agent switched it off');
    expect(macsSent(bench.network)).toEqual([FIRST, SECOND]);
    const reading = await bench.device.power.read();
    expect(reading).toMatchObject({ state: 'power off', source: 'assumed', at: new Date(AT) });
    expect(reading.detail).toContain(`at ${AT}: the deploy agent switched it off`);
    expect(reading.detail).not.toContain('by hand');

    await using second = openDevice({}, { memory });
    expect(await second.device.power.read()).toMatchObject({ state: 'power off', detail: reading.detail });
    await second.device.power.set('power on');
    expect(await bench.device.power.read()).toMatchObject({ state: 'power on', detail: expect.stringContaining('asked to wake') });
  });

  test('can be power on by evidence too', async () => {
    await using bench = openDevice();
    bench.device.power.assume?.('power on', 'its deploy agent reported');
    expect(await bench.device.power.read()).toMatchObject({ state: 'power on', detail: expect.stringContaining('its deploy agent reported') });
  });

  test.each([['nonsense'], [null], [['power on']], [{ state: 'sleeping' }]])('is power off when memory holds %j', async (value) => {
    await using bench = openDevice({}, { memory: createDeviceMemory({ assumed_power_state: value }) });
    expect(await bench.device.power.read()).toMatchObject({ state: 'power off', detail: expect.stringContaining('never asked') });
  });

  test('can be read for a node without ports', async () => {
    await using bench = openDevice({}, { ports: [] });
    expect(await bench.device.power.read()).toMatchObject({ state: 'power off' });
  });
});

describe('bad input', () => {
  const cases = [
    ['a node without ports', {}, [], 'ports'],
    ['a malformed address', {}, [{ address: 'nonsense', pxeEnabled: true }], 'ports.0.address'],
    ['a multicast address', {}, [...PORTS, { address: '01:00:5e:00:00:01', pxeEnabled: true }], 'ports.2.address'],
    ['an unknown interface', { wol_interface: 'eth9' }, PORTS, 'wol_interface'],
    ['a destination that needs an interface', { wol_host: 'ff02::1' }, PORTS, 'wol_host'],
    ['a source address of another family', { wol_host: '2001:db8::7', wol_source_address: '192.0.2.2' }, PORTS, 'wol_source_address'],
    ['more packets than anybody needs', { wol_repeat: 20 }, Array.from({ length: 51 }, (_, index) => ({ address: `52:54:00:00:01:${index.toString(16).padStart(2, '0')}`, pxeEnabled: true })), 'wol_repeat'],
  ] as const;

  test.each(cases)('%s is found by validate', (_case, info, ports, field) => {
    const driver = createWolDriver({ network: createFakeNetwork() });
    try {
      driver.validate?.(driver.driverInfo.parse(info), { ports });
      expect.unreachable('it passed');
    } catch (error) {
      expect(optionIssues(error).map((issue) => issue.field)).toEqual([field]);
    }
  });

  test.each(cases)('%s is refused on power on and rebooting, and nothing is sent or remembered', async (_case, info, ports, field) => {
    await using bench = openDevice(info, { ports });
    for (const target of ['power on', 'rebooting'] as const) {
      const error = await failureOf(bench.device.power.set(target));
      expect([error.code, optionIssues(error).map((issue) => issue.field)]).toEqual(['INVALID_OPTIONS', [field]]);
    }
    expect(bench.network.destinations).toEqual([]);
    expect(bench.memory.get('assumed_power_state')).toBeUndefined();
  });

  test('a node without ports is refused on power off too', async () => {
    await using bench = openDevice({}, { ports: [] });
    const error = await failureOf(bench.device.power.set('power off'));
    expect(optionIssues(error)).toEqual([expect.objectContaining({ field: 'ports', problem: 'missing' })]);
    expect(bench.memory.get('assumed_power_state')).toBeUndefined();
  });

  test('validate passes what can be sent', () => {
    const driver = createWolDriver({ network: createFakeNetwork() });
    expect(() => driver.validate?.(driver.driverInfo.parse({ wol_host: 'rack.example', wol_interface: 'eth1' }), { ports: PORTS })).not.toThrow();
    expect(() => driver.validate?.(driver.driverInfo.parse({}))).toThrow(/ports is required/);
  });

  test.each(['soft power off', 'soft rebooting'] as const)('%s is UNSUPPORTED', async (target) => {
    await using bench = openDevice();
    const error = await failureOf(bench.device.power.set(target));
    expect(error).toMatchObject({ code: 'UNSUPPORTED', details: { target, supported: ['power on', 'power off', 'rebooting'] } });
    expect(bench.network.destinations).toEqual([]);
  });
});

test('every field of driver_info reaches the wire', async () => {
  await using bench = openDevice({
    wol_host: '203.0.113.255', wol_port: 40_000, wol_ports: '7,9', wol_interface: 'eth1', wol_repeat: 2, wol_secureon: '192.168.1.1',
  });
  const outcome = await bench.device.power.set('power on');
  expect(bench.network.destinations).toEqual(Array.from({ length: 4 }, () => ['203.0.113.255:7', '203.0.113.255:9']).flat());
  expect(bench.network.datagrams.sent.every(({ from, bytes }) => from.address === '203.0.113.2' && toHex(bytes).endsWith('c0a80101'))).toBe(true);
  expect((outcome.report as unknown as WakeReport).packets[0]).toMatchObject({ interface: 'eth1', source: '203.0.113.2', bytes: 106 });
});

describe('closing', () => {
  const slow = { wol_spacing_ms: 60_000 };

  test('a device ends its calls with ABORTED, leaves no socket, and refuses new ones', async () => {
    await using bench = openDevice(slow);
    const waking = failureOf(bench.device.power.set('power on'));
    await expect.poll(() => bench.network.destinations.length).toBe(1);
    await bench.device[Symbol.asyncDispose]();
    expect((await waking).code).toBe('ABORTED');
    expect(bench.network.datagrams.openSockets).toBe(0);
    await bench.device[Symbol.asyncDispose]();
    for (const call of [bench.device.power.set('power on'), bench.device.power.set('power off'), bench.device.power.read()]) {
      expect((await failureOf(call)).code).toBe('ABORTED');
    }
  });

  test('a driver does the same for all its devices', async () => {
    const network = createFakeNetwork();
    const driver = createWolDriver({ network, clock: createFakeClock() });
    const devices = [1, 2, 3].map(() => driver.open(driver.driverInfo.parse(slow), { ports: PORTS }));
    const waking = devices.map((device) => failureOf(device.power.set('power on')));
    await expect.poll(() => network.destinations.length).toBe(3);
    await driver[Symbol.asyncDispose]();
    await driver[Symbol.asyncDispose]();
    expect((await Promise.all(waking)).map((error) => error.code)).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
    expect(network.datagrams.openSockets).toBe(0);
  });

  test('a caller who gives up gets the own reason', async () => {
    await using bench = openDevice(slow);
    const reason = new Error('no more');
    const controller = new AbortController();
    const waking = bench.device.power.set('power on', { signal: controller.signal });
    await expect.poll(() => bench.network.destinations.length).toBe(1);
    controller.abort(reason);
    await expect(waking).rejects.toBe(reason);
    for (const call of [bench.device.power.read({ signal: controller.signal }), bench.device.power.set('power off', { signal: controller.signal })]) {
      await expect(call).rejects.toBe(reason);
    }
    expect(bench.memory.get('assumed_power_state')).toBeUndefined();
  });
});

test('logger, clock and transcript come from the context, else from the settings', async () => {
  const network = createFakeNetwork();
  const own = { logger: createRecordingLogger(), transcript: new TranscriptRecorder() };
  const given = { logger: createRecordingLogger(), transcript: new TranscriptRecorder() };
  await using driver = createWolDriver({ network, ...own });
  const info = driver.driverInfo.parse({ wol_spacing_ms: 0 });
  await driver.open(info, { ports: PORTS }).power.set('power on');
  await driver.open(info, { ports: PORTS, ...given }).power.set('power on');
  for (const { logger, transcript } of [own, given]) expect([logger.lines.length, transcript.frames.length]).toEqual([2, 2]);
});

test('no secret in outcome, error, log, transcript, memory, or the device itself', async () => {
  const logger = createRecordingLogger();
  const transcript = new TranscriptRecorder();
  await using bench = openDevice({ wol_secureon: '11:22:33:44:55:66' }, { logger, transcript });
  const outcomes = [await bench.device.power.set('power on'), await bench.device.power.set('power off'), await bench.device.power.read()];
  bench.network.datagrams.failWhen(() => true, systemError('EPERM', 'send'));
  const error = await failureOf(bench.device.power.set('power on'));
  const seen = [outcomes, error, error.toJSON(), logger.lines, transcript.frames.map(formatFrame), bench.memory.get('assumed_power_state'), bench.device];
  const text = inspect(seen, { depth: 20, showHidden: true }) + JSON.stringify(seen);
  for (const form of ['11:22:33:44:55:66', '112233445566']) expect(text).not.toContain(form);
});
