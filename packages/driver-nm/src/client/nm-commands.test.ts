import { optionIssues } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, scriptedBmc, type ScriptedBmc } from '../../test/scripted-bmc.js';
import {
  callNodeManager, controlNmPolicy, decodeNmAnswer, getNmCapabilities, getNmPolicy, getNmPolicySuspend, getNmStatistics, getNmVersion, removeNmPolicy,
  removeNmPolicySuspend, resetNmStatistics, setNmPolicy, setNmPolicySuspend, type NmPolicy, type NmRequests,
} from './index.js';

const nm = { slaveAddress: 0x2c, channel: 0 };
const hop = '0:2c ';
const policy: NmPolicy = {
  domainId: 'platform', policyId: 11, enable: true, policyTrigger: 'none', action: 'alert', powerDomain: 'primary', targetLimit: 250,
  correctionTime: 10_000, triggerLimit: 300, reportingPeriod: 20_000,
};

/** A Node Manager that says yes, with this body. */
function answering(body = ''): ScriptedBmc {
  return scriptedBmc(() => `00 570100 ${body}`);
}

const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('it was fulfilled'),
    (reason: unknown) => reason,
  );

/** What a call sends, without the bridge. */
async function sent(call: (bmc: ScriptedBmc) => Promise<unknown>): Promise<string> {
  const bmc = answering();
  await call(bmc);
  expect(bmc.asked).toHaveLength(1);
  expect(bmc.asked[0]?.startsWith(hop)).toBe(true);
  return bmc.asked[0]?.slice(hop.length) ?? '';
}

const hex = (text: string): string => bytesOf(text).toString('hex');

