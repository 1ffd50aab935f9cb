import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool, run } from '@ferric/lab';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { VirtualBmc } from '../../src/simulator/index.js';
import { cells, checkClosed, GUID, startConfigured, table, USER } from './simulator-bench.js';

// The tools of FreeIPMI, an implementation of its own.

type Tool = Parameters<typeof findTool>[0];

let bmc: VirtualBmc;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ferric-freeipmi-'));
});

afterAll(() => rm(home, { recursive: true }));

beforeEach(async () => {
  bmc = await startConfigured({
    controllers: { 0x2c: { channel: 0, handle: ({ netFn, command, data }) => ({ completionCode: 0, data: Uint8Array.of(netFn, command, ...data) }) } },
  });
});

afterEach(() => bmc[Symbol.asyncDispose]());

/** Sensor records are cached there, not in somebody's home. */
const cached = (): readonly string[] => ['--quiet-cache', `--sdr-cache-directory=${home}`];

async function ask(tool: Tool, words: readonly string[] = [], way: readonly string[] = ['-D', 'LAN_2_0', '-I', '17']): Promise<string> {
  const args = ['-h', `${bmc.host}:${bmc.port}`, '-u', USER.name, '-p', USER.password, '-l', 'ADMIN', ...way, ...words];
  const said = await run(findTool(tool), args, { env: { TZ: 'UTC' } });
  checkClosed(bmc);
  return said.trimEnd();
}

describe('ipmipower', () => {
  test.each([['suite 17', ['-D', 'LAN_2_0', '-I', '17']], ['suite 3', ['-D', 'LAN_2_0', '-I', '3']], ['suite 2', ['-D', 'LAN_2_0', '-I', '2']], ['1.5', ['-D', 'LAN']]])('with %s', async (_name, way) => {
    expect(await ask('ipmipower', ['--stat'], way)).toBe(`${bmc.host}: off`);
    expect(await ask('ipmipower', ['--on', '--wait-until-on'], way)).toBe(`${bmc.host}: ok`);
    expect(bmc.machine.power).toBe('power on');
    expect(await ask('ipmipower', ['--cycle'], way)).toBe(`${bmc.host}: ok`);
    expect(await ask('ipmipower', ['--soft'], way)).toBe(`${bmc.host}: ok`);
    expect([bmc.machine.power, bmc.machine.powerCommands]).toEqual(['power off', 3]);
  });

  test('with a wrong password', async () => {
    const asking = run(findTool('ipmipower'), ['-h', `${bmc.host}:${bmc.port}`, '-u', USER.name, '-p', 'wrong', '-D', 'LAN_2_0', '--stat']);
    await expect(asking).rejects.toThrow('password invalid');
  });
});

/** Tries ports until one is free. */
async function startAtLowPort(): Promise<VirtualBmc> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await startConfigured({ port: 20_000 + Math.floor(Math.random() * 10_000) });
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}

test('with the key of the BMC', async () => {
  const kgKey = '000102030405060708090a0b0c0d0e0f10111213';
  await using keyed = await startConfigured({ kgKey });
  const words = ['-h', `${keyed.host}:${keyed.port}`, '-u', USER.name, '-p', USER.password, '-D', 'LAN_2_0', '--stat'];
  expect((await run(findTool('ipmipower'), ['-k', `0x${kgKey}`, ...words])).trimEnd()).toBe(`${keyed.host}: off`);
  await expect(run(findTool('ipmipower'), words)).rejects.toThrow('k_g invalid');
});

test('bmc-info', async () => {
  expect(table(await ask('bmc-info', ['--get-device-id']))).toMatchObject({
    'Device ID': '66', 'Device Revision': '5', 'Firmware Revision': '7.31', 'IPMI Version': '2.0', 'Manufacturer ID': 'Intel Corporation (343)', 'Product ID': '2748',
    'Device Available': 'yes (normal operation)', 'Device SDRs': 'unsupported', 'Auxiliary Firmware Revision Information': 'EFBEADDEh',
  });
  expect(await ask('bmc-info', ['--get-device-guid'])).toContain(GUID);
  expect(await ask('bmc-info', ['--get-system-guid'])).toContain(GUID);
  expect(await ask('bmc-info', ['--get-channel-info'])).toMatch(/Channel Number +: 1\nMedium Type +: 802\.3 LAN\n/);
});

