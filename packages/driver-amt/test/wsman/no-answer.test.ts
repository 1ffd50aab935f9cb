import type { Socket } from 'node:net';
import type { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import type { WsmanClient } from '../../src/client/wsman/index.js';
import { envelope, faultAnswer, http, plainAnswer } from './support/answers.js';
import { CHANGE } from './support/change.js';
import { type DigestDevice, named, startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { type ReceivedRequest, startRawDevice } from './support/raw-device.js';

const get = 'CIM_Chassis';

describe('what is not an answer', () => {
  test.each([
    ['garbage', '\0\x01\x02 garbage\r\n\r\n', 'it is not HTTP'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2p1\r\n', 'it is not HTTP'],
    ['an answer that goes on to another protocol', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 'it is not HTTP'],
    ['an alert of TLS', '\x15\x03\x01\0\x02\x02\x46', 'it is not HTTP'],
  ])('%s', async (_name, bytes, words) => {
    await using device = await startRawDevice((_request, socket) => void socket.end(Buffer.from(bytes, 'latin1')));
    await using client = makeClient(device);
    expect(await rejection(client.get(get))).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining(words) as string, details: { step: 'answer' } });
  });

  test.each([
    ['403 Forbidden', 'REFUSED', false],
    ['404 Not Found', 'PROTOCOL_FAULT', false],
    ['301 Moved Permanently', 'PROTOCOL_FAULT', false],
    ['400 Bad Request', 'PROTOCOL_FAULT', false],
    ['500 Internal Server Error', 'PROTOCOL_FAULT', true],
    ['503 Service Unavailable', 'BUSY', true],
    ['204 No Content', 'PROTOCOL_FAULT', false],
  ])('HTTP %s with a page of HTML', async (status, code, retryable) => {
    const page = status.startsWith('204') ? '' : '<!DOCTYPE html><html><body>no</body></html>';
    await using device = await startDigestDevice({ handle: (_request, socket) => void socket.write(http(page, { status, headers: ['Content-Type: text/html', 'Location: http://192.0.2.1/'] })) });
    await using client = makeClient(device);
    expect(await rejection(client.get(get))).toMatchObject({ code, retryable, details: { httpStatus: Number(status.slice(0, 3)) } });
    expect(device.accepted).toHaveLength(1);
  });

  test.each([
    ['HTML with 200', '<html><body>hello</body></html>'],
    ['nothing with 200', ''],
    ['a text with 200', 'hello'],
    ['an envelope that ends in the middle', '<?xml version="1.0"?><a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope"><a:Header>'],
  ])('%s', async (_name, body) => {
    await using device = await startDigestDevice({ handle: (_request, socket) => void socket.write(http(body)) });
    await using client = makeClient(device);
    expect(await rejection(client.get(get))).toMatchObject({ code: 'PROTOCOL_FAULT', retryable: false });
  });

  test('an answer to another question: the connection is given up with it', async () => {
    let wrong = true;
    await using device = await startDigestDevice({
      handle(request, socket) {
        socket.write(http(wrong ? envelope(request, '<x/>', { relatesTo: '4711' }) : plainAnswer(request)));
        wrong = false;
      },
    });
    await using client = makeClient(device);
    expect(await rejection(client.get(get))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { field: 'RelatesTo', expected: '1', received: '"4711"' } });
    expect((await client.get(get)).name).toBe(get);
    expect(device.accepted.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  test('garbage in answer to a change: nobody knows whether it was made', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.write(http(named(request).startsWith('Get') ? plainAnswer(request) : 'garbage')) });
    await using client = makeClient(device);
    expect(await rejection(client.invoke(...CHANGE))).toMatchObject({ code: 'PROTOCOL_FAULT', retryable: false, details: { sent: true } });
  });

  /** A device that lets everything in, and meets changes so. */
  const meetingChanges = (meet: (request: ReceivedRequest) => string): Promise<DigestDevice> =>
    startDigestDevice({ handle: (request, socket) => void socket.write(named(request).startsWith('Get') ? http(plainAnswer(request)) : meet(request)) });

  test.each([
    ['408 Request Timeout', 'BUSY'],
    ['500 Internal Server Error', 'PROTOCOL_FAULT'],
    ['502 Bad Gateway', 'BUSY'],
    ['504 Gateway Timeout', 'BUSY'],
    ['507 Insufficient Storage', 'PROTOCOL_FAULT'],
    ['202 Accepted', 'PROTOCOL_FAULT'],
  ])('HTTP %s in answer to a change: nobody knows whether it was made', async (status, code) => {
    await using device = await meetingChanges(() => http('<html/>', { status }));
    await using client = makeClient(device);
    expect(await rejection(client.invoke(...CHANGE))).toMatchObject({
      code, retryable: false, details: { sent: true, httpStatus: Number(status.slice(0, 3)) }, hint: expect.stringContaining('read the state') as string,
    });
  });

  test.each([
    ['429 Too Many Requests', 'BUSY', true],
    ['503 Service Unavailable', 'BUSY', true],
    ['403 Forbidden', 'REFUSED', false],
    ['404 Not Found', 'PROTOCOL_FAULT', false],
    ['405 Method Not Allowed', 'PROTOCOL_FAULT', false],
    ['307 Temporary Redirect', 'PROTOCOL_FAULT', false],
  ])('HTTP %s in answer to a change: it was not made', async (status, code, retryable) => {
    await using device = await meetingChanges(() => http('<html/>', { status }));
    await using client = makeClient(device);
    const error = await rejection(client.invoke(...CHANGE));
    expect(error).toMatchObject({ code, retryable, details: { sent: false, httpStatus: Number(status.slice(0, 3)) } });
    expect((error as FerricError).hint).not.toMatch(/read the state/i);
  });

  test.each<[string, (client: WsmanClient) => Promise<unknown>, string]>([
    ['a method', async (client) => client.invoke(...CHANGE), ''],
    ['Create', async (client) => client.create('IPS_AlarmClockOccurrence', { fields: [] }), '<e:ResourceCreated xmlns:e="http://schemas.xmlsoap.org/ws/2004/09/transfer"/>'],
  ])('%s is answered, but without what was to come: it was made', async (_name, call, body) => {
    await using device = await meetingChanges((request) => http(envelope(request, body)));
    await using client = makeClient(device);
    expect(await rejection(call(client))).toMatchObject({ code: 'PROTOCOL_FAULT', retryable: false, details: { sent: true }, hint: expect.stringContaining('read the state') as string });
  });
});

