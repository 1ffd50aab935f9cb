import { readFileSync } from 'node:fs';
import { createDeviceMemory, errorCode, optionIssues, type BiosSetting, type Device, type DeviceMemory, type JsonObject, type JsonValue } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createFakeDriver } from './fake-driver.js';
import { fakeDriverInfo } from './fake-options.js';
import { startVirtualDevice } from './simulator/index.js';

/** A device with everything that a fake machine has. */
type FakeDevice = Required<Pick<Device, 'bootMode' | 'secureBoot' | 'indicators' | 'bios' | 'raid' | 'console'>> & Device;

function open(fields: Readonly<Record<string, unknown>> = {}, memory: DeviceMemory = createDeviceMemory()): FakeDevice {
  return createFakeDriver().open(fakeDriverInfo.parse(fields), { memory }) as FakeDevice;
}

function recordedBody<Body>(name: string): Body {
  return (JSON.parse(readFileSync(new URL(`../test/fixtures/${name}.json`, import.meta.url), 'utf8')) as { response: { body: Body } }).response.body;
}

const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'ok', errorCode);
const valueOf = (settings: readonly BiosSetting[], name: string): JsonValue | undefined => settings.find((setting) => setting.name === name)?.value;

describe('boot mode and secure boot', () => {
  test('are UEFI without secure boot at first, and stay as set', async () => {
    const memory = createDeviceMemory();
    const { bootMode, secureBoot } = open({}, memory);
    expect([await bootMode.read(), await secureBoot.read(), [...bootMode.supported]]).toEqual(['uefi', false, ['bios', 'uefi']]);
    await secureBoot.set(true);
    expect([await open({}, memory).bootMode.read(), await open({}, memory).secureBoot.read()]).toEqual(['uefi', true]);
  });

  test('secure boot goes with UEFI only', async () => {
    const { bootMode, secureBoot } = open();
    await secureBoot.set(true);
    await bootMode.set('bios');
    expect([await bootMode.read(), await secureBoot.read()]).toEqual(['bios', false]);
    expect(await codeOf(secureBoot.set(true))).toBe('CONFLICT');
    expect(await secureBoot.read()).toBe(false);
    await secureBoot.set(false);
    await bootMode.set('uefi');
    await secureBoot.set(true);
    expect(await secureBoot.read()).toBe(true);
  });

  test('a mode that does not exist is refused', async () => {
    const memory = createDeviceMemory();
    expect(await codeOf(open({}, memory).bootMode.set('openfirmware' as never))).toBe('UNSUPPORTED');
    expect(memory.get('fake_boot_mode')).toBeUndefined();
  });
});

describe('indicators', () => {
  test('are those of Ironic, as recorded, and are on', async () => {
    const { indicators } = open();
    const { indicators: recorded } = recordedBody<{ indicators: readonly JsonObject[] }>('081-indicators');
    const shown = (await indicators.list()).map(({ component, name, readonly, states }) => ({ name: `${name}@${component}`, component, readonly, states }));
    expect(shown).toEqual(recorded.map(({ links: _links, ...indicator }) => indicator));
    expect({ state: await indicators.read('system', 'led') }).toEqual(recordedBody('082-indicator-get'));
    expect(await indicators.read('chassis', 'led-0')).toBe('on');
  });

  test('stay as set, each for itself', async () => {
    const memory = createDeviceMemory();
    await open({}, memory).indicators.set('system', 'led', 'blinking');
    const { indicators } = open({}, memory);
    expect([await indicators.read('system', 'led'), await indicators.read('chassis', 'led-0')]).toEqual(['blinking', 'on']);
  });

  test.each([
    ['chassis', 'led-0', 'off', 'UNSUPPORTED'],
    ['system', 'led', 'unknown', 'UNSUPPORTED'],
    ['system', 'lamp', 'off', 'NOT_FOUND'],
    ['nic', 'led', 'off', 'NOT_FOUND'],
  ] as const)('%s %s cannot be set to %s', async (component, name, state, code) => {
    const { indicators } = open();
    expect(await codeOf(indicators.set(component, name, state))).toBe(code);
    if (code === 'NOT_FOUND') expect(await codeOf(indicators.read(component, name))).toBe(code);
  });
});

