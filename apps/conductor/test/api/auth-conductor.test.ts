import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecordingLogger } from '@ferric/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configSchema, startConductor } from '../../src/index.js';
import { makeCertificate } from '../support/certificates.js';
import { runConductor } from '../support/running-conductor.js';

const PASSWORD = 'secret';
/** Made by crypt(3) of libxcrypt for that password. */
const HASH = '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW';
const AUTHORIZATION = `Basic ${Buffer.from(`alice:${PASSWORD}`).toString('base64')}`;

let folder: string;
let htpasswd: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-auth-conductor-'));
  htpasswd = join(folder, 'htpasswd');
  await writeFile(htpasswd, `alice:${HASH}\n`, { mode: 0o600 });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a conductor with users: nothing without a password, and the history says who asked', async () => {
  await using running = await runConductor({ auth: 'http_basic', htpasswd });
  expect((await running.call('GET', '/v1/nodes')).status).toBe(401);
  const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.82' };
  const created = await fetch(`${running.conductor.url}/v1/nodes`, { method: 'POST', headers, body: JSON.stringify({ name: 'n1', driver: 'fake-hardware' }) });
  expect(created.status).toBe(201);
  const timeline = (await (await fetch(`${running.conductor.url}/ferric/v1/nodes/n1/timeline`, { headers })).json()) as { events: { actor: string }[] };
  expect(timeline.events.map(({ actor }) => actor)).toEqual([`alice (${created.headers.get('openstack-request-id') ?? ''})`]);
});

test('a conductor with a certificate: its address says https, whatever name it listens on', async () => {
  const { cert: tlsCert, key: tlsKey } = await makeCertificate(folder, 'api');
  for (const host of ['127.0.0.1', 'localhost']) {
    await using running = await runConductor({ host, tlsCert, tlsKey });
    const { url } = running.conductor;
    expect(url).toMatch(new RegExp(`^https://${host}:\\d+$`));
    const asking = request(`${url}/healthz`, { ca: await readFile(tlsCert), agent: false }).end();
    const [response] = (await once(asking, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(200);
    // A second listener for ::1 would keep an old certificate.
    const other = connect({ host: '::1', port: Number(new URL(url).port) });
    await expect(once(other, 'connect')).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT/);
  }
});

test.each([
  ['users without their file', { auth: 'http_basic' as const }, /--htpasswd is required/],
  ['a file of users that nobody asked for', { htpasswd: '/nowhere' }, /--auth must be http_basic/],
  ['a certificate without its key', { tlsCert: '/nowhere' }, /--tls-key is required/],
  ['a file of users that is not there', { auth: 'http_basic' as const, htpasswd: '/nowhere' }, /--htpasswd must be a file that the conductor can read/],
  ['an open door', { host: '0.0.0.0' }, /--host must be .*--auth http_basic/],
])('does not start with %s, and leaves nothing behind', async (_case, settings, message) => {
  const dataDir = join(folder, 'never');
  const config = { ...configSchema.parse({ port: 0 }), dataDir, ...settings };
  await expect(startConductor(config)).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) as string });
  await expect(readFile(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('with users but without TLS it warns before it listens beyond this machine', async () => {
  const logger = createRecordingLogger();
  // An address for documentation, which no machine has: it warns, and then cannot listen.
  const config = { ...configSchema.parse({ port: 0, conductorName: 'test' }), dataDir: join(folder, 'data'), host: '192.0.2.1', auth: 'http_basic' as const, htpasswd };
  await expect(startConductor(config, { logger, plugins: { loaded: [], refused: [] } })).rejects.toThrow('Cannot listen on 192.0.2.1:0');
  expect(logger.at('warn').map(({ fields, message }) => [fields['host'], message])).toEqual([['192.0.2.1', expect.stringMatching(/^Passwords cross the network readable by others/)]]);
});
