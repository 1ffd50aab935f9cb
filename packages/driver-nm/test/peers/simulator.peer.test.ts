import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFile, run } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startVirtualDevice, type VirtualNmDevice } from '../../src/simulator/index.js';

// FreeIPMI's own client of Node Manager drives the simulated one: what it prints must be what was configured.
let device: VirtualNmDevice;
let cache: string;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'ferric-nm-sdr-'));
  // FreeIPMI waits for the answer of a bridged request as a message of its own.
  device = await startVirtualDevice({ bmc: { bridgedAnswers: 'separate' } });
});
afterAll(async () => {
  await device?.[Symbol.asyncDispose]();
  await rm(cache, { recursive: true, force: true });
});

const IPMI_OEM = '/usr/sbin/ipmi-oem';

async function intelnm(...words: readonly string[]): Promise<string> {
  findFile('freeipmi-tools', IPMI_OEM);
  const { host, port, username, password } = device.access;
  const login = ['-h', `${host}:${port}`, '-u', username, '-p', password, '-D', 'LAN_2_0', '-l', 'ADMIN', `--sdr-cache-directory=${cache}`];
  return run(IPMI_OEM, [...login, 'intelnm', ...words]);
}

/** `Name : value` lines as an object. */
async function table(...words: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const lines = (await intelnm(...words)).split('\n').flatMap((line) => {
    const [, name = '', value = ''] = /^(.*?):? +: (.*)$/.exec(line) ?? [];
    return name === '' ? [] : [[name.trim(), value.trim()] as const];
  });
  return Object.fromEntries(lines);
}

const ELEVEN = ['domainid=platform', 'policyid=11'] as const;
const LIMITS = ['policytargetlimit=250', 'correctiontimelimit=10000', 'statisticsreportingperiod=20000'] as const;
const setPolicy = (...words: readonly string[]): Promise<string> => intelnm('set-node-manager-policy', ...words);
const settingsOf = (id: number): string | undefined => {
  const policy = device.nodeManager.policies.find((each) => each.id === id);
  return policy === undefined ? undefined : Buffer.from(policy.settings).toString('hex');
};

