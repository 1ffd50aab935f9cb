import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { FerricError, Secret } from '@ferric/core';
import { createFakeClock, createFakeConnection, createRecordingLogger, type FakeClock, systemError } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, greetFreely, ScriptedDaemon, ScriptedServer, settle } from '../../test/scripted-daemon.js';
import { createLibvirtClient, type LibvirtClient, type LibvirtClientParts, type LibvirtClientSettings } from './libvirt-client.js';
import type { OpenTransport } from './transport/transport.js';
import { connectionProcedures } from './wire/procedures/connection.js';
import { storageProcedures } from './wire/procedures/storage.js';

const clients: LibvirtClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function create(settings: LibvirtClientSettings, parts?: LibvirtClientParts): LibvirtClient {
  const client = createLibvirtClient(settings, parts);
  clients.push(client);
  return client;
}

const tcp = (server: ScriptedServer | number): string => `qemu+tcp://127.0.0.1:${typeof server === 'number' ? server : server.port}/system`;
const hostname = (client: LibvirtClient, options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<string> =>
  client.call(connectionProcedures.getHostname, undefined, options);
const HOSTNAME = 59;

/** A daemon that lets everybody in and knows its name. */
const serve = (daemon: ScriptedDaemon): ScriptedDaemon => greetFreely(daemon).answer(HOSTNAME, (call) => daemon.reply(call, (writer) => writer.string('host')));

describe('the connection', () => {
  it('is made by the first call, once for all that come meanwhile, and kept', async () => {
    await using server = await ScriptedServer.start(serve);
    const client = create({ uri: tcp(server) });
    expect([client.status.state, client.uri.address, server.connections]).toEqual(['idle', `127.0.0.1:${server.port}`, 0]);
    const calls = Promise.all(Array.from({ length: 20 }, () => hostname(client)));
    expect([client.status.state, client.status.queued]).toEqual(['connecting', 20]);
    expect(await calls).toEqual(Array.from({ length: 20 }, () => 'host'));
    await client.connect();
    expect(client.status).toEqual({ state: 'connected', connections: 1, active: 0, queued: 0, lastFailure: null });
    expect(server.connections).toBe(1);
  });

  it('that is lost in the middle of a call fails this call, and the next makes another', async () => {
    await using server = await ScriptedServer.start(greetFreely);
    const client = create({ uri: tcp(server) });
    const call = failure(hostname(client));
    const daemon = await server.accept();
    await daemon.next();
    daemon.stream.destroy();
    expect(await call).toMatchObject({ code: 'UNREACHABLE', details: { address: `127.0.0.1:${server.port}`, procedure: 'connect_get_hostname' } });
    expect(client.status.lastFailure).toContain('was lost');
    const next = hostname(client);
    serve(await server.accept());
    expect(await next).toBe('host');
    expect(client.status).toMatchObject({ state: 'connected', connections: 2, lastFailure: null });
  });

  it('comes back when the daemon is started again on the same port', async () => {
    const first = await ScriptedServer.start(serve);
    const { port } = first;
    const client = create({ uri: tcp(port), reconnect: { firstMs: 1, longestMs: 5 } });
    expect(await hostname(client)).toBe('host');
    await first[Symbol.asyncDispose]();
    expect(await failure(hostname(client))).toMatchObject({ code: 'UNREACHABLE', details: { address: `127.0.0.1:${port}` } });
    await using _second = await ScriptedServer.start(serve, port);
    // An attempt may have been made before the port was open again.
    let answer: string | undefined;
    for (let round = 0; answer === undefined && round < 100; round += 1) answer = await hostname(client).catch(() => undefined);
    expect(answer).toBe('host');
  });

  it('that is lost in the middle of a stream fails the stream, and the next makes another connection', async () => {
    await using server = await ScriptedServer.start(greetFreely);
    const client = create({ uri: tcp(server) });
    const volume = { pool: 'default', name: 'disk', key: '/disk' };
    const opening = client.openStream(storageProcedures.volDownload, { volume, offset: 0n, length: 0n, flags: 0 });
    const daemon = await server.accept();
    daemon.reply(await daemon.next());
    const stream = await opening;
    const reading = failure(stream.incoming[Symbol.asyncIterator]().next() as Promise<unknown>);
    daemon.stream.destroy();
    expect((await reading).code).toBe('UNREACHABLE');
    expect((await failure(stream.finish())).code).toBe('UNREACHABLE');
    const next = hostname(client);
    serve(await server.accept());
    expect(await next).toBe('host');
  });

  it('rejects with the reason when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const error = await failure(hostname(create({ uri: tcp(port) })));
    expect(error).toMatchObject({ code: 'UNREACHABLE', details: { address: `127.0.0.1:${port}` } });
    expect(error.message).toContain('nobody listens');
  });

  it('to something else than a daemon is a PROTOCOL_FAULT', async () => {
    await using server = await ScriptedServer.start((daemon) => daemon.write(Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')));
    expect(await failure(hostname(create({ uri: tcp(server) })))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { address: `127.0.0.1:${server.port}` } });
  });

  it('is shared by 500 calls in flight over a real socket, which get their own answers', async () => {
    await using server = await ScriptedServer.start((daemon) =>
      greetFreely(daemon).answer(60, (call) => setImmediate(() => daemon.reply(call, (writer) => writer.int32(call.payload.readInt32BE(0) * 2)))),
    );
    const client = create({ uri: tcp(server) });
    const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => client.call(connectionProcedures.supportsFeature, { feature: index })));
    expect(answers).toEqual(Array.from({ length: 500 }, (_, index) => index * 2));
  });
});

