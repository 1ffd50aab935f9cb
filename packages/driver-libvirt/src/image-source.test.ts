import { inspect } from 'node:util';
import { errorCode, optionIssues, systemClock } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { startImageServer } from '../test/image-server.js';
import { failureOf } from '../test/libvirt-bench.js';
import { fetchImage, imagePlace, shownUrl, type FetchImage, type ImageDownload } from './image-source.js';

const never = new AbortController().signal;
const CONTEXT = { fetch: (url: URL, init: RequestInit) => fetch(url, init), clock: systemClock, signal: never };

async function contentOf(image: ImageDownload): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of image.bytes) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('where an image is', () => {
  test.each([
    ['http://host/a.iso', { kind: 'web' }],
    ['https://host/a.iso', { kind: 'web' }],
    ['file:///pool/a%20b.iso', { kind: 'file', path: '/pool/a b.iso' }],
    ['file://localhost/pool/a.iso', { kind: 'file', path: '/pool/a.iso' }],
  ])('%s', (url, place) => {
    expect(imagePlace(new URL(url))).toMatchObject(place);
  });

  test.each(['ftp://host/a.iso', 'file://host/a.iso', 'file:///a%2Fb.iso', 'data:,x'])('%s is refused, naming the field', (url) => {
    let error: unknown;
    try {
      imagePlace(new URL(url));
    } catch (thrown) {
      error = thrown;
    }
    expect(optionIssues(error)).toMatchObject([{ field: 'url', problem: 'invalid' }]);
  });

  test('a URL is shown without what may be secret', () => {
    expect(shownUrl(new URL('http://me:pw@host:8080/a%20b.iso?token=1#x'))).toBe('http://host:8080/a%20b.iso');
  });
});

