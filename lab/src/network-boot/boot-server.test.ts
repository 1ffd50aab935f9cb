import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BootServer, startBootServer } from './boot-server.ts';

let server: BootServer;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ferric-server-'));
  writeFileSync(join(directory, 'file'), 'from a file');
  server = await startBootServer({ '/text': 'hello', '/bytes': new Uint8Array([1, 2, 3]), '/file': { file: join(directory, 'file') }, '/echo': (url) => (url.includes('?') ? url : undefined) });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

test.each([
  ['GET', '/text?x=1', {}, 200, 'hello'],
  ['HEAD', '/text', {}, 200, ''],
  ['GET', '/text', { range: 'bytes=1-3' }, 206, 'ell'],
  ['GET', '/text', { range: 'bytes=3-' }, 206, 'lo'],
  ['GET', '/bytes', {}, 200, '\u0001\u0002\u0003'],
  ['GET', '/file', {}, 200, 'from a file'],
  ['GET', '/echo?a=b', {}, 200, '/echo?a=b'],
  ['GET', '/echo', {}, 404, ''],
  ['GET', '/nowhere', {}, 404, ''],
] as const)('%s %s %j', async (method, path, headers, status, body) => {
  const answer = await fetch(`${server.hostUrl}${path}`, { method, headers: { ...headers, 'user-agent': 'test' } });
  expect([answer.status, await answer.text()]).toEqual([status, body]);
  expect(server.requests.at(-1)).toEqual({ method, url: path, userAgent: 'test', status });
});

test('says how long a file is, and which part of it an answer has', async () => {
  const head = await fetch(`${server.hostUrl}/text`, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe('5');
  const part = await fetch(`${server.hostUrl}/text`, { headers: { range: 'bytes=2-100' } });
  expect([part.headers.get('content-range'), await part.text()]).toEqual(['bytes 2-4/5', 'llo']);
});

test('answers differently from now on', async () => {
  server.serve('/later', 'now');
  expect(await (await fetch(`${server.hostUrl}/later`)).text()).toBe('now');
  server.serve('/later', undefined);
  expect((await fetch(`${server.hostUrl}/later`)).status).toBe(404);
});
