import { optionIssues } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { startSimulatedBench } from '../test/simulated-bench.js';

test('there are eleven, each described; those that read may run beside other work', async () => {
  await using bench = await startSimulatedBench();
  const methods = Object.entries(bench.device.vendor?.methods ?? {});
  expect(methods.map(([name, { httpMethods, async }]) => `${name} ${httpMethods.join('/')}${async ? ' async' : ''}`)).toEqual([
    'get_boot_capabilities GET', 'get_user_consent GET', 'request_user_consent POST', 'send_user_consent_code POST', 'cancel_user_consent POST',
    'synchronize_time POST', 'get_audit_log GET', 'get_alarms GET', 'add_alarm POST', 'delete_alarm POST/DELETE', 'power_state_change POST async',
  ]);
  for (const [, { description, requireExclusiveLock, httpMethods }] of methods) {
    expect(description.length).toBeGreaterThan(20);
    expect(requireExclusiveLock).toBe(!httpMethods.includes('GET'));
  }
});

test('what the firmware can be told about the next boot', async () => {
  await using bench = await startSimulatedBench();
  expect(await bench.call('get_boot_capabilities')).toMatchObject({ BIOSSetup: true, ForcePXEBoot: true, ForceCDorDVDBoot: true });
});

describe('user consent', () => {
  test('is asked for, given by the digits on the screen, and lets the boot be changed', async () => {
    await using bench = await startSimulatedBench({ controlMode: 'client' });
    expect(await bench.call('get_user_consent')).toMatchObject({
      supported: true, required: 'all', state: 'not started', granted: false, blocks_boot_and_redirection: true, control_mode: 'client control',
    });
    await bench.device.bootDevice?.set('pxe', { persistent: false });
    await expect(bench.device.power.set('power on')).rejects.toMatchObject({ code: 'REFUSED', details: { step: 'user consent' } });
    expect(bench.machine.state.power).toBe('power off');

    // The firmware shows it while the machine runs; here it does at any time.
    expect(await bench.call('request_user_consent')).toEqual({ state: 'displayed' });
    expect(await bench.call('send_user_consent_code', { code: bench.amt.machine.consent.code })).toEqual({ state: 'received' });
    await bench.device.power.set('power on');
    expect(bench.amt.machine.boot.history.at(-1)?.target).toBe('pxe');
  });

  test('can be taken back', async () => {
    await using bench = await startSimulatedBench({ controlMode: 'client' });
    await bench.call('request_user_consent');
    expect(await bench.call('cancel_user_consent')).toEqual({ state: 'not started' });
  });

  test('wants six digits, which nobody sees', async () => {
    await using bench = await startSimulatedBench({ controlMode: 'client' });
    for (const code of ['12345', 'abcdef', '']) {
      const error: unknown = await bench.call('send_user_consent_code', { code }).catch((thrown: unknown) => thrown);
      expect(optionIssues(error)).toEqual([{ field: 'code', problem: 'invalid', expected: 'six digits' }]);
    }
    await bench.call('request_user_consent');
    const code = bench.amt.machine.consent.code ?? '';
    await bench.call('send_user_consent_code', { code });
    // By itself: inside of a nonce the same digits may stand by chance.
    expect(JSON.stringify([bench.host.transcript.frames, bench.host.logger.lines])).not.toMatch(new RegExp(`(?<![0-9a-z+/])${code}(?![0-9a-z+/])`, 'i'));
  });
});

test('the clock is set when it is wrong, and left alone when it is right', async () => {
  await using bench = await startSimulatedBench();
  bench.amt.machine.clock.offsetMs = 3_600_000;
  expect(await bench.call('synchronize_time')).toMatchObject({ changed: true });
  expect(Math.abs(bench.amt.machine.clock.now().getTime() - Date.now())).toBeLessThan(3000);
  expect(await bench.call('synchronize_time')).toMatchObject({ changed: false });
});

test('the audit log tells who did what', async () => {
  await using bench = await startSimulatedBench();
  const { records } = (await bench.call('get_audit_log')) as { readonly records: readonly object[] };
  expect(records[0]).toMatchObject({
    message: 'firmware update: firmware updated, from 12.0.40.1433 to 12.0.36.1428', application_id: 19, event_id: 0, initiator_type: 'local',
    at: '2004-01-02T01:46:22.000Z', extra: '000c000000280599000c000000240594',
  });
});

