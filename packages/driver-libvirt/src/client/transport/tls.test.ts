import { FerricError } from '@ferric/core';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure, testContext } from '../../../test/transport/context.js';
import { listen, type Listening } from '../../../test/transport/listen.js';
import { parseLibvirtUri } from '../uri.js';
import { openTransport } from './index.js';

const PKI = fileURLToPath(new URL('../../../test/fixtures/pki/', import.meta.url));
const pem = (name: string): Buffer => readFileSync(join(PKI, `${name}.pem`));

let folder: string;
let made = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferric-tls-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder for `pkipath` with files of the fixtures under libvirt's names. */
function pki(files: Readonly<Record<string, string>> = { cacert: 'ca', clientcert: 'client', clientkey: 'client-key' }): string {
  made += 1;
  const place = join(folder, String(made));
  mkdirSync(place);
  for (const [name, source] of Object.entries(files)) cpSync(join(PKI, `${source}.pem`), join(place, `${name}.pem`));
  return place;
}

/** A daemon's TLS: its certificate, and what it does with a client. */
async function daemon(certificate: string, welcome: (socket: TLSSocket) => void, options: TlsOptions = {}): Promise<Listening> {
  const server = createServer({ cert: pem(certificate), key: pem(`${certificate}-key`), ca: pem('ca'), requestCert: true, rejectUnauthorized: false, ...options }, (socket) => {
    socket.on('error', () => undefined);
    welcome(socket);
    // Who does not read does not see the end.
    socket.resume();
  });
  server.on('tlsClientError', () => undefined);
  return listen(server);
}

/** As libvirtd: the byte for those whose certificate is good, the end for all others. */
function likeLibvirtd(socket: TLSSocket): void {
  if (!socket.authorized) socket.end();
  else socket.write(Buffer.of(1));
}

const at = ({ port }: Listening, query: string, host = '127.0.0.1') => parseLibvirtUri(`qemu+tls://${host}:${port}/system?${query}`);

describe('a daemon that can be trusted', () => {
  test.each(['127.0.0.1', 'localhost'])('opens for %s when it has taken our certificate', async (host) => {
    await using server = await daemon('server', (socket) => {
      likeLibvirtd(socket);
      socket.on('data', (bytes: Buffer) => socket.write(bytes));
    });
    const context = testContext();
    const opened = await openTransport(at(server, `pkipath=${pki()}`, host), context);
    expect([opened.peer, opened.secure]).toEqual([`tls ${host}:${server.port}`, true]);
    opened.stream.write('hello');
    expect(String((await once(opened.stream, 'data'))[0])).toBe('hello');
    opened.stream.destroy();
    await server.allClosed();
    expect(context.logger.lines).toEqual([]);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: keeps what stands behind the byte, in the same record or later', async (version) => {
    await using server = await daemon('server', (socket) => void socket.write(Buffer.from('\x01behind', 'latin1'), () => socket.end(' later')), { minVersion: version, maxVersion: version });
    const { stream } = await openTransport(at(server, `pkipath=${pki()}`), testContext());
    let text = '';
    stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
    await once(stream, 'end');
    expect(text).toBe('behind later');
    expect((stream as TLSSocket).getProtocol()).toBe(version);
    stream.destroy();
  });

  test('a certificate of ours is not needed where the daemon does not ask for it', async () => {
    await using server = await daemon('server', (socket) => void socket.write(Buffer.of(1)), { requestCert: false });
    const { stream } = await openTransport(at(server, `pkipath=${pki({ cacert: 'ca' })}`), testContext());
    stream.destroy();
    await server.allClosed();
    expect(server.accepted).toBe(1);
  });
});