describe('fetching', () => {
  test('the bytes, and how many there are', async () => {
    await using server = await startImageServer((_request, response) => response.writeHead(200, { 'content-length': '5' }).end('image'));
    using image = await fetchImage(new URL(`${server.origin}/a.iso`), CONTEXT);
    expect([image.lengthBytes, await contentOf(image)]).toEqual([5, 'image']);
  });

  test('without a length when the server tells none', async () => {
    await using server = await startImageServer((_request, response) => {
      response.write('im');
      response.end('age');
    });
    using image = await fetchImage(new URL(`${server.origin}/a.iso`), CONTEXT);
    expect([image.lengthBytes, await contentOf(image)]).toEqual([undefined, 'image']);
  });

  test('asks for the bytes as they are, and does not believe the length of packed ones', async () => {
    const encodings: unknown[] = [];
    const fake: FetchImage = async (_url, init) => {
      encodings.push(new Headers(init.headers).get('accept-encoding'));
      return new Response('image', { headers: { 'content-encoding': 'gzip', 'content-length': '3' } });
    };
    using image = await fetchImage(new URL('http://host/a.iso'), { ...CONTEXT, fetch: fake });
    expect([encodings, image.lengthBytes]).toEqual([['identity'], undefined]);
  });

  test('user and password in the URL are sent as the server expects, and nowhere else', async () => {
    await using other = await startImageServer((_request, response) => response.end('image'));
    await using server = await startImageServer((request, response) => {
      if (request.url === '/here') response.end('image');
      else response.writeHead(302, { location: request.url === '/away' ? `${other.origin}/x` : '/here' }).end();
    });
    const url = (path: string): URL => new URL(`${server.origin.replace('http://', 'http://me%40x:p%3Aw@')}${path}`);
    const basic = `Basic ${Buffer.from('me@x:p:w').toString('base64')}`;
    using same = await fetchImage(url('/same'), CONTEXT);
    expect(await contentOf(same)).toBe('image');
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([basic, basic]);
    using away = await fetchImage(url('/away'), CONTEXT);
    expect(await contentOf(away)).toBe('image');
    expect(other.requests).toEqual([{ method: 'GET', path: '/x', authorization: undefined }]);
  });

  test.each<readonly [string, number, string, boolean]>([
    ['missing', 404, 'NOT_FOUND', false],
    ['gone', 410, 'NOT_FOUND', false],
    ['forbidden', 403, 'REFUSED', false],
    ['asking for a password', 401, 'REFUSED', false],
    ['overloaded', 503, 'REFUSED', true],
    ['a redirect to nowhere', 302, 'REFUSED', false],
  ])('an image that is %s (%d) is %s', async (_what, status, code, retryable) => {
    await using server = await startImageServer((_request, response) => response.writeHead(status).end('no'));
    const error = await failureOf(fetchImage(new URL(`${server.origin}/a.iso?token=hidden`), CONTEXT));
    expect(error).toMatchObject({ code, retryable, details: { image: `${server.origin}/a.iso`, address: server.origin.slice(7) } });
    expect(inspect(error, { depth: null })).not.toContain('hidden');
  });

  test.each<readonly [string, string, RegExp]>([
    ['in a circle', '/again', /more than 5 times/],
    ['to a file of this machine', 'file:///etc/passwd', /no web address/],
    ['to nonsense', 'http://[', /no web address/],
  ])('a redirect %s is refused', async (_what, location, message) => {
    await using server = await startImageServer((_request, response) => response.writeHead(302, { location }).end());
    const error = await failureOf(fetchImage(new URL(`${server.origin}/a.iso`), CONTEXT));
    expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(message) as string });
    expect(server.requests.length).toBeLessThanOrEqual(6);
  });

  test('a redirect never leaves encryption', async () => {
    const fake: FetchImage = async () => new Response(null, { status: 301, headers: { location: 'http://host/a.iso' } });
    expect(await failureOf(fetchImage(new URL('https://host/a.iso'), { ...CONTEXT, fetch: fake }))).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('not encrypted') as string,
    });
  });

  test('a server that is not there is UNREACHABLE, with why', async () => {
    const server = await startImageServer((_request, response) => response.end());
    await server[Symbol.asyncDispose]();
    const error = await failureOf(fetchImage(new URL(`${server.origin}/a.iso`), CONTEXT));
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: true, message: expect.stringContaining('ECONNREFUSED') as string });
  });

  test.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    '%s is TLS_UNTRUSTED',
    async (code) => {
      const fake: FetchImage = async () =>
        Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('certificate'), { code }) }));
      expect((await failureOf(fetchImage(new URL('https://host/a.iso'), { ...CONTEXT, fetch: fake }))).code).toBe('TLS_UNTRUSTED');
    },
  );

  test('a server that falls silent is given up after a minute, before and within the image', async () => {
    for (const silentAt of ['start', 'middle'] as const) {
      const clock = createFakeClock();
      const fake: FetchImage = async (_url, { signal }) => {
        if (silentAt === 'start') return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
        return new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('im')) }));
      };
      const outcome = fetchImage(new URL('http://host/a.iso'), { ...CONTEXT, fetch: fake, clock })
        .then(contentOf)
        .catch(errorCode);
      await clock.advance(59_999);
      await clock.advance(1);
      expect(await outcome).toBe('TIMEOUT');
      expect(clock.pendingTimers).toBe(0);
    }
  });

  test('who leaves gets the own reason, and the download ends', async () => {
    await using server = await startImageServer((_request, response) => void response.write('im'));
    const caller = new AbortController();
    const image = await fetchImage(new URL(`${server.origin}/a.iso`), { ...CONTEXT, signal: caller.signal });
    const reading = contentOf(image).catch((reason: unknown) => reason);
    caller.abort('left');
    expect(await reading).toBe('left');
    image[Symbol.dispose]();
    await expect.poll(() => server.open).toBe(0);
  });

  test('an image that nobody wants any more is not fetched on', async () => {
    await using server = await startImageServer((_request, response) => void response.write('im'));
    const image = await fetchImage(new URL(`${server.origin}/a.iso`), CONTEXT);
    image[Symbol.dispose]();
    await expect.poll(() => server.open).toBe(0);
  });
});
