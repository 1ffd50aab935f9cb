import { inspect } from 'node:util';
import { createGateRegistry, type Device, type DeviceContext, type Driver, FerricError, optionIssues, type PowerTarget, TranscriptRecorder } from '@ferric/core';
import { createRecordingLogger } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { openRawClient } from '../test/raw-client.js';
import { createIbootDriver } from './iboot-driver.js';
import type { IbootDriverInfo } from './iboot-options.js';
import { type IbootUnit, type IbootUnitOptions, startIbootUnit } from './simulator/index.js';

/** Without pauses between tries. */
const QUICK = { iboot_retry_interval: 0 };

interface Bench extends AsyncDisposable {
  readonly unit: IbootUnit;
  readonly driver: Driver<IbootDriverInfo>;
  readonly transcript: TranscriptRecorder;
  device(relay: number, fields?: Readonly<Record<string, unknown>>, context?: DeviceContext): Device;
  /** What went out, without hello. */
  sent(): readonly string[];
}

async function startBench(options: IbootUnitOptions = {}): Promise<Bench> {
  const unit = await startIbootUnit(options);
  const transcript = new TranscriptRecorder();
  const driver = createIbootDriver({ transcript });
  return {
    unit,
    driver,
    transcript,
    device: (relay, fields = {}, context = {}) => driver.open(driver.driverInfo.parse({ ...unit.device(Math.min(relay, unit.relays.length)).driverInfo, ...QUICK, iboot_relay_id: relay, ...fields }), context),
    sent: () => transcript.frames.filter(({ direction, label }) => direction === 'out' && label !== 'hello').map(({ label }) => label),
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await unit[Symbol.asyncDispose]();
    },
  };
}

async function rejection(promise: Promise<unknown>): Promise<FerricError> {
  return promise.then(
    (value) => expect.fail(`resolved with ${inspect(value)}`),
    (error: unknown) => (FerricError.is(error) ? error : expect.fail(`no FerricError, but ${inspect(error)}`)),
  );
}

const powers = (unit: IbootUnit): readonly string[] => unit.relays.map(({ power }) => power.replace('power ', ''));