describe('a daemon that cannot be trusted', () => {
  test.each([
    ['server', 'other-ca', 'was not issued by an authority of', 'cacert.pem'],
    ['server-expired', 'ca', 'it has expired', 'Renew'],
    ['server-future', 'ca', 'it is not valid yet', 'clocks'],
    ['server-elsewhere', 'ca', 'it is not for 127.0.0.1: IP: 127.0.0.1 is not in the cert\'s list: 192.0.2.1', 'subjectAltName'],
    ['server-no-address', 'ca', 'it is not for 127.0.0.1', 'subjectAltName'],
    ['server-as-client', 'ca', 'it is not meant for servers', 'serverAuth'],
  ])('%s checked with %s: %s', async (certificate, authority, reason, hint) => {
    const welcomed: string[] = [];
    await using server = await daemon(certificate, (socket) => {
      socket.on('data', (bytes: Buffer) => welcomed.push(bytes.toString()));
      socket.write(Buffer.of(1));
    });
    const uri = at(server, `pkipath=${pki({ cacert: authority, clientcert: 'client', clientkey: 'client-key' })}`);
    const error = await failure(openTransport(uri, testContext()));
    expect([error.code, error.retryable, error.details['address']]).toEqual(['TLS_UNTRUSTED', false, uri.address]);
    expect(error.message).toContain(reason);
    expect(error.hint).toContain(hint);
    expect(error.cause).toBeInstanceOf(Error);
    await server.allClosed();
    expect(welcomed).toEqual([]);
  });

  test('a name is checked as a name, an address as an address', async () => {
    await using server = await daemon('server-no-address', likeLibvirtd);
    const { stream } = await openTransport(at(server, `pkipath=${pki()}`, 'localhost'), testContext());
    stream.destroy();
    await using elsewhere = await daemon('server-elsewhere', likeLibvirtd);
    const error = await failure(openTransport(at(elsewhere, `pkipath=${pki()}`, 'localhost'), testContext()));
    expect(error.message).toContain('it is not for localhost');
  });

  test('a certificate that the list beside the authority has revoked', async () => {
    await using server = await daemon('server-revoked', likeLibvirtd);
    const good = await openTransport(at(server, `pkipath=${pki()}`), testContext());
    good.stream.destroy();
    const place = pki({ cacert: 'ca', cacrl: 'crl', clientcert: 'client', clientkey: 'client-key' });
    const error = await failure(openTransport(at(server, `pkipath=${place}`), testContext()));
    expect([error.code, error.message]).toEqual(['TLS_UNTRUSTED', expect.stringContaining(`it was revoked, says ${place}/cacrl.pem`)]);
    await using other = await daemon('server', likeLibvirtd);
    const fine = await openTransport(at(other, `pkipath=${place}`), testContext());
    fine.stream.destroy();
  });

  test('no authority to check it with: nothing is tried', async () => {
    await using server = await daemon('server', likeLibvirtd);
    const error = await failure(openTransport(at(server, ''), testContext({ homeDirectory: folder })));
    expect([error.code, server.accepted]).toEqual(['TLS_UNTRUSTED', 0]);
    expect(error.message).toContain('/etc/pki/CA/cacert.pem');
    expect(error.hint).toContain('pkipath=');
  });

  test('no_verify takes it all the same, and says so', async () => {
    for (const certificate of ['server', 'server-expired', 'server-elsewhere', 'server-as-client']) {
      await using server = await daemon(certificate, likeLibvirtd);
      const context = testContext();
      const { stream } = await openTransport(at(server, `no_verify=1&pkipath=${pki({ clientcert: 'client', clientkey: 'client-key' })}`), context);
      stream.destroy();
      expect(context.logger.at('warn')).toHaveLength(1);
      expect(context.logger.text()).toContain('no_verify');
    }
  });
});

