import { type IpmiSim, run, findTool, startIpmiSim } from '@ferric/lab';
import { createIpmiClient, type IpmiClient, type RequestCarrier } from '@ferric/ipmi-raw-buffer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  controlNmPolicy, findNodeManager, getNmCapabilities, getNmPolicy, getNmPolicySuspend, getNmStatistics, getNmVersion, removeNmPolicy, removeNmPolicySuspend,
  resetNmStatistics, setNmPolicy, setNmPolicySuspend, type NmPolicy, type NodeManagerLocation,
} from '../../src/client/index.js';
import { bytesOf, printRequest } from '../scripted-bmc.js';

let bmc: IpmiSim;
let client: IpmiClient;
let watched: RequestCarrier;
let nm: NodeManagerLocation;
const asked: string[] = [];

beforeAll(async () => {
  bmc = await startIpmiSim();
  client = createIpmiClient({ host: bmc.host, port: bmc.port, username: bmc.username, password: bmc.password, cipherSuite: 3 });
  watched = {
    address: client.address,
    raw: (request, options) => {
      asked.push(printRequest(request));
      return client.raw(request, options);
    },
  };
  nm = await findNodeManager(watched);
});
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await bmc?.[Symbol.asyncDispose]();
});

/** What ipmitool gets for the same bytes: an answer of the same Node Manager, by other hands. */
async function byIpmitool(bytes: string): Promise<string> {
  const words = [...bytesOf(bytes)].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`);
  const login = ['-I', 'lanplus', '-C', '3', '-H', bmc.host, '-p', String(bmc.port), '-U', bmc.username, '-P', bmc.password];
  return (await run(findTool('ipmitool'), [...login, '-b', '0', '-t', '0x2c', 'raw', ...words])).replaceAll(/\s/g, '');
}

const hex = (text: string): string => bytesOf(text).toString('hex');
const lastAsked = (): string | undefined => asked.at(-1);

const policy: NmPolicy = {
  domainId: 'platform', policyId: 11, enable: true, policyTrigger: 'none', action: 'alert', powerDomain: 'primary', targetLimit: 250,
  correctionTime: 10_000, reportingPeriod: 20_000,
};
const key = { domainId: 'platform', policyId: 11 } as const;

describe("Node Manager behind OpenIPMI's BMC", () => {
  test('is found by its record', () => {
    expect(nm).toEqual({ slaveAddress: 0x2c, channel: 0, lun: 0, sensors: { health: 0x18, exception: 0x19, operationalCapabilities: 0x1a, alertThreshold: 0x1b } });
  });

  test('tells its version and its limits, as the document shows them', async () => {
    expect(await getNmVersion(watched, nm)).toEqual({ firmware: '1.2', ipmi: '3.0', nm: '3.0', patch: '7' });
    expect(lastAsked()).toBe(`0:2c ${hex('2e ca 570100')}`);
    expect(await byIpmitool('2e ca 570100')).toBe('5701000503070102');
    expect(await getNmCapabilities(watched, nm, { domainId: 'platform', policyTrigger: 'none', powerDomain: 'primary' })).toEqual({
      domainId: 'platform', powerDomain: 'primary', maxPolicies: 16, maxLimitValue: 4096, minLimitValue: 100, minCorrectionTime: 10,
      maxCorrectionTime: 100_000, minReportingPeriod: 100, maxReportingPeriod: 32_768,
    });
  });

  test('keeps a policy, which ipmitool reads byte for byte', async () => {
    await setNmPolicy(watched, nm, policy);
    expect(lastAsked()).toBe(`0:2c ${hex('2e c1 570100 10 0b 10 00 fa00 10270000 0000 204e')}`);
    expect(await byIpmitool('2e c2 570100 00 0b')).toBe(hex('570100 70 10 00 fa00 10270000 0000 204e'));
    expect(await getNmPolicy(watched, nm, key)).toEqual({
      action: 'alert', correctionTime: 10_000, cpuPowerCorrection: 'auto', createdByNm: true, domainId: 'platform', enabled: true, globalEnabled: true,
      perDomainEnabled: true, policyTrigger: 'none', powerDomain: 'primary', powerPolicy: true, reportingPeriod: 20_000, storage: 'persistent',
      targetLimit: 250, triggerLimit: 0,
    });
    await controlNmPolicy(watched, nm, { scope: 'policy', enable: false, policyId: 11 });
    expect(await byIpmitool('2e c2 570100 00 0b')).toMatch(/^57010060/);
    expect(await getNmPolicy(watched, nm, key)).toMatchObject({ enabled: false });
  });

  test("reads a policy that ipmitool set, the document's example with its trigger limit", async () => {
    await byIpmitool('2e c1 570100 10 0b 10 00 fa00 10270000 2c01 204e');
    expect(await getNmPolicy(watched, nm, key)).toMatchObject({ targetLimit: 250, correctionTime: 10_000, triggerLimit: 300, reportingPeriod: 20_000, enabled: true });
  });

  test('keeps suspend periods and forgets them', async () => {
    const periods = [{ start: 20, stop: 100, days: ['monday', 'tuesday'] }, { start: 30, stop: 150, days: ['friday', 'sunday'] }] as const;
    await setNmPolicySuspend(watched, nm, { ...key, periods });
    expect(lastAsked()).toBe(`0:2c ${hex('2e c5 570100 00 0b 02 146403 1e9650')}`);
    expect(await byIpmitool('2e c6 570100 00 0b')).toBe(hex('570100 02 146403 1e9650'));
    expect(await getNmPolicySuspend(watched, nm, key)).toEqual({ ...key, periods });
    await removeNmPolicySuspend(watched, nm, key);
    expect(await getNmPolicySuspend(watched, nm, key)).toEqual({ ...key, periods: [] });
  });

  test('tells statistics, and takes their reset', async () => {
    expect(await getNmStatistics(watched, nm, { scope: 'global', domainId: 'platform', parameterName: 'power' })).toEqual({
      domainId: 'platform', currentValue: 202, minimumValue: 150, maximumValue: 240, averageValue: 200, timestamp: new Date('2016-02-03T20:13:52Z'),
      reportingPeriod: 2125, administrativeEnabled: true, operationalState: true, measurementState: true, activationState: true,
    });
    await resetNmStatistics(watched, nm, { scope: 'global', domainId: 'platform' });
    expect(lastAsked()).toBe(`0:2c ${hex('2e c7 570100 00 00 00')}`);
  });

  test('a policy that is removed is not there', async () => {
    await setNmPolicy(watched, nm, policy);
    await removeNmPolicy(watched, nm, key);
    await expect(getNmPolicy(watched, nm, key)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { completionCode: '0x80' } });
    await expect(removeNmPolicy(watched, nm, key)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('enables and disables a domain and itself', async () => {
    await setNmPolicy(watched, nm, policy);
    await controlNmPolicy(watched, nm, { scope: 'domain', enable: false, domainId: 'platform' });
    await controlNmPolicy(watched, nm, { scope: 'global', enable: false });
    expect(await getNmPolicy(watched, nm, key)).toMatchObject({ enabled: true, perDomainEnabled: false, globalEnabled: false });
    await controlNmPolicy(watched, nm, { scope: 'domain', enable: true, domainId: 'platform' });
    await controlNmPolicy(watched, nm, { scope: 'global', enable: true });
    expect(await getNmPolicy(watched, nm, key)).toMatchObject({ perDomainEnabled: true, globalEnabled: true });
  });
});

test('a record that tells of a Node Manager which is not there', async () => {
  await using without = await startIpmiSim({ nodeManager: false });
  await using other = createIpmiClient({ host: without.host, port: without.port, username: without.username, password: without.password, cipherSuite: 3 });
  await expect(findNodeManager(other)).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('which does not answer') as unknown });
});