describe('time', () => {
  let clock: FakeClock;

  beforeEach(() => {
    clock = createFakeClock();
  });

  /** A daemon in memory for each attempt, or the error that the attempt fails with. */
  function world(outcome: (attempt: number) => Error | ((daemon: ScriptedDaemon) => void)): { openTransport: OpenTransport; random: () => number; attempts: number[]; daemons: ScriptedDaemon[]; streams: Duplex[] } {
    const attempts: number[] = [];
    const daemons: ScriptedDaemon[] = [];
    const streams: Duplex[] = [];
    const openTransport: OpenTransport = async () => {
      attempts.push(clock.monotonicMs());
      const result = outcome(attempts.length);
      if (result instanceof Error) throw result;
      const { client, server } = createFakeConnection();
      const daemon = new ScriptedDaemon(server);
      result(daemon);
      daemons.push(daemon);
      streams.push(client);
      return { stream: client, peer: 'memory', secure: true };
    };
    return { openTransport, random: () => 1, attempts, daemons, streams };
  }

  const refused = (): FerricError => new FerricError('UNREACHABLE', 'connection refused', { cause: systemError('ECONNREFUSED', 'connect') });
  const uri = 'qemu+tcp://127.0.0.1/system';

  it('between attempts doubles up to the longest, and calls wait for the next attempt', async () => {
    const parts = world(refused);
    const client = create({ uri, clock, callTimeoutMs: 60_000, reconnect: { firstMs: 200, longestMs: 3_000 } }, parts);
    expect((await failure(hostname(client))).code).toBe('UNREACHABLE');
    for (const pause of [200, 400, 800, 1600, 3000, 3000]) {
      const call = failure(hostname(client));
      await clock.advance(pause - 1);
      expect(client.status).toMatchObject({ state: 'waiting', queued: 1, lastFailure: 'connection refused' });
      await clock.advance(1);
      expect((await call).message).toBe('connection refused');
    }
    expect(parts.attempts).toEqual([0, 200, 600, 1400, 3000, 6000, 9000]);
    expect([client.status.state, clock.pendingTimers]).toEqual(['idle', 0]);
  });

  it('in which the daemon is away costs one warning, and its return one word', async () => {
    const parts = world((attempt) => (attempt < 4 ? refused() : serve));
    const logger = createRecordingLogger();
    const client = create({ uri, clock, logger }, parts);
    for (let attempt = 1; attempt < 5; attempt += 1) {
      const call = client.call(connectionProcedures.getHostname, undefined).catch(() => undefined);
      await clock.advance(2_000);
      await call;
    }
    expect([logger.at('warn').length, logger.at('info').map((line) => line.message)]).toEqual([1, ['Connected to the libvirt daemon again']]);
  });

  it('of a pause is cut by chance to no less than half', async () => {
    const parts = { ...world(refused), random: () => 0 };
    const client = create({ uri, clock }, parts);
    await failure(hostname(client));
    const call = failure(hostname(client));
    await clock.advance(100);
    await call;
    expect(parts.attempts).toEqual([0, 100]);
  });

  it('of a call that ends in the pause ends it with the reason of the last failure', async () => {
    const parts = world(refused);
    const client = create({ uri, clock }, parts);
    await failure(hostname(client));
    const call = failure(hostname(client, { timeoutMs: 150 }));
    await clock.advance(150);
    expect(await call).toMatchObject({ code: 'UNREACHABLE', message: 'connection refused' });
    expect([parts.attempts.length, clock.pendingTimers, client.status.queued]).toEqual([1, 0, 0]);
  });

  it('of a call covers connecting and answering together', async () => {
    const parts = world(() => greetFreely);
    const client = create({ uri, clock }, parts);
    const call = failure(hostname(client, { timeoutMs: 400 }));
    await clock.advance(399);
    expect(client.status).toMatchObject({ state: 'connected', active: 1 });
    await clock.advance(1);
    expect(await call).toMatchObject({ code: 'TIMEOUT', details: { address: '127.0.0.1:16509', procedure: 'connect_get_hostname', timeoutMs: 400 } });
  });

  it('is not waited when connecting is asked for: that ends the pause', async () => {
    const parts = world((attempt) => (attempt === 1 ? refused() : serve));
    const client = create({ uri, clock }, parts);
    await failure(client.connect());
    const waiting = hostname(client);
    await clock.advance(10);
    await client.connect();
    expect(await waiting).toBe('host');
    expect(parts.attempts).toEqual([0, 10]);
  });

  it('ends an attempt that hangs, saying in which step', async () => {
    const parts = world(() => (daemon) => void greetFreely(daemon).answer(66, () => daemon.write(Buffer.from('000000', 'hex'))));
    const client = create({ uri, clock, connectTimeoutMs: 700 }, parts);
    const call = failure(hostname(client));
    await clock.advance(699);
    expect(client.status.state).toBe('connecting');
    await clock.advance(1);
    expect(await call).toMatchObject({ code: 'TIMEOUT', details: { address: '127.0.0.1:16509', timeoutMs: 700, step: 'authenticating' } });
    await settle();
    expect([parts.streams[0]?.destroyed, clock.pendingTimers]).toEqual([true, 0]);
  });

  it('after a connection that did not live long is a pause too, and none after one that did', async () => {
    const parts = world(() => serve);
    const client = create({ uri, clock, keepAlive: false, reconnect: { firstMs: 200, longestMs: 1_000 } }, parts);
    await client.connect();
    parts.daemons[0]?.stream.end();
    await settle();
    const waiting = hostname(client);
    await clock.advance(199);
    expect(parts.attempts).toEqual([0]);
    await clock.advance(1);
    expect(await waiting).toBe('host');
    await clock.advance(1_000);
    parts.daemons[1]?.stream.end();
    await settle();
    expect(await hostname(client)).toBe('host');
    expect(parts.attempts).toEqual([0, 200, 1_200]);
  });

  it.each(['AUTH_FAILED', 'TLS_UNTRUSTED', 'UNSUPPORTED', 'INVALID_OPTIONS'] as const)('is not spent on %s: one attempt for all, no pause, no attempt of its own', async (code) => {
    const parts = world(() => new FerricError(code, 'no'));
    const client = create({ uri, clock }, parts);
    const calls = [1, 2, 3].map(() => failure(hostname(client)));
    expect((await Promise.all(calls)).map((error) => error.code)).toEqual([code, code, code]);
    expect((await failure(hostname(client))).code).toBe(code);
    expect(parts.attempts).toEqual([0, 0]);
    await clock.advance(3_600_000);
    expect(parts.attempts).toEqual([0, 0]);
    expect([client.status.state, client.status.lastFailure]).toEqual(['idle', 'no']);
  });

  it('a wrong password is tried once for each call, and never by itself', async () => {
    const parts = world(() => (daemon) => {
      greetFreely(daemon)
        .answer(66, (call) => daemon.reply(call, (writer) => [1, 1].forEach((word) => writer.uint32(word))))
        .answer(67, (call) => daemon.reply(call, (writer) => writer.string('SCRAM-SHA-256')))
        .answer(68, (call) => daemon.refuse(call, 45, 'authentication failed'));
    });
    const logger = createRecordingLogger();
    const client = create({ uri, clock, logger, credentials: { username: 'ferric', password: new Secret('wrong horse') } }, parts);
    await expect(failure(hostname(client))).resolves.toMatchObject({ code: 'AUTH_FAILED' });
    await clock.advance(3_600_000);
    expect(parts.attempts).toEqual([0]);
    expect(logger.text()).not.toContain('wrong horse');
    expect(parts.streams[0]?.destroyed).toBe(true);
  });

  it('given up by the only one who waits ends the attempt; by one of two does not', async () => {
    const signals: AbortSignal[] = [];
    const never: OpenTransport = async (_uri, { signal }) => {
      signals.push(signal);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    };
    const client = create({ uri, clock }, { openTransport: never });
    const [first, second] = [new AbortController(), new AbortController()];
    const calls = [hostname(client, { signal: first.signal }), hostname(client, { signal: second.signal })];
    first.abort(new Error('first'));
    await expect(calls[0]).rejects.toThrow('first');
    expect([signals[0]?.aborted, client.status.queued]).toEqual([false, 1]);
    second.abort(new Error('second'));
    await expect(calls[1]).rejects.toThrow('second');
    await settle();
    expect([signals[0]?.aborted, client.status.state, client.status.lastFailure, clock.pendingTimers]).toEqual([true, 'idle', null, 0]);
  });

  it('of a pause is over when the only one who waits gives up, with the reason of the caller', async () => {
    const parts = world(refused);
    const client = create({ uri, clock }, parts);
    await failure(hostname(client));
    const controller = new AbortController();
    const call = hostname(client, { signal: controller.signal });
    await settle();
    expect([client.status.state, client.status.queued]).toEqual(['waiting', 1]);
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    expect([client.status.state, client.status.queued, clock.pendingTimers]).toEqual(['idle', 0, 0]);
  });

  it('does not leave a transport behind that comes after all have gone', async () => {
    const late = Promise.withResolvers<{ stream: ReturnType<typeof createFakeConnection>['client']; peer: string; secure: boolean }>();
    const client = create({ uri, clock }, { openTransport: () => late.promise });
    const controller = new AbortController();
    const call = hostname(client, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    const connection = createFakeConnection();
    late.resolve({ stream: connection.client, peer: 'memory', secure: true });
    await settle();
    expect([connection.client.destroyed, clock.pendingTimers]).toEqual([true, 0]);
  });

  it('of a dead peer is noticed by pings, and the next call connects again', async () => {
    const parts = world((attempt) => (attempt === 1 ? greetFreely : serve));
    const client = create({ uri, clock, callTimeoutMs: 600_000, keepAlive: { intervalMs: 1_000, count: 3 }, reconnect: { firstMs: 100, longestMs: 100 } }, parts);
    const call = failure(hostname(client));
    await clock.advance(4_000);
    expect((await call).message).toContain('no sign of life');
    expect(await hostname(client)).toBe('host');
  });
});

describe('closing', () => {
  it('in the middle of everything settles everything, leaves no socket, and may be asked for twice', async () => {
    await using server = await ScriptedServer.start(greetFreely);
    const client = create({ uri: tcp(server), concurrency: 1 });
    await client.connect();
    const calls = [1, 2].map(() => failure(hostname(client)));
    const daemon = await server.accept();
    await daemon.next();
    await Promise.all([client.close(), client[Symbol.asyncDispose]()]);
    expect((await Promise.all(calls)).map((error) => error.code)).toEqual(['ABORTED', 'ABORTED']);
    expect(daemon.received.at(-1)?.procedure).toBe(2);
    expect(client.status).toEqual({ state: 'closed', connections: 1, active: 0, queued: 0, lastFailure: null });
    expect((await failure(hostname(client))).code).toBe('ABORTED');
    expect((await failure(client.connect())).code).toBe('ABORTED');
    if (!daemon.stream.closed) await once(daemon.stream, 'close');
    expect(server.open).toBe(0);
  });

  it('lets nothing out behind the good-bye', async () => {
    await using server = await ScriptedServer.start((daemon) => greetFreely(daemon).answer(2, () => undefined));
    const clock = createFakeClock();
    const client = create({ uri: tcp(server), clock });
    await client.connect();
    const daemon = await server.accept();
    const closing = client.close();
    expect((await failure(hostname(client))).code).toBe('ABORTED');
    await clock.advance(2_000);
    await closing;
    expect(daemon.received.map((message) => message.procedure)).toEqual([66, 60, 1, 2]);
  });

  it('while connecting ends the attempt', async () => {
    await using server = await ScriptedServer.start();
    const client = create({ uri: tcp(server) });
    const call = failure(hostname(client));
    const daemon = await server.accept();
    await daemon.next();
    await client.close();
    expect((await call).code).toBe('ABORTED');
    if (!daemon.stream.closed) await once(daemon.stream, 'close');
    expect(server.open).toBe(0);
  });

  it('of a client that was never used does nothing', async () => {
    const client = create({ uri: 'qemu+tcp://127.0.0.1/system' });
    await client.close();
    expect(client.status.state).toBe('closed');
  });
});

describe('settings', () => {
  it('that cannot be used are all named at once', () => {
    const settings: LibvirtClientSettings = {
      connectTimeoutMs: 0,
      callTimeoutMs: Number.NaN,
      concurrency: 1.5,
      queueLimit: -1,
      keepAlive: { intervalMs: 0, count: 0 },
      reconnect: { firstMs: 500, longestMs: 100 },
      credentials: { username: '', password: 'plain' as unknown as Secret },
    };
    let error: unknown;
    try {
      createLibvirtClient(settings);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' });
    const { issues } = (error as FerricError).details as unknown as { issues: { field: string }[] };
    expect(issues.map(({ field }) => field)).toEqual([
      'connectTimeoutMs', 'callTimeoutMs', 'concurrency', 'queueLimit', 'keepAlive.intervalMs', 'keepAlive.count', 'reconnect.longestMs',
      'credentials.username', 'credentials.password',
    ]);
    expect(JSON.stringify(error)).not.toContain('plain');
  });

  it('with a URI that cannot be used are refused before anything is sent', () => {
    expect(() => createLibvirtClient({ uri: 'nonsense' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }) as Error);
  });
});
