import { describe, expect, test } from 'vitest';
import { chunked, http, plainAnswer } from './support/answers.js';
import { startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';

const get = 'CIM_Chassis';

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
