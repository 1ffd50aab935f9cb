import type { X509Certificate } from 'node:crypto';
import { createFakeClock } from '@ferric/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { type AmtDevice, type AmtDeviceOptions, type Generation, startAmtDevice } from '../../src/simulator/index.js';
import { callDevice, placeOf } from './support/caller.js';
import { openRaw, post } from './support/raw-http.js';

const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of stack.splice(0)) await each[Symbol.asyncDispose]();
});

async function start(options: AmtDeviceOptions = {}, ...clock: Parameters<typeof startAmtDevice> extends [unknown?, ...infer Rest] ? Rest : never): Promise<AmtDevice> {
  const device = await startAmtDevice(options, ...clock);
  stack.push(device);
  return device;
}

describe('a connection', () => {
  test('stays open from answer to answer, and ends with a challenge', async () => {
    const device = await start();
    using caller = callDevice(device);
    for (let turn = 0; turn < 3; turn += 1) expect((await caller.get('CIM_Chassis')).status).toBe(200);
    expect(device.activity.servedConnections).toBe(2);
  });

  test.each([
    ['a request in pieces', (text: string) => text.match(/[^]{1,37}/g) ?? []],
    ['a request byte by byte', (text: string) => [...text]],
  ])('takes %s', async (_what, cut) => {
    const device = await start();
    using raw = await openRaw(placeOf(device));
    for (const part of cut(post('<a/>'))) raw.send(part);
    const { status, head } = await raw.answer();
    expect([status, head.at(-1)]).toEqual([401, 'Connection: close']);
  });

  test('answers two requests that came at once, one after the other', async () => {
    const device = await start();
    using raw = await openRaw(placeOf(device));
    const page = 'GET / HTTP/1.1\r\nHost: amt\r\n\r\n';
    raw.send(page + page);
    expect([(await raw.answer()).status, (await raw.answer()).status]).toEqual([200, 200]);
    expect(device.activity.mostConcurrentExchanges).toBe(1);
  });

  test('is closed when it has been idle for too long, not before', async () => {
    const clock = createFakeClock();
    const device = await start({ idleMs: 5000 }, clock);
    using raw = await openRaw(placeOf(device));
    raw.send('GET / HTTP/1.1\r\nHost: amt\r\n\r\n');
    await raw.answer();
    await clock.advance(4999);
    expect(device.activity.openConnections).toBe(1);
    await clock.advance(1);
    await raw.ended;
    expect(clock.pendingTimers).toBe(0);
  });

  test('beyond the number that it can have is closed at once', async () => {
    const device = await start({ maxConnections: 1 });
    using first = await openRaw(placeOf(device));
    first.send('GET / HTTP/1.1\r\nHost: amt\r\n\r\n');
    await first.answer();
    using second = await openRaw(placeOf(device));
    await second.ended;
    expect([second.unread().length, device.activity.refusedConnections, device.activity.openConnections]).toEqual([0, 1, 1]);
  });

  test.each([
    ['another path', 'POST /other HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 404],
    ['another method', 'PUT /wsman HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 405],
    ['a body in chunks', 'POST /wsman HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 411],
    ['too long a body', 'POST /wsman HTTP/1.1\r\nContent-Length: 70000\r\n\r\n', 413],
    ['a length that is none', 'POST /wsman HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 400],
    ['a head without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(9000)}`, 431],
    ['no HTTP', 'HELLO\r\n\r\n', 400],
    ['a broken header', 'GET / HTTP/1.1\r\nbroken header\r\n\r\n', 400],
  ])('is refused with %s', async (_what, text, status) => {
    const device = await start();
    using raw = await openRaw(placeOf(device));
    raw.send(text);
    expect((await raw.answer()).status).toBe(status);
    await raw.ended;
  });

  test('is told to go on with a body that waits for it', async () => {
    const device = await start();
    using raw = await openRaw(placeOf(device));
    raw.send(post('', []).replace('Content-Length: 0', 'Content-Length: 4\r\nExpect: 100-continue'));
    await expect.poll(() => raw.unread().toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    raw.send('<a/>');
    await expect.poll(() => raw.unread().toString()).toContain('HTTP/1.1 401 Unauthorized');
  });
});

describe('the network', () => {
  test('is gone while it is unplugged, and back at the same port', async () => {
    const device = await start();
    using before = await openRaw(placeOf(device));
    await device.unplug();
    await before.ended;
    await expect(openRaw(placeOf(device))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await device.plugIn();
    using caller = callDevice(device);
    expect((await caller.get('CIM_Chassis')).status).toBe(200);
  });

  test('shows one port, or both', async () => {
    const plain = await start({ protocols: 'http' });
    const secure = await start({ protocols: 'https' });
    const both = await start({ protocols: 'both' });
    expect([plain, secure, both].map(({ port, tlsPort }) => [port !== undefined, tlsPort !== undefined])).toEqual([[true, false], [false, true], [true, true]]);
    expect(both.certificate?.fingerprint).toMatch(/^[\da-f]{64}$/);
    expect(plain.certificate).toBeUndefined();
  });

  test.each<[Generation, string]>([
    [9, 'TLSv1.1'], [11, 'TLSv1.1'], [12, 'TLSv1.2'], [15, 'TLSv1.2'], [16, 'TLSv1.2'],
  ])('of generation %i speaks at best %s', async (generation, version) => {
    const device = await start({ generation, protocols: 'https' });
    using raw = await openRaw({ host: device.host, port: device.tlsPort ?? 0, tls: { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } });
    expect('getProtocol' in raw.socket && (raw.socket as unknown as { getProtocol(): string }).getProtocol()).toBe(version);
  });

  test('of generation 11 does not know today\'s TLS', async () => {
    const device = await start({ generation: 11, protocols: 'https' });
    await expect(openRaw({ host: device.host, port: device.tlsPort ?? 0, tls: {} })).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_SSL_|ECONNRESET/) });
    using caller = callDevice(await start({ generation: 11 }));
    expect((await caller.get('CIM_Chassis')).head).toContain('Server: Intel(R) Active Management Technology');
  });

  test('shows a certificate that signed itself and names something else than the address', async () => {
    const device = await start({ protocols: 'https', certificateName: 'desk.example' });
    using raw = await openRaw(placeOf(device));
    const shown = (raw.socket as unknown as { getPeerX509Certificate(): X509Certificate }).getPeerX509Certificate();
    expect([shown.subject, shown.issuer, shown.checkHost('desk.example'), shown.verify(shown.publicKey)]).toEqual(['CN=desk.example', 'CN=desk.example', 'desk.example', true]);
    expect(shown.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(device.certificate?.fingerprint);
    expect(shown.publicKey.asymmetricKeyType).toBe('rsa');
  });
});