describe('requests, byte for byte', () => {
  test('go to the logical unit and the bus that the record told', async () => {
    const bmc = answering('05 03 07 01 02');
    const raw: unknown[] = [];
    await getNmVersion({ ...bmc, raw: (request, options) => (raw.push(request), bmc.raw(request, options)) }, { slaveAddress: 0x88, channel: 6, lun: 2 });
    expect(raw).toEqual([{ netFn: 0x2e, lun: 2, command: 0xca, data: bytesOf('570100'), bridge: [{ channel: 6, address: 0x88 }] }]);
  });

  test.each<[string, string, (bmc: ScriptedBmc) => Promise<unknown>]>([
    ['control disables a policy', '2ec0 570100 04 00 0b', (bmc) => controlNmPolicy(bmc, nm, { scope: 'policy', enable: false, domainId: 'platform', policyId: 11 })],
    ['control of a policy without domain means the platform', '2ec0 570100 04 00 0a', (bmc) => controlNmPolicy(bmc, nm, { scope: 'policy', enable: false, policyId: 10 })],
    ['control enables a domain', '2ec0 570100 03 02 00', (bmc) => controlNmPolicy(bmc, nm, { scope: 'domain', enable: true, domainId: 'memory', policyId: 9 })],
    ['control disables a domain', '2ec0 570100 02 04 00', (bmc) => controlNmPolicy(bmc, nm, { scope: 'domain', enable: false, domainId: 'io' })],
    ['global control has no ids', '2ec0 570100 01 00 00', (bmc) => controlNmPolicy(bmc, nm, { scope: 'global', enable: true, domainId: 'cpu', policyId: 9 })],
    ['global control disables', '2ec0 570100 00 00 00', (bmc) => controlNmPolicy(bmc, nm, { scope: 'global', enable: false })],
    [
      'set leaves out the limit of a trigger that is not there',
      '2ec1 570100 10 0b 10 00 fa00 10270000 0000 204e',
      (bmc) => setNmPolicy(bmc, nm, policy),
    ],
    [
      'set without correction time uses 10 s',
      '2ec1 570100 10 0a 10 00 c800 10270000 0000 204e',
      (bmc) =>
        setNmPolicy(bmc, nm, {
          domainId: 'platform', enable: true, policyId: 10, policyTrigger: 'none', action: 'alert', powerDomain: 'primary', targetLimit: 200, reportingPeriod: 20_000,
        }),
    ],
    [
      'set of all that can be chosen',
      '2ec1 570100 14 ff d1 81 ffff ffffffff ffff ffff',
      (bmc) =>
        setNmPolicy(bmc, nm, {
          domainId: 'io', enable: true, policyId: 255, policyTrigger: 'temperature', action: 'shutdown', powerDomain: 'secondary', targetLimit: 65_535,
          correctionTime: 0xffff_ffff, triggerLimit: 65_535, reportingPeriod: 65_535, storage: 'volatile', cpuPowerCorrection: 'aggressive',
        }),
    ],
    [
      'a disabled policy keeps its domain',
      '2ec1 570100 01 0b 33 00 fa00 10270000 2c01 204e',
      (bmc) => setNmPolicy(bmc, nm, { ...policy, domainId: 'cpu', enable: false, policyTrigger: 'reset', cpuPowerCorrection: 'unagressive' }),
    ],
    [
      'a boot policy packs mode and cores, and has no times',
      '2ec1 570100 10 7b 14 00 0400 00000000 0000 5802',
      (bmc) =>
        setNmPolicy(bmc, nm, {
          domainId: 'platform', enable: true, policyId: 123, policyTrigger: 'boot', action: 'alert', powerDomain: 'primary',
          targetLimit: { bootMode: 'power', coresDisabled: 2 }, correctionTime: 77, triggerLimit: 5, reportingPeriod: 600,
        }),
    ],
    [
      'a boot policy for performance',
      '2ec1 570100 10 7b 14 00 ff00 00000000 0000 5802',
      (bmc) =>
        setNmPolicy(bmc, nm, {
          domainId: 'platform', enable: true, policyId: 123, policyTrigger: 'boot', action: 'alert', powerDomain: 'primary',
          targetLimit: { bootMode: 'performance', coresDisabled: 127 }, reportingPeriod: 600,
        }),
    ],
    ['remove policy', '2ec1 570100 00 0b 000000000000000000000000', (bmc) => removeNmPolicy(bmc, nm, policy)],
    [
      'set suspend',
      '2ec5 570100 00 0b 02 146403 1e9650',
      (bmc) =>
        setNmPolicySuspend(bmc, nm, {
          domainId: 'platform', policyId: 11,
          periods: [{ start: 20, stop: 100, days: ['monday', 'tuesday'] }, { start: 30, stop: 150, days: ['sunday', 'friday'] }],
        }),
    ],
    ['remove suspend', '2ec5 570100 00 0b 00', (bmc) => removeNmPolicySuspend(bmc, nm, { domainId: 'platform', policyId: 11 })],
    ['reset of a domain', '2ec7 570100 00 02 00', (bmc) => resetNmStatistics(bmc, nm, { scope: 'global', domainId: 'memory' })],
    ['reset of a policy', '2ec7 570100 01 00 0b', (bmc) => resetNmStatistics(bmc, nm, { scope: 'policy', domainId: 'platform', policyId: 11 })],
    ['reset of one', '2ec7 570100 1f 00 00', (bmc) => resetNmStatistics(bmc, nm, { scope: 'global', parameterName: 'communication_failures' })],
  ])('%s', async (_name, expected, call) => {
    expect(await sent(call)).toBe(hex(expected));
  });

  test.each([
    ['power', 0x01], ['temperature', 0x02], ['throttling', 0x03], ['airflow', 0x04], ['airflow_temperature', 0x05], ['chassis_power', 0x06],
    ['unhandled_requests', 0x1b], ['response_time', 0x1c], ['cpu_throttling', 0x1d], ['memory_throttling', 0x1e], ['communication_failures', 0x1f],
  ] as const)('global statistic %s has mode %i', async (parameterName, mode) => {
    const bmc = answering('00000000000000000000000000000000 03');
    await getNmStatistics(bmc, nm, { scope: 'global', domainId: 'protection', parameterName });
    expect(bmc.asked).toEqual([hop + hex(`2ec8 570100 ${mode.toString(16).padStart(2, '0')} 03 00`)]);
  });

  test.each([['power', '11'], ['trigger', '12'], ['throttling', '13']] as const)('statistic %s of a policy has mode %s', async (parameterName, mode) => {
    const bmc = answering('00000000000000000000000000000000 01');
    await getNmStatistics(bmc, nm, { scope: 'policy', domainId: 'cpu', policyId: 200, parameterName });
    expect(bmc.asked).toEqual([hop + hex(`2ec8 570100 ${mode} 01 c8`)]);
  });

  test('what must not happen twice is sent once, all else may be repeated', async () => {
    const bmc = answering();
    await removeNmPolicy(bmc, nm, policy);
    await setNmPolicy(bmc, nm, policy);
    expect(bmc.options.map((each) => each.repeatable)).toEqual([false, true]);
  });

  test('deadline and signal reach the carrier', async () => {
    const bmc = answering('05 03 07 01 02');
    const { signal } = new AbortController();
    await getNmVersion(bmc, nm, { signal, timeoutMs: 77 });
    expect(bmc.options).toEqual([{ signal, timeoutMs: 77, step: 'Get Node Manager Version', repeatable: true }]);
  });
});

