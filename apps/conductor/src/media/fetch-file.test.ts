import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImageFolders } from '../boot/image-folders.js';
import { fetchFile } from './fetch-file.js';

const CONTENT = Buffer.alloc(300_000, 'kernel ');
const { signal } = new AbortController();

let folder: string;
let servers: Server[];
let asked: IncomingMessage[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-fetch-'));
  servers = [];
  asked = [];
});
afterEach(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await rm(folder, { recursive: true });
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const target = (): string => join(folder, 'target');
const fetched = (reference: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> =>
  fetchFile({ reference, path: target(), folders: createImageFolders([join(folder)]), signal, ...options });

describe('a file of a web server', () => {
  test('arrives whole; the password of its address goes where it belongs and nowhere else', async () => {
    const other = await serve((_request, response) => void response.end(CONTENT));
    const first = await serve((request, response) => void (request.url === '/k' ? response.writeHead(302, { location: '/k2' }).end() : response.writeHead(302, { location: `${other}/k3` }).end()));
    await fetched(`${first.replace('http://', 'http://me:p%40ss@')}/k`);
    expect((await readFile(target())).equals(CONTENT)).toBe(true);
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([['/k', basic], ['/k2', basic], ['/k3', undefined]]);
    expect((await stat(target())).mode & 0o777).toBe(0o600);
  });

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string]>([
    ['is not there', (_request, response) => void response.writeHead(404).end(), 'INVALID_OPTIONS'],
    ['is refused', (_request, response) => void response.writeHead(403).end(), 'INVALID_OPTIONS'],
    ['is redirected for ever', (_request, response) => void response.writeHead(302, { location: '/again' }).end(), 'INVALID_OPTIONS'],
    ['is redirected to a file', (_request, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(), 'INVALID_OPTIONS'],
    ['comes from a server in trouble', (_request, response) => void response.writeHead(503).end(), 'UNREACHABLE'],
    ['is cut', (_request, response) => void response.writeHead(200, { 'content-length': '1000' }).write('x', () => response.destroy()), 'UNREACHABLE'],
    ['is too large', (_request, response) => void response.writeHead(200, { 'content-length': '5000000000' }).write('x', () => response.destroy()), 'UNREACHABLE'],
  ])('that %s', async (_case, answer, code) => {
    await expect(fetched(`${(await serve(answer)).replace('http://', 'http://me:planted@')}/k?token=planted`)).rejects.toMatchObject({ code, message: expect.not.stringContaining('planted') as string });
  });

  test('that nobody serves', async () => {
    await expect(fetched('http://127.0.0.1:1/k')).rejects.toMatchObject({ code: 'UNREACHABLE', retryable: true });
  });

  test('is given up with the reason of the caller', async () => {
    const leaving = new AbortController();
    const base = await serve((_request, response) => void response.writeHead(200, { 'content-length': '1000' }).write('x'));
    const work = fetched(`${base}/k`, { signal: leaving.signal });
    work.catch(() => undefined);
    await expect.poll(() => asked.length).toBe(1);
    leaving.abort('left');
    await expect(work).rejects.toBe('left');
    await expect(fetched(`${base}/k`, { signal: leaving.signal })).rejects.toBe('left');
  });
});

describe('a file of this machine', () => {
  test('is taken from a folder that is served, and from no other', async () => {
    await writeFile(join(folder, 'kernel'), CONTENT);
    await fetched(pathToFileURL(join(folder, 'kernel')).href);
    expect((await readFile(target())).equals(CONTENT)).toBe(true);
    await expect(fetched('file:///etc/passwd')).rejects.toMatchObject({ code: 'INVALID_OPTIONS', hint: expect.stringContaining('--image-dirs') as string });
  });
});
