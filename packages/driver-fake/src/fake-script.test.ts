import { createDeviceMemory, errorCode } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { fakeDriverInfo } from './fake-options.js';
import { FAILURE_COUNTS_KEY, playAction, type FakeScript } from './fake-script.js';

const signal = new AbortController().signal;
const script = (fields: Record<string, unknown>): FakeScript => fakeDriverInfo.parse(fields);
const codeOf = (promise: Promise<void>): Promise<string> => promise.then(() => 'ok', errorCode);

describe('a script', () => {
  test('slows down the actions of its field and no others', async () => {
    const clock = createFakeClock();
    const slow = script({ fake_power_delay_ms: 300 });
    await playAction(slow, 'read power', { signal, clock });
    let done = false;
    const playing = playAction(slow, 'power on', { signal, clock }).then(() => (done = true));
    await clock.advance(299);
    expect(done).toBe(false);
    await clock.advance(1);
    await playing;
  });

  test('gives up a delay with the reason of the caller', async () => {
    const clock = createFakeClock();
    const caller = new AbortController();
    const reason = new Error('enough');
    const playing = playAction(script({ fake_deploy_delay_ms: 1000 }), 'deploy', { signal: caller.signal, clock });
    caller.abort(reason);
    await expect(playing).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  test('fails an action with code, message and the way out', async () => {
    const broken = script({ fake_failures: [{ action: 'deploy', code: 'PROTOCOL_FAULT', message: 'Boot image is broken' }] });
    await expect(playAction(broken, 'deploy', { signal })).rejects.toMatchObject({
      code: 'PROTOCOL_FAULT',
      message: 'Boot image is broken',
      details: { step: 'deploy' },
      hint: expect.stringContaining('fake_failures'),
    });
    expect(await codeOf(playAction(broken, 'tear down', { signal }))).toBe('ok');
  });

  test('counts failures with times, and keeps the count in the memory of the machine', async () => {
    const memory = createDeviceMemory();
    const twice = script({ fake_failures: [{ action: 'power on', code: 'BUSY', times: 2 }] });
    const play = (): Promise<string> => codeOf(playAction(twice, 'power on', { signal, memory }));
    expect([await play(), await play(), await play()]).toEqual(['BUSY', 'BUSY', 'ok']);
    const restarted = createDeviceMemory({ [FAILURE_COUNTS_KEY]: memory.get(FAILURE_COUNTS_KEY) ?? null });
    expect(await codeOf(playAction(twice, 'power on', { signal, memory: restarted }))).toBe('ok');
  });

  test('shows several failures of one action in their order', async () => {
    const memory = createDeviceMemory();
    const failures = [{ action: 'read power', code: 'UNREACHABLE', times: 1 }, { action: 'read power', code: 'BUSY', times: 1 }];
    const play = (): Promise<string> => codeOf(playAction(script({ fake_failures: failures }), 'read power', { signal, memory }));
    expect([await play(), await play(), await play()]).toEqual(['UNREACHABLE', 'BUSY', 'ok']);
  });

  test('starts a count again when the failure is edited, and forgets counts of failures that left', async () => {
    const memory = createDeviceMemory();
    const times = (count: number): FakeScript => script({ fake_failures: [{ action: 'rebooting', code: 'BUSY', times: count }] });
    expect(await codeOf(playAction(times(1), 'rebooting', { signal, memory }))).toBe('BUSY');
    expect(await codeOf(playAction(times(1), 'rebooting', { signal, memory }))).toBe('ok');
    expect(await codeOf(playAction(times(3), 'rebooting', { signal, memory }))).toBe('BUSY');
    expect(memory.get(FAILURE_COUNTS_KEY)).toEqual({ '0 rebooting BUSY 3': 1 });
  });

  test('counts two failures that look alike by themselves, and remembers no message', async () => {
    const memory = createDeviceMemory();
    const alike = script({ fake_failures: ['first', 'second'].map((word) => ({ action: 'power off', message: `password=${word}`, times: 1 })) });
    for (let play = 0; play < 2; play += 1) expect(await codeOf(playAction(alike, 'power off', { signal, memory }))).toBe('REFUSED');
    expect(await codeOf(playAction(alike, 'power off', { signal, memory }))).toBe('ok');
    expect(memory.get(FAILURE_COUNTS_KEY)).toEqual({ '0 power off REFUSED 1': 1, '1 power off REFUSED 1': 1 });
  });
});
