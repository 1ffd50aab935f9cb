import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { failure, pkiPath, rawServer, tlsServer } from '../../test/support/tls-servers.js';
import { optionIssues } from '../errors/invalid-options.js';
import { createFakeClock } from '../testing/fake-clock.js';
import { toConnectFunction } from './connect-function.js';
import { createTlsConnector } from './tls-connector.js';
import type { TlsPeer, TlsSettings } from './tls-settings.js';

describe('what is no TLS', () => {
  test.each([
    { what: 'a web server without TLS', bytes: 'HTTP/1.1 400 Bad Request\r\n\r\n' },
    { what: 'an SSH server', bytes: 'SSH-2.0-mpSSH_0.2.1\r\n' },
  ])('is told apart: $what', async ({ bytes }) => {
    await using server = await rawServer((socket) => void socket.write(bytes));
    const error = await failure(createTlsConnector({ profile: 'auto' }).connect(server.peer));
    expect(error).toMatchObject({
      code: 'PROTOCOL_FAULT',
      message: expect.stringContaining(`What answers at ${server.address} is not TLS`) as string,
      details: { address: server.address, systemCode: 'ERR_SSL_WRONG_VERSION_NUMBER' },
    });
    await server.allClosed();
    expect(server.accepted).toBe(1);
  });
});

describe('a connection that ends early', () => {
  test.each([
    { what: 'is closed after the first bytes', end: 'end' },
    { what: 'is reset after the first bytes', end: 'resetAndDestroy' },
  ] as const)('$what: UNREACHABLE, and no other profile is tried', async ({ end }) => {
    await using server = await rawServer((socket) => void socket.once('data', () => socket[end]()));
    const error = await failure(createTlsConnector({ profile: 'auto' }).connect(server.peer));
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: true, message: expect.stringContaining('ended before it was made') as string });
    expect(server.accepted).toBe(1);
  });

  test('nobody listens there', async () => {
    const server = await rawServer(() => undefined);
    const { peer, address } = server;
    await server[Symbol.asyncDispose]();
    expect(await failure(createTlsConnector().connect(peer))).toMatchObject({
      code: 'UNREACHABLE',
      message: `No connection to the controller at ${address}: nobody listens there`,
      details: { address, systemCode: 'ECONNREFUSED' },
    });
  });

  test('a name that nobody knows', async () => {
    const error = await failure(createTlsConnector().connect({ host: 'controller.invalid', port: 443 }));
    expect(error).toMatchObject({ code: 'UNREACHABLE', details: { address: 'controller.invalid:443' } });
  });
});

describe('the deadline', () => {
  test.each(['modern', 'auto'] as const)('ends the wait for a silent controller and closes the socket, profile %s', async (profile) => {
    await using server = await rawServer(() => undefined);
    const clock = createFakeClock();
    const connection = server.nextConnection();
    const call = failure(createTlsConnector({ profile, clock }).connect(server.peer));
    const socket = await connection;
    await once(socket, 'data');
    await clock.advance(19_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect(await call).toMatchObject({ code: 'TIMEOUT', message: `TLS connection to ${server.address} did not finish within 20000 ms`, details: { address: server.address } });
    await server.allClosed();
    expect([server.accepted, clock.pendingTimers]).toEqual([1, 0]);
  });

  test('is one for all profiles together', async () => {
    let connections = 0;
    await using server = await rawServer((socket) => {
      connections += 1;
      if (connections === 1) socket.once('data', () => socket.end(Buffer.from('15030300020246', 'hex')));
    });
    const clock = createFakeClock();
    const call = failure(createTlsConnector({ profile: 'auto', clock }).connect(server.peer, { timeoutMs: 700 }));
    await server.nextConnection();
    const second = await server.nextConnection();
    await once(second, 'data');
    await clock.advance(700);
    expect(await call).toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 700 } });
    await server.allClosed();
  });
});

