import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallOptions, FerricError } from '@ferric/core';
import { expect, onTestFinished, test } from 'vitest';
import { loadCertificate } from './certificate-download.js';
import { withDownload } from './firmware-download.js';

const rejection = (promise: Promise<unknown>): Promise<FerricError> => promise.then((value) => expect.fail(`It yielded ${String(value)}`), (reason: unknown) => reason as FerricError);

/** A server that takes every request and answers none. */
async function silentAddress(): Promise<URL> {
  const server = createServer(() => undefined);
  onTestFinished(() => server.close().closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a.pem`);
}

const WAYS: readonly (readonly [string, (url: URL, options?: CallOptions) => Promise<unknown>])[] = [
  ['a certificate', loadCertificate], ['a firmware image', (url, options) => withDownload(url, { ...options }, async () => 'loaded')],
];

test.each(WAYS)('%s that does not come ends with the time of the call', async (_what, load) => {
  expect(await rejection(load(await silentAddress(), { timeoutMs: 50 }))).toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 50 } });
});

test.each(WAYS)('%s at an address with a password: the error shows it nowhere', async (_what, load) => {
  const error = await rejection(load(new URL('http://operator:planted@127.0.0.1:9/a.pem')));
  const shown: string[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) shown.push(String(each.stack), JSON.stringify(each));
  expect([error.code, shown.join().includes('planted')]).toEqual(['INVALID_OPTIONS', false]);
});

test.each(WAYS)('%s whose server is away: why is the cause', async (_what, load) => {
  expect(await rejection(load(new URL('http://127.0.0.1:9/a.pem')))).toMatchObject({ code: 'UNREACHABLE', cause: expect.objectContaining({ message: expect.stringContaining('bad port') as string }) as Error });
});
