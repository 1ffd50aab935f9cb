import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { createFakeClock, createRecordingLogger } from '@ferric/core/testing';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApi } from '../../src/api/create-api.js';
import { openCertificate, type ServerCertificate } from '../../src/api/tls/certificate.js';
import { type CertificatePaths, makeCertificate, openssl } from '../support/certificates.js';
import { createFakeServices } from '../support/fake-services.js';

const logger = createRecordingLogger();
let folder: string;
let first: CertificatePaths;
let second: CertificatePaths;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-tls-'));
  [first, second] = await Promise.all([makeCertificate(folder, 'first'), makeCertificate(folder, 'second')]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => logger.clear());

const DAY_MS = 24 * 60 * 60 * 1000;

const open = (files: CertificatePaths, now = new Date()): Promise<ServerCertificate> => openCertificate(files, { clock: createFakeClock(now), logger });

/** A server with copies of the first certificate, which the test may replace. */
async function serve(): Promise<AsyncDisposable & { readonly app: FastifyInstance; readonly port: number; readonly files: CertificatePaths; readonly certificate: ServerCertificate }> {
  const own = await mkdtemp(join(folder, 'server-'));
  const files = { cert: join(own, 'cert.pem'), key: join(own, 'key.pem') };
  await install(first, files);
  const certificate = await open(files);
  const app = createApi({ ...createFakeServices(), logger, certificate: certificate.current });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, files, certificate, port: (app.server.address() as AddressInfo).port, [Symbol.asyncDispose]: () => app.close() };
}

/** Puts another certificate in place, as a program does that renews it. */
async function install(from: CertificatePaths, to: CertificatePaths): Promise<void> {
  await copyFile(from.cert, to.cert);
  await copyFile(from.key, to.key);
}

async function get(port: number, path: string, ca: string): Promise<string> {
  const asking = request({ host: '127.0.0.1', port, path, ca: await readFile(ca), agent: false }).end();
  const [response] = (await once(asking, 'response')) as [NodeJS.ReadableStream];
  return readText(response);
}

/** Who the server says that it is, over a connection that stays open. */
async function greet(port: number): Promise<{ readonly socket: TLSSocket; readonly name: string }> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return { socket, name: String(socket.getPeerCertificate().subject.CN) };
}