describe('answers, byte for byte', () => {
  test('version', async () => {
    expect(await getNmVersion(answering('05 03 07 01 02'), nm)).toEqual({ firmware: '1.2', ipmi: '3.0', nm: '3.0', patch: '7' });
    expect(await getNmVersion(answering('02 01 00 0a 10'), nm)).toEqual({ firmware: '10.16', ipmi: '1.0', nm: '1.5', patch: '0' });
    expect(await getNmVersion(answering('06 04 ff 00 00'), nm)).toMatchObject({ nm: 'unknown', ipmi: 'unknown', patch: '255' });
  });

  test('capabilities', async () => {
    const bmc = answering('10 0010 6400 0a000000 a0860100 6400 0080 00');
    expect(await getNmCapabilities(bmc, nm, { domainId: 'platform', policyTrigger: 'none', powerDomain: 'primary' })).toEqual({
      domainId: 'platform', powerDomain: 'primary', maxPolicies: 16, maxLimitValue: 4096, minLimitValue: 100, minCorrectionTime: 10, maxCorrectionTime: 100_000,
      minReportingPeriod: 100, maxReportingPeriod: 32_768,
    });
    expect(bmc.asked).toEqual([hop + hex('2ec9 570100 00 10')]);
    const other = answering('01 0000 0000 00000000 00000000 0000 0000 84');
    expect(await getNmCapabilities(other, nm, { domainId: 'io', policyTrigger: 'boot', powerDomain: 'secondary' })).toMatchObject({ domainId: 'io', powerDomain: 'secondary' });
    expect(other.asked).toEqual([hop + hex('2ec9 570100 04 94')]);
  });

  test('policy', async () => {
    const bmc = answering('70 10 00 fa00 10270000 2c01 204e');
    expect(await getNmPolicy(bmc, nm, { domainId: 'platform', policyId: 11 })).toEqual({
      action: 'alert', correctionTime: 10_000, cpuPowerCorrection: 'auto', createdByNm: true, domainId: 'platform', enabled: true, globalEnabled: true,
      perDomainEnabled: true, policyTrigger: 'none', powerDomain: 'primary', powerPolicy: true, reportingPeriod: 20_000, storage: 'persistent',
      targetLimit: 250, triggerLimit: 300,
    });
    expect(bmc.asked).toEqual([hop + hex('2ec2 570100 00 0b')]);
  });

  test('the other side of every bit of a policy', async () => {
    expect(await getNmPolicy(answering('84 c1 81 0000 00000000 0000 0000'), nm, { domainId: 'io', policyId: 0 })).toMatchObject({
      domainId: 'io', enabled: false, perDomainEnabled: false, globalEnabled: false, createdByNm: false, policyTrigger: 'temperature', powerPolicy: false,
      cpuPowerCorrection: 'aggressive', storage: 'volatile', action: 'shutdown', powerDomain: 'secondary',
    });
  });

  test('a policy that shuts down by either reading of its bits is told as one', async () => {
    for (const byte of ['01', '02', '03']) {
      expect(await getNmPolicy(answering(`70 10 ${byte} fa00 10270000 2c01 204e`), nm, { domainId: 'platform', policyId: 11 })).toMatchObject({ action: 'shutdown' });
    }
  });

  test('a boot policy is told as it is set', async () => {
    expect(await getNmPolicy(answering('70 14 00 0500 00000000 0000 5802'), nm, { domainId: 'platform', policyId: 123 })).toMatchObject({
      policyTrigger: 'boot', targetLimit: { bootMode: 'performance', coresDisabled: 2 },
    });
  });

  test('suspend periods come with the policy they belong to', async () => {
    const bmc = answering('02 146403 1e9650');
    expect(await getNmPolicySuspend(bmc, nm, { domainId: 'platform', policyId: 11 })).toEqual({
      domainId: 'platform', policyId: 11,
      periods: [{ start: 20, stop: 100, days: ['monday', 'tuesday'] }, { start: 30, stop: 150, days: ['friday', 'sunday'] }],
    });
    expect(bmc.asked).toEqual([hop + hex('2ec6 570100 00 0b')]);
    expect(await getNmPolicySuspend(answering('00'), nm, { domainId: 'cpu', policyId: 1 })).toEqual({ domainId: 'cpu', policyId: 1, periods: [] });
  });

  test('statistics', async () => {
    const bmc = answering('ca00 9600 f000 c800 805fb256 4d080000 f0');
    expect(await getNmStatistics(bmc, nm, { scope: 'global', domainId: 'platform', parameterName: 'power' })).toEqual({
      domainId: 'platform', currentValue: 202, minimumValue: 150, maximumValue: 240, averageValue: 200, timestamp: new Date('2016-02-03T20:13:52Z'),
      reportingPeriod: 2125, administrativeEnabled: true, operationalState: true, measurementState: true, activationState: true,
    });
    expect(bmc.asked).toEqual([hop + hex('2ec8 570100 01 00 00')]);
  });

  // Source: Lenovo, XClarity Controller, "Managing the server power using Node Manager commands"; the answer of a real machine.
  test('statistics of a real machine', async () => {
    expect(await getNmStatistics(answering('3800 0400 4100 3900 ec56f753 5a860000 50'), nm, { scope: 'global', domainId: 'platform', parameterName: 'power' })).toEqual({
      domainId: 'platform', currentValue: 56, minimumValue: 4, maximumValue: 65, averageValue: 57, timestamp: new Date('2014-08-22T14:42:52Z'),
      reportingPeriod: 34_394, administrativeEnabled: true, operationalState: false, measurementState: true, activationState: false,
    });
  });

  test.each([['ffffffff'], ['00000020'], ['00000000'], ['01000000']])('a timestamp of %s is no time', async (timestamp) => {
    const { timestamp: found } = await getNmStatistics(answering(`00000000 00000000 ${timestamp} 00000000 00`), nm, { scope: 'global', domainId: 'platform', parameterName: 'power' });
    expect(found).toBeNull();
  });

  test('timestamps beyond the limits of signed numbers are times', async () => {
    const at = async (timestamp: string): Promise<unknown> =>
      (await getNmStatistics(answering(`00000000 00000000 ${timestamp} 00000000 00`), nm, { scope: 'global', domainId: 'platform', parameterName: 'power' })).timestamp;
    expect([await at('01000020'), await at('00000080'), await at('feffffff')]).toEqual([
      new Date(0x2000_0001 * 1000), new Date('2038-01-19T03:14:08Z'), new Date('2106-02-07T06:28:14Z'),
    ]);
  });

  test('surplus bytes are left aside', async () => {
    expect(await getNmVersion(answering('05 03 07 01 02 ff ff'), nm)).toMatchObject({ firmware: '1.2' });
    expect(await getNmPolicy(answering('70 10 00 fa00 10270000 2c01 204e ffff'), nm, policy)).toMatchObject({ reportingPeriod: 20_000 });
  });
});

