import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { http, plainAnswer } from './support/answers.js';
import { CHANGE } from './support/change.js';
import { named, startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { startRawDevice } from './support/raw-device.js';

const get = 'CIM_Chassis';

describe('a connection that is lost', () => {
  /** Lets the first `good` requests in and ends the connection of the next by `end`; answers again afterwards. */
  const losing = (good: number, end: (socket: Socket) => void) => {
    let count = 0;
    return startDigestDevice({
      handle(request, socket) {
        count += 1;
        if (count === good + 1) end(socket);
        else socket.write(http(plainAnswer(request)));
      },
    });
  };

  test.each([
    ['closed', (socket: Socket) => void socket.end()],
    ['reset', (socket: Socket) => void socket.resetAndDestroy()],
  ])('before the answer, %s: a question is repeated once over a new connection', async (_how, end) => {
    await using device = await losing(1, end);
    await using client = makeClient(device);
    await client.get(get);
    expect((await client.get(get)).name).toBe(get);
    expect(client.counters.repeats).toBe(1);
    expect(device.accepted).toHaveLength(3);
  });

  test('twice in a row: the call fails', async () => {
    let good = 1;
    await using device = await startDigestDevice({ handle: (request, socket) => void ((good -= 1) >= 0 ? socket.write(http(plainAnswer(request))) : socket.resetAndDestroy()) });
    await using client = makeClient(device);
    await client.get(get);
    expect(await rejection(client.get(get))).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { step: 'answer', sent: false, received: false, resource: get, operation: 'Get' } });
    expect(device.accepted).toHaveLength(3);
  });

  test('on its first request: a question is not repeated, for idleness was not the reason', async () => {
    await using device = await startRawDevice((_request, socket) => void socket.resetAndDestroy());
    await using client = makeClient(device);
    expect(await rejection(client.get(get))).toMatchObject({ code: 'UNREACHABLE', details: { received: false } });
    expect(device.requests).toHaveLength(1);
  });

  test.each([
    ['a byte', 'H'],
    ['half of the head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['half of the body', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<?xml version="1.0"?><a:Envelope'],
    ['a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<?xml\r\n'],
    ['half of a body in chunks that ends with the connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n<?xml'],
    ['half of a body that ends with the connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 50\r\n\r\n<?xml'],
    ['half of a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n<?xml'],
  ])('after %s: nothing is repeated', async (_part, bytes) => {
    await using device = await losing(1, (socket) => void socket.end(bytes));
    await using client = makeClient(device);
    await client.get(get);
    expect(await rejection(client.get(get))).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { received: true } });
    expect(client.counters.repeats).toBe(0);
  });

  test.each([
    ['closed before the answer', (socket: Socket) => void socket.end()],
    ['reset before the answer', (socket: Socket) => void socket.resetAndDestroy()],
    ['closed in the middle of it', (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<')],
  ])('with a change on its way, %s: it is not sent again, and the caller is told to look', async (_how, end) => {
    await using device = await losing(1, end);
    await using client = makeClient(device);
    await client.get(get);
    expect(await rejection(client.invoke(...CHANGE))).toMatchObject({
      code: 'UNREACHABLE',
      retryable: false,
      details: { sent: true, operation: 'RequestPowerStateChange' },
      hint: expect.stringContaining('read the state') as string,
    });
    expect(device.accepted.map(named)).toEqual(['Get CIM_Chassis', 'RequestPowerStateChange CIM_PowerManagementService']);
  });

  test('while the question before a change was asked: the question is repeated, the change sent once', async () => {
    let clockMs = 0;
    const clock = { now: () => new Date(0), monotonicMs: () => clockMs, after: () => ({ [Symbol.dispose]: () => undefined }) };
    await using device = await losing(1, (socket) => void socket.resetAndDestroy());
    await using client = makeClient(device, { clock });
    await client.get(get);
    clockMs += 2001;
    await client.invoke(...CHANGE);
    expect(device.accepted.map(named)).toEqual(['Get CIM_Chassis', 'Get AMT_GeneralSettings', 'Get AMT_GeneralSettings', 'RequestPowerStateChange CIM_PowerManagementService']);
  });
});
