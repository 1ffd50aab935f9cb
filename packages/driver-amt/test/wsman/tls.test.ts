import { once } from 'node:events';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { createFakeClock, createSelfSignedCertificate } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { http, plainAnswer } from './support/answers.js';
import { type DigestDevice, startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { startRawDevice } from './support/raw-device.js';

interface TlsDevice extends AsyncDisposable {
  readonly port: number;
  readonly fingerprint: string;
  readonly connections: number;
}

/** TLS in front of a device: takes the certificate off and passes everything on. */
async function startTls(device: DigestDevice, options: { readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3' } = {}): Promise<TlsDevice> {
  const { certificate, privateKey, fingerprint } = await createSelfSignedCertificate({ names: ['127.0.0.1'], now: new Date() });
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ cert: certificate, key: privateKey, ...options }, (socket: TLSSocket) => {
    connections += 1;
    const inner = connect(device.port, '127.0.0.1');
    for (const [one, other] of [[socket, inner], [inner, socket]] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => void other.destroy());
      one.pipe(other);
    }
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    fingerprint,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

describe('over TLS', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s, a device with a known fingerprint is spoken to over one connection after the 401', async (maxVersion) => {
    await using device = await startDigestDevice();
    await using front = await startTls(device, { maxVersion });
    await using client = makeClient(front, { protocol: 'https', tls: { fingerprint: front.fingerprint } });
    for (let index = 0; index < 3; index += 1) expect((await client.get('CIM_Card')).name).toBe('CIM_Card');
    expect(front.connections).toBe(2);
  });

  test('a device with a certificate that nobody signed is not spoken to, and its fingerprint is told', async () => {
    await using device = await startDigestDevice();
    await using front = await startTls(device);
    await using client = makeClient(front, { protocol: 'https' });
    expect(await rejection(client.get('CIM_Card'))).toMatchObject({ code: 'TLS_UNTRUSTED', retryable: false, details: { step: 'connect', sent: false, resource: 'CIM_Card', fingerprint: expect.stringMatching(/^[\dA-F:]{95}$/) as string } });
    expect(device.requests).toHaveLength(0);
  });

  test('a device with another certificate than the known one is not spoken to, and never without TLS', async () => {
    await using device = await startDigestDevice();
    await using front = await startTls(device);
    await using client = makeClient(front, { protocol: 'https', tls: { fingerprint: 'ab'.repeat(32) } });
    expect(await rejection(client.get('CIM_Card'))).toMatchObject({ code: 'TLS_UNTRUSTED' });
    expect(device.connections).toBe(0);
  });

  test('a port without TLS is told as such', async () => {
    await using device = await startRawDevice((_request, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await using client = makeClient(device, { protocol: 'https', tls: { verify: false } });
    expect(await rejection(client.get('CIM_Card'))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { step: 'connect' } });
    expect(device.requests).toHaveLength(0);
  });

  test('a handshake that does not come about ends after connectTimeoutMs: UNREACHABLE', async () => {
    await using silent = await startSilent();
    const clock = createFakeClock();
    await using client = makeClient(silent, { protocol: 'https', clock });
    const rejected = rejection(client.get('CIM_Card'));
    await silent.connected;
    await clock.advance(5000);
    expect(await rejected).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { step: 'connect', sent: false } });
    await silent.quiet();
  });

  test.each([new Error('I left'), 'a text'])('a caller who leaves during the handshake gets the own reason, and the connection ends', async (reason) => {
    await using silent = await startSilent();
    await using client = makeClient(silent, { protocol: 'https' });
    const controller = new AbortController();
    const rejected = rejection(client.get('CIM_Card', { signal: controller.signal }));
    await silent.connected;
    controller.abort(reason);
    expect(await rejected).toBe(reason);
    await silent.quiet();
  });

  test.each([
    ['before the answer', (socket: Socket) => void socket.resetAndDestroy(), 1],
    ['in the middle of the answer', (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<'), 0],
  ])('a connection that is lost %s is treated as without TLS', async (_when, end, repeats) => {
    let count = 0;
    await using device = await startDigestDevice({ handle: (request, socket) => ((count += 1) === 2 ? end(socket) : void socket.write(http(plainAnswer(request)))) });
    await using front = await startTls(device);
    await using client = makeClient(front, { protocol: 'https', tls: { verify: false } });
    await client.get('CIM_Card');
    const second = client.get('CIM_Card');
    if (repeats === 1) expect((await second).name).toBe('CIM_Card');
    else expect(await rejection(second)).toMatchObject({ code: 'UNREACHABLE', details: { received: true } });
    expect(client.counters.repeats).toBe(repeats);
  });

  test('a change whose answer is lost is not sent again', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void (request.body.includes('_INPUT') ? socket.resetAndDestroy() : socket.write(http(plainAnswer(request)))) });
    await using front = await startTls(device);
    await using client = makeClient(front, { protocol: 'https', tls: { verify: false } });
    expect(await rejection(client.invoke('CIM_BootService', 'SetBootConfigRole'))).toMatchObject({ code: 'UNREACHABLE', retryable: false, details: { sent: true } });
    expect(device.accepted).toHaveLength(2);
  });
});

/** Takes connections and says nothing. */
async function startSilent(): Promise<AsyncDisposable & { readonly port: number; readonly connected: Promise<unknown>; quiet(): Promise<void> }> {
  const server = createTcpServer((socket) => void socket.on('error', () => undefined).resume());
  const connected = once(server, 'connection') as Promise<readonly Socket[]>;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    async quiet() {
      const [socket] = await connected;
      if (socket?.destroyed === false) await once(socket, 'close');
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
