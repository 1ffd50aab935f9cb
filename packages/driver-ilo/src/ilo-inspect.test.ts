import { errorCode, type Device, type InspectStrategy } from '@ferric/core';
import { createFakeTask } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { createIloBench } from '../test/ilo-bench.js';
import { createIloInspect } from './ilo-inspect.js';

const WHOLE = {
  vendor: 'HPE', model: 'ProLiant DL380 Gen10', serialNumber: 'ABC', cpus: 32, memoryMegabytes: 65_536, cpuArchitecture: 'x86_64',
  macAddresses: ['52:54:00:00:00:01', '52:54:00:00:00:01', '52-54-00-00-00-02'], localGigabytes: 99, ports: [], capabilities: { secure_boot: 'true', server_model: 'ProLiant DL380 Gen10' }, raw: { a: 1 },
};

const inspect: InspectStrategy = createIloInspect({ lookMs: 1000, tellMs: 5000 });

test('what the iLO tells becomes properties, capabilities, ports and inventory; the machine is not touched', async () => {
  await using bench = createIloBench();
  bench.ilo.inventory = WHOLE;
  const task = createFakeTask({ device: bench.device, node: { properties: { capabilities: 'disk_label:gpt,secure_boot:false', local_gb: 5 } } });
  await inspect.validate(task);
  const { next, changes } = await inspect.inspect(task);
  expect(next).toBe('done');
  expect(changes?.properties).toEqual({
    cpus: 32, memory_mb: 65_536, cpu_arch: 'x86_64', local_gb: 99, capabilities: 'disk_label:gpt,secure_boot:true,server_model:ProLiant DL380 Gen10',
  });
  expect(changes?.ports).toEqual([{ address: '52:54:00:00:00:01', pxeEnabled: true }, { address: '52:54:00:00:00:02', pxeEnabled: true }]);
  expect(changes?.inventory).toMatchObject({ inventory: { system_vendor: { product_name: 'ProLiant DL380 Gen10' }, memory: { physical_mb: 65_536 } }, pluginData: { controller: { a: 1 } } });
  expect(bench.ilo.asked).toEqual([]);
});

test('a disk that the iLO does not see does not take the place of one that was written down', async () => {
  await using bench = createIloBench();
  bench.ilo.inventory = { ...WHOLE, localGigabytes: 0, capabilities: {} };
  const { changes } = await inspect.inspect(createFakeTask({ device: bench.device }));
  expect(Object.keys(changes?.properties ?? {})).toEqual(['cpus', 'memory_mb', 'cpu_arch']);
});

test('a machine that is off, of which the iLO knows too little, is switched on for it and off again', async () => {
  await using bench = createIloBench();
  let reads = 0;
  bench.ilo.instead.set('inventory.read', async () => ((reads += 1) < 4 ? bench.ilo.inventory : WHOLE));
  const task = createFakeTask({ device: bench.device, clock: bench.clock });
  const inspected = inspect.inspect(task);
  await bench.clock.advance(3000);
  expect((await inspected).changes?.properties).toMatchObject({ memory_mb: 65_536 });
  expect(bench.ilo.asked).toEqual(['power.set power on', 'power.set power off']);
});

test('one that does not tell even then fails with what is missing, and is off again; one that is on is asked once', async () => {
  await using bench = createIloBench();
  const task = createFakeTask({ device: bench.device, clock: bench.clock });
  const failed = inspect.inspect(task).catch((error: unknown) => error);
  await bench.clock.advance(10_000);
  expect([errorCode(await failed), ((await failed) as Error).message]).toEqual(['REFUSED', expect.stringContaining('memory_mb, cpus, cpu_arch, MAC addresses')]);
  expect([bench.ilo.power, bench.ilo.asked]).toEqual(['power off', ['power.set power on', 'power.set power off']]);
  bench.ilo.power = 'power on';
  await expect(inspect.inspect(task)).rejects.toMatchObject({ code: 'REFUSED' });
  expect(bench.ilo.asked).toHaveLength(2);
});

test('a node whose management interface knows no inventory is told so', async () => {
  const device = { power: createIloBench().device.power } as Device;
  await expect(inspect.validate(createFakeTask({ device }))).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
});