const ANSWERS: readonly [keyof NmRequests, string, NmRequests[keyof NmRequests]][] = [
  ['get_nm_version', '05 03 07 01 02', {}],
  ['get_nm_capabilities', '10 0010 6400 0a000000 a0860100 6400 0080 00', { domainId: 'platform', policyTrigger: 'none', powerDomain: 'primary' }],
  ['get_nm_policy', '70 10 00 fa00 10270000 2c01 204e', policy],
  ['get_nm_policy_suspend', '02 146403 1e9650', policy],
  ['get_nm_statistics', 'ca00 9600 f000 c800 805fb256 4d080000 f0', { scope: 'global', domainId: 'platform', parameterName: 'power' }],
];

describe('answers that make no sense', () => {
  test.each(ANSWERS)('%s cut at any byte is PROTOCOL_FAULT', async (name, body, request) => {
    const whole = bytesOf(`570100 ${body}`);
    for (let length = 0; length < whole.length; length += 1) {
      const bmc = scriptedBmc(() => `00 ${whole.subarray(0, length).toString('hex')}`);
      const error = await rejection(callNodeManager(bmc, nm, name, request as never));
      expect([length, error]).toEqual([length, expect.objectContaining({ code: 'PROTOCOL_FAULT', details: expect.objectContaining({ address: '192.0.2.10:623' }) as unknown })]);
    }
  });

  test.each([
    ['another manufacturer', 'get_nm_version', '560100 05 03 07 01 02'],
    ['no manufacturer', 'control_nm_policy', ''],
    ['an unknown domain', 'get_nm_policy', '570100 75 10 00 fa00 10270000 2c01 204e'],
    ['an unknown trigger', 'get_nm_policy', '570100 70 15 00 fa00 10270000 2c01 204e'],
    ['an unknown correction', 'get_nm_policy', '570100 70 70 00 fa00 10270000 2c01 204e'],
    ['an unknown domain of statistics', 'get_nm_statistics', '570100 ca00 9600 f000 c800 805fb256 4d080000 ff'],
  ] as const)('%s is PROTOCOL_FAULT', (_name, method, data) => {
    expect(() => decodeNmAnswer(method, bytesOf(data), policy as never)).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }) as Error);
  });

  test('the error shows what came, cut', () => {
    const data = Buffer.concat([bytesOf('570100 7f 10 00'), Buffer.alloc(200, 0xab)]);
    expect(() => decodeNmAnswer('get_nm_policy', data, policy)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ received: expect.stringMatching(/^7f1000(ab){29}\.\.\.$/) as unknown }) as unknown }) as Error,
    );
  });
});