describe('a Put that is answered without the instance', () => {
  /** A device that answers Put so, and lets the reading of what it made of it fail. */
  const failingToRead = (fail: (request: ReceivedRequest, socket: Socket) => void): Promise<DigestDevice> =>
    startDigestDevice({
      handle: (request, socket) => {
        if (named(request) === 'Get AMT_RedirectionService') fail(request, socket);
        else socket.write(http(named(request).startsWith('Put') ? envelope(request, '') : plainAnswer(request)));
      },
    });

  test.each<[string, string, (request: ReceivedRequest, socket: Socket) => void]>([
    ['the connection breaks', 'UNREACHABLE', (_request, socket) => void socket.resetAndDestroy()],
    ['the device is busy', 'BUSY', (_request, socket) => void socket.write(http('', { status: '503 Service Unavailable' }))],
    ['a fault', 'BUSY', (request, socket) => void socket.write(http(faultAnswer(request, 'QuotaLimit')))],
    ['nothing', 'PROTOCOL_FAULT', (request, socket) => void socket.write(http(envelope(request, '')))],
  ])('was made all the same when it cannot be read: %s', async (_name, code, fail) => {
    await using device = await failingToRead(fail);
    await using client = makeClient(device);
    expect(await rejection(client.put('AMT_RedirectionService', { fields: [] }))).toMatchObject({
      code, retryable: false, details: { operation: 'Put', sent: true }, hint: expect.stringContaining('read the state') as string,
    });
    expect(device.accepted.filter((request) => named(request).startsWith('Put'))).toHaveLength(1);
  });

  test('was made all the same when reading it takes too long', async () => {
    const clock = createFakeClock();
    await using device = await failingToRead(() => undefined);
    await using client = makeClient(device, { clock });
    await client.get(get);
    const rejected = rejection(client.put('AMT_RedirectionService', { fields: [] }, { timeoutMs: 60 }));
    await device.received(4);
    await clock.advance(60);
    expect(await rejected).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { operation: 'Put', sent: true } });
  });
});