describe('a daemon that does not want us', () => {
  test.each([
    ['TLSv1.2', 'client-other', 'clientcert.pem was shown'],
    ['TLSv1.3', 'client-other', 'clientcert.pem was shown'],
    ['TLSv1.3', 'client-expired', 'clientcert.pem was shown; it has expired'],
    ['TLSv1.2', undefined, 'none was shown, since there is none in'],
    ['TLSv1.3', undefined, 'none was shown, since there is none in'],
  ] as const)('%s, %s: the end instead of the byte', async (version, client, words) => {
    await using server = await daemon('server', likeLibvirtd, { minVersion: version, maxVersion: version });
    const identity = client === undefined ? undefined : { clientcert: client, clientkey: `${client}-key` };
    const place = pki({ cacert: 'ca', ...identity });
    const error = await failure(openTransport(at(server, `pkipath=${place}`), testContext()));
    expect([error.code, error.retryable]).toEqual(['AUTH_FAILED', false]);
    expect(error.message).toContain(words);
    expect(error.details).toEqual({ address: `127.0.0.1:${server.port}`, certificate: client === undefined ? null : `${place}/clientcert.pem`, expired: client === 'client-expired' });
    expect(error.hint).toContain('client certificate');
    await server.allClosed();
  });

  test('an alert instead', async () => {
    await using server = await daemon('server', likeLibvirtd, { minVersion: 'TLSv1.3', rejectUnauthorized: true });
    for (const files of [{ cacert: 'ca' }, { cacert: 'ca', clientcert: 'client-other', clientkey: 'client-other-key' }] as Record<string, string>[]) {
      const error = await failure(openTransport(at(server, `pkipath=${pki(files)}`), testContext()));
      expect([error.code, error.message]).toEqual(['AUTH_FAILED', expect.stringContaining('refused our certificate')]);
    }
    await server.allClosed();
  });
});

describe('what is no daemon', () => {
  test('another first byte', async () => {
    await using server = await daemon('server', (socket) => void socket.write('HTTP/1.1 400'));
    const error = await failure(openTransport(at(server, `pkipath=${pki()}`), testContext()));
    expect([error.code, error.details['byte']]).toEqual(['PROTOCOL_FAULT', 0x48]);
    await server.allClosed();
  });

  test('no TLS at all', async () => {
    await using server = await listen(createTcpServer((socket) => void socket.resume().write('SSH-2.0-OpenSSH_9.2p1\r\n')));
    const error = await failure(openTransport(at(server, `pkipath=${pki()}`), testContext()));
    expect([error.code, error.details['address']]).toEqual(['PROTOCOL_FAULT', `127.0.0.1:${server.port}`]);
    expect(error.message).toMatch(/is not TLS, or none that can be spoken: wrong version number$/);
    expect(error.hint).toContain('16514');
    await server.allClosed();
  });

  test('the end at once', async () => {
    await using server = await listen(createTcpServer((socket) => socket.resume().end()));
    const error = await failure(openTransport(at(server, `pkipath=${pki()}`), testContext()));
    expect(error.code).toBe('UNREACHABLE');
    await server.allClosed();
  });

  test('TLS that is too old', async () => {
    await using server = await daemon('server', likeLibvirtd, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    const error = await failure(openTransport(at(server, `pkipath=${pki()}`), testContext()));
    expect([error.code, error.hint]).toEqual(['UNSUPPORTED', expect.stringContaining('tls_priority')]);
  });
});

describe('silence', () => {
  test('before the handshake: the signal ends it and no socket is left', async () => {
    await using server = await listen(createTcpServer((socket) => socket.resume()));
    const controller = new AbortController();
    const opening = openTransport(at(server, `pkipath=${pki()}`), testContext({ signal: controller.signal }));
    await server.connection;
    const reason = new FerricError('TIMEOUT', 'too long');
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await server.allClosed();
  });

  test('after the handshake: the same', async () => {
    const welcomed = Promise.withResolvers<TLSSocket>();
    await using server = await daemon('server', welcomed.resolve);
    const controller = new AbortController();
    const opening = openTransport(at(server, `pkipath=${pki()}`), testContext({ signal: controller.signal }));
    await welcomed.promise;
    const reason = new FerricError('TIMEOUT', 'too long');
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await server.allClosed();
  });
});