describe('what Node Manager declines', () => {
  test.each<[string, keyof NmRequests, unknown, string, string]>([
    ['80', 'get_nm_policy', policy, 'NOT_FOUND', 'there is no policy with this id'],
    ['80', 'set_nm_policy', policy, 'NOT_FOUND', 'no policy'],
    ['81', 'set_nm_policy', policy, 'REFUSED', 'domain'],
    ['84', 'set_nm_policy', policy, 'REFUSED', 'target_limit is out of range'],
    ['85', 'set_nm_policy', policy, 'REFUSED', 'correction_time is out of range'],
    ['86', 'set_nm_policy', policy, 'REFUSED', 'trigger_limit is out of range'],
    ['89', 'set_nm_policy', policy, 'REFUSED', 'reporting_period is out of range'],
    ['8b', 'set_nm_policy', policy, 'REFUSED', 'cpu_power_correction'],
    ['85', 'set_nm_policy_suspend', { ...ids(), periods: [{ start: 1, stop: 2, days: ['monday'] }] }, 'REFUSED', 'one of the periods contradicts'],
    ['87', 'set_nm_policy_suspend', { ...ids(), periods: [{ start: 1, stop: 2, days: ['monday'] }] }, 'REFUSED', 'too many periods'],
    ['88', 'get_nm_statistics', { scope: 'global', domainId: 'platform', parameterName: 'airflow' }, 'REFUSED', 'does not measure this'],
    ['82', 'get_nm_capabilities', { domainId: 'platform', policyTrigger: 'boot', powerDomain: 'primary' }, 'REFUSED', 'policy_trigger'],
    ['84', 'get_nm_policy', policy, 'REFUSED', 'command-specific completion code'],
    ['c1', 'get_nm_version', {}, 'UNSUPPORTED', 'invalid command'],
    ['d5', 'set_nm_policy', policy, 'CONFLICT', 'present state'],
    ['c0', 'get_nm_version', {}, 'BUSY', 'node busy'],
  ])('completion code %s of %s', async (completionCode, name, request, code, text) => {
    const given = name === 'get_nm_policy' ? ids() : request;
    const error = await rejection(callNodeManager(scriptedBmc(() => completionCode), nm, name, given as never));
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) as unknown, details: { address: '192.0.2.10:623', completionCode: `0x${completionCode}` } });
  });
});