describe("FreeIPMI's ipmi-oem intelnm", () => {
  test('finds it by its record and reads its version', async () => {
    expect(await table('get-node-manager-version')).toEqual({
      'Node Manager Version': '3.0', 'IPMI Interface Version': '3.0', 'Patch Version': '7', 'Firmware Revision': '1.02',
    });
  });

  test('reads its limits', async () => {
    expect(await table('get-node-manager-capabilities', 'domainid=platform', 'policytrigger=none', 'policytype=powercontrol', 'policypowerdomain=primary')).toMatchObject({
      'Max Concurrent Settings': '16', 'Max Power': '4096 W', 'Min Power': '100 W', 'Max Correction Time': '100000 ms', 'Min Correction Time': '10 ms',
      'Max Statistics Reporting Period': '32768 s', 'Min Statistics Reporting Period': '100 s', 'Limiting Domain': 'Entire Platform',
    });
  });

  test('makes, reads, disables and removes a policy', async () => {
    await setPolicy(...ELEVEN, 'policytrigger=none', ...LIMITS, 'policystorage=persistent');
    expect(settingsOf(11)).toBe('1000fa00102700000000204e');
    const read = (): Promise<Readonly<Record<string, string>>> => table('get-node-manager-policy', ...ELEVEN);
    expect(await read()).toMatchObject({
      Policy: 'enabled', 'Per Domain Node Manager Policy Control': 'enabled', 'Global Node Manager Policy Control': 'enabled',
      'Policy Created/Managed by Other Client': 'No', 'Policy Trigger Type': 'No Policy Trigger', 'Policy Type': 'Power Control Policy',
      'Aggressive CPU Power Correction': 'Automatic', 'Policy Storage Option': 'Persistent Storage', 'Policy Power Domain': 'Primary',
      'Policy Target Limit': '250 W', 'Correction Time Limit': '10000 ms', 'Statistics Reporting Period': '20000 s',
    });
    await intelnm('node-manager-policy-control', 'disable', ...ELEVEN);
    await intelnm('node-manager-policy-control', 'disable', 'domainid=platform');
    await intelnm('node-manager-policy-control', 'disable');
    expect(await read()).toMatchObject({
      Policy: 'disabled', 'Per Domain Node Manager Policy Control': 'disabled', 'Global Node Manager Policy Control': 'disabled',
    });
    await intelnm('node-manager-policy-control', 'enable');
    await intelnm('node-manager-policy-control', 'enable', 'domainid=platform');
    expect([device.nodeManager.globalEnabled, device.nodeManager.domainEnabled(0)]).toEqual([true, true]);
    await intelnm('remove-node-manager-policy', ...ELEVEN);
    expect(settingsOf(11)).toBeUndefined();
    await expect(intelnm('get-node-manager-policy', ...ELEVEN)).rejects.toThrow('Invalid Policy Id');
  });

  test('sends the other triggers, corrections and storages as our own client does', async () => {
    const hot = ['policytrigger=inlettemperaturelimitpolicytrigger', 'policytriggerlimit=35', 'policystorage=volatile', 'aggressivepowercorrection=aggressive'];
    const reset = ['policytrigger=timeafterplatformresettrigger', 'policytriggerlimit=60', 'policystorage=persistent', 'aggressivepowercorrection=notaggressive'];
    await setPolicy('domainid=cpu', 'policyid=3', ...LIMITS, ...hot);
    await setPolicy('domainid=cpu', 'policyid=4', ...LIMITS, ...reset);
    await setPolicy('domainid=platform', 'policyid=5', 'policytrigger=none', ...LIMITS, 'policystorage=persistent', 'policypowerdomain=secondary');
    // Times are tenths of a second on the wire.
    expect([settingsOf(3), settingsOf(4), settingsOf(5)]).toEqual(['d100fa00102700002300204e', '3300fa00102700005802204e', '1080fa00102700000000204e']);
  });

  test('sets and reads suspend periods', async () => {
    await setPolicy(...ELEVEN, 'policytrigger=none', ...LIMITS, 'policystorage=persistent');
    await intelnm(
      'set-node-manager-policy-suspend-periods', ...ELEVEN,
      'suspendperiodstart1=02:00', 'suspendperiodstop1=05:00', 'suspendperiodrepeat1=monday', 'suspendperiodrepeat1=tuesday',
      'suspendperiodstart2=03:00', 'suspendperiodstop2=04:00', 'suspendperiodrepeat2=friday', 'suspendperiodrepeat2=sunday',
    );
    // Times before 06:00: later ones it does not turn into units of 6 minutes correctly.
    const periods = device.nodeManager.policies.find((each) => each.id === 11)?.periods;
    expect(Buffer.from(periods ?? []).toString('hex')).toBe('1432031e2850');
    const read = await table('get-node-manager-policy-suspend-periods', ...ELEVEN);
    expect(read).toMatchObject({
      'Number of Policy Suspend Periods': '2', 'Policy 1 Suspend Start Time': '02:00', 'Policy 1 Suspend Stop Time': '05:00',
      'Policy 1 Suspend Repeat on Monday': 'Yes', 'Policy 1 Suspend Repeat on Tuesday': 'Yes', 'Policy 1 Suspend Repeat on Friday': 'No',
      'Policy 2 Suspend Start Time': '03:00', 'Policy 2 Suspend Stop Time': '04:00', 'Policy 2 Suspend Repeat on Friday': 'Yes', 'Policy 2 Suspend Repeat on Sunday': 'Yes',
    });
  });

  test('reads and resets statistics', async () => {
    expect(await table('get-node-manager-statistics', 'mode=globalpower')).toMatchObject({
      'Current Power': '202 Watts', 'Minimum Power': '150 Watts', 'Maximum Power': '240 Watts', 'Average Power': '200 Watts',
      'Policy/Global Administrative State': 'Enabled', 'Measurements State': 'In Progress',
    });
    device.nodeManager.measure(1, 0, 0, 330);
    await intelnm('reset-node-manager-statistics', 'mode=global');
    expect(await table('get-node-manager-statistics', 'mode=globalpower')).toMatchObject({ 'Current Power': '330 Watts', 'Minimum Power': '330 Watts', 'Average Power': '330 Watts' });
  });

  test('understands what it declines', async () => {
    const twelve = (...limits: readonly string[]): Promise<string> =>
      setPolicy('domainid=platform', 'policyid=12', 'policytrigger=none', ...limits, 'statisticsreportingperiod=20000', 'policystorage=persistent');
    await expect(twelve('policytargetlimit=50', 'correctiontimelimit=10000')).rejects.toThrow('Power Limit out of range');
    await expect(twelve('policytargetlimit=250', 'correctiontimelimit=5')).rejects.toThrow('Correction Time out of range');
    expect(settingsOf(12)).toBeUndefined();
  });
});

test('ipmitool reads a policy that FreeIPMI made', async () => {
  const { host, port, username, password } = device.access;
  const login = ['-I', 'lanplus', '-C', '17', '-H', host, '-p', String(port), '-U', username, '-P', password];
  const printed = await run('ipmitool', [...login, '-b', '0', '-t', '0x2c', 'raw', '0x2e', '0xc2', '0x57', '0x01', '0x00', '0x00', '0x0b']);
  expect(printed.replaceAll(/\s+/g, ' ').trim()).toBe('57 01 00 70 10 00 fa 00 10 27 00 00 00 00 20 4e');
});
