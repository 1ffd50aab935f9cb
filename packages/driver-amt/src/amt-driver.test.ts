import { errorCode, FerricError, optionIssues } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createAmtBench } from '../test/amt-bench.js';
import type { Content } from '../test/fake-amt.js';
import { xml } from '../test/scripted-wsman.js';
import { boots, startSimulatedBench, type SimulatedBench } from '../test/simulated-bench.js';
import { createAmtDriver } from './amt-driver.js';

describe('inventory', () => {
  test('is what the firmware wrote down', async () => {
    await using bench = await startSimulatedBench();
    const report = await bench.device.inventory?.read();
    expect(report).toMatchObject({
      vendor: 'Intel(R) Client Systems', model: 'NUC9V7QNX', serialNumber: bench.amt.machine.identity.serialNumber, memoryMegabytes: 32_768,
      cpuArchitecture: 'x86_64', macAddresses: [bench.amt.machine.identity.macAddress],
      raw: { processorChips: [{ brand: 'Intel(R) Core(TM) i7-9850H CPU @ 2.60GHz' }], media: [{ capacityBytes: 960_197_124_000 }, { capacityBytes: 500_107_862_000 }] },
    });
    expect(report).not.toHaveProperty('cpus');
    expect(JSON.parse(JSON.stringify(report?.raw))).toEqual(report?.raw);
  });
});

test('network cards that a machine boots from are the wired ones that are there', async () => {
  await using bench = createAmtBench();
  const port = (number: number, MACAddress: string): Content => ({ InstanceID: `Intel(r) AMT Ethernet Port Settings ${number}`, ElementName: 'port', MACAddress });
  bench.amt.instances.set('AMT_EthernetPortSettings', [port(0, '00-be-43-d8-22-a4'), port(1, '00-be-43-d8-22-a5'), port(0, '00-00-00-00-00-00')]);
  const report = await bench.run(bench.device.inventory?.read() ?? expect.fail('no inventory'));
  expect(report).toMatchObject({ macAddresses: ['00:be:43:d8:22:a4'], raw: { missingClasses: expect.arrayContaining(['CIM_Chassis']) } });
  for (const field of ['vendor', 'model', 'serialNumber', 'memoryMegabytes', 'cpuArchitecture']) expect(report).not.toHaveProperty(field);
});

describe('the event log', () => {
  test('is told with our time, the newest first', async () => {
    await using bench = await startSimulatedBench();
    bench.amt.machine.clock.offsetMs = -7_200_000;
    const entries = (await bench.device.eventLog?.read()) ?? [];
    expect(entries[0]).toMatchObject({ id: '3', severity: 'critical', message: 'Authentication failed 10 times', sensor: 'security violation' });
    const told = entries[0]?.at?.getTime() ?? 0;
    expect(Math.abs(told - (1_704_511_587_000 + 7_200_000))).toBeLessThan(2000);
    expect(entries.map(({ id }) => id)).toEqual(['3', '2', '1']);
    expect(entries[1]).toMatchObject({ severity: 'information' });
  });

  test.each([-2000, -1000, 1000, 2000])('is dated as it is where the clocks differ by %d ms, so that dates stay the same', async (offsetMs) => {
    await using bench = await startSimulatedBench();
    bench.amt.machine.clock.offsetMs = offsetMs < 0 ? offsetMs + 999 : offsetMs;
    expect((await bench.device.eventLog?.read())?.[0]?.at).toEqual(new Date(1_704_511_587_000));
  });

  test('keeps a record that cannot be read', async () => {
    await using bench = createAmtBench();
    const { invoke } = bench.amt.wsman;
    const page = xml(`<GetRecords_OUTPUT><NoMoreRecords>true</NoMoreRecords><RecordArray>IgYBZf8P</RecordArray><ReturnValue>0</ReturnValue></GetRecords_OUTPUT>`);
    (bench.amt.wsman as { invoke: typeof invoke }).invoke = async (resource, method, ...more) => (method === 'GetRecords' ? page : invoke(resource, method, ...more));
    expect(await bench.run(bench.device.eventLog?.read() ?? expect.fail('no event log'))).toEqual([
      { id: '1', at: null, severity: 'information', message: 'A record of the event log has 6 bytes, expected 21' },
    ]);
  });

  test('is cleared', async () => {
    await using bench = await startSimulatedBench();
    await bench.device.eventLog?.clear();
    expect([await bench.device.eventLog?.read(), bench.amt.machine.events.records]).toEqual([[], []]);
  });
});

test('an interrupt reaches the machine', async () => {
  await using bench = await startSimulatedBench();
  await bench.device.power.set('power on');
  await bench.device.nmi?.inject();
  expect(bench.amt.machine.power.nmis).toBe(1);
});