function ids(): { readonly domainId: 'platform'; readonly policyId: number } {
  return { domainId: 'platform', policyId: 11 };
}

describe('requests that are wrong', () => {
  const boot = { ...policy, policyTrigger: 'boot' } as const;
  test.each<[string, keyof NmRequests, unknown, readonly string[]]>([
    ['a policy id that is no byte', 'get_nm_policy', { domainId: 'platform', policyId: 256 }, ['policyId']],
    ['a negative policy id', 'get_nm_policy', { domainId: 'platform', policyId: -1 }, ['policyId']],
    ['all missing fields at once', 'get_nm_policy', {}, ['domainId', 'policyId']],
    ['the domain protection has no policies', 'get_nm_policy', { domainId: 'protection', policyId: 1 }, ['domainId']],
    ['trigger temperature without its limit', 'set_nm_policy', { ...policy, policyTrigger: 'temperature', triggerLimit: undefined }, ['triggerLimit']],
    ['trigger power without its limit', 'set_nm_policy', { ...policy, policyTrigger: 'power', triggerLimit: undefined }, ['triggerLimit']],
    ['trigger reset without its limit', 'set_nm_policy', { ...policy, policyTrigger: 'reset', triggerLimit: undefined }, ['triggerLimit']],
    ['an object as the limit of a policy that is not for boot', 'set_nm_policy', { ...policy, targetLimit: { bootMode: 'power', coresDisabled: 1 } }, ['targetLimit']],
    ['a number as the limit of a boot policy', 'set_nm_policy', { ...boot, targetLimit: 250 }, ['targetLimit']],
    ['a boot limit with too many cores', 'set_nm_policy', { ...boot, targetLimit: { bootMode: 'power', coresDisabled: 128 } }, ['targetLimit.coresDisabled']],
    ['half a boot limit', 'set_nm_policy', { ...boot, targetLimit: { bootMode: 'power' } }, ['targetLimit.coresDisabled']],
    ['no limit', 'set_nm_policy', { ...policy, targetLimit: undefined }, ['targetLimit']],
    ['a limit above 16 bits', 'set_nm_policy', { ...policy, targetLimit: 65_536 }, ['targetLimit']],
    ['a correction time above 32 bits', 'set_nm_policy', { ...policy, correctionTime: 0x1_0000_0000 }, ['correctionTime']],
    ['several wrong values at once', 'set_nm_policy', { ...policy, action: 'x', powerDomain: 'y', reportingPeriod: 65_536, storage: 'z' }, ['action', 'powerDomain', 'reportingPeriod', 'storage']],
    ['control of a domain without domain', 'control_nm_policy', { scope: 'domain', enable: true }, ['domainId']],
    ['control of a policy without policy', 'control_nm_policy', { scope: 'policy', enable: true }, ['policyId']],
    ['a parameter that the scope does not have', 'get_nm_statistics', { scope: 'policy', domainId: 'cpu', policyId: 1, parameterName: 'airflow' }, ['parameterName']],
    ['a parameter of policies in the scope global', 'get_nm_statistics', { scope: 'global', domainId: 'cpu', parameterName: 'trigger' }, ['parameterName']],
    ['statistics of no domain', 'get_nm_statistics', { scope: 'global', parameterName: 'power' }, ['domainId']],
    ['statistics of no policy', 'get_nm_statistics', { scope: 'policy', domainId: 'cpu', parameterName: 'power' }, ['policyId']],
    ['statistics without parameter', 'get_nm_statistics', { scope: 'global', domainId: 'cpu' }, ['parameterName']],
    ['reset of a parameter that cannot be reset alone', 'reset_nm_statistics', { scope: 'global', domainId: 'cpu', parameterName: 'power' }, ['parameterName']],
    ['reset of a parameter of a policy', 'reset_nm_statistics', { scope: 'policy', domainId: 'cpu', policyId: 1, parameterName: 'response_time' }, ['parameterName']],
    ['reset of no domain', 'reset_nm_statistics', { scope: 'global' }, ['domainId']],
    ['no period', 'set_nm_policy_suspend', { ...ids(), periods: [] }, ['periods']],
    ['six periods', 'set_nm_policy_suspend', { ...ids(), periods: Array.from({ length: 6 }, () => ({ start: 1, stop: 2, days: ['monday'] })) }, ['periods']],
    ['a period that starts at 24:00', 'set_nm_policy_suspend', { ...ids(), periods: [{ start: 240, stop: 240, days: ['monday'] }] }, ['periods.0.start']],
    ['a period that ends after 24:00', 'set_nm_policy_suspend', { ...ids(), periods: [{ start: 0, stop: 241, days: ['monday'] }] }, ['periods.0.stop']],
    ['a day twice', 'set_nm_policy_suspend', { ...ids(), periods: [{ start: 0, stop: 1, days: ['monday', 'monday'] }] }, ['periods.0.days']],
    ['no day', 'set_nm_policy_suspend', { ...ids(), periods: [{ start: 0, stop: 1, days: [] }] }, ['periods.0.days']],
  ])('%s', async (_name, method, request, fields) => {
    const bmc = answering();
    const error = await rejection(callNodeManager(bmc, nm, method, request as never));
    expect(optionIssues(error).map((issue) => issue.field)).toEqual(fields);
    expect(bmc.asked).toEqual([]);
  });
});

