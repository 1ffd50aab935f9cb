import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { http, plainAnswer } from './support/answers.js';
import { CHANGE } from './support/change.js';
import { named, startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { startRawDevice } from './support/raw-device.js';

const get = 'CIM_Chassis';

describe('a device that is not there', () => {
  test('nobody listens', async () => {
    const device = await startDigestDevice();
    await device[Symbol.asyncDispose]();
    await using client = makeClient(device);
    expect(await rejection(client.invoke(...CHANGE))).toMatchObject({
      code: 'UNREACHABLE',
      retryable: true,
      details: { systemCode: 'ECONNREFUSED', step: 'connect', sent: false, address: `127.0.0.1:${device.port}` },
      hint: expect.stringContaining('https') as string,
    });
  });

  test('nobody listens any more when a change is to be sent: it is known not to be made', async () => {
    const device = await startDigestDevice({ handle: (request, socket) => void socket.end(http(plainAnswer(request), { headers: ['Connection: close'] })) });
    await using client = makeClient(device);
    await client.get(get);
    await device[Symbol.asyncDispose]();
    expect(await rejection(client.invoke(...CHANGE))).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { step: 'connect', sent: false, operation: 'RequestPowerStateChange' } });
  });

  test('the name is not known', async () => {
    await using client = makeClient({ port: 1 }, { host: 'no-such-host.invalid' });
    expect(await rejection(client.get(get))).toMatchObject({ code: 'UNREACHABLE', details: { step: 'connect' } });
  });

  test('it takes the connection and is silent: TIMEOUT after 30 s, and the connection ends', async () => {
    const clock = createFakeClock();
    await using device = await startRawDevice(() => undefined);
    await using client = makeClient(device, { clock });
    const rejected = rejection(client.get(get));
    await device.received(1);
    await clock.advance(29_999);
    expect(device.openConnections).toBe(1);
    await clock.advance(1);
    expect(await rejected).toMatchObject({ code: 'TIMEOUT', retryable: true, details: { step: 'answer', sent: false, timeoutMs: 30_000 } });
    await device.quiet();
  });

  test('it falls silent after a change was sent: TIMEOUT that is not to be retried', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void (named(request).startsWith('Get') ? socket.write(http(plainAnswer(request))) : undefined) });
    const clock = createFakeClock();
    await using client = makeClient(device, { clock });
    const rejected = rejection(client.invoke(CHANGE[0], CHANGE[1], CHANGE[2], { timeoutMs: 60 }));
    await device.received(3);
    await clock.advance(60);
    expect(await rejected).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { step: 'answer', sent: true, timeoutMs: 60 } });
    await device.quiet();
    expect(device.accepted).toHaveLength(2);
  });

  test('it falls silent in the middle of a body', async () => {
    await using device = await startDigestDevice({ handle: (_request, socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<a>') });
    const clock = createFakeClock();
    await using client = makeClient(device, { clock });
    const rejected = rejection(client.get(get, { timeoutMs: 60 }));
    await device.received(2);
    await clock.advance(60);
    expect(await rejected).toMatchObject({ code: 'TIMEOUT', details: { step: 'answer' } });
    await device.quiet();
  });
});
