import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { errorCode, formatFrame, Secret, TranscriptRecorder, type FaultKind, type VirtualDevice } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { startVirtualDevice } from '../simulator/index.js';
import { createFakeClient, type FakeClientSettings } from './fake-client.js';
import { exchangeLine, type LineExchange } from './exchange-line.js';

function settingsOf(device: VirtualDevice): FakeClientSettings & { readonly password: Secret } {
  const { fake_address, fake_port, fake_password } = device.driverInfo as { fake_address: string; fake_port: number; fake_password: string };
  return { address: fake_address, port: fake_port, password: new Secret(fake_password) };
}

/** A controller that sends what it is told and hangs up. */
async function startRawController(send: (socket: Socket) => void): Promise<FakeClientSettings & AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => send(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`resolved with ${inspect(value)}`),
    (error: unknown) => error,
  );
}

/** An exchange that never answers, as a lost packet. */
const silent: LineExchange = () => new Promise(() => undefined);

describe('a client', () => {
  test('reads and changes power and boot device', async () => {
    await using device = await startVirtualDevice();
    const client = createFakeClient(settingsOf(device));
    expect(await client.readPower()).toBe('power off');
    await client.changePower('power on');
    expect(device.state.power).toBe('power on');
    expect(await client.readPower()).toBe('power on');
    await client.changeBootDevice('pxe', true);
    expect(await client.readBootDevice()).toEqual({ device: 'pxe', persistent: true });
  });

  const codes: readonly (readonly [FaultKind, string])[] = [
    ['silence', 'TIMEOUT'],
    ['reset', 'UNREACHABLE'],
    ['close', 'UNREACHABLE'],
    ['half frame', 'TIMEOUT'],
    ['garbage', 'PROTOCOL_FAULT'],
    ['slow', 'TIMEOUT'],
    ['busy', 'BUSY'],
    ['command failure', 'REFUSED'],
  ];
  test.each(codes)('tells the fault "%s" as %s', async (kind, code) => {
    await using device = await startVirtualDevice();
    device.faults.inject({ kind });
    const error = await rejection(createFakeClient(settingsOf(device)).readPower({ timeoutMs: 100 }));
    expect(error).toMatchObject({ code, details: { address: '127.0.0.1', port: device.driverInfo['fake_port'] } });
  });

  test('works again as soon as the fault is over', async () => {
    await using device = await startVirtualDevice();
    const client = createFakeClient(settingsOf(device));
    device.faults.inject({ kind: 'reset', times: 1 });
    expect(errorCode(await rejection(client.readPower()))).toBe('UNREACHABLE');
    expect(await client.readPower()).toBe('power off');
  });

  test('tries a wrong password once', async () => {
    await using device = await startVirtualDevice();
    const client = createFakeClient({ ...settingsOf(device), password: new Secret('wrong') });
    const error = await rejection(client.changePower('power on'));
    expect(error).toMatchObject({ code: 'AUTH_FAILED', retryable: false });
    expect(device.activity.authenticationAttempts).toBe(1);
    expect(device.state.power).toBe('power off');
  });

  test('tells a controller that is not there, and where', async () => {
    const device = await startVirtualDevice();
    const settings = settingsOf(device);
    await device[Symbol.asyncDispose]();
    const error = await rejection(createFakeClient(settings).readPower());
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { address: '127.0.0.1', port: settings.port } });
    expect((error as Error).cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('gives up with the reason of the caller and leaves no connection', async () => {
    await using device = await startVirtualDevice();
    device.faults.inject({ kind: 'silence' });
    const caller = new AbortController();
    const reading = createFakeClient(settingsOf(device)).readPower({ signal: caller.signal });
    await expect.poll(() => device.activity.mostConcurrentExchanges).toBe(1);
    const reason = new Error('the user left');
    caller.abort(reason);
    expect(await rejection(reading)).toBe(reason);
    await expect.poll(() => device.activity.openConnections).toBe(0);
  });

  test('has a transport that closes its socket and gives the reason by itself', async () => {
    await using device = await startVirtualDevice();
    device.faults.inject({ kind: 'silence' });
    const caller = new AbortController();
    const exchange = exchangeLine(settingsOf(device), '{"command":"read power"}', caller.signal);
    await expect.poll(() => device.activity.openConnections).toBe(1);
    const reason = new Error('the user left');
    caller.abort(reason);
    expect(await rejection(exchange)).toBe(reason);
    await expect.poll(() => device.activity.openConnections).toBe(0);
  });

  test('ends by its own deadline of five seconds', async () => {
    const clock = createFakeClock();
    const client = createFakeClient({ address: '192.0.2.1', port: 1, clock, exchange: silent });
    const reading = rejection(client.readPower());
    await clock.advance(4999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect(await reading).toMatchObject({ code: 'TIMEOUT', details: { address: '192.0.2.1', port: 1, step: 'read power', timeoutMs: 5000 } });
    expect(clock.pendingTimers).toBe(0);
  });

  test('asks one thing at a time', async () => {
    await using device = await startVirtualDevice();
    device.faults.inject({ kind: 'slow', delayMs: 5 });
    const client = createFakeClient(settingsOf(device));
    await Promise.all([client.readPower(), client.readPower(), client.readBootDevice()]);
    expect(device.activity.mostConcurrentExchanges).toBe(1);
  });

  test('does not read without end', async () => {
    await using controller = await startRawController((socket) => void socket.write('x'.repeat(100_000)));
    expect(await rejection(createFakeClient(controller).readPower())).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('65536') });
  });

  test('tells an answer that was cut off from none at all', async () => {
    await using controller = await startRawController((socket) => socket.end('{"result":"pow'));
    expect(await rejection(createFakeClient(controller).readPower())).toMatchObject({ code: 'PROTOCOL_FAULT' });
  });
});

describe('secrets', () => {
  test('are sent to the controller, but stay out of transcript and errors', async () => {
    await using device = await startVirtualDevice();
    const settings = settingsOf(device);
    const transcript = new TranscriptRecorder();
    const client = createFakeClient({ ...settings, transcript });
    await client.readPower();
    device.faults.inject({ kind: 'garbage' });
    const error = await rejection(client.readPower());
    const frames = transcript.frames.map((frame) => formatFrame(frame));
    const seen = [...frames, inspect(client), inspect(error, { depth: null }), JSON.stringify(error)].join('\n');
    expect(seen).not.toContain(settings.password.reveal());
    expect(transcript.frames.map((frame) => `${frame.direction} ${frame.label}`)).toEqual([
      'out read power', 'in answer to read power', 'out read power', 'in answer to read power',
    ]);
    expect(transcript.frames[0]?.payload).toBe('{"command":"read power","password":"[secret]"}');
  });

  test('that a controller repeats are masked in the transcript', async () => {
    const transcript = new TranscriptRecorder();
    const exchange: LineExchange = async (_endpoint, line) => line;
    const client = createFakeClient({ address: '192.0.2.1', port: 1, password: new Secret('hunter2'), transcript, exchange });
    const error = await rejection(client.readPower());
    expect(transcript.frames[1]?.payload).toContain('******');
    expect(transcript.frames.map((frame) => formatFrame(frame)).join('\n')).not.toContain('hunter2');
    expect(inspect(error, { depth: null })).not.toContain('hunter2');
  });
});
