import { once } from 'node:events';
import { connect } from 'node:net';
import tls, { type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { failure, pem, pkiPath, rawServer, tlsServer, type TestServer } from '../../test/support/tls-servers.js';
import { createTlsConnector } from './tls-connector.js';
import type { LegacyConnection } from './tls-settings.js';

/** Controllers that speak only what the profile modern does not take. */
const OLD: Readonly<Record<string, TlsOptions & { readonly protocol: string; readonly cipher: string }>> = {
  'TLS 1.0 with RSA': { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA@SECLEVEL=0', protocol: 'TLSv1', cipher: 'AES128-SHA' },
  'TLS 1.0 with ECDHE': { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ECDHE-RSA-AES256-SHA@SECLEVEL=0', protocol: 'TLSv1', cipher: 'ECDHE-RSA-AES256-SHA' },
  'TLS 1.1': { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'AES256-SHA@SECLEVEL=0', protocol: 'TLSv1.1', cipher: 'AES256-SHA' },
  'a 1024-bit group': { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-SHA@SECLEVEL=0', dhparam: pem('dh-1024'), protocol: 'TLSv1.2', cipher: 'DHE-RSA-AES128-SHA' },
  'signatures with SHA-1': { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-SHA@SECLEVEL=0', sigalgs: 'RSA+SHA1', protocol: 'TLSv1.2', cipher: 'ECDHE-RSA-AES256-SHA' },
};

const oldServer = async (name: string): Promise<TestServer> => tlsServer('controller-old', OLD[name]);

describe.each(Object.entries(OLD))('a controller that knows only %s', (name, { protocol, cipher }) => {
  test('is refused by modern, with a hint', async () => {
    await using server = await oldServer(name);
    expect(await failure(createTlsConnector({ verify: false }).connect(server.peer))).toMatchObject({
      code: 'UNSUPPORTED',
      retryable: false,
      message: `The controller at ${server.address} speaks no TLS that is still safe: nothing of TLS 1.2 or later is common to both sides`,
      hint: expect.stringContaining('profile legacy or auto') as string,
      details: { address: server.address, profile: 'modern' },
    });
    await server.allClosed();
    expect(server.accepted).toBe(1);
  });

  test('is spoken to by legacy, which is told once', async () => {
    await using server = await oldServer(name);
    const told: LegacyConnection[] = [];
    const connector = createTlsConnector({ verify: false, profile: 'legacy', onLegacy: (connection) => void told.push(connection) });
    for (const round of [1, 2]) {
      const socket = await connector.connect(server.peer);
      expect([round, String((await once(socket, 'data'))[0])]).toEqual([round, 'hello']);
      socket.destroy();
    }
    expect(told).toEqual([{ peer: server.peer, protocol, cipher }]);
    expect([server.accepted, connector.profileOf(server.peer)]).toEqual([2, 'legacy']);
  });

  test('is found by auto with the second try, and with the first from then on', async () => {
    await using server = await oldServer(name);
    const told: LegacyConnection[] = [];
    const connector = createTlsConnector({ verify: false, profile: 'auto', onLegacy: (connection) => void told.push(connection) });
    (await connector.connect(server.peer)).destroy();
    expect([server.accepted, connector.profileOf(server.peer), told.length]).toEqual([2, 'legacy', 1]);
    (await connector.connect({ ...server.peer })).destroy();
    expect([server.accepted, told.length]).toEqual([3, 1]);
    await server.allClosed();
  });
});

test('the certificate of an old controller is verified just as well', async () => {
  await using server = await tlsServer('controller-old', OLD['TLS 1.0 with RSA']);
  const error = await failure(createTlsConnector({ profile: 'auto', authorities: pkiPath('ca') }).connect(server.peer));
  expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', details: { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
  await using known = await tlsServer('server-small', OLD['TLS 1.0 with RSA']);
  const socket = await createTlsConnector({ profile: 'auto', authorities: pkiPath('ca') }).connect(known.peer);
  expect([socket.authorized, socket.getProtocol()]).toEqual([true, 'TLSv1']);
  socket.destroy();
});

test('auto stays with modern where that works, and says nothing', async () => {
  await using server = await tlsServer('server');
  const told: LegacyConnection[] = [];
  const connector = createTlsConnector({ profile: 'auto', authorities: pkiPath('ca'), onLegacy: (connection) => void told.push(connection) });
  expect(connector.profileOf(server.peer)).toBeUndefined();
  (await connector.connect(server.peer)).destroy();
  expect([server.accepted, connector.profileOf(server.peer), told]).toEqual([1, 'modern', []]);
});

test('one profile for each address: an old controller does not make its neighbour old', async () => {
  await using old = await oldServer('TLS 1.0 with RSA');
  await using modern = await tlsServer('controller');
  const connector = createTlsConnector({ profile: 'auto', verify: false });
  (await connector.connect(old.peer)).destroy();
  (await connector.connect(modern.peer)).destroy();
  expect([connector.profileOf(old.peer), connector.profileOf(modern.peer)]).toEqual(['legacy', 'modern']);
});

/** What something sends that speaks nothing newer than SSL 3: RFC 6101, sections 5.4 and 5.6. */
const SSL3: Readonly<Record<string, string>> = {
  'an alert of SSL 3, handshake failure': '15 0300 0002 02 28',
  'an alert of TLS 1.0, handshake failure, for want of a common cipher': '15 0301 0002 02 28',
  'the alert protocol version': '15 0300 0002 02 46',
  'a hello of SSL 3': `16 0300 002a 02 000026 0300 ${'00'.repeat(32)} 00 0005 00`,
};

describe.each(Object.entries(SSL3))('a controller that answers with %s', (_name, bytes) => {
  test.each(['legacy', 'auto'] as const)('cannot be spoken to, and %s says why', async (profile) => {
    await using server = await rawServer((socket) => void socket.once('data', () => socket.end(Buffer.from(bytes.replaceAll(' ', ''), 'hex'))));
    const connector = createTlsConnector({ profile });
    expect(await failure(connector.connect(server.peer))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('speaks nothing that Node.js can speak') as string,
      hint: 'Node.js knows neither SSL 3 nor RC4 nor 3DES: only newer firmware on the controller helps.',
    });
    await server.allClosed();
    expect([server.accepted, connector.profileOf(server.peer)]).toEqual([profile === 'auto' ? 2 : 1, undefined]);
  });
});

test('a controller that was spoken to and then knows only SSL 3 is tried with all profiles again', async () => {
  await using old = await oldServer('TLS 1.0 with RSA');
  let deaf = false;
  await using front = await rawServer((socket) => {
    if (deaf) return void socket.once('data', () => socket.end(Buffer.from('15030000020228', 'hex')));
    const behind = connect(old.peer);
    socket.once('close', () => behind.destroy());
    behind.pipe(socket).pipe(behind);
  });
  const connector = createTlsConnector({ profile: 'auto', verify: false });
  (await connector.connect(front.peer)).destroy();
  expect([front.accepted, connector.profileOf(front.peer)]).toEqual([2, 'legacy']);
  deaf = true;
  for (const accepted of [3, 5]) {
    expect(await failure(connector.connect(front.peer))).toMatchObject({ code: 'UNSUPPORTED' });
    expect([front.accepted, connector.profileOf(front.peer)]).toEqual([accepted, undefined]);
  }
});

describe('a setting of the whole process', () => {
  const { DEFAULT_CIPHERS, DEFAULT_MIN_VERSION } = tls;
  afterEach(() => Object.assign(tls, { DEFAULT_CIPHERS, DEFAULT_MIN_VERSION }));

  test('does not weaken the profile modern', async () => {
    Object.assign(tls, { DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0', DEFAULT_MIN_VERSION: 'TLSv1' });
    await using server = await oldServer('TLS 1.1');
    expect(await failure(createTlsConnector({ verify: false }).connect(server.peer))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});