describe('properties', () => {
  const word = fc.integer({ min: 0, max: 0xffff });
  const policies: fc.Arbitrary<NmPolicy> = fc
    .record({
      domainId: fc.constantFrom('platform', 'cpu', 'memory', 'io' as const), policyId: fc.integer({ min: 0, max: 255 }), enable: fc.boolean(),
      policyTrigger: fc.constantFrom('none', 'temperature', 'power', 'reset', 'boot' as const), action: fc.constantFrom('alert', 'shutdown' as const),
      powerDomain: fc.constantFrom('primary', 'secondary' as const), limit: word,
      boot: fc.record({ bootMode: fc.constantFrom('power', 'performance' as const), coresDisabled: fc.integer({ min: 0, max: 127 }) }),
      correctionTime: fc.integer({ min: 0, max: 0xffff_ffff }), triggerLimit: word, reportingPeriod: word,
      cpuPowerCorrection: fc.constantFrom('auto', 'unagressive', 'aggressive' as const), storage: fc.constantFrom('persistent', 'volatile' as const),
    })
    .map(({ limit, boot, ...each }) => ({ ...each, targetLimit: each.policyTrigger === 'boot' ? boot : limit }));

  test('a policy that is set is the policy that is read, but for what its trigger does not use', async () => {
    await fc.assert(
      fc.asyncProperty(policies, async (each) => {
        const bmc = answering();
        await setNmPolicy(bmc, nm, each);
        const body = bytesOf(bmc.asked[0]?.slice(`${hop}2ec1570100`.length) ?? '');
        // Get Policy has the bytes of Set Policy without the number of the policy.
        const { enabled, powerPolicy, ...read } = await getNmPolicy(answering(Buffer.concat([body.subarray(0, 1), body.subarray(2)]).toString('hex')), nm, ids());
        const unused = each.policyTrigger === 'boot' ? { correctionTime: 0, triggerLimit: 0 } : each.policyTrigger === 'none' ? { triggerLimit: 0 } : {};
        const { policyId: _policyId, enable, ...set } = { ...each, ...unused };
        expect({ ...read, enable: enabled }).toMatchObject({ ...set, enable });
        expect(powerPolicy).toBe(true);
      }),
    );
  });

  test('whatever comes is a value or PROTOCOL_FAULT', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ANSWERS), fc.uint8Array({ maxLength: 300 }), fc.boolean(), ([name, , request], bytes, withManufacturer) => {
        try {
          decodeNmAnswer(name, withManufacturer ? Buffer.concat([bytesOf('570100'), bytes]) : bytes, request as never);
        } catch (error) {
          expect(error).toMatchObject({ name: 'FerricError', code: 'PROTOCOL_FAULT' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