describe('a machine that is started from the network once, with', () => {
  test.each<[string, (bench: SimulatedBench) => void]>([
    ['nothing in the way', () => undefined],
    ['a nonce that is forgotten before the third proof', ({ amt }) => void (amt.trouble.forgetNoncesAt = 3)],
    ['a nonce that is forgotten before the fifth proof', ({ amt }) => void (amt.trouble.forgetNoncesAt = 5)],
    ['a connection that ends with each answer', ({ amt }) => void (amt.trouble.closesEach = true)],
    ['chunks of one byte', ({ amt }) => void (amt.trouble.chunkBytes = 1)],
    ['segments of seven bytes', ({ amt }) => void (amt.trouble.segmentBytes = 7)],
    ['flags that an earlier console left', ({ amt }) => void (amt.machine.boot.settings = new Map([['UseSOL', 'true'], ['BIOSPause', 'true']]))],
    ['firmware that does not forget its source', ({ amt }) => void (amt.machine.keepsBootSource = true)],
    ['an answer to the power request that is lost', ({ amt, host }) => {
      const { record } = host.transcript;
      let times = 0;
      host.transcript.record = (frame) => {
        if (frame.direction === 'out' && frame.label.includes('RequestPowerStateChange') && (times += 1) === 1) amt.trouble.resetsAfterChange = 1;
        record.call(host.transcript, frame);
      };
    }],
    ['a power request that is declined at first', ({ amt }) => amt.plan({ method: 'RequestPowerStateChange', give: { returnValue: 2 } })],
  ])('%s', async (_name, prepare) => {
    await using bench = await startSimulatedBench();
    prepare(bench);
    await bench.device.bootDevice?.set('pxe', { persistent: false });
    expect(await bench.device.power.set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(boots(bench)).toEqual(['pxe']);
    expect(await bench.device.power.set('rebooting')).toMatchObject({ status: 'done' });
    expect(boots(bench)).toEqual(['pxe', 'disk']);
  }, 15_000);
});

describe('a device that goes away in the middle of the choice of boot', () => {
  test.each(['ChangeBootOrder', 'SetBootConfigRole'])('at %s: nothing is started, the choice stays', async (method) => {
    await using bench = await startSimulatedBench();
    await bench.device.bootDevice?.set('pxe', { persistent: false });
    const { record } = bench.host.transcript;
    let gone: Promise<void> | undefined;
    bench.host.transcript.record = (frame) => {
      if (gone === undefined && frame.direction === 'out' && frame.label.includes(method)) gone = bench.amt.unplug();
      record.call(bench.host.transcript, frame);
    };
    await expect(bench.device.power.set('power on', { timeoutMs: 5000 })).rejects.toSatisfy(
      (error) => FerricError.is(error) && ['UNREACHABLE', 'TIMEOUT'].includes(error.code) && String(error.details['step']).includes('boot'),
    );
    await gone;
    expect([bench.machine.state.power, boots(bench)]).toEqual(['power off', []]);
    await bench.amt.plugIn();
    await expect.poll(() => bench.device.power.set('power on').then(({ status }) => status, () => 'failed'), { timeout: 15_000 }).toBe('done');
    expect(boots(bench)).toEqual(['pxe']);
  }, 30_000);
});

test.each(['closing', 'silence'] as const)('a management engine that sleeps, and loses by %s what wakes it: nothing is sent in vain, the choice stays, and the machine starts by it once', async (loses) => {
  await using bench = await startSimulatedBench();
  const { engine, activity } = bench.amt;
  await bench.device.bootDevice?.set('pxe', { persistent: false });
  engine.loses = loses;
  engine.wakeMs = 300;
  engine.sleep();
  const failed: unknown[] = [];
  const set = (): Promise<string> => bench.device.power.set('power on', { timeoutMs: 8000 }).then(({ status }) => status, (error: unknown) => (failed.push(error), 'failed'));
  await expect.poll(set, { timeout: 25_000 }).toBe('done');
  for (const error of failed) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^(?:UNREACHABLE|TIMEOUT)$/) as string, retryable: true });
    expect(error).not.toMatchObject({ details: { sent: true } });
  }
  expect([engine.wakes, boots(bench), activity.changeCommands]).toEqual([1, ['pxe'], 4]);
}, 30_000);

describe('a session that is open', () => {
  test('keeps the machine on, and is named', async () => {
    await using bench = await startSimulatedBench();
    await bench.device.power.set('power on');
    bench.amt.machine.power.hasRedirectionSession = true;
    const error: unknown = await bench.device.power.set('power off').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ details: { address: expect.stringContaining('127.0.0.1:') }, hint: expect.stringMatching(/session/) });
    expect(bench.machine.state.power).toBe('power on');
    expect(await bench.device.power.set('rebooting')).toMatchObject({ status: 'done' });
  });
});