describe('alarms', () => {
  test('are added, listed and deleted', async () => {
    await using bench = await startSimulatedBench();
    const alarm = { name: 'patch night', start_time: '2036-12-24T06:00:00+01:00', interval_minutes: '1440' };
    const added = { name: 'patch night', starts_at: '2036-12-24T05:00:00.000Z', interval_ms: 86_400_000, delete_on_completion: false };
    expect(await bench.call('add_alarm', alarm)).toEqual(added);
    expect(await bench.call('get_alarms')).toEqual({ alarms: [added] });
    await expect(bench.call('add_alarm', alarm)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await bench.call('delete_alarm', { name: 'patch night' })).toBeNull();
    expect(await bench.call('get_alarms')).toEqual({ alarms: [] });
    await expect(bench.call('delete_alarm', { name: 'patch night' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('go off at the same moment on a machine that keeps local time', async () => {
    await using bench = await startSimulatedBench();
    bench.amt.machine.clock.offsetMs = 7_200_000;
    const alarm = { name: 'patch night', start_time: '2036-12-24T06:00:00Z' };
    expect(await bench.call('add_alarm', alarm)).toMatchObject({ starts_at: '2036-12-24T06:00:00.000Z' });
    expect(await bench.call('get_alarms')).toMatchObject({ alarms: [{ starts_at: '2036-12-24T06:00:00.000Z' }] });
    expect([...bench.amt.machine.clock.alarms.values()].map(({ startTime }) => startTime.toISOString())).toEqual(['2036-12-24T08:00:00.000Z']);
  });

  test('that go off once may go away afterwards', async () => {
    await using bench = await startSimulatedBench();
    expect(await bench.call('add_alarm', { name: 'once', start_time: '2036-12-24T06:00:00Z' })).toMatchObject({ interval_ms: 0, delete_on_completion: true });
    expect(await bench.call('add_alarm', { name: 'kept', start_time: '2036-12-24T06:00:00Z', delete_on_completion: 'false' })).toMatchObject({ delete_on_completion: false });
  });

  test.each([
    [{ name: '', start_time: '2036-12-24T06:00:00Z' }, 'name'], [{ name: 'x'.repeat(33), start_time: '2036-12-24T06:00:00Z' }, 'name'],
    [{ name: 'a', start_time: '2036-12-24T06:00:00' }, 'start_time'], [{ name: 'a', start_time: 'tomorrow' }, 'start_time'],
    [{ name: 'a', start_time: '2036-12-24T06:00:00Z', interval_minutes: -1 }, 'interval_minutes'],
  ])('%j cannot be one', async (args, field) => {
    await using bench = await startSimulatedBench();
    const error: unknown = await bench.call('add_alarm', args).catch((thrown: unknown) => thrown);
    expect(optionIssues(error).map((issue) => issue.field)).toEqual([field]);
    expect(bench.amt.machine.clock.alarms.size).toBe(0);
  });
});

describe('states that Ironic has no word for', () => {
  test('sleep and hibernation are reached, and left by power on', async () => {
    await using bench = await startSimulatedBench();
    await bench.device.power.set('power on');
    expect(await bench.call('power_state_change', { state: 'sleep' })).toMatchObject({ state: 'power on', detail: 'in deep sleep (S3)' });
    expect(await bench.device.power.set('power on')).toMatchObject({ reading: { state: 'power on' } });
    expect((await bench.device.power.read()).detail).toBeUndefined();
    expect(await bench.call('power_state_change', { state: 'hibernate' })).toMatchObject({ state: 'power off', detail: 'hibernated (S4)' });
    await bench.device.power.set('power on');
    expect(bench.amt.machine.power.state).toBe(2);
  });

  test('a power cycle starts the machine anew', async () => {
    await using bench = await startSimulatedBench();
    await bench.device.power.set('power on');
    const before = bench.amt.machine.boot.history.length;
    expect(await bench.call('power_state_change', { state: 'power cycle' })).toMatchObject({ state: 'power on', report: { requests: ['power cycle'] } });
    expect(bench.amt.machine.boot.history.length).toBe(before + 1);
  });

  test('any other is refused', async () => {
    await using bench = await startSimulatedBench();
    const error: unknown = await bench.call('power_state_change', { state: 'off' }).catch((thrown: unknown) => thrown);
    expect(optionIssues(error)).toMatchObject([{ field: 'state', expected: 'one of power cycle, sleep, hibernate' }]);
  });
});
