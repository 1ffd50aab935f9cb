import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../system/poll.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type CutMessage, MessageCutter } from './message-cutter.ts';

/** A daemon that answers each call with its own number, unless it is told not to, and keeps what it was asked. */
let daemon: Server;
let answers: boolean;
let asked: number[];
let proxy: FaultProxy;

beforeEach(async () => {
  asked = [];
  answers = true;
  daemon = createServer((socket) => {
    const cutter = new MessageCutter();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const call of cutter.push(chunk)) {
        asked.push(call.procedure);
        if (answers) socket.write(message(call.procedure, 1, call.serial, Buffer.from([0, 0, 0, call.procedure])));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(daemon, 'listening');
  proxy = await startFaultProxy({ target: { port: (daemon.address() as AddressInfo).port }, listen: { port: 0 } });
});

afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  daemon.close();
  await once(daemon, 'close');
});

function message(procedure: number, type: number, serial: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(28);
  for (const [index, word] of [28 + payload.length, 0x2000_8086, 1, procedure, type, serial, 0].entries()) header.writeUInt32BE(word, 4 * index);
  return Buffer.concat([header, payload]);
}

/** One client: everything that it hears. */
class Client implements AsyncDisposable {
  readonly socket: Socket;
  readonly messages: CutMessage[] = [];
  bytes: Buffer = Buffer.alloc(0);
  end: string | undefined;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    const cutter = new MessageCutter();
    this.socket.on('data', (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      try {
        this.messages.push(...cutter.push(chunk));
      } catch {
        this.end ??= 'garbage';
      }
    });
    this.socket.on('end', () => (this.end ??= 'in good order'));
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.end ??= error.code));
  }

  call(procedure: number, serial: number, payload?: Buffer): void {
    this.socket.write(message(procedure, 0, serial, payload));
  }

  async answers(count: number): Promise<readonly (readonly [procedure: number, serial: number])[]> {
    await waitFor(`${count} answers`, () => (this.messages.length >= count ? true : undefined), { timeoutMs: 2000 });
    return this.messages.map(({ procedure, serial }) => [procedure, serial]);
  }

  async ended(): Promise<string> {
    return waitFor('the end of the connection', () => this.end, { timeoutMs: 2000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.closed) return;
    this.socket.destroy();
    await once(this.socket, 'close');
  }
}

const portOf = ({ listens }: FaultProxy): number => ('port' in listens ? listens.port : 0);
const client = (): Client => new Client(portOf(proxy));

test('passes calls and answers on, and counts them', async () => {
  await using one = client();
  await using other = client();
  one.call(212, 1);
  one.call(9, 2);
  other.call(68, 1);
  expect(await one.answers(2)).toEqual([[212, 1], [9, 2]]);
  expect(await other.answers(1)).toEqual([[68, 1]]);
  expect(proxy.activity).toMatchObject({ connections: 2, openConnections: 2, changeCommands: 1, authenticationAttempts: 1 });
  expect(Object.fromEntries(proxy.activity.calls)).toEqual({ 212: 1, 9: 1, 68: 1 });
  await one[Symbol.asyncDispose]();
  await waitFor('the proxy to see the end', () => (proxy.activity.openConnections === 1 ? true : undefined), { timeoutMs: 2000 });
});

test('counts what is under way at the same time, over all connections', async () => {
  await using one = client();
  await using other = client();
  for (const serial of [1, 2, 3]) {
    one.call(212, serial);
    await one.answers(serial);
  }
  expect(proxy.activity.mostConcurrentExchanges).toBe(1);
  answers = false;
  for (const serial of [4, 5]) one.call(212, serial);
  other.call(212, 1);
  await waitFor('all calls', () => (asked.length === 6 ? true : undefined));
  expect(proxy.activity.mostConcurrentExchanges).toBe(3);
});