describe('every generation', () => {
  test.each([5, 6, 9, 11, 12, 15, 16] as const)('%d is started from the network once, and switched off', async (generation) => {
    await using bench = await startSimulatedBench({ generation });
    await bench.device.bootDevice?.set('pxe', { persistent: false });
    await bench.device.power.set('power on');
    expect(boots(bench)).toEqual(['pxe']);
    expect(await bench.device.power.set('rebooting')).toMatchObject({ reading: { state: 'power on' } });
    expect(boots(bench)).toEqual(['pxe', 'disk']);
    expect(await bench.device.power.set('power off')).toMatchObject({ reading: { state: 'power off' } });
  });

  test.each([[5, 'UNSUPPORTED'], [6, 'UNSUPPORTED'], [9, 'done'], [15, 'done'], [16, 'done']] as const)('%d is asked to end its system: %s', async (generation, expected) => {
    await using bench = await startSimulatedBench({ generation });
    await bench.device.power.set('power on');
    const result = await bench.device.power.set('soft power off').then(({ status }) => status, errorCode);
    expect([result, bench.machine.state.power]).toEqual([expected, expected === 'done' ? 'power off' : 'power on']);
  });

  test('without its management service is not asked', async () => {
    await using bench = await startSimulatedBench();
    await bench.device.power.set('power on');
    bench.amt.machine.power.behaviour.hasLocalService = false;
    await expect(bench.device.power.set('soft power off')).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('LMS') });
  });

  test('in connected standby is woken by the right call', async () => {
    await using bench = await startSimulatedBench();
    bench.amt.machine.power.behaviour.hasConnectedStandby = true;
    await bench.device.power.set('power on');
    bench.amt.machine.power.inStandby = true;
    expect(await bench.device.power.read()).toMatchObject({ state: 'power on', detail: 'in connected standby' });
    expect(await bench.device.power.set('power on')).toMatchObject({ report: { requests: ['leave standby'] } });
    expect(bench.amt.machine.power.inStandby).toBe(false);
  });
});

describe('encryption', () => {
  test('a certificate that nobody vouches for is refused, and what to do is said', async () => {
    await using bench = await startSimulatedBench({ generation: 16 });
    const device = bench.open({ amt_tls_fingerprint: undefined });
    await expect(device.power.read()).rejects.toMatchObject({ code: 'TLS_UNTRUSTED', hint: expect.stringContaining('amt_tls_fingerprint') });
    expect(bench.amt.activity.authenticationAttempts).toBe(0);
  });

  test('one that is not the one expected is refused', async () => {
    await using bench = await startSimulatedBench({ generation: 16 });
    await expect(bench.open({ amt_tls_fingerprint: '0'.repeat(64) }).power.read()).rejects.toMatchObject({ code: 'TLS_UNTRUSTED' });
  });

  test('any is taken where driver_info says so', async () => {
    await using bench = await startSimulatedBench({ generation: 16 });
    expect(await bench.open({ amt_tls_fingerprint: undefined, amt_verify_ca: false }).power.read()).toMatchObject({ state: 'power off' });
  });

  test('old versions are taken where driver_info says so, and nowhere else', async () => {
    await using bench = await startSimulatedBench({ generation: 9, protocols: 'https' });
    const old = bench.open();
    expect(await old.power.read()).toMatchObject({ state: 'power off' });
    await expect(bench.open({ amt_tls_profile: 'modern' }).power.read()).rejects.toMatchObject({ hint: expect.stringContaining('amt_tls_profile') });
  });
});

describe('a wrong password', () => {
  test('is sent once, whoever asks, and the machine stays as it is', async () => {
    await using bench = await startSimulatedBench();
    const fields = { amt_password: 'Not-the-1' };
    const results = await Promise.allSettled([bench.open(fields).power.read(), bench.open(fields).power.set('power on'), bench.open(fields).inventory?.read()]);
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'AUTH_FAILED', retryable: false, hint: expect.stringContaining('amt_password') } });
    expect(bench.amt.activity).toMatchObject({ authenticationAttempts: 1, changeCommands: 0 });
    expect(await bench.device.power.read()).toMatchObject({ state: 'power off' });
  });
});

test('ten thousand devices cost nothing until they are used', async () => {
  await using driver = createAmtDriver();
  const info = driver.driverInfo.parse({ amt_address: '192.0.2.10', amt_username: 'admin', amt_password: 'secret' });
  const started = performance.now();
  const devices = Array.from({ length: 10_000 }, () => driver.open(info));
  expect(performance.now() - started).toBeLessThan(5000);
  await Promise.all(devices.map((device) => device[Symbol.asyncDispose]()));
});

test.each([['idleMs', { idleMs: -1 }], ['spacingMs', { powerPacing: { spacingMs: Number.NaN } }], ['pollMs', { powerPacing: { pollMs: Number.POSITIVE_INFINITY } }]])(
  'a %s that is no time is refused', (field, settings) => {
    let error: unknown;
    try {
      createAmtDriver(settings);
    } catch (thrown) {
      error = thrown;
    }
    expect(optionIssues(error).map((issue) => issue.field)).toEqual([field]);
  },
);