describe('power', () => {
  test('is read, with the relay as evidence', async () => {
    await using bench = await startBench({ relays: 4 });
    const relay = bench.unit.relays[2] ?? expect.fail('no relay');
    expect(await bench.device(3).power.read()).toMatchObject({ state: 'power off', source: 'device', detail: 'relay 3 of 4' });
    relay.power = 'power on';
    expect(await bench.device(3).power.read()).toMatchObject({ state: 'power on' });
    expect(await bench.device(2).power.read()).toMatchObject({ state: 'power off' });
  });

  test('is looked at, changed, and looked at again; nothing is sent to a machine that is there already', async () => {
    await using bench = await startBench();
    const { power } = bench.device(3);
    expect([...power.targets]).toEqual(['power on', 'power off', 'rebooting']);
    expect(await power.set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on', source: 'device' } });
    expect(await power.set('power on')).toMatchObject({ status: 'done' });
    expect(bench.sent()).toEqual(['read relays', 'set relay 3 on', 'read relays', 'read relays']);
    expect(await power.set('power off')).toMatchObject({ status: 'done', reading: { state: 'power off' } });
    expect(powers(bench.unit)).toEqual(Array(8).fill('off'));
  });

  test('of a reboot goes off and on, of a machine that is off only on', async () => {
    await using bench = await startBench();
    const { power } = bench.device(2);
    const seen: string[] = [];
    bench.unit.device(2).watchPower?.((change) => seen.push(change));
    await power.set('rebooting');
    expect(seen).toEqual(['on']);
    expect(await power.set('rebooting')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(seen).toEqual(['on', 'off', 'on']);
  });

  test('stays off for the delay of a reboot', async () => {
    await using bench = await startBench();
    (bench.unit.relays[0] ?? expect.fail('no relay')).power = 'power on';
    const changes: { readonly change: string; readonly at: number }[] = [];
    bench.unit.device(1).watchPower?.((change) => changes.push({ change, at: performance.now() }));
    await bench.device(1, { iboot_reboot_delay: 1 }).power.set('rebooting');
    expect(changes.map(({ change }) => change)).toEqual(['off', 'on']);
    expect((changes[1]?.at ?? 0) - (changes[0]?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test.each(['soft power off', 'soft rebooting', 'hibernate'])('knows no %s', async (target) => {
    await using bench = await startBench();
    expect(await rejection(bench.device(1).power.set(target as PowerTarget))).toMatchObject({ code: 'UNSUPPORTED', details: { received: JSON.stringify(target) } });
    expect(bench.unit.activity.servedConnections).toBe(0);
  });

  test('has no other capability beside it', async () => {
    await using bench = await startBench();
    expect(Object.keys(bench.device(1))).toEqual(['power']);
  });
});

describe('relays', () => {
  test('one that the unit does not have is named with how many it has, and nothing is sent', async () => {
    await using bench = await startBench({ relays: 4 });
    const { power } = bench.device(9);
    for (const call of [power.read(), power.set('power on'), power.set('rebooting')]) {
      expect(await rejection(call)).toMatchObject({
        code: 'NOT_FOUND', message: expect.stringContaining('shows 4 relays; there is no relay 9'), hint: expect.stringContaining('iboot_relay_id'),
        details: { address: '127.0.0.1', relay: 9, relays: 4 },
      });
    }
    expect(bench.unit.activity.changeCommands).toBe(0);
  });

  test('of a unit that counts from 0 are still written as its outlets are labelled', async () => {
    await using bench = await startBench({ relays: 4, relayBase: 0 });
    await bench.device(1).power.set('power on');
    await bench.device(4).power.set('power on');
    expect(powers(bench.unit)).toEqual(['on', 'off', 'off', 'on']);
    await bench.device(1).power.set('rebooting');
    expect(powers(bench.unit)).toEqual(['on', 'off', 'off', 'on']);
  });

  test('that are counted wrongly are found out: the error names the one that changed instead', async () => {
    await using bench = await startBench({ relays: 4, relayBase: 0 });
    const error = await rejection(bench.device(1, { iboot_relay_base: 1, iboot_max_retry: 1 }).power.set('power on'));
    expect(powers(bench.unit)).toEqual(['off', 'on', 'off', 'off']);
    expect(error).toMatchObject({
      code: 'TIMEOUT', details: { relay: 1, expected: 'power on', received: 'power off', sent: 2, otherRelaysChanged: [2] },
      hint: expect.stringMatching(/Relay 2 changed meanwhile.*iboot_relay_base to 0/),
    });
  });
});

describe('a change that does not show', () => {
  test('is sent again after each look, as often as allowed, and then told of', async () => {
    await using bench = await startBench();
    bench.unit.faults.inject({ kind: 'wrong state' });
    const error = await rejection(bench.device(1, { iboot_max_retry: 2 }).power.set('power on'));
    expect(error).toMatchObject({ code: 'TIMEOUT', details: { sent: 3, expected: 'power on', received: 'power off' }, message: expect.stringContaining("accepted 'power on' for relay 1, 3 times, but it still reads 'power off'") });
    expect(bench.sent()).toEqual(['read relays', ...[1, 2, 3].flatMap(() => ['set relay 1 on', 'read relays', 'read relays'])]);
    expect(bench.unit.activity.changeCommands).toBe(3);
  });

  test('is sent once when it may not be tried again', async () => {
    await using bench = await startBench();
    bench.unit.faults.inject({ kind: 'wrong state' });
    expect(await rejection(bench.device(1, { iboot_max_retry: 0 }).power.set('power on'))).toMatchObject({ details: { sent: 1 }, message: expect.stringContaining('once') });
  });

  test('succeeds when a further try does it', async () => {
    await using bench = await startBench();
    // Readings count as exchanges too: a look and its hello, then the first try.
    bench.unit.faults.inject({ kind: 'wrong state', times: 5 });
    expect(await bench.device(1).power.set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(bench.unit.activity.changeCommands).toBe(2);
  });

  test('because the unit refuses it is tried again too, and told as a refusal', async () => {
    await using bench = await startBench();
    bench.unit.faults.inject({ kind: 'command failure' });
    expect(await rejection(bench.device(2, { iboot_max_retry: 1 }).power.set('power on'))).toMatchObject({ code: 'REFUSED', details: { relay: 2, relays: 8 } });
    expect(bench.unit.activity.changeCommands).toBe(2);
  });

  test('because its answer was lost is looked at, and found done', async () => {
    await using bench = await startBench();
    const device = bench.device(1);
    await device.power.read();
    const transcript = {
      record: ({ label }: { readonly label: string }) => {
        if (label === 'set relay 1 on') bench.unit.faults.inject({ kind: 'half frame', times: 1 });
      },
    };
    const outcome = bench.device(1, {}, { transcript }).power.set('power on', { timeoutMs: 20_000 });
    await expect.poll(() => bench.unit.relays[0]?.power).toBe('power on');
    // The unit has switched and says nothing; its end of the line breaks.
    await bench.unit.unplug();
    await bench.unit.plugIn();
    expect(await outcome).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(bench.unit.activity.changeCommands).toBe(1);
  });
});

describe('a reboot that fails in the middle', () => {
  test('says that the outlet is off', async () => {
    await using bench = await startBench();
    (bench.unit.relays[1] ?? expect.fail('no relay')).power = 'power on';
    bench.unit.device(2).watchPower?.(() => bench.unit.faults.inject({ kind: 'wrong state' }));
    const logger = createRecordingLogger();
    const error = await rejection(bench.device(2, { iboot_max_retry: 0 }, { logger }).power.set('rebooting'));
    expect(error).toMatchObject({
      code: 'TIMEOUT', retryable: true, message: expect.stringMatching(/The reboot had switched relay 2 off: the outlet is off until it is switched on again$/),
      details: { outlet: 'off', expected: 'power on', received: 'power off' }, hint: expect.stringMatching(/^Switch the machine on\. /),
    });
    expect(logger.at('warn').map(({ message }) => message)).toEqual(['a reboot ended while the relay was off']);
    bench.unit.faults.clear();
    expect(await bench.device(2).power.set('rebooting')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
  });

  test('by its deadline says so too, and what it waited for', async () => {
    await using bench = await startBench();
    (bench.unit.relays[0] ?? expect.fail('no relay')).power = 'power on';
    const error = await rejection(bench.device(1, { iboot_reboot_delay: 60 }).power.set('rebooting', { timeoutMs: 2500 }));
    expect(error).toMatchObject({ code: 'TIMEOUT', details: { outlet: 'off', step: 'pause', relay: 1 } });
    expect(powers(bench.unit)[0]).toBe('off');
  });

  test('because its caller left rejects with the reason of the caller', async () => {
    await using bench = await startBench();
    (bench.unit.relays[0] ?? expect.fail('no relay')).power = 'power on';
    const caller = new AbortController();
    const reason = new FerricError('TIMEOUT', 'somebody else works on this node');
    bench.unit.device(1).watchPower?.(() => caller.abort(reason));
    await expect(bench.device(1, { iboot_reboot_delay: 60 }).power.set('rebooting', { signal: caller.signal })).rejects.toBe(reason);
  });

  test('before anything was switched says nothing of the outlet', async () => {
    await using bench = await startBench();
    (bench.unit.relays[0] ?? expect.fail('no relay')).power = 'power on';
    bench.unit.faults.inject({ kind: 'wrong state' });
    const error = await rejection(bench.device(1, { iboot_max_retry: 0 }).power.set('rebooting'));
    expect(error.details).not.toHaveProperty('outlet');
    expect(error).toMatchObject({ details: { expected: 'power off', received: 'power on' } });
  });
});

describe('a unit', () => {
  test('that serves somebody else is tried again until it is free', async () => {
    await using bench = await startBench();
    using other = await openRawClient(bench.unit.port);
    await expect.poll(() => bench.unit.activity.servedConnections).toBe(1);
    const reading = bench.device(1, { iboot_retry_interval: 1 }).power.read();
    await expect.poll(() => bench.unit.activity.refusedConnections).toBe(1);
    other.socket.destroy();
    expect(await reading).toMatchObject({ state: 'power off' });
  });

  test('that serves somebody else for long is given up', async () => {
    await using bench = await startBench();
    using other = await openRawClient(bench.unit.port);
    const error = await rejection(bench.device(1, { iboot_max_retry: 2 }).power.read());
    expect(error).toMatchObject({ code: 'UNREACHABLE', details: { step: 'hello' }, hint: expect.stringContaining('one client at a time') });
    expect([bench.unit.activity.refusedConnections, other.socket.destroyed]).toEqual([3, false]);
  });

  test('is sent a wrong password once, and nothing is switched', async () => {
    await using bench = await startBench();
    const error = await rejection(bench.device(1, { iboot_password: 'not-the-one' }).power.set('power on'));
    expect(error).toMatchObject({ code: 'AUTH_FAILED', retryable: false, details: { address: '127.0.0.1', port: bench.unit.port, step: 'read relays' } });
    expect(bench.unit.activity).toMatchObject({ authenticationAttempts: 1, changeCommands: 0 });
  });

  test('that is silent on a wrong password is sent it once', async () => {
    await using bench = await startBench({ onWrongCredentials: 'silence' });
    const error = await rejection(bench.device(1, { iboot_password: 'not-the-one' }).power.read({ timeoutMs: 1000 }));
    expect(error).toMatchObject({ code: 'TIMEOUT', details: { step: 'read relays' }, hint: expect.stringContaining('user name or password') });
    expect(bench.unit.activity.authenticationAttempts).toBe(1);
  });

  test('that splits its answers is understood', async () => {
    await using bench = await startBench({ splitBytesMs: 5 });
    expect(await bench.device(8).power.set('power on')).toMatchObject({ status: 'done' });
    expect(powers(bench.unit)[7]).toBe('on');
  });

  test.each(['text', 'encrypted'] as const)('that speaks %s is told of', async (mode) => {
    await using bench = await startBench({ mode });
    const error = await rejection(bench.device(1).power.read());
    expect(error).toMatchObject({ code: 'PROTOCOL_FAULT', details: { step: 'hello' } });
    expect(`${error.message} ${error.hint ?? ''}`).toMatch(mode === 'text' ? /older text protocol/ : /AES/);
    expect(bench.unit.activity.authenticationAttempts).toBe(0);
  });

  test('that is left alone for a moment, after many failures, is told of with the reason', async () => {
    await using bench = await startBench();
    await bench.unit.unplug();
    const device = bench.device(1, { iboot_max_retry: 10 });
    const error = await rejection(device.power.read());
    expect(error).toMatchObject({
      code: 'UNREACHABLE', retryable: true, details: { port: bench.unit.port, step: 'connect' },
      message: expect.stringMatching(/left alone for a moment: .* could not be reached: .*ECONNREFUSED/),
    });
    expect(bench.transcript.frames).toEqual([]);
  });

  test('that comes back is used again by itself', async () => {
    await using bench = await startBench();
    const device = bench.device(1);
    await device.power.set('power on');
    await bench.unit.unplug();
    expect(await rejection(device.power.read())).toMatchObject({ code: 'UNREACHABLE', details: { step: 'connect' } });
    await bench.unit.plugIn();
    expect(await device.power.read()).toMatchObject({ state: 'power on' });
  });
});

describe('several machines on one unit', () => {
  test('share one connection and one gate, and change side by side without touching each other', async () => {
    await using bench = await startBench();
    const devices = [1, 2, 3, 4, 5, 6, 7, 8].map((relay) => bench.device(relay));
    const gates = createGateRegistry();
    const context = { gate: (address: string) => gates.gate(address) };
    const outcomes = await Promise.all([1, 3, 5, 7].map((relay) => bench.device(relay, {}, context).power.set('power on')));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('done'));
    expect(powers(bench.unit)).toEqual(['on', 'off', 'on', 'off', 'on', 'off', 'on', 'off']);
    await Promise.all(devices.map((device) => device.power.set('rebooting')));
    expect(powers(bench.unit)).toEqual(Array(8).fill('on'));
    expect(bench.unit.activity).toMatchObject({ refusedConnections: 0, mostConcurrentExchanges: 1 });
    expect(gates.status().map(({ address }) => address)).toEqual([`127.0.0.1:${bench.unit.port}`]);
  });

  test('also under different users, one connection after the other', async () => {
    await using bench = await startBench();
    const [right, wrong] = [bench.device(1), bench.device(2, { iboot_password: 'not-the-one' })];
    const results = await Promise.allSettled([right.power.read(), wrong.power.read(), right.power.read(), wrong.power.read()]);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value.state : (result.reason as FerricError).code))).toEqual([
      'power off', 'AUTH_FAILED', 'power off', 'AUTH_FAILED',
    ]);
    expect(bench.unit.activity.refusedConnections).toBe(0);
  });

  test('are read together in one exchange, each with its own result', async () => {
    await using bench = await startBench();
    await using other = await startIbootUnit({ relays: 2 });
    (bench.unit.relays[4] ?? expect.fail('no relay')).power = 'power on';
    const strange = { power: bench.device(1).power, [Symbol.asyncDispose]: async () => undefined };
    const devices = [
      bench.device(5), bench.device(1), bench.device(12), strange, bench.device(3, { iboot_password: 'not-the-one' }),
      bench.driver.open(bench.driver.driverInfo.parse(other.device(2).driverInfo)),
    ];
    const results = (await bench.driver.readMany?.(devices)) ?? [];
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value.state : (result.reason as FerricError).code))).toEqual([
      'power on', 'power off', 'NOT_FOUND', 'INVALID_OPTIONS', 'AUTH_FAILED', 'power off',
    ]);
    // One reading as the right user and one as the wrong one.
    expect(bench.unit.activity.authenticationAttempts).toBe(2);
    expect(other.activity.authenticationAttempts).toBe(1);
  });

  test('are read for each other when one of them is closed meanwhile', async () => {
    await using bench = await startBench();
    bench.unit.faults.inject({ kind: 'slow', delayMs: 100 });
    const [first, second] = [bench.device(1), bench.device(2)];
    const reading = bench.driver.readMany?.([first, second]);
    await expect.poll(() => bench.unit.activity.mostConcurrentExchanges).toBe(1);
    await first[Symbol.asyncDispose]();
    expect(await reading).toMatchObject([{ status: 'rejected', reason: { code: 'ABORTED' } }, { status: 'fulfilled', value: { state: 'power off' } }]);
  });

  test('are not read any more when the driver is closed', async () => {
    await using bench = await startBench();
    bench.unit.faults.inject({ kind: 'silence' });
    const reading = bench.driver.readMany?.([bench.device(1), bench.device(2)]);
    await expect.poll(() => bench.unit.activity.mostConcurrentExchanges).toBe(1);
    await bench.driver[Symbol.asyncDispose]();
    expect(await reading).toMatchObject([{ reason: { code: 'ABORTED' } }, { reason: { code: 'ABORTED' } }]);
    await expect.poll(() => bench.unit.activity.openConnections).toBe(0);
  });
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('an idleMs of %d is refused', (idleMs) => {
  let error: unknown;
  try {
    createIbootDriver({ idleMs });
  } catch (thrown) {
    error = thrown;
  }
  expect(optionIssues(error).map(({ field }) => field)).toEqual(['idleMs']);
});
