import { inspect } from 'node:util';
import { FerricError, formatFrame, optionIssues, TranscriptRecorder } from '@ferric/core';
import { createFakeClock, createRecordingLogger, systemError } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeNetwork } from '../../test/fake-network.js';
import { GOLDEN_MAC, GOLDEN_PACKET, toHex } from '../../test/golden.js';
import type { WakeNetwork } from './network.js';
import type { WakePacket, WakeReport } from './wake-report.js';
import { wake, type WakeOptions } from './wake.js';

const MAC_B = '52:54:00:cf:2d:32';
const AT = '2026-01-01T00:00:00.000Z';

/** Fails with what the promise rejects with; a promise that resolves fails the test. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => expect.unreachable('it resolved'), (error: unknown) => error);
const ferricFailureOf = async (promise: Promise<unknown>): Promise<FerricError> => {
  const error = await failureOf(promise);
  expect(FerricError.is(error)).toBe(true);
  return error as FerricError;
};
const packetsOf = (error: FerricError, key: 'packets' | 'sent'): readonly WakePacket[] => error.details[key] as unknown as readonly WakePacket[];

describe('what is sent', () => {
  test('one packet to everybody, port 9, when nothing else is said', async () => {
    const network = createFakeNetwork();
    const report = await wake(GOLDEN_MAC, { network, clock: createFakeClock() });
    expect(network.datagrams.sent.map(({ bytes }) => toHex(bytes))).toEqual([toHex(GOLDEN_PACKET)]);
    expect(report).toEqual({
      packets: [{ mac: GOLDEN_MAC, interface: 'eth0', source: '192.0.2.2', destination: '255.255.255.255', port: 9, bytes: 102, sentAt: AT }],
    } satisfies WakeReport);
  });

  test('each address, host and port, and then the repetitions', async () => {
    const network = createFakeNetwork({ names: { 'rack.example': { address: '192.0.2.7', family: 4 } } });
    const report = await wake([GOLDEN_MAC, MAC_B], { network, host: ['198.51.100.255', 'rack.example'], ports: [7, 9], repeat: 2, spacingMs: 0 });
    const round = ['198.51.100.255:7', '198.51.100.255:9', '192.0.2.7:7', '192.0.2.7:9'];
    expect(network.destinations).toEqual([...round, ...round, ...round, ...round]);
    expect(report.packets.map(({ mac }) => mac)).toEqual([GOLDEN_MAC, MAC_B, GOLDEN_MAC, MAC_B].flatMap((mac) => [mac, mac, mac, mac]));
  });

  test('from the interface that was chosen, by one socket per family, and nothing stays open', async () => {
    const network = createFakeNetwork();
    const report = await wake([GOLDEN_MAC, MAC_B], { network, host: ['255.255.255.255', '192.0.2.255', 'ff02::1'], interface: 'eth0', spacingMs: 0 });
    expect(new Set(network.datagrams.sent.map(({ from }) => from.address))).toEqual(new Set(['192.0.2.2', 'fe80::2%eth0']));
    expect(report.packets.map((packet) => [packet.interface, packet.source, packet.destination]).slice(0, 3)).toEqual([
      ['eth0', '192.0.2.2', '255.255.255.255'],
      ['eth0', '192.0.2.2', '192.0.2.255'],
      ['eth0', 'fe80::2', 'ff02::1%eth0'],
    ]);
    expect(network.opened).toBe(2);
    expect(network.datagrams.openSockets).toBe(0);
  });

  test('from the address of the interface that is in the network of the destination', async () => {
    const network = createFakeNetwork();
    await wake(GOLDEN_MAC, { network, host: ['198.51.100.255', '203.0.113.255'], interface: 'eth1', spacingMs: 0 });
    expect(network.datagrams.sent.map(({ from, to }) => [from.address, to.address])).toEqual([
      ['198.51.100.2', '198.51.100.255'],
      ['203.0.113.2', '203.0.113.255'],
    ]);
    expect([network.opened, network.datagrams.openSockets]).toEqual([2, 0]);
  });

  test('from the source address that was chosen', async () => {
    const network = createFakeNetwork();
    const report = await wake(GOLDEN_MAC, { network, sourceAddress: '198.51.100.2' });
    expect(network.datagrams.sent[0]?.from.address).toBe('198.51.100.2');
    expect(report.packets[0]).toMatchObject({ interface: 'eth1', source: '198.51.100.2' });
  });

  test('and null is reported where the operating system does not tell', async () => {
    const network: WakeNetwork = { ...createFakeNetwork(), sourceFor: async () => undefined };
    expect((await wake(GOLDEN_MAC, { network })).packets[0]).toMatchObject({ interface: null, source: null });
  });

  test('a name is looked up in the family of the source address', async () => {
    const network = createFakeNetwork({ names: { six: { address: '2001:db8::7', family: 6 } } });
    await wake(GOLDEN_MAC, { network, host: 'six', sourceAddress: '2001:db8::2' });
    expect(network.destinations).toEqual(['2001:db8::7:9']);
    const error = await ferricFailureOf(wake(GOLDEN_MAC, { network, host: 'six', sourceAddress: '192.0.2.2' }));
    expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('ENOTFOUND') });
  });

  test('pauses lie between the packets and not behind the last', async () => {
    const clock = createFakeClock();
    const network = createFakeNetwork();
    let settled = false;
    const waking = wake([GOLDEN_MAC, MAC_B], { network, clock, ports: [7, 9] }).finally(() => {
      settled = true;
    });
    const sentAfter: number[] = [];
    for (let step = 0; step < 4; step += 1) {
      await clock.advance(step === 0 ? 0 : 499);
      sentAfter.push(network.destinations.length);
      if (step > 0) await clock.advance(1);
    }
    expect(sentAfter).toEqual([1, 1, 2, 3]);
    expect(settled).toBe(true);
    const report = await waking;
    expect(report.packets.map(({ sentAt }) => Date.parse(sentAt) - Date.parse(AT))).toEqual([0, 500, 1000, 1500]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a packet that cannot be sent', () => {
  const unreachable = systemError('ENETUNREACH', 'send');

  test('does not keep the others back, and all failures come in one error', async () => {
    const network = createFakeNetwork();
    network.datagrams.failWhen(({ to }) => to.address === '198.51.100.255', unreachable);
    const waking = wake([GOLDEN_MAC, MAC_B], { network, host: ['198.51.100.255', '192.0.2.255'], spacingMs: 0 });
    const error = await ferricFailureOf(waking);
    expect(network.destinations).toEqual(['192.0.2.255:9', '192.0.2.255:9']);
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: true, cause: unreachable, hint: expect.stringContaining('interface') });
    expect(error.message).toContain('2 of 4 magic packets');
    expect(error.message).toContain('198.51.100.255 port 9');
    expect(packetsOf(error, 'packets').map((packet) => [packet.mac, packet.destination, packet.error?.code])).toEqual([
      [GOLDEN_MAC, '198.51.100.255', 'ENETUNREACH'],
      [MAC_B, '198.51.100.255', 'ENETUNREACH'],
    ]);
    expect(packetsOf(error, 'sent').map((packet) => [packet.mac, packet.destination, packet.error])).toEqual([
      [GOLDEN_MAC, '192.0.2.255', undefined],
      [MAC_B, '192.0.2.255', undefined],
    ]);
    expect(network.datagrams.openSockets).toBe(0);
  });

  test('different failures are all causes', async () => {
    const network = createFakeNetwork();
    const forbidden = systemError('EPERM', 'send');
    network.datagrams.failWhen(({ to }) => to.port === 7, forbidden);
    network.datagrams.failWhen(({ to }) => to.port === 9, unreachable);
    const error = await ferricFailureOf(wake(GOLDEN_MAC, { network, ports: [7, 9], spacingMs: 0 }));
    expect((error.cause as AggregateError).errors).toEqual([forbidden, unreachable]);
    expect(error.details['address']).toBe('255.255.255.255');
    expect(packetsOf(error, 'packets').map((packet) => packet.error?.code)).toEqual(['EPERM', 'ENETUNREACH']);
  });

  test('is only noted when a repetition of it went out', async () => {
    const network = createFakeNetwork();
    let tries = 0;
    network.datagrams.failWhen(() => (tries += 1) === 1, unreachable);
    const report = await wake(GOLDEN_MAC, { network, repeat: 2, spacingMs: 0 });
    expect(report.packets.map((packet) => packet.error?.code)).toEqual(['ENETUNREACH', undefined]);
  });

  test('counts for each machine by itself', async () => {
    const network = createFakeNetwork();
    let tries = 0;
    // Both packets of the first machine, none of the second.
    network.datagrams.failWhen(() => [1, 3].includes((tries += 1)), unreachable);
    const error = await ferricFailureOf(wake([GOLDEN_MAC, MAC_B], { network, repeat: 2, spacingMs: 0 }));
    expect(packetsOf(error, 'packets').map(({ mac }) => mac)).toEqual([GOLDEN_MAC, GOLDEN_MAC]);
    expect(packetsOf(error, 'sent').map(({ mac }) => mac)).toEqual([MAC_B, MAC_B]);
  });

  test('because its name cannot be resolved, is reported under that name and costs no pause', async () => {
    const network = createFakeNetwork();
    const clock = createFakeClock();
    const waking = ferricFailureOf(wake([GOLDEN_MAC, MAC_B], { network, clock, host: ['nobody.example', '192.0.2.255'], spacingMs: 100 }));
    await clock.advance(100);
    const error = await waking;
    expect(network.destinations).toEqual(['192.0.2.255:9', '192.0.2.255:9']);
    expect(packetsOf(error, 'packets')).toEqual([
      { mac: GOLDEN_MAC, interface: null, source: null, destination: 'nobody.example', port: 9, bytes: 102, sentAt: AT, error: { code: 'ENOTFOUND', message: expect.stringContaining('ENOTFOUND') } },
      expect.objectContaining({ mac: MAC_B, destination: 'nobody.example' }),
    ]);
    expect(error.cause).toMatchObject({ code: 'ENOTFOUND' });
  });

  test('because its socket cannot be opened, is reported like any other', async () => {
    const fake = createFakeNetwork();
    const network: WakeNetwork = {
      ...fake,
      openSocket: (family, source) => (family === 6 ? Promise.reject(systemError('EAFNOSUPPORT', 'socket')) : fake.openSocket(family, source)),
    };
    const error = await ferricFailureOf(wake(GOLDEN_MAC, { network, host: ['2001:db8::7', '192.0.2.255'] }));
    expect(fake.destinations).toEqual(['192.0.2.255:9']);
    expect(packetsOf(error, 'packets').map((packet) => [packet.destination, packet.error?.code])).toEqual([['2001:db8::7', 'EAFNOSUPPORT']]);
    expect(fake.datagrams.openSockets).toBe(0);
  });
});

describe('bad options', () => {
  test.each([
    ['mac', 'nonsense', {}],
    ['ports', GOLDEN_MAC, { ports: 0 }],
    ['interface', GOLDEN_MAC, { interface: 'eth9' }],
    ['interface', GOLDEN_MAC, { host: 'nobody.example', interface: 'eth9' }],
    ['sourceAddress', GOLDEN_MAC, { sourceAddress: '203.0.113.99' }],
    ['sourceAddress', GOLDEN_MAC, { host: ['192.0.2.255', '2001:db8::7'], sourceAddress: '192.0.2.2' }],
    ['secureOn', GOLDEN_MAC, { secureOn: '1.2.3' }],
    ['timeoutMs', GOLDEN_MAC, { timeoutMs: 0 }],
    ['interface', GOLDEN_MAC, { host: ['192.0.2.255', 'six'], interface: 'eth1' }],
  ] satisfies readonly (readonly [string, string, WakeOptions])[])('%s: nothing is sent', async (field, mac, options) => {
    const network = createFakeNetwork({ names: { six: { address: '2001:db8::7', family: 6 } } });
    const error = await ferricFailureOf(wake(mac, { network, ...options }));
    expect(error.code).toBe('INVALID_OPTIONS');
    expect(optionIssues(error).map((issue) => issue.field)).toEqual([field]);
    expect(network.destinations).toEqual([]);
    expect(network.datagrams.openSockets).toBe(0);
  });

  test('found behind one name leave no socket behind for another name that comes late', async () => {
    const network = createFakeNetwork();
    const late = Promise.withResolvers<void>();
    const resolve: WakeNetwork['resolve'] = async (name) =>
      name === 'six' ? { address: '2001:db8::7', family: 6 } : late.promise.then(() => ({ address: '192.0.2.7', family: 4 }));
    const clock = createFakeClock();
    const waking = ferricFailureOf(wake(GOLDEN_MAC, { network: { ...network, resolve }, clock, host: ['six', 'late'], interface: 'eth1' }));
    await clock.advance(100);
    late.resolve();
    expect((await waking).code).toBe('INVALID_OPTIONS');
    await clock.advance(0);
    expect([network.datagrams.openSockets, network.destinations]).toEqual([0, []]);
  });

  test('a source of another machine keeps its cause', async () => {
    const error = await ferricFailureOf(wake(GOLDEN_MAC, { network: createFakeNetwork(), sourceAddress: '203.0.113.99' }));
    expect(error.cause).toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(error.message).toContain('203.0.113.99');
  });
});

describe('giving up', () => {
  const reason = new Error('changed my mind');

  test('before the start rejects with the reason and sends nothing', async () => {
    const network = createFakeNetwork();
    expect(await failureOf(wake(GOLDEN_MAC, { network, signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(network.opened).toBe(0);
  });

  test('between two packets stops the rest and closes the socket', async () => {
    const network = createFakeNetwork();
    const clock = createFakeClock();
    const controller = new AbortController();
    const waking = failureOf(wake([GOLDEN_MAC, MAC_B], { network, clock, signal: controller.signal }));
    await clock.advance(499);
    expect(network.datagrams.openSockets).toBe(1);
    controller.abort(reason);
    expect(await waking).toBe(reason);
    await clock.advance(10_000);
    expect(network.destinations).toEqual(['255.255.255.255:9']);
    expect(network.datagrams.openSockets).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test('from within a transcript stops before the next packet, pauses or not', async () => {
    const network = createFakeNetwork();
    const controller = new AbortController();
    const transcript = { record: () => controller.abort(reason) };
    expect(await failureOf(wake([GOLDEN_MAC, MAC_B], { network, transcript, spacingMs: 0, signal: controller.signal }))).toBe(reason);
    await expect.poll(() => network.datagrams.openSockets).toBe(0);
    expect(network.destinations).toHaveLength(1);
  });

  test('while a name is looked up opens no socket for a late answer', async () => {
    const network = createFakeNetwork();
    const clock = createFakeClock();
    const answer = Promise.withResolvers<{ address: string; family: 4 }>();
    const controller = new AbortController();
    const waking = failureOf(wake(GOLDEN_MAC, { network: { ...network, resolve: () => answer.promise }, clock, host: 'rack', signal: controller.signal }));
    await clock.advance(0);
    controller.abort(reason);
    expect(await waking).toBe(reason);
    answer.resolve({ address: '192.0.2.7', family: 4 });
    await clock.advance(0);
    expect(network.opened).toBe(0);
  });

  test('when the time is over is a TIMEOUT', async () => {
    const network = createFakeNetwork();
    const clock = createFakeClock();
    const waking = failureOf(wake([GOLDEN_MAC, MAC_B], { network, clock, timeoutMs: 400 }));
    await clock.advance(400);
    expect(await waking).toMatchObject({ code: 'TIMEOUT', details: { address: '255.255.255.255', timeoutMs: 400, packets: [], sent: [{ mac: GOLDEN_MAC, port: 9 }] } });
    await clock.advance(10_000);
    expect(network.destinations).toHaveLength(1);
    expect(network.datagrams.openSockets).toBe(0);
  });

  test('the default deadline leaves room for all pauses', async () => {
    const network = createFakeNetwork();
    const clock = createFakeClock();
    const waking = wake([GOLDEN_MAC, MAC_B], { network, clock, spacingMs: 60_000, repeat: 2 });
    await clock.advance(180_000);
    expect((await waking).packets).toHaveLength(4);
  });

  // Every await point of a wake: whatever never comes back must not hold the caller, and nothing may stay open behind it.
  const never = new Promise<never>(() => undefined);
  test.each([
    ['looking up the name', (fake: WakeNetwork): WakeNetwork => ({ ...fake, resolve: () => never })],
    ['finding the source', (fake: WakeNetwork): WakeNetwork => ({ ...fake, sourceFor: () => never })],
    ['sending', (fake: WakeNetwork): WakeNetwork => ({
      ...fake,
      openSocket: async (family, source) => ({ ...(await fake.openSocket(family, source)), send: () => never }),
    })],
  ])('while %s hangs', async (_point, hang) => {
    const network = createFakeNetwork({ names: { rack: { address: '192.0.2.7', family: 4 } } });
    const clock = createFakeClock();
    const controller = new AbortController();
    const options = { network: hang(network), clock, host: 'rack' };
    const aborted = failureOf(wake(GOLDEN_MAC, { ...options, signal: controller.signal }));
    await clock.advance(10);
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    const late = failureOf(wake(GOLDEN_MAC, options));
    await clock.advance(5000);
    expect(await late).toMatchObject({ code: 'TIMEOUT' });
    expect(network.destinations).toEqual([]);
    expect(network.datagrams.openSockets).toBe(0);
  });

  test('while a socket opens closes it once it is open', async () => {
    const network = createFakeNetwork();
    const clock = createFakeClock();
    const gate = Promise.withResolvers<void>();
    const slow: WakeNetwork = { ...network, openSocket: async (family, source) => gate.promise.then(() => network.openSocket(family, source)) };
    const controller = new AbortController();
    const waking = failureOf(wake(GOLDEN_MAC, { network: slow, clock, signal: controller.signal }));
    await clock.advance(0);
    controller.abort(reason);
    expect(await waking).toBe(reason);
    gate.resolve();
    await clock.advance(0);
    expect([network.opened, network.datagrams.openSockets, network.destinations]).toEqual([1, 0, []]);
  });
});

describe('what can be seen', () => {
  const secureOn = '11:22:33:44:55:66';

  test('a frame for each packet, with the password zeroed', async () => {
    const transcript = new TranscriptRecorder();
    const network = createFakeNetwork();
    await wake(GOLDEN_MAC, { network, transcript, secureOn, host: ['192.0.2.255', 'ff02::1%eth0'], spacingMs: 0, clock: createFakeClock() });
    const hidden = `${toHex(GOLDEN_PACKET)}000000000000`;
    const label = `magic packet for ${GOLDEN_MAC} with SecureOn (6 bytes, shown as zeros)`;
    expect(transcript.frames.map(formatFrame)).toEqual([
      `${AT} wol -> udp 192.0.2.255:9 ${label} ${hidden}`,
      `${AT} wol -> udp [ff02::1%eth0]:9 ${label} ${hidden}`,
    ]);
    expect(network.datagrams.sent.map(({ bytes }) => toHex(bytes))).toEqual([1, 2].map(() => `${toHex(GOLDEN_PACKET)}112233445566`));
  });

  test('no frame for a packet that was not sent', async () => {
    const transcript = new TranscriptRecorder();
    const network = createFakeNetwork();
    network.datagrams.failWhen(() => true, systemError('EPERM', 'send'));
    await failureOf(wake(GOLDEN_MAC, { network, transcript }));
    expect(transcript.frames).toEqual([]);
  });

  test('a line in the log for each packet', async () => {
    const logger = createRecordingLogger();
    const network = createFakeNetwork();
    network.datagrams.failWhen(({ to }) => to.port === 7, systemError('EPERM', 'send'));
    await failureOf(wake(GOLDEN_MAC, { network, logger, ports: [7, 9], spacingMs: 0 }));
    expect(logger.lines.map(({ level, message, fields }) => [level, message, fields['port']])).toEqual([
      ['warn', 'magic packet could not be sent', 7],
      ['debug', 'magic packet sent', 9],
    ]);
  });

  test('the password nowhere: not in report, error, log or transcript', async () => {
    const logger = createRecordingLogger();
    const transcript = new TranscriptRecorder();
    const network = createFakeNetwork();
    const options = { network, logger, transcript, secureOn, spacingMs: 0 };
    const report = await wake(GOLDEN_MAC, options);
    network.datagrams.failWhen(() => true, systemError('EPERM', 'send'));
    const error = await failureOf(wake(GOLDEN_MAC, options));
    const invalid = await failureOf(wake(GOLDEN_MAC, { ...options, secureOn: `${secureOn}:77` }));
    const everything = [report, error, invalid, logger.lines, transcript.frames.map(formatFrame)];
    const text = `${inspect(everything, { depth: 20, showHidden: true })} ${JSON.stringify(everything)}`;
    expect(report.packets[0]?.bytes).toBe(108);
    for (const form of [secureOn, '112233445566', '11-22-33-44-55-66', '17.34.51']) expect(text).not.toContain(form);
  });
});
