import { errorCode } from '@ferric/core';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure, testContext } from '../../../test/transport/context.js';
import { listen } from '../../../test/transport/listen.js';
import { parseLibvirtUri } from '../uri.js';
import { openTransport } from './index.js';

/** Sends back what it gets. */
const echo = () => createServer((socket) => socket.pipe(socket));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferric-sockets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const own = (name: string): string => `qemu+unix:///system?socket=${join(folder, name)}`;

describe('unix', () => {
  test('opens the socket of the URI, both ways', async () => {
    await using server = await listen(echo(), join(folder, 'echo'));
    const opened = await openTransport(parseLibvirtUri(own('echo')), testContext());
    expect([opened.peer, opened.secure]).toEqual([`unix ${join(folder, 'echo')}`, true]);
    opened.stream.write('hello');
    expect(String((await once(opened.stream, 'data'))[0])).toBe('hello');
    opened.stream.destroy();
    await server.allClosed();
  });

  test('takes the modular daemon before libvirtd, libvirtd when it is alone, and the second folder when the first has none', async () => {
    const user = { userId: 7, homeDirectory: folder };
    const uri = parseLibvirtUri('qemu:///session', user);
    const sockets = join(folder, '.cache', 'libvirt');
    mkdirSync(sockets, { recursive: true });
    {
      await using _legacy = await listen(echo(), join(sockets, 'libvirt-sock'));
      const first = await openTransport(uri, testContext());
      expect(first.peer).toBe(`unix ${sockets}/libvirt-sock`);
      first.stream.destroy();
      await using _modular = await listen(echo(), join(sockets, 'virtqemud-sock'));
      const second = await openTransport(uri, testContext());
      expect(second.peer).toBe(`unix ${sockets}/virtqemud-sock`);
      second.stream.destroy();
      const third = await openTransport(parseLibvirtUri('qemu:///session?mode=legacy', user), testContext());
      expect(third.peer).toBe(`unix ${sockets}/libvirt-sock`);
      third.stream.destroy();
    }
    const error = await failure(openTransport(uri, testContext()));
    expect([error.code, error.retryable]).toEqual(['UNREACHABLE', true]);
    expect(error.details).toEqual({ address: '/run/user/7/libvirt/libvirt-sock', sockets: [...uri.sockets] });
    for (const socket of uri.sockets) expect(error.message).toContain(socket);
    expect(error.hint).toContain('libvirtd');
  });

  test('says what is wrong with a socket', async () => {
    const missing = await failure(openTransport(parseLibvirtUri(own('missing')), testContext()));
    expect([missing.code, missing.details]).toEqual(['UNREACHABLE', { address: join(folder, 'missing'), systemCode: 'ENOENT' }]);
    expect(missing.hint).toContain('Start libvirtd');
    writeFileSync(join(folder, 'stale'), '');
    const stale = await failure(openTransport(parseLibvirtUri(own('stale')), testContext()));
    expect([stale.code, stale.details['systemCode']]).toEqual(['UNREACHABLE', 'ECONNREFUSED']);
    expect(stale.hint).toContain('no daemon behind it');
  });
});

describe('tcp', () => {
  test('opens a connection that is not secure, without delay for small messages', async () => {
    await using server = await listen(echo());
    const opened = await openTransport(parseLibvirtUri(`qemu+tcp://127.0.0.1:${server.port}/system`), testContext());
    expect([opened.peer, opened.secure]).toEqual([`tcp 127.0.0.1:${server.port}`, false]);
    opened.stream.write('hello');
    expect(String((await once(opened.stream, 'data'))[0])).toBe('hello');
    opened.stream.destroy();
    await server.allClosed();
  });

  test('says that nobody listens, and what to do', async () => {
    const server = await listen(echo());
    const uri = parseLibvirtUri(`qemu+tcp://127.0.0.1:${server.port}/system`);
    await server[Symbol.asyncDispose]();
    const error = await failure(openTransport(uri, testContext()));
    expect([error.code, error.details]).toEqual(['UNREACHABLE', { address: uri.address, systemCode: 'ECONNREFUSED' }]);
    expect(error.hint).toContain('libvirtd-tcp.socket');
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('says that a name is not known', async () => {
    const error = await failure(openTransport(parseLibvirtUri('qemu+tcp://no-such-host.invalid/system'), testContext()));
    expect(errorCode(error)).toBe('UNREACHABLE');
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(error.details['systemCode']);
  });

  test('an error after the opening, with nobody listening for it yet, harms nobody', async () => {
    await using server = await listen(createServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    const { stream } = await openTransport(parseLibvirtUri(`qemu+tcp://127.0.0.1:${server.port}/system`), testContext());
    stream.resume().write('x');
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.errored ?? undefined).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('a signal', () => {
  const cases = [['tcp', (port: number) => `qemu+tcp://127.0.0.1:${port}/system`, undefined], ['unix', () => own('abort'), 'abort']] as const;

  test.each(cases)('%s: that has aborted keeps everything from happening', async (_name, text, path) => {
    await using server = await listen(echo(), path === undefined ? undefined : join(folder, path));
    const reason = new Error('changed my mind');
    await expect(openTransport(parseLibvirtUri(text(server.port)), testContext({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(server.accepted).toBe(0);
  });

  test.each(cases)('%s: that aborts while connecting leaves no socket', async (_name, text, path) => {
    await using server = await listen(echo(), path === undefined ? undefined : join(folder, path));
    const controller = new AbortController();
    const opening = openTransport(parseLibvirtUri(text(server.port)), testContext({ signal: controller.signal }));
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await server.allClosed();
  });
});

test('parameters without effect are warned of once, by name', async () => {
  await using server = await listen(echo());
  const context = testContext();
  const { stream } = await openTransport(parseLibvirtUri(`qemu+tcp://127.0.0.1:${server.port}/system?tls_priority=X&authfile=/y&no_tty=1`), context);
  stream.destroy();
  expect(context.logger.at('warn')).toMatchObject([{ fields: { parameters: ['tls_priority', 'authfile'] }, message: expect.stringContaining('tls_priority, authfile') as string }]);
});
