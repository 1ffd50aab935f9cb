import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { startService } from '../../test/support/scripted-service.js';
import { createRedfishClient } from './redfish-client.js';

const { fingerprint256 } = new X509Certificate(readFileSync(fileURLToPath(new URL('../../test/fixtures/tls/controller.pem', import.meta.url))));

test('https is verified: nothing is sent to a stranger, and the fingerprint lets it in', async () => {
  await using service = await startService(() => ({ body: { Id: '1' } }), { tls: true });
  await using stranger = createRedfishClient({ url: service.url });
  const error = await failure(stranger.read('/redfish/v1/'));
  expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', details: { address: service.address, fingerprint: fingerprint256 } });
  expect(service.steps).toEqual([]);
  await using client = createRedfishClient({ url: service.url, tls: { fingerprint: fingerprint256 } });
  await client.read('/redfish/v1/');
  await client.read('/redfish/v1/');
  expect([service.steps.length, service.connections]).toEqual([2, 2]);
});

test('disposing ends a connection that is being made', async () => {
  const { createServer } = await import('node:net');
  const accepted = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    accepted.resolve();
    socket.on('error', () => undefined).resume().once('close', () => closed.resolve());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = createRedfishClient({ url: `https://127.0.0.1:${port}` });
  const call = failure(client.read('/redfish/v1/'));
  await accepted.promise;
  await client[Symbol.asyncDispose]();
  expect(await call).toMatchObject({ code: 'ABORTED' });
  await closed.promise;
  server.close();
});