test('ipmi-chassis', async () => {
  bmc.machine.power = 'power on';
  bmc.machine.restorePolicy = 'always on';
  expect(table(await ask('ipmi-chassis', ['--get-chassis-status']))).toMatchObject({
    'System Power': 'on', 'Power restore policy': 'Always on', 'Power control fault': 'false', 'Chassis Identify state': 'off', 'Power off button': 'enabled',
  });
  await ask('ipmi-chassis', ['--chassis-identify=FORCE']);
  expect(bmc.machine.identify).toBe('steady');
  expect(await ask('ipmi-chassis', ['--get-system-restart-cause'])).toContain('Power up via power pushbutton');
});

test('ipmi-sensors', async () => {
  bmc.setReading(2, { raw: 90 });
  const rows = cells(await ask('ipmi-sensors', [...cached(), '--no-header-output', '--ignore-not-available-sensors']));
  expect(rows).toContainEqual(['3', 'Inlet Temp', 'Temperature', '23.00', 'C', "'OK'"]);
  expect(rows).toContainEqual(['4', 'CPU1 Temp', 'Temperature', '90.00', 'C', "'At or Above (>=) Upper Non-Critical Threshold'"]);
  expect(rows).toContainEqual(['6', '+12V', 'Voltage', '11.97', 'V', "'OK'"]);
  expect(rows).toContainEqual(['15', 'PS1 Status', 'Power Supply', 'N/A', 'N/A', "'Presence detected'"]);
});

test('ipmi-sel', async () => {
  expect(cells(await ask('ipmi-sel', [...cached(), '--no-header-output']))).toEqual([
    ['1', 'Jan-15-2026', '12:00:00', 'Event Log', 'Event Logging Disabled', 'Log Area Reset/Cleared'],
    ['2', 'Jan-15-2026', '12:10:00', 'CPU1 Temp', 'Temperature', 'Upper Non-critical - going high ; Sensor Reading = 86.00 C ; Threshold = 85.00 C'],
    ['3', 'Jan-15-2026', '12:11:00', 'CPU1 Temp', 'Temperature', 'Upper Non-critical - going high ; Sensor Reading = 83.00 C ; Threshold = 85.00 C'],
  ]);
  await ask('ipmi-sel', [...cached(), '--delete=2']);
  expect(bmc.eventLog.map((entry) => entry[0])).toEqual([1, 3]);
  await ask('ipmi-sel', [...cached(), '--clear']);
  expect(bmc.eventLog).toEqual([]);
});

test('ipmi-fru', async () => {
  expect(table(await ask('ipmi-fru', cached()))).toMatchObject({
    'FRU Chassis Type': 'Rack Mount Chassis', 'FRU Chassis Part Number': 'VC-100', 'FRU Chassis Serial Number': 'VCS0001', 'FRU Board Manufacturing Date/Time': '01/15/26 - 08:30:00',
    'FRU Board Manufacturer': 'Ferric', 'FRU Board Product Name': 'Virtual Board', 'FRU Board Serial Number': 'VBS0001', 'FRU Board Part Number': 'VB-100',
    'FRU Product Manufacturer Name': 'Ferric', 'FRU Product Name': 'Virtual Server', 'FRU Product Part/Model Number': 'VS-100', 'FRU Product Version': '1.0',
    'FRU Product Serial Number': 'VSS0001', 'FRU Product Asset Tag': 'ASSET-1',
  });
});

test('ipmi-raw, also to a controller behind', async () => {
  expect(await ask('ipmi-raw', ['0', '06', '01'])).toBe('rcvd: 01 00 42 05 07 31 02 DF 57 01 00 BC 0A DE AD BE EF');
  expect(await ask('ipmi-raw', ['--target-channel-number=0', '--target-slave-address=0x2c', '0', '2e', 'ca', '57', '01', '00'])).toBe('rcvd: CA 00 2E CA 57 01 00');
});

test('ipmiconsole', async () => {
  // It takes no port above 32767 for one.
  await using own = await startAtLowPort();
  const spawned = `${findTool('ipmiconsole')} -h ${own.host}:${own.port} -u ${USER.name} -p ${USER.password} -I 17`;
  const talk = [
    'set timeout 20', `spawn ${spawned}`, 'expect -exact "login: "', 'send "root\\r"', 'expect -exact "Welcome, root."', 'send "&B"', 'expect -exact "\\[break\\]" { puts "SAW-BREAK" }',
    'send "&."', 'expect eof',
  ];
  const said = await run(findTool('expect'), ['-c', talk.join('; ')], { timeoutMs: 60_000 });
  for (const text of ['[SOL established]', 'virtual login: root', 'Welcome, root.', 'SAW-BREAK']) expect(said).toContain(text);
});