describe('faults', () => {
  test('silence swallows the answer, not the call, and ends when it is over', async () => {
    await using one = client();
    proxy.faults.inject({ kind: 'silence', times: 1 });
    one.call(9, 1);
    one.call(212, 2);
    expect(await one.answers(1)).toEqual([[212, 2]]);
    expect(asked).toEqual([9, 212]);
    proxy.faults.inject({ kind: 'silence' });
    one.call(10, 3);
    await waitFor('the call', () => (asked.length === 3 ? true : undefined));
    proxy.faults.clear();
    one.call(11, 4);
    expect(await one.answers(2)).toEqual([[212, 2], [11, 4]]);
  });

  test.each([
    ['reset', 'ECONNRESET'],
    ['close', 'in good order'],
    ['garbage', 'garbage'],
  ] as const)('%s: the client sees %s, and the daemon has acted', async (kind, expected) => {
    proxy.faults.inject({ kind, times: 1 });
    await using one = client();
    one.call(9, 1);
    expect(await one.ended()).toBe(expected);
    expect(asked).toEqual([9]);
    await using next = client();
    next.call(212, 1);
    expect(await next.answers(1)).toEqual([[212, 1]]);
  });

  test('half frame: the client gets half of the answer and nothing more', async () => {
    proxy.faults.inject({ kind: 'half frame', times: 1 });
    await using one = client();
    one.call(9, 1);
    await waitFor('half of the answer', () => (one.bytes.length === 16 ? true : undefined), { timeoutMs: 2000 });
    one.call(212, 2);
    await waitFor('the second call', () => (asked.length === 2 ? true : undefined));
    await using next = client();
    next.call(212, 1);
    expect(await next.answers(1)).toEqual([[212, 1]]);
    expect(one.bytes).toHaveLength(16);
  });

  test('slow: answers come late and in order', async () => {
    await using one = client();
    one.call(1, 1);
    await one.answers(1);
    proxy.faults.inject({ kind: 'slow', times: 1, delayMs: 80 });
    const startedAt = performance.now();
    one.call(9, 2);
    one.call(212, 3);
    expect(await one.answers(3)).toEqual([[1, 1], [9, 2], [212, 3]]);
    expect(performance.now() - startedAt).toBeGreaterThan(75);
  });

  test('refuse: nobody gets in until it is over, and who is in stays', async () => {
    await using inside = client();
    inside.call(1, 1);
    await inside.answers(1);
    proxy.faults.inject({ kind: 'refuse' });
    await using outside = client();
    expect(await outside.ended()).toBe('ECONNREFUSED');
    inside.call(212, 2);
    expect(await inside.answers(2)).toEqual([[1, 1], [212, 2]]);
    proxy.faults.clear();
    await waitFor('a connection', async () => {
      await using next = client();
      await once(next.socket, 'connect');
      return true;
    });
  });

  test('wrong state: a change is answered as done and not carried out', async () => {
    proxy.faults.inject({ kind: 'wrong state' });
    await using one = client();
    one.call(12, 1, Buffer.from('domain..'));
    one.call(196, 2, Buffer.from('domain..\0\0\0\0'));
    one.call(212, 3);
    expect(await one.answers(3)).toEqual([[12, 1], [196, 2], [212, 3]]);
    expect(one.messages.slice(0, 2).map(({ bytes }) => bytes.subarray(24).toString('latin1'))).toEqual(['\0\0\0\0', '\0\0\0\0domain..']);
    expect(asked).toEqual([212]);
    expect(proxy.activity.changeCommands).toBe(2);
  });

  test('command failure: a change is answered with an error and not carried out', async () => {
    proxy.faults.inject({ kind: 'command failure' });
    await using one = client();
    one.call(9, 1);
    one.call(212, 2);
    expect(await one.answers(2)).toEqual([[9, 1], [212, 2]]);
    const [failed] = one.messages;
    expect([failed?.bytes.readUInt32BE(24), failed?.bytes.readUInt32BE(28), (failed?.bytes.length ?? 1) % 4]).toEqual([1, 9, 0]);
    expect(asked).toEqual([212]);
  });

  test('a fault that it cannot show is refused', () => {
    expect(() => proxy.faults.inject({ kind: 'busy' })).toThrow('kind must be one of');
  });
});

test('an encrypted connection is cut rather than passed on unseen', async () => {
  await using one = client();
  one.socket.write(Buffer.from('\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001', 'latin1'));
  expect(await one.ended()).toBe('ECONNRESET');
});
