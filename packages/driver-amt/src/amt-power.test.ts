import { FerricError, POWER_TARGETS, type PowerTarget } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createAmtBench } from '../test/amt-bench.js';

const ADDRESS = '192.0.2.10:16992';

describe('reading', () => {
  test.each<[number, number | undefined, object]>([
    [2, undefined, { state: 'power on', source: 'device' }],
    [2, 3, { state: 'power on', detail: 'in connected standby' }],
    [4, undefined, { state: 'power on', detail: 'in deep sleep (S3)' }],
    [7, undefined, { state: 'power off', detail: 'hibernated (S4)' }],
    [8, undefined, { state: 'power off' }],
    [1, undefined, { state: 'unknown', detail: 'AMT has no name for the power state' }],
  ])('power state %d with saving %s', async (powerState, osSaving, reading) => {
    await using bench = createAmtBench();
    bench.amt.powerState = powerState;
    bench.amt.osSaving = osSaving;
    expect(await bench.run(bench.device.power.read())).toMatchObject({ ...reading, at: new Date('2026-01-01T00:00:00Z') });
    expect(bench.amt.changes).toEqual([]);
  });

  test('a state that passes is looked at again, and called unknown when it does not pass', async () => {
    await using bench = createAmtBench();
    bench.amt.powerState = 9;
    let looks = 0;
    bench.amt.before = (call) => {
      if (call.startsWith('get CIM_Associated') && (looks += 1) === 3) bench.amt.powerState = 2;
    };
    expect(await bench.run(bench.device.power.read())).toMatchObject({ state: 'power on' });
    bench.amt.powerState = 9;
    looks = 3;
    expect(await bench.run(bench.device.power.read())).toMatchObject({ state: 'unknown', detail: 'a power cycle is under way' });
    expect(looks).toBe(7);
  });
});

describe('setting', () => {
  test.each<[PowerTarget, number, string]>([
    ['power on', 8, 'power on'], ['power off', 2, 'power off'], ['rebooting', 2, 'power on'], ['rebooting', 8, 'power on'], ['soft power off', 2, 'power off'],
    ['soft rebooting', 2, 'power on'],
  ])('%s from %d is done', async (target, from, state) => {
    await using bench = createAmtBench();
    bench.amt.powerState = from;
    expect(await bench.run(bench.device.power.set(target))).toMatchObject({ status: 'done', reading: { state, source: 'device' } });
  });

  test('what is there already sends nothing', async () => {
    await using bench = createAmtBench();
    expect(await bench.run(bench.device.power.set('power off'))).toEqual({ status: 'done', reading: { state: 'power off', source: 'device', at: expect.any(Date) } });
    expect(bench.amt.changes).toEqual([]);
  });

  test('tells what was asked for, and of a restart that its state does not show it', async () => {
    await using bench = createAmtBench();
    bench.amt.powerState = 2;
    expect(await bench.run(bench.device.power.set('rebooting'))).toMatchObject({
      report: { requests: ['reset'] }, detail: "AMT accepted 'reset', and the machine is on; its power state does not show the restart itself",
    });
    expect(await bench.run(bench.device.power.set('power off'))).toMatchObject({ report: { requests: ['power off'] } });
  });

  test('tries as often, and waits as long, as driver_info says', async () => {
    await using bench = createAmtBench({ amt_max_attempts: 5, amt_action_wait: 30 });
    const times: number[] = [];
    bench.amt.before = (call) => {
      if (call.startsWith('invoke')) times.push(bench.clock.monotonicMs());
    };
    bench.amt.fates.set('RequestPowerStateChange', Array.from({ length: 9 }, () => ({ returnValue: 2 })));
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'REFUSED' });
    expect(times).toHaveLength(5);
    for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(30_000);
  });

  test('what no machine can be set to is refused', async () => {
    await using bench = createAmtBench();
    expect([...bench.device.power.targets].toSorted()).toEqual([...POWER_TARGETS].toSorted());
    await expect(bench.device.power.set('hibernate' as PowerTarget)).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { address: ADDRESS } });
    expect(bench.amt.calls).toEqual([]);
  });

  test('what this machine does not offer is refused in words', async () => {
    await using bench = createAmtBench();
    bench.amt.powerState = 2;
    bench.amt.accepted = [8, 10];
    await expect(bench.run(bench.device.power.set('soft power off'))).rejects.toMatchObject({
      code: 'UNSUPPORTED', message: `${ADDRESS}: 'soft power off' is not possible: the machine does not offer 'graceful power off' now`,
      details: { address: ADDRESS }, hint: expect.stringContaining('Local Manageability Service'),
    });
    expect(bench.amt.changes).toEqual([]);
  });
});