describe('firmware settings', () => {
  test('are there in every type', async () => {
    const types = (await open().bios.read()).map(({ attributeType }) => attributeType);
    expect(new Set(types)).toEqual(new Set(['Enumeration', 'Integer', 'Boolean', 'String', 'Password']));
  });

  test('are applied, kept, and reset', async () => {
    const memory = createDeviceMemory();
    const factory = await open().bios.read();
    await open({}, memory).bios.apply({ ProcVirtualization: 'Disabled', BootRetrySeconds: 0 });
    await open({}, memory).bios.apply({ NetworkBoot: false, AssetTag: 'rack 7' });
    const changed = await open({}, memory).bios.read();
    expect(['ProcVirtualization', 'BootRetrySeconds', 'NetworkBoot', 'AssetTag', 'SystemModel'].map((name) => valueOf(changed, name))).toEqual([
      'Disabled', 0, false, 'rack 7', 'Fake Machine',
    ]);
    await open({}, memory).bios.factoryReset();
    expect(await open({}, memory).bios.read()).toEqual(factory);
  });

  test('a password is checked and never kept', async () => {
    const memory = createDeviceMemory();
    const { bios } = open({}, memory);
    await bios.apply({ SetupPassword: 'correct horse' });
    expect(valueOf(await bios.read(), 'SetupPassword')).toBeNull();
    expect(JSON.stringify(memory.get('fake_bios'))).not.toContain('correct horse');
    const refused: unknown = await bios.apply({ SetupPassword: 'short' }).catch((error: unknown) => error);
    expect(optionIssues(refused).map(({ field }) => field)).toEqual(['SetupPassword']);
    expect(JSON.stringify(refused)).not.toContain('short"');
    expect(String(refused)).not.toMatch(/got/);
  });

  test('all that is wrong is refused at once, and nothing is changed', async () => {
    const memory = createDeviceMemory();
    const { bios } = open({}, memory);
    const wrong = { ProcVirtualization: 'Maybe', BootRetrySeconds: 601, NetworkBoot: 'true', AssetTag: 'x'.repeat(33), SystemModel: 'Other', Turbo: true };
    const refused: unknown = await bios.apply({ ...wrong, BootRetry: 1 }).catch((error: unknown) => error);
    expect(optionIssues(refused).map(({ field }) => field)).toEqual([...Object.keys(wrong), 'BootRetry']);
    expect(await codeOf(bios.apply({ BootRetrySeconds: 1.5 }))).toBe('INVALID_OPTIONS');
    expect(memory.get('fake_bios')).toBeUndefined();
  });
});

describe('disk arrays', () => {
  const root = { raid_level: '1', size_gb: 100, is_root_volume: true };
  const data = { raid_level: '5', size_gb: 'MAX' };

  test('are none at first, are created with names, and deleted', async () => {
    const memory = createDeviceMemory();
    expect(await open({}, memory).raid.read()).toEqual({ logical_disks: [] });
    expect(await open({}, memory).raid.create({ logical_disks: [root, { ...data, volume_name: 'volume-1' }, data] })).toBe('done');
    expect(await open({}, memory).raid.read()).toEqual({
      logical_disks: [{ ...root, volume_name: 'volume-2' }, { ...data, volume_name: 'volume-1' }, { ...data, volume_name: 'volume-3' }],
    });
    expect(await open({}, memory).raid.delete()).toBe('done');
    expect(await open({}, memory).raid.read()).toEqual({ logical_disks: [] });
  });

  test('are not made again by the same order', async () => {
    const { raid } = open();
    await raid.create({ logical_disks: [root, data, data] });
    const first = await raid.read();
    await raid.create({ logical_disks: [root, data, data] });
    expect(await raid.read()).toEqual(first);
    await raid.create({ logical_disks: [data, data, data] });
    expect((await raid.read())['logical_disks']).toHaveLength(4);
  });

  test('of a kind that does not exist are refused, and nothing is created', async () => {
    const { raid } = open();
    const refused: unknown = await raid.create({ logical_disks: [root, { raid_level: '7', size_gb: 0 }] }).catch((error: unknown) => error);
    expect(optionIssues(refused).map(({ field }) => field)).toEqual(['logical_disks.1.raid_level', 'logical_disks.1.size_gb']);
    expect(await raid.read()).toEqual({ logical_disks: [] });
  });

  test('have one root volume at most', async () => {
    const { raid } = open();
    await raid.create({ logical_disks: [root] });
    expect(await codeOf(raid.create({ logical_disks: [{ ...root, size_gb: 50 }] }))).toBe('CONFLICT');
    expect((await raid.read())['logical_disks']).toHaveLength(1);
  });
});

