import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createIpmiClient, createIpmiTransport, getChannelAuthenticationCapabilities, getChannelCipherSuites, type IpmiTransport, ping,
} from '../../src/client/index.js';
import { ScriptedBmc, type ScriptedBmcOptions } from './scripted-bmc.js';

const GET_DEVICE_ID = { netFn: 0x06, command: 0x01 };
const sockets: Socket[] = [];

afterEach(async () => {
  const open = sockets.splice(0);
  const closed = open.map((socket) => once(socket, 'close'));
  for (const socket of open) socket.close();
  await Promise.all(closed);
});

async function listen(options?: ScriptedBmcOptions, host = '127.0.0.1', wanted = 0): Promise<{ readonly bmc: ScriptedBmc; readonly port: number; readonly socket: Socket }> {
  const bmc = new ScriptedBmc(options);
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  sockets.push(socket);
  socket.on('message', (datagram, remote) => {
    for (const answer of bmc.handle(datagram)) socket.send(answer, remote.port, remote.address);
  });
  socket.bind(wanted, host);
  await once(socket, 'listening');
  return { bmc, port: socket.address().port, socket };
}

const credentials = { host: '127.0.0.1', username: 'admin', password: 'secret' };

describe('over the network', () => {
  test.each(['127.0.0.1', 'localhost'])('a client of %s with a socket of its own', async (host) => {
    const { bmc, port } = await listen();
    {
      await using client = createIpmiClient({ ...credentials, host, port });
      expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
      expect(client.address).toBe(`127.0.0.1:${port}`);
    }
    expect(bmc.openSessions).toBe(0);
  });

  test.each(['::1', '0:0:0:0:0:0:0:1'])('a client of %s', async (host) => {
    const { port } = await listen({}, '::1');
    await using client = createIpmiClient({ ...credentials, host, port });
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
    expect(client.address).toBe(`[::1]:${port}`);
  });

  test('an IPv4 address in IPv6 clothes', async () => {
    const { port } = await listen();
    await using client = createIpmiClient({ ...credentials, host: '::ffff:127.0.0.1', port });
    expect((await client.raw(GET_DEVICE_ID)).completionCode).toBe(0);
  });

  test('200 clients on one socket, and each is answered by its own BMC', async () => {
    const bmcs = await Promise.all(Array.from({ length: 200 }, async (_, index) => listen({ answers: { '2e/01': () => [0, index] } })));
    await using transport = createIpmiTransport();
    const clients = bmcs.map(({ port }) => createIpmiClient({ ...credentials, port, transport }));
    const answers = await Promise.all(clients.map(async (client) => client.raw({ netFn: 0x2e, command: 0x01 })));
    expect(answers.map(({ data }) => data[0])).toEqual(bmcs.map((_, index) => index));
    await Promise.all(clients.map(async (client) => client[Symbol.asyncDispose]()));
    expect(bmcs.filter(({ bmc }) => bmc.sessions.length !== 1 || bmc.openSessions !== 0)).toEqual([]);
    expect(clients.map(({ counters }) => counters.forged + counters.unexpected)).toEqual(Array.from({ length: 200 }, () => 0));
  });

  test('two BMCs at the same port of different addresses', async () => {
    const { port } = await listen({ answers: { '2e/01': () => [0, 1] } });
    await listen({ answers: { '2e/01': () => [0, 2] } }, '127.0.0.2', port);
    await using transport = createIpmiTransport();
    await using first = createIpmiClient({ ...credentials, port, transport });
    await using second = createIpmiClient({ ...credentials, host: '127.0.0.2', port, transport });
    const answers = await Promise.all([first, second].map(async (client) => client.raw({ netFn: 0x2e, command: 0x01 })));
    expect(answers.map(({ data }) => data[0])).toEqual([1, 2]);
  });

  test('nobody there', async () => {
    const { port, socket } = await listen();
    sockets.splice(sockets.indexOf(socket), 1);
    socket.close();
    await once(socket, 'close');
    await using client = createIpmiClient({ ...credentials, port, retry: { tries: 2, firstWaitMs: 10 } });
    await expect(client.raw(GET_DEVICE_ID)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  test('a name without address', async () => {
    await using client = createIpmiClient({ ...credentials, host: 'nobody.invalid' });
    await expect(client.raw(GET_DEVICE_ID)).rejects.toMatchObject({ code: 'UNREACHABLE', details: { step: 'look up' } });
  });

  test('a datagram from somewhere else does not reach the client', async () => {
    const { bmc, port, socket } = await listen();
    const stranger = await listen();
    await using client = createIpmiClient({ ...credentials, port });
    await client.session();
    const before = client.counters.received;
    bmc.behaviour = (seen, usual) => (seen.command === '06/01' ? [] : usual());
    // The answer is a true one, but it comes from the wrong socket first, and then from the right one.
    socket.on('message', (_datagram, remote) => {
      const seen = bmc.seen.at(-1);
      if (seen?.command !== '06/01') return;
      const answer = bmc.respond(seen, [0x00, 0x77]);
      stranger.socket.send(answer, remote.port, remote.address, () => socket.send(answer, remote.port, remote.address));
    });
    expect([...(await client.raw(GET_DEVICE_ID)).data]).toEqual([0x77]);
    expect(client.counters).toMatchObject({ received: before + 1, replayed: 0, unexpected: 0 });
  });
});

describe('a shared transport', () => {
  test('has one client for each BMC', async () => {
    const { port } = await listen();
    await using transport = createIpmiTransport();
    await using first = createIpmiClient({ ...credentials, port, transport });
    await using second = createIpmiClient({ ...credentials, port, transport });
    await first.session();
    await expect(second.session()).rejects.toMatchObject({ code: 'CONFLICT' });
    await first.close();
    expect(await second.session()).toMatchObject({ cipherSuite: 17 });
  });

  test('that is closed ends what its clients do, and takes no new ones', async () => {
    const { bmc, port } = await listen();
    const transport = createIpmiTransport();
    await using client = createIpmiClient({ ...credentials, port, transport });
    await client.session();
    let asked: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    bmc.behaviour = (seen) => {
      if (seen.command !== '06/01') return undefined;
      asked();
      return [];
    };
    const call = client.raw(GET_DEVICE_ID);
    call.catch(() => undefined);
    await arrived;
    await transport[Symbol.asyncDispose]();
    await transport[Symbol.asyncDispose]();
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(client.raw(GET_DEVICE_ID)).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('does not keep the process alive without peers', async () => {
    const { port } = await listen();
    const handles = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length;
    const before = handles();
    await using transport: IpmiTransport = createIpmiTransport();
    const peer = await transport.connect('127.0.0.1', port, { receive: () => undefined, failed: () => undefined });
    expect(handles()).toBe(before + 1);
    peer[Symbol.dispose]();
    peer[Symbol.dispose]();
    expect(handles()).toBe(before);
  });
});

describe('without a session', () => {
  test('ping', async () => {
    const { port } = await listen();
    const result = await ping({ host: '127.0.0.1', port });
    expect(result).toMatchObject({ address: `127.0.0.1:${port}`, enterprise: 4542, supportsIpmi: true });
    expect(result.elapsedMs).toBeGreaterThan(0);
  });

  test('ping of nobody', async () => {
    const { bmc, port } = await listen();
    bmc.behaviour = () => [];
    await expect(ping({ host: '127.0.0.1', port, retry: { tries: 2, firstWaitMs: 10 } })).rejects.toMatchObject({ code: 'UNREACHABLE', details: { step: 'presence ping' } });
    expect(bmc.count('ping')).toBe(2);
    await expect(ping({ host: '127.0.0.1', port }, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const reason = new Error('enough');
    await expect(ping({ host: '127.0.0.1', port }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('Get Channel Authentication Capabilities', async () => {
    const { port } = await listen();
    expect(await getChannelAuthenticationCapabilities({ host: '127.0.0.1', port })).toEqual({
      channel: 1, authTypes: [2, 4], supportsV15: true, supportsV20: true, kgKeySet: false, perMessageAuthenticationDisabled: false,
      userLevelAuthenticationDisabled: false, namedUsers: true, nullUser: false, anonymousLogin: false, oemEnterprise: 0, oemData: 0,
    });
  });

  test('Get Channel Cipher Suites, in several parts', async () => {
    const { bmc, port } = await listen();
    const suites = await getChannelCipherSuites({ host: '127.0.0.1', port });
    expect(suites.map(({ id, authentication, integrity, confidentiality }) => [id, authentication, integrity, confidentiality])).toEqual([
      [3, [1], [1], [1]], [17, [3], [4], [1]], [0, [0], [0], [0]], [2, [1], [1], [0]],
    ]);
    expect(bmc.seen.map(({ datagram }) => datagram.toString('hex').slice(0, 32))).toEqual(Array.from({ length: 2 }, () => '0600ff07060000000000000000000a00'));
  });
});