describe('errors', () => {
  const NOT_CONNECTED = { step: 'connect', sent: false };
  test.each<[string, FerricError, Readonly<Record<string, unknown>>, string | undefined]>([
    [
      'a wrong password', new FerricError('AUTH_FAILED', 'refused', { details: { retryInMs: 90_000 }, hint: 'Correct the credentials.' }), {},
      'Correct amt_username and amt_password. The same ones are tried again in 2 min, others at once: AMT locks a user after several refusals.',
    ],
    ['something that offers no digest', new FerricError('AUTH_FAILED', 'no digest', { hint: 'Check that AMT listens there.' }), {}, 'Check that AMT listens there.'],
    [
      'no connection', new FerricError('UNREACHABLE', 'refused', { details: NOT_CONNECTED, hint: 'Check address and port.' }), {},
      'Check amt_address and amt_port, that the machine has power, and that AMT is set up for the network. AMT 16.1 and later have closed the port of http: set amt_protocol to https.',
    ],
    [
      'no connection', new FerricError('UNREACHABLE', 'refused', { details: NOT_CONNECTED, hint: 'Check address and port.' }), { amt_protocol: 'https' },
      'Check amt_address and amt_port, that the machine has power, and that AMT is set up for the network. AMT speaks TLS only when it was set up for it, or from 16.1 on. AMT before 12 may need amt_tls_profile legacy.',
    ],
    [
      'no sign of life', new FerricError('UNREACHABLE', 'silent', { details: { step: 'wake', sent: false }, hint: 'It sleeps.' }), {},
      'It sleeps. AMT 16.1 and later have closed the port of http: set amt_protocol to https.',
    ],
    ['a connection that broke', new FerricError('UNREACHABLE', 'broke', { details: { step: 'answer', sent: false }, hint: 'It restarts.' }), {}, 'It restarts.'],
    ['a change whose answer was lost', new FerricError('UNREACHABLE', 'broke', { details: { step: 'connect', sent: true }, hint: 'Read the state.' }), {}, 'Read the state.'],
    [
      'an unknown certificate', new FerricError('TLS_UNTRUSTED', 'self-signed', { hint: 'Compare the fingerprint.' }), { amt_protocol: 'https' },
      'Compare the fingerprint. In driver_info these are amt_tls_fingerprint and amt_verify_ca.',
    ],
    [
      'old TLS', new FerricError('UNSUPPORTED', 'old TLS', { details: NOT_CONNECTED, hint: 'profile legacy or auto' }), { amt_protocol: 'https' },
      'AMT before 12 speaks TLS 1.0 and 1.1 only: update its firmware, or take them for this machine alone by amt_tls_profile legacy.',
    ],
    ['older TLS', new FerricError('UNSUPPORTED', 'SSL 3', { details: NOT_CONNECTED, hint: 'No way.' }), { amt_protocol: 'https', amt_tls_profile: 'legacy' }, 'No way.'],
    ['something that it lacks', new FerricError('UNSUPPORTED', 'no such class', { details: { step: 'answer' } }), { amt_protocol: 'https' }, undefined],
  ])('of %s (%s) with %j say what to do in the fields of driver_info', async (_what, failure, fields, hint) => {
    await using bench = createAmtBench(fields);
    const address = fields['amt_protocol'] === 'https' ? '192.0.2.10:16993' : ADDRESS;
    bench.amt.fates.set('CIM_AssociatedPowerManagementService', [failure]);
    const error: unknown = await bench.device.power.read().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: failure.code, message: `${address}: ${failure.message}`, retryable: failure.retryable, details: { ...failure.details, address }, cause: failure });
    expect((error as FerricError).hint).toBe(hint);
  });

  test('that name the address do so once', async () => {
    await using bench = createAmtBench();
    bench.amt.fates.set('CIM_AssociatedPowerManagementService', [new FerricError('BUSY', `The device at ${ADDRESS} is busy`)]);
    await expect(bench.device.power.read()).rejects.toMatchObject({ message: `The device at ${ADDRESS} is busy`, hint: undefined });
  });

  test.each([3000, 20_000, 90_000])('of a deadline of %d ms say for which machine, and what was waited for', async (timeoutMs) => {
    await using bench = createAmtBench({ amt_max_attempts: 1 });
    bench.amt.fates.set('RequestPowerStateChange', ['ignored']);
    await expect(bench.run(bench.device.power.set('power on', { timeoutMs }))).rejects.toMatchObject({
      code: 'TIMEOUT', message: expect.stringContaining(ADDRESS), details: { address: ADDRESS, step: 'wait for the machine', target: 'power on', received: 'power off' },
    });
    expect(bench.clock.monotonicMs()).toBeLessThanOrEqual(timeoutMs);
  });
});

test('an interrupt goes to a machine that runs', async () => {
  await using bench = createAmtBench();
  await expect(bench.device.nmi?.inject()).rejects.toMatchObject({ code: 'CONFLICT', details: { address: ADDRESS } });
  bench.amt.powerState = 2;
  await bench.run(bench.device.nmi?.inject() ?? expect.fail('no NMI'));
  expect(bench.amt.changes).toEqual(['invoke RequestPowerStateChange 11']);
});