describe('the console', () => {
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

  test('tells its state, gives back what is written and ends with its session', async () => {
    const device = open();
    const session = await device.console.open();
    const output = session.output[Symbol.asyncIterator]();
    expect(text((await output.next()).value as Uint8Array)).toBe('fake machine, power off\r\n');
    const next = output.next();
    await session.write(Buffer.from('hello'));
    expect(text((await next).value as Uint8Array)).toBe('hello');
    const last = output.next();
    await session[Symbol.asyncDispose]();
    expect((await last).done).toBe(true);
    expect(await codeOf(session.write(Buffer.from('x')))).toBe('ABORTED');
    expect(device.console.info).toEqual(recordedBody<JsonObject>('086-console-get-on')['console_info']);
  });

  test('ends with its device', async () => {
    const device = open();
    const session = await device.console.open();
    await device[Symbol.asyncDispose]();
    const seen: string[] = [];
    for await (const bytes of session.output) seen.push(text(bytes));
    expect(seen).toEqual(['fake machine, power off\r\n']);
  });

  test('keeps no more than 64 KiB for a reader that does not come', async () => {
    const session = await open().console.open();
    for (let count = 0; count < 100; count += 1) await session.write(Buffer.alloc(1024, count));
    await session.write(Buffer.alloc(100_000, 'z'));
    await session[Symbol.asyncDispose]();
    let total = 0;
    for await (const bytes of session.output) total += bytes.length;
    expect(total).toBe(65_536);
  });
});

describe('everything that can be set', () => {
  const SETTING: Readonly<Record<string, (device: FakeDevice) => Promise<unknown>>> = {
    'set boot mode': ({ bootMode }) => bootMode.set('bios'),
    'set secure boot': ({ secureBoot }) => secureBoot.set(true),
    'set indicator': ({ indicators }) => indicators.set('system', 'led', 'off'),
    'apply bios': ({ bios }) => bios.apply({ NetworkBoot: false }),
    'reset bios': ({ bios }) => bios.factoryReset(),
    'create raid': ({ raid }) => raid.create({ logical_disks: [{ raid_level: '0', size_gb: 1 }] }),
    'delete raid': ({ raid }) => raid.delete(),
    'open console': ({ console }) => console.open(),
  };
  const READING: Readonly<Record<string, (device: FakeDevice) => Promise<unknown>>> = {
    'read boot mode': ({ bootMode }) => bootMode.read(),
    'read secure boot': ({ secureBoot }) => secureBoot.read(),
    'read indicators': ({ indicators }) => indicators.read('system', 'led'),
    'read bios': ({ bios }) => bios.read(),
    'read raid': ({ raid }) => raid.read(),
  };

  test.each(Object.entries({ ...SETTING, ...READING }))('"%s" fails as scripted and changes nothing', async (action, call) => {
    const memory = createDeviceMemory();
    expect(await codeOf(call(open({ fake_failures: [{ action, code: 'BUSY' }] }, memory)))).toBe('BUSY');
    expect(['boot_mode', 'secure_boot', 'indicators', 'bios', 'raid'].map((key) => memory.get(`fake_${key}`))).toEqual(Array(5).fill(undefined));
  });

  test('is kept by the controller of a machine that has one, and nowhere else', async () => {
    await using machine = await startVirtualDevice();
    const memory = createDeviceMemory();
    await using device = open(machine.driverInfo, memory);
    await device.bootMode.set('bios');
    await device.indicators.set('system', 'led', 'blinking');
    await device.bios.apply({ AssetTag: 'rack 7' });
    await device.raid.create({ logical_disks: Array.from({ length: 200 }, () => ({ raid_level: '0', size_gb: 1 })) });
    await using again = open(machine.driverInfo);
    expect([await again.bootMode.read(), await again.indicators.read('system', 'led'), valueOf(await again.bios.read(), 'AssetTag')]).toEqual(['bios', 'blinking', 'rack 7']);
    expect((await again.raid.read())['logical_disks']).toHaveLength(200);
    expect(['boot_mode', 'indicators', 'bios', 'raid'].map((key) => memory.get(`fake_${key}`))).toEqual(Array(4).fill(undefined));
    await again.bios.factoryReset();
    expect(valueOf(await device.bios.read(), 'AssetTag')).toBe('');
  });
});