describe('a caller who gives up', () => {
  const reason = new Error('changed my mind');
  /** Where the call is when the caller leaves. */
  const MOMENTS: Readonly<Record<string, (caller: AbortController, arrived: Promise<unknown>) => Promise<void>>> = {
    'before the call': async () => undefined,
    'right after the call': async (caller) => caller.abort(reason),
    'while the authorities are read': async (caller) => {
      await Promise.resolve();
      caller.abort(reason);
    },
    'on the way to the controller': async (caller) => {
      await setImmediate();
      caller.abort(reason);
    },
    'when the controller has the connection': async (caller, arrived) => {
      await arrived;
      caller.abort(reason);
    },
  };

  const TRUST: Readonly<Record<string, TlsSettings>> = { 'with authorities': { authorities: pkiPath('ca') }, 'without a file': {} };
  const CASES = Object.entries(MOMENTS).flatMap(([moment, act]) => Object.entries(TRUST).map(([kind, settings]) => ({ moment, act, kind, settings })));

  test.each(CASES)('$moment, $kind, gets its own reason back, and nothing stays open', async ({ moment, act, settings }) => {
    await using server = await rawServer(() => undefined);
    const caller = new AbortController();
    if (moment === 'before the call') caller.abort(reason);
    const arrived = server.nextConnection();
    const call = failure(createTlsConnector(settings).connect(server.peer, { signal: caller.signal }));
    await act(caller, arrived);
    expect(await call).toBe(reason);
    await server.allClosed();
  });

  test.each(['a text', 0, Symbol('mine')])('may do so with %s', async (odd) => {
    await using server = await rawServer(() => undefined);
    const caller = new AbortController();
    const arrived = server.nextConnection();
    const call = failure(createTlsConnector().connect(server.peer, { signal: caller.signal }));
    await arrived;
    caller.abort(odd);
    expect(await call).toBe(odd);
    await server.allClosed();
  });

  test('between two profiles is not connected again', async () => {
    const caller = new AbortController();
    await using server = await rawServer((socket) => void socket.once('data', () => (caller.abort(reason), socket.end(Buffer.from('15030300020246', 'hex')))));
    expect(await failure(createTlsConnector({ profile: 'auto' }).connect(server.peer, { signal: caller.signal }))).toBe(reason);
    await server.allClosed();
    expect(server.accepted).toBe(1);
  });

  test('in the very moment in which the handshake is done gets no socket, and none stays open', async () => {
    await using server = await tlsServer('controller');
    const caller = new AbortController();
    const connector = createTlsConnector({ profile: 'legacy', verify: false, onLegacy: () => caller.abort(reason) });
    expect(await failure(connector.connect(server.peer, { signal: caller.signal }))).toBe(reason);
    await server.allClosed();
    expect(server.accepted).toBe(1);
  });
});

describe('bad input', () => {
  test('all of the settings at once', () => {
    const settings = { profile: 'old', verify: 'no', authorities: '', fingerprint: 'ab:cd' } as unknown as TlsSettings;
    let thrown: unknown;
    try {
      createTlsConnector(settings);
    } catch (error) {
      thrown = error;
    }
    expect(optionIssues(thrown)).toEqual([
      { field: 'profile', problem: 'invalid', expected: 'one of modern, legacy, auto', received: '"old"' },
      { field: 'verify', problem: 'invalid', expected: 'true or false', received: '"no"' },
      { field: 'authorities', problem: 'invalid', expected: 'the path of a file or folder with certificates in PEM form', received: '""' },
      { field: 'fingerprint', problem: 'invalid', expected: 'the SHA-256 of a certificate: 64 hexadecimal digits, colons allowed; or a list of 1 to 8 of them', received: '"ab:cd"' },
    ]);
  });

  test.each([
    [{ host: '', port: 443 }, 'host'],
    [{ host: 'a b', port: 443 }, 'host'],
    [{ host: 'https://a', port: 443 }, 'host'],
    [{ host: undefined as unknown as string, port: 443 }, 'host'],
    [{ host: 'a', port: 0 }, 'port'],
    [{ host: 'a', port: 65_536 }, 'port'],
    [{ host: 'a', port: 443.5 }, 'port'],
    [{ host: 'a', port: Number.NaN }, 'port'],
  ] as const)('the peer %j', async (peer: TlsPeer, field) => {
    expect(optionIssues(await failure(createTlsConnector().connect(peer)))).toMatchObject([{ field, problem: 'invalid' }]);
  });
});

describe('toConnectFunction', () => {
  const call = async (connect: ReturnType<typeof toConnectFunction>, target: { hostname: string; port: string }): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      connect(target, (error, socket) => (error === null ? resolve(socket) : reject(error)));
    });

  test('yields the socket, or the error as it is', async () => {
    await using server = await tlsServer('server');
    const target = { hostname: server.peer.host, port: String(server.peer.port) };
    const socket = await call(toConnectFunction(createTlsConnector({ authorities: pkiPath('ca') })), target);
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    socket.destroy();
    expect(await failure(call(toConnectFunction(createTlsConnector()), target))).toMatchObject({ code: 'TLS_UNTRUSTED' });
  });

  test('goes to the port of HTTPS when none is named', async () => {
    const peers: TlsPeer[] = [];
    const connector = { connect: async (peer: TlsPeer) => Promise.reject(new Error(String(peers.push(peer)))), profileOf: () => undefined };
    await failure(call(toConnectFunction(connector), { hostname: 'a', port: '' }));
    expect(peers).toEqual([{ host: 'a', port: 443 }]);
  });

  test('ends with its signal; a reason that is no Error is the cause of one', async () => {
    await using server = await rawServer(() => undefined);
    const owner = new AbortController();
    const arrived = server.nextConnection();
    const made = failure(call(toConnectFunction(createTlsConnector(), { signal: owner.signal }), { hostname: server.peer.host, port: String(server.peer.port) }));
    await arrived;
    owner.abort('closed');
    expect(await made).toMatchObject({ message: 'The connection was given up', cause: 'closed' });
    await server.allClosed();
  });
});
