import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { failure, pem, pkiPath, tlsServer } from '../../test/support/tls-servers.js';
import { createTlsConnector } from './tls-connector.js';

const fingerprintOf = (name: string): string => new X509Certificate(pem(name)).fingerprint256;

let folder: string;
let made = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferric-core-tls-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.unstubAllEnvs());

/** A path below the folder of this run that nobody uses yet. */
function place(): string {
  made += 1;
  return join(folder, String(made));
}

describe('a certificate that is trusted', () => {
  test.each([
    { why: 'its issuer is in the file', certificate: 'server', settings: { authorities: pkiPath('ca') } },
    { why: 'its issuer is in the file, though only of the second level', certificate: 'server-of-middle', settings: { authorities: pkiPath('middle') } },
    { why: 'it is the pinned one, whoever issued it and for whatever name', certificate: 'controller', settings: { fingerprint: fingerprintOf('controller') } },
    { why: 'it is the pinned one, though it has expired', certificate: 'server-expired', settings: { fingerprint: fingerprintOf('server-expired').toLowerCase() } },
    { why: 'it is the pinned one, written without colons', certificate: 'server', settings: { fingerprint: fingerprintOf('server').replaceAll(':', '') } },
    { why: 'it is the pinned one, with a small key and SHA-1', certificate: 'controller-old', settings: { fingerprint: fingerprintOf('controller-old') } },
    { why: 'nothing is checked', certificate: 'controller', settings: { verify: false } },
    { why: 'nothing is checked, not even that the authorities exist', certificate: 'controller', settings: { verify: false, authorities: '/nowhere/ca.pem' } },
  ])('opens the connection: $why', async ({ certificate, settings }) => {
    await using server = await tlsServer(certificate);
    const connector = createTlsConnector(settings);
    const socket = await connector.connect(server.peer);
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    expect([socket.getProtocol(), connector.profileOf(server.peer)]).toEqual(['TLSv1.3', 'modern']);
    socket.destroy();
    await server.allClosed();
  });

  test.each(['localhost', '[::1]'])('sends the name %s only where it is one', async (host) => {
    const names: (string | false)[] = [];
    await using server = await tlsServer('server', { SNICallback: (name, done) => (names.push(name), done(null)) });
    const connector = createTlsConnector({ authorities: pkiPath('ca') });
    // Nobody listens on ::1; the handshake with 127.0.0.1 shows what an address does.
    const socket = await connector.connect({ ...server.peer, host: host === 'localhost' ? host : server.peer.host });
    socket.destroy();
    expect(names).toEqual(host === 'localhost' ? ['localhost'] : []);
  });
});

