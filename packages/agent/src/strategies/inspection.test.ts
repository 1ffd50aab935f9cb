import { FerricError, type FoundInventory, type InventoryReport, type JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { inspectOf, work } from '../../test/strategies/conductor.js';
import { fixture } from '../../test/strategies/recordings.js';
import { createStage, type Stage } from '../../test/strategies/stage.js';
import { readFindings } from './inspection-findings.js';
import { readReport } from './out-of-band-inspect.js';

const { inventory, ...pluginData } = fixture('ipa/continue_inspection-request.json') as { inventory: JsonObject } & JsonObject;
const recorded: FoundInventory = { inventory, pluginData };
const FIRST = '52:54:00:12:34:56';
const SECOND = '52:54:00:12:34:57';

const withInterfaces = (interfaces: readonly JsonObject[], more: JsonObject = {}): FoundInventory => ({
  inventory: { ...inventory, interfaces, boot: { current_boot_mode: 'bios', pxe_interface: null } }, pluginData: { ...pluginData, boot_interface: null, ...more },
});

describe('readFindings', () => {
  test('of the recorded inspection', () => {
    expect(readFindings({ properties: { capabilities: 'disk_label:gpt,boot_mode:uefi' } }, recorded, 'pxe')).toEqual({
      properties: { cpu_arch: 'x86_64', cpus: 2, memory_mb: 8192, local_gb: 4, capabilities: 'disk_label:gpt,boot_mode:bios' },
      ports: [{ address: FIRST, pxeEnabled: true }],
      inventory: recorded,
    });
  });

  test('fails with what the ramdisk says', () => {
    const found = { ...recorded, pluginData: { ...pluginData, error: 'The following errors were encountered:\n* no disk' } };
    expect(() => readFindings({ properties: {} }, found, 'pxe')).toThrow('Ramdisk reported error: The following errors were encountered:\n* no disk');
  });

  const two = [
    { name: 'eth0', mac_address: FIRST.toUpperCase(), ipv4_address: '192.0.2.10' }, { name: 'eth1', mac_address: SECOND, ipv4_address: null },
  ];
  test.each([
    ['pxe', '01-52-54-00-12-34-57', [[SECOND, true]]],
    ['pxe', FIRST, [[FIRST, true]]],
    ['active', SECOND, [[FIRST, false]]],
    ['all', SECOND, [[FIRST, false], [SECOND, true]]],
    ['disabled', SECOND, []],
    // Nobody knows what it booted from: it may have been any with an address.
    ['pxe', null, [[FIRST, true]]],
  ] as const)('adds %s ports when %s booted', (addPorts, boot, expected) => {
    const { ports } = readFindings({ properties: {} }, withInterfaces(two, { boot_interface: boot }), addPorts);
    expect(ports?.map(({ address, pxeEnabled }) => [address, pxeEnabled])).toEqual(expected);
  });

  test('passes over loopback and what is no address of a machine, and fails when nothing is left', () => {
    const bad = [
      { name: 'lo', mac_address: FIRST }, { name: 'x', mac_address: FIRST, ipv4_address: '127.0.0.2' }, { name: 'eth0' }, { name: 'eth1', mac_address: null },
      { name: 'ib0', mac_address: '80:00:02:08:fe:80:00:00' }, { name: 'm', mac_address: '01:00:5e:00:00:01' }, { name: 'z', mac_address: '00:00:00:00:00:00' },
    ];
    expect(() => readFindings({ properties: {} }, withInterfaces(bad), 'all')).toThrow('no network interface');
    const good = { name: 'eth2', mac_address: SECOND };
    expect(readFindings({ properties: {} }, withInterfaces([...bad, good, { ...good, name: 'again' }]), 'all').ports).toEqual([{ address: SECOND, pxeEnabled: true }]);
  });

  test('leaves alone what was not found', () => {
    const found: FoundInventory = { inventory: { interfaces: [{ mac_address: FIRST }], cpu: { count: 'two', architecture: '' }, memory: null }, pluginData: {} };
    expect(readFindings({ properties: { cpus: 4 } }, found, 'all').properties).toEqual({});
  });
});

describe('inspecting by the agent', () => {
  const inspect = (stage: Stage): ReturnType<typeof inspectOf> => inspectOf(stage, 'agent');

  test('boots it, takes what it sends, and switches off', async () => {
    const stage = createStage({ network: true });
    await inspect(stage).validate(stage.task);
    expect(await work(stage, inspect(stage).inspect(stage.task))).toMatchObject({ next: 'wait', waitsFor: expect.stringContaining('what it found') });
    const result = await work(stage, inspect(stage).resume?.(stage.task, recorded) as ReturnType<ReturnType<typeof inspect>['inspect']>);
    expect(result).toMatchObject({ next: 'done', changes: { ports: [{ address: FIRST }], inventory: recorded, properties: { cpus: 2 } } });
    expect(stage.done).toEqual([
      'network connect inspection', 'boot prepareRamdisk inspect', 'power off', 'power on', 'power off', 'boot cleanUpRamdisk', 'network disconnect inspection',
    ]);
    expect(stage.task.node.driverInternalInfo['agent_boot']).toBeUndefined();
  });

  test('leaves the machine on when the settings say so', async () => {
    const stage = createStage({ settings: { powerOffAfterInspection: false } });
    await work(stage, inspect(stage).inspect(stage.task));
    await work(stage, inspect(stage).resume?.(stage.task, recorded) as ReturnType<ReturnType<typeof inspect>['inspect']>);
    expect(stage.done.at(-1)).toBe('boot cleanUpRamdisk');
    expect(stage.machine.power).toBe('power on');
  });

  test('switches a machine that can only be woken off through its agent, whose first heartbeat comes after what it found', async () => {
    const stage = createStage({ power: 'assumed', settings: { powerOffGraceMs: 1000 } });
    await work(stage, inspect(stage).inspect(stage.task));
    stage.agent.onList(() => stage.agent.listFails(new FerricError('UNREACHABLE', 'gone')));
    const resumed = inspect(stage).resume?.(stage.task, recorded) as ReturnType<ReturnType<typeof inspect>['inspect']>;
    await stage.clock.advance(2000);
    expect(stage.agent.sent).toEqual([]);
    stage.report();
    expect(await work(stage, resumed)).toMatchObject({ next: 'done' });
    expect(stage.agent.sent.map(({ name }) => name)).toEqual(['standby.power_off']);
    expect(stage.done.at(-2)).toMatch(/^assume power off: the deploy agent at .* acknowledged power_off/);
  });

  test('says what a person has to do with a machine that can only be woken and whose agent never reports', async () => {
    const stage = createStage({ power: 'assumed' });
    await work(stage, inspect(stage).inspect(stage.task));
    await work(stage, inspect(stage).resume?.(stage.task, recorded) as ReturnType<ReturnType<typeof inspect>['inspect']>);
    expect(stage.task.told.join('\n')).toContain('by hand');
  });

  test('can be aborted, twice', async () => {
    const stage = createStage({ network: true });
    await work(stage, inspect(stage).inspect(stage.task));
    await stage.finish(inspect(stage).abort(stage.task));
    await stage.finish(inspect(stage).abort(stage.task));
    expect(stage.machine.power).toBe('power off');
    expect(Object.keys(stage.task.node.driverInternalInfo)).toEqual(['network_boot']);
  });

  test('needs a boot interface', async () => {
    const stage = createStage({ boot: false });
    await expect(inspect(stage).validate(stage.task)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

describe('inspecting out of band', () => {
  const report: InventoryReport = {
    vendor: 'HP', model: 'ProLiant', serialNumber: 'S1', cpus: 8, memoryMegabytes: 16_384, cpuArchitecture: 'x86_64',
    macAddresses: [FIRST.toUpperCase(), FIRST, 'nonsense', '01:00:5e:00:00:01', SECOND], raw: { bios: 'P70' },
  };

  test('takes what the controller tells and touches nothing', async () => {
    const stage = createStage({ device: { inventory: { read: async () => report } } });
    const strategy = inspectOf(stage, 'out-of-band');
    await strategy.validate(stage.task);
    const { next, changes } = await strategy.inspect(stage.task);
    expect(next).toBe('done');
    expect(changes).toMatchObject({
      properties: { cpus: 8, memory_mb: 16_384, cpu_arch: 'x86_64' },
      ports: [{ address: FIRST, pxeEnabled: true }, { address: SECOND, pxeEnabled: true }],
      inventory: { inventory: { cpu: { count: 8 }, memory: { physical_mb: 16_384 }, system_vendor: { manufacturer: 'HP' } }, pluginData: { controller: { bios: 'P70' } } },
    });
    expect(stage.done).toEqual([]);
    await strategy.abort(stage.task);
  });

  test('keeps what the controller does not tell', () => {
    expect(readReport({})).toMatchObject({ properties: {}, ports: [], inventory: { pluginData: {} } });
  });

  test('is refused for a controller that does not know', async () => {
    const stage = createStage();
    const strategy = inspectOf(stage, 'out-of-band');
    for (const call of [strategy.validate(stage.task), strategy.inspect(stage.task)]) {
      await expect(call).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining('inspect_interface') });
    }
  });
});