describe('the API over TLS', () => {
  test('answers, and its links say https', async () => {
    await using server = await serve();
    const root = JSON.parse(await get(server.port, '/', first.cert)) as { default_version: { links: [{ href: string }] } };
    expect(root.default_version.links[0].href).toBe(`https://127.0.0.1:${server.port}/v1/`);
    await expect(get(server.port, '/', second.cert)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  test.each([
    ['TLSv1.2', 'TLSv1.2'],
    ['TLSv1.3', 'TLSv1.3'],
    ['TLSv1.1', undefined],
  ] as const)('offered %s it speaks %s', async (version, spoken) => {
    await using server = await serve();
    // Level 0 lets the client offer what its own OpenSSL would not.
    const socket = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false, minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' });
    const protocol = await once(socket, 'secureConnect').then(() => socket.getProtocol(), () => undefined);
    socket.destroy();
    expect(protocol).toBe(spoken);
  });

  test('who speaks plain HTTP is cut off', async () => {
    await using server = await serve();
    const socket = connectPlain({ host: '127.0.0.1', port: server.port });
    socket.on('error', () => undefined).resume();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'close');
    expect(JSON.parse(await get(server.port, '/healthz', first.cert))).toEqual({ status: 'alive' });
  });

  test('what is no HTTP is refused within TLS', async () => {
    await using server = await serve();
    const { socket } = await greet(server.port);
    socket.write('NONSENSE\r\n\r\n');
    expect(await readText(socket)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  });
});

describe('a certificate that is renewed', () => {
  test('is taken up for new connections; open ones are kept', async () => {
    await using server = await serve();
    const before = await greet(server.port);
    expect(before.name).toBe('first');
    await server.certificate.renew(server.app);
    await install(second, server.files);
    await server.certificate.renew(server.app);
    const after = await greet(server.port);
    expect([after.name, server.certificate.current.expiresAt]).toEqual(['second', expect.any(Date)]);
    expect(before.socket.destroyed).toBe(false);
    before.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(await readText(before.socket)).toContain('{"status":"alive"}');
    after.socket.destroy();
  });

  test('half of one changes nothing until the other half comes', async () => {
    await using server = await serve();
    await copyFile(second.cert, server.files.cert);
    await server.certificate.renew(server.app);
    const during = await greet(server.port);
    expect(during.name).toBe('first');
    expect(logger.at('error')).toHaveLength(1);
    await copyFile(second.key, server.files.key);
    await server.certificate.renew(server.app);
    const after = await greet(server.port);
    expect(after.name).toBe('second');
    for (const { socket } of [during, after]) socket.destroy();
  });

  test('still speaks no older TLS', async () => {
    await using server = await serve();
    await install(second, server.files);
    await server.certificate.renew(server.app);
    const socket = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await expect(once(socket, 'secureConnect')).rejects.toThrow(/alert protocol version|ECONNRESET/);
  });
});

describe('files that cannot be used', () => {
  const written = async (name: string, content: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };

  test.each<[string, () => Promise<CertificatePaths>, RegExp]>([
    ['a certificate that is not there', async () => ({ ...first, cert: join(folder, 'none') }), /--tls-cert must be a file that the conductor can read \(ENOENT\)/],
    ['a key of another certificate', async () => ({ ...first, key: second.key }), /--tls-key must be the private key of the first certificate in --tls-cert/],
    ['the two the wrong way round', async () => ({ cert: first.key, key: first.cert }), /--tls-cert must be a certificate in PEM/],
    ['a certificate in place of the key', async () => ({ ...first, key: first.cert }), /--tls-key must be a private key in PEM/],
    ['nothing in the key', async () => ({ ...first, key: await written('empty.pem', '') }), /--tls-key must be a private key in PEM/],
    ['a chain in the wrong order', async () => ({ cert: await written('chain.pem', (await readFile(second.cert, 'utf8')) + (await readFile(first.cert, 'utf8'))), key: first.key }), /the certificate of this server comes first/],
    [
      'a key with a passphrase',
      async () => {
        const key = join(folder, 'locked-key.pem');
        await openssl('pkey', '-in', first.key, '-aes256', '-passout', 'pass:hunter2-planted', '-out', key);
        return { ...first, key };
      },
      /--tls-key must be a private key in PEM without a passphrase/,
    ],
  ])('%s', async (_case, make, message) => {
    const files = await make();
    const error = await open(files).then(() => expect.fail('it was accepted'), (reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) as string });
    const [, secret = ''] = (await readFile(first.key, 'utf8')).split('\n');
    expect(error.message + JSON.stringify(error) + logger.text()).not.toContain(secret);
  });

  test('a chain in its order is fine', async () => {
    const cert = await written('good-chain.pem', (await readFile(first.cert, 'utf8')) + (await readFile(second.cert, 'utf8')));
    expect((await open({ cert, key: first.key })).current.chain.match(/BEGIN/g)).toHaveLength(2);
  });
});

describe('the end of a certificate', () => {
  test('is told when it has come, and does not keep the conductor from starting', async () => {
    await open(first, new Date(Date.now() + 31 * DAY_MS));
    expect(logger.at('warn').map(({ message }) => message)).toEqual(['The certificate has ended: clients that check it refuse this server']);
  });

  test('is told two weeks before, once a day', async () => {
    const clock = createFakeClock(new Date());
    const certificate = await openCertificate(first, { clock, logger });
    const app = createApi({ ...createFakeServices(), logger, certificate: certificate.current });
    const notices: number[] = [];
    for (let passed = 0; passed < 17; passed += 1) {
      await certificate.renew(app);
      await certificate.renew(app);
      notices.push(logger.at('warn').length);
      await clock.advance(DAY_MS);
    }
    expect(notices).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    await certificate.renew(app);
    expect(logger.at('warn').map(({ message }) => message)).toEqual(['The certificate ends soon', 'The certificate ends soon']);
    await app.close();
  });

  test('a file that was only touched is the same certificate', async () => {
    await using server = await serve();
    const { atime, mtime } = await stat(server.files.cert);
    await utimes(server.files.cert, atime, new Date(mtime.getTime() + 5000));
    await server.certificate.renew(server.app);
    const { socket, name } = await greet(server.port);
    expect(name).toBe('first');
    socket.destroy();
  });
});