describe('a certificate that is not trusted', () => {
  const authorities = pkiPath('ca');
  test.each([
    { certificate: 'server', settings: { authorities: pkiPath('other-ca') }, reason: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', says: `it was not issued by an authority in ${pkiPath('other-ca')}` },
    { certificate: 'server', settings: {}, reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', says: 'it was not issued by an authority that Node.js knows' },
    { certificate: 'controller', settings: {}, reason: 'DEPTH_ZERO_SELF_SIGNED_CERT', says: 'it signed itself and is not among the certificates that Node.js knows' },
    { certificate: 'controller', settings: { authorities: pkiPath('controller') }, reason: 'ERR_TLS_CERT_ALTNAME_INVALID', says: "it is not for 127.0.0.1: IP: 127.0.0.1 is not in the cert's list: " },
    { certificate: 'server-expired', settings: { authorities }, reason: 'CERT_HAS_EXPIRED', says: 'it has expired' },
    { certificate: 'server-future', settings: { authorities }, reason: 'CERT_NOT_YET_VALID', says: 'it is not valid yet' },
    { certificate: 'server-elsewhere', settings: { authorities }, reason: 'ERR_TLS_CERT_ALTNAME_INVALID', says: "it is not for 127.0.0.1: IP: 127.0.0.1 is not in the cert's list: 192.0.2.1" },
    { certificate: 'server-as-client', settings: { authorities }, reason: 'INVALID_PURPOSE', says: 'it is not meant for servers' },
    { certificate: 'server-small', settings: { authorities }, reason: 'UNSPECIFIED', says: 'its key or its signature is too weak for the profile modern, or it cannot be checked at all' },
  ])('$certificate: $reason', async ({ certificate, settings, reason, says }) => {
    await using server = await tlsServer(certificate);
    const error = await failure(createTlsConnector({ ...settings, profile: 'modern' }).connect(server.peer));
    expect(error).toMatchObject({
      code: 'TLS_UNTRUSTED',
      retryable: false,
      message: `The certificate of the controller at ${server.address} is not trusted: ${says}`,
      details: { address: server.address, fingerprint: fingerprintOf(certificate), reason },
    });
    expect((error as { hint: string }).hint).toContain(fingerprintOf(certificate));
    await server.allClosed();
    expect(server.received).toBe('');
  });

  test.each(['modern', 'legacy', 'auto'] as const)('never leads to another try, profile %s', async (profile) => {
    await using server = await tlsServer('controller');
    const onLegacy = vi.fn<() => void>();
    const connector = createTlsConnector({ profile, onLegacy });
    expect(await failure(connector.connect(server.peer))).toMatchObject({ code: 'TLS_UNTRUSTED' });
    expect([server.accepted, onLegacy.mock.calls.length, connector.profileOf(server.peer)]).toEqual([1, 0, undefined]);
  });

  test('a small key under auto is such a certificate: only the explicit legacy profile takes it', async () => {
    await using server = await tlsServer('server-small');
    expect(await failure(createTlsConnector({ profile: 'auto', authorities }).connect(server.peer))).toMatchObject({ code: 'TLS_UNTRUSTED' });
    expect(server.accepted).toBe(1);
    const socket = await createTlsConnector({ profile: 'legacy', authorities }).connect(server.peer);
    socket.destroy();
    expect(server.accepted).toBe(2);
  });

  test('a certificate other than the pinned one names both, though its issuer is known', async () => {
    await using server = await tlsServer('server');
    const expected = fingerprintOf('controller');
    const error = await failure(createTlsConnector({ authorities, fingerprint: expected, profile: 'auto' }).connect(server.peer));
    expect(error).toMatchObject({
      code: 'TLS_UNTRUSTED',
      message: expect.stringContaining('it is not the one with the fingerprint that was set') as string,
      details: { address: server.address, fingerprint: fingerprintOf('server'), expected, reason: 'FINGERPRINT_DIFFERS' },
    });
    await server.allClosed();
    expect([server.accepted, server.received]).toEqual([1, '']);
  });

  test('of several pins any is taken, and what is none of them names all', async () => {
    await using server = await tlsServer('server');
    const [own, other] = [fingerprintOf('server'), fingerprintOf('controller')];
    (await createTlsConnector({ fingerprint: [other, own] }).connect(server.peer)).destroy();
    const error = await failure(createTlsConnector({ fingerprint: [other, other] }).connect(server.peer));
    expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', details: { fingerprint: own, expected: `${other}, ${other}` } });
  });

  test('the pin also holds where nothing else is verified', async () => {
    await using server = await tlsServer('server');
    expect(await failure(createTlsConnector({ verify: false, fingerprint: fingerprintOf('controller') }).connect(server.peer))).toMatchObject({ code: 'TLS_UNTRUSTED' });
  });

  test('the environment of the process switches no check off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    await using server = await tlsServer('controller');
    expect(await failure(createTlsConnector().connect(server.peer))).toMatchObject({ code: 'TLS_UNTRUSTED' });
  });
});

describe('authorities', () => {
  test('are all certificates of a folder, also behind links; other files do not matter', async () => {
    const path = place();
    mkdirSync(join(path, 'sub'), { recursive: true });
    cpSync(pkiPath('other-ca'), join(path, 'a.crt'));
    writeFileSync(join(path, 'README'), 'no certificate');
    writeFileSync(join(path, '.hidden.pem'), 'no certificate');
    symlinkSync(pkiPath('ca'), join(path, '1f2e3d4c.0'));
    await using server = await tlsServer('server');
    const socket = await createTlsConnector({ authorities: path }).connect(server.peer);
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });

  test('several in one file, with text in between', async () => {
    const path = place();
    writeFileSync(path, `# one\n${pem('other-ca')}\n# two\n${pem('ca').replaceAll('\n', '\r\n')}`);
    await using server = await tlsServer('server');
    const socket = await createTlsConnector({ authorities: path }).connect(server.peer);
    socket.destroy();
    expect(server.accepted).toBe(1);
  });

  test('are read with the first connection, and again when the file has changed', async () => {
    const path = place();
    const connector = createTlsConnector({ authorities: path });
    await using server = await tlsServer('server');
    cpSync(pkiPath('other-ca'), path);
    utimesSync(path, 1, 1);
    expect(await failure(connector.connect(server.peer))).toMatchObject({ code: 'TLS_UNTRUSTED' });
    cpSync(pkiPath('ca'), path);
    utimesSync(path, 2, 2);
    const socket = await connector.connect(server.peer);
    socket.destroy();
    expect(server.accepted).toBe(2);
  });

  test('that do not exist are told by their path, and nothing is connected', async () => {
    await using server = await tlsServer('server');
    const path = place();
    const connector = createTlsConnector({ authorities: path });
    expect(await failure(connector.connect(server.peer))).toMatchObject({
      code: 'INVALID_OPTIONS',
      message: `The certificates to trust cannot be read: ${path}: it does not exist`,
      details: { path, issues: [{ field: 'authorities', problem: 'invalid' }] },
    });
    expect(server.accepted).toBe(0);
    cpSync(pkiPath('ca'), path);
    (await connector.connect(server.peer)).destroy();
  });

  test.each([
    { what: 'an empty file', make: (path: string) => writeFileSync(path, ''), says: 'it holds no certificate in PEM form' },
    { what: 'an empty folder', make: (path: string) => mkdirSync(path), says: 'it holds no certificate in PEM form' },
    { what: 'a key', make: (path: string) => cpSync(pkiPath('server-key'), path), says: 'it holds no certificate in PEM form' },
    { what: 'a broken certificate', make: (path: string) => writeFileSync(path, pem('ca').replace(/\n..../, '\nAAAA')), says: 'a certificate in it is broken' },
    { what: 'a huge file', make: (path: string) => writeFileSync(path, ' '.repeat(4 * 1024 * 1024 + 1)), says: 'it is longer than 4194304 bytes' },
    {
      what: 'a broken certificate in a folder',
      make: (path: string) => (mkdirSync(path), writeFileSync(join(path, 'x.pem'), pem('ca').replace(/\n..../, '\nAAAA'))),
      says: 'a certificate in it is broken',
      named: '/x.pem',
    },
  ])('$what cannot be used', async ({ make, says, named = '' }) => {
    const path = place();
    make(path);
    chmodSync(path, 0o755);
    expect(await failure(createTlsConnector({ authorities: path }).connect({ host: '127.0.0.1', port: 9 }))).toMatchObject({
      code: 'INVALID_OPTIONS',
      message: `The certificates to trust cannot be read: ${path}${named}: ${says}`,
    });
  });
});
