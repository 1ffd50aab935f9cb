import type { Socket } from 'node:net';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { chunked, envelope, http, plainAnswer } from './support/answers.js';
import { named, startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { startRawDevice } from './support/raw-device.js';

const get = 'CIM_Chassis';
/** A change of the power, whose second time would do harm. */
const CHANGE = ['CIM_PowerManagementService', 'RequestPowerStateChange', { fields: [{ name: 'PowerState', value: 10 }] }] as const;

describe('bodies', () => {
  test.each([1, 2, 3, 7, 64, 544])('in chunks of %i bytes, cut inside tags', async (size) => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.write(chunked(plainAnswer(request), size)) });
    await using client = makeClient(device);
    expect((await client.get(get)).children).toMatchObject([{ name: 'ElementName', text: 'one' }]);
    expect((await client.get(get)).name).toBe(get);
    expect(client.counters.connections).toBe(2);
  });

  test('up to the end of the connection', async () => {
    await using device = await startDigestDevice({
      handle: (request, socket) => void socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nConnection: close\r\n\r\n${plainAnswer(request)}`),
    });
    await using client = makeClient(device);
    expect((await client.get(get)).name).toBe(get);
    expect((await client.get(get)).name).toBe(get);
    expect(device.accepted).toHaveLength(2);
  });

  test('up to the end of the connection, from a server of HTTP/1.0', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.end(`HTTP/1.0 200 OK\r\n\r\n${plainAnswer(request)}`) });
    await using client = makeClient(device);
    expect((await client.get(get)).name).toBe(get);
  });

  test('with a byte order mark and spaces in front', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.write(http(`\u{feff}\r\n  ${plainAnswer(request)}\r\n`)) });
    await using client = makeClient(device);
    expect((await client.get(get)).name).toBe(get);
  });

  test('in the encoding that their head names', async () => {
    await using device = await startDigestDevice({
      handle(request, socket) {
        const body = Buffer.from(plainAnswer(request).replace('>one<', '>Gerät<'), 'latin1');
        socket.write(`HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml; charset="ISO-8859-1"\r\nContent-Length: ${body.length}\r\n\r\n`);
        socket.write(body);
      },
    });
    await using client = makeClient(device);
    expect((await client.get(get)).children[0]?.text).toBe('Gerät');
  });

  test('larger than a megabyte are refused, and not read to their end', async () => {
    await using device = await startDigestDevice({
      handle(_request, socket) {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        const more = (): void => {
          while (!socket.destroyed && socket.write(`1000\r\n${' '.repeat(4096)}\r\n`));
        };
        socket.on('drain', more);
        more();
      },
    });
    await using client = makeClient(device);
    expect(await rejection(client.get(get))).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('larger than 1048576 bytes') as string });
    await device.quiet();
  });

  test('with a head larger than 16 KiB are refused', async () => {
    await using device = await startDigestDevice({ handle: (_request, socket) => void socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`) });
    await using client = makeClient(device);
    expect(await rejection(client.get(get))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { step: 'answer' } });
  });
});

describe('connections', () => {
  test('that are closed after each answer are made anew for each request', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.end(http(plainAnswer(request), { headers: ['Connection: close'] })) });
    await using client = makeClient(device);
    for (let index = 0; index < 3; index += 1) await client.get(get);
    await client.invoke(...CHANGE);
    expect(device.accepted.map(({ connection }) => connection)).toEqual([1, 2, 3, 4]);
    expect(client.counters.repeats).toBe(0);
  });

  test('that the device closes while nobody asks are no error', async () => {
    const sockets: Socket[] = [];
    await using device = await startDigestDevice({ onConnection: (socket) => void sockets.push(socket) });
    await using client = makeClient(device);
    await client.get(get);
    sockets.at(-1)?.end();
    await device.quiet();
    expect((await client.get(get)).name).toBe(get);
  });

  test('are never more than one, and one request at a time, in the order of the calls', async () => {
    let inFlight = 0;
    let most = 0;
    await using device = await startDigestDevice({
      closeWith401: false,
      async handle(request, socket) {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        socket.write(http(plainAnswer(request)));
      },
    });
    await using client = makeClient(device);
    const classes = ['CIM_Chassis', 'CIM_Card', 'CIM_Chip', 'CIM_BIOSElement', 'AMT_BootCapabilities'];
    const answers = await Promise.all(classes.map(async (name) => client.get(name)));
    expect(answers.map(({ name }) => name)).toEqual(classes);
    expect(device.accepted.map(named)).toEqual(classes.map((name) => `Get ${name}`));
    expect(most).toBe(1);
    expect(device.connections).toBe(1);
  });

  test('are not waited for by more than 32 calls', async () => {
    await using device = await startRawDevice(() => undefined);
    await using client = makeClient(device);
    const calls = Array.from({ length: 34 }, async () => rejection(client.get(get)));
    expect(await calls[33]).toMatchObject({ code: 'BUSY', retryable: true, details: { step: 'turn', sent: false } });
    await client[Symbol.asyncDispose]();
    expect(await calls[32]).toMatchObject({ code: 'ABORTED' });
  });

  test('end with the client, whose calls then reject; disposing twice is the same as once', async () => {
    await using device = await startDigestDevice();
    const client = makeClient(device);
    await client.get(get);
    await Promise.all([client[Symbol.asyncDispose](), client[Symbol.asyncDispose]()]);
    await device.quiet();
    expect(await rejection(client.get(get))).toMatchObject({ code: 'ABORTED' });
  });

  test('are not kept when idleMs is 0', async () => {
    await using device = await startDigestDevice({ closeWith401: false });
    await using client = makeClient(device, { idleMs: 0 });
    await client.get(get);
    await client.get(get);
    expect(device.requests.map(({ connection }) => connection)).toEqual([0, 1, 2]);
    expect(device.requests[0]?.headers.get('connection')).toBe('close');
    await device.quiet();
  });

  test('end by themselves when nobody asks for idleMs', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device, { idleMs: 20 });
    await client.get(get);
    await device.quiet();
    expect((await client.get(get)).name).toBe(get);
    // Without the setting it takes four seconds.
  }, 3000);
});

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
});
