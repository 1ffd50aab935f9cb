import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandLines } from '../system/command-lines.ts';
import { run } from '../system/programs.ts';
import { findTool } from '../system/tools.ts';
import { startIpmiSim } from './ipmi-sim.ts';
import { startPyghmiBmc } from './pyghmi-bmc.ts';

interface Bmc {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

async function ipmitool({ host, port, username, password }: Bmc, ...words: readonly string[]): Promise<string> {
  const text = await run(findTool('ipmitool'), ['-I', 'lanplus', '-C', '3', '-H', host, '-p', String(port), '-U', username, '-P', password, ...words]);
  return text.trim();
}

test("OpenIPMI's BMC obeys ipmitool, and its machine can be looked at past it", async () => {
  await using bmc = await startIpmiSim();
  expect([await bmc.power(), await ipmitool(bmc, 'chassis', 'power', 'status')]).toEqual(['off', 'Chassis Power is off']);
  await ipmitool(bmc, 'chassis', 'power', 'on');
  await ipmitool(bmc, 'chassis', 'bootdev', 'pxe');
  expect([await bmc.power(), await bmc.bootDevice()]).toEqual(['on', 'pxe']);
  expect(await bmc.orders()).toContain('power=1');
});

test("OpenIPMI's BMC has a Node Manager behind it, or not", async () => {
  await using withIt = await startIpmiSim();
  const getVersion = ['-b', '0', '-t', '0x2c', 'raw', '0x2e', '0xca', '0x57', '0x01', '0x00'];
  expect(await ipmitool(withIt, ...getVersion)).toBe('57 01 00 05 03 07 01 02');
  await using without = await startIpmiSim({ nodeManager: false });
  await expect(ipmitool(without, ...getVersion)).rejects.toThrow('Invalid command');
});

test("OpenIPMI's BMC holds many records when asked to", async () => {
  await using bmc = await startIpmiSim({ content: 'full' });
  expect(await ipmitool(bmc, 'sdr', 'info')).toMatch(/Record Count\s+: 79/);
});

test("pyghmi's BMC obeys ipmitool and tells what it did", async () => {
  await using bmc = await startPyghmiBmc();
  await ipmitool(bmc, 'chassis', 'power', 'on');
  await ipmitool(bmc, 'chassis', 'bootdev', 'pxe');
  expect(bmc.told).toEqual([{ order: 'on', power: 'on' }, { boot_device: 'network' }]);
});

test('nothing is left of them', async () => {
  const one = await startIpmiSim();
  const other = await startPyghmiBmc();
  const processes = (): number => commandLines().filter((line) => line.includes(one.directory) || line.includes(`"port":${other.port}`)).length;
  expect([processes(), existsSync(one.directory)]).toEqual([2, true]);
  await one[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  expect([processes(), existsSync(one.directory)]).toEqual([0, false]);
});
