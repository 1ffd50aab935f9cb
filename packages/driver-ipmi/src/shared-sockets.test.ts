import { createIpmiTransport, type DatagramListener, type IpmiTransport } from '@ferric/ipmi-raw-buffer';
import { expect, test } from 'vitest';
import { createSharedSockets } from './shared-sockets.js';

const LISTENER: DatagramListener = { receive: () => undefined, failed: () => undefined };

/** Two clients on the same sockets, and how many transports of their own they made. */
function bench() {
  const stack = new AsyncDisposableStack();
  const shared = stack.use(createIpmiTransport());
  const own: IpmiTransport[] = [];
  const makeOwn = (): IpmiTransport => {
    const made = createIpmiTransport();
    own.push(made);
    return made;
  };
  const clients = [0, 1].map(() => stack.use(createSharedSockets(shared, makeOwn))) as [IpmiTransport, IpmiTransport];
  return { shared, own, clients, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('different BMCs share', async () => {
  await using b = bench();
  using _one = await b.clients[0].connect('127.0.0.1', 6231, LISTENER);
  using _other = await b.clients[1].connect('127.0.0.1', 6232, LISTENER);
  expect(b.own).toHaveLength(0);
});

test('two names of one BMC: the second client has sockets of its own for as long as both listen', async () => {
  await using b = bench();
  const first = await b.clients[0].connect('127.0.0.1', 6231, LISTENER);
  const second = await b.clients[1].connect('localhost', 6231, LISTENER);
  expect([second.address, b.own.length]).toEqual(['127.0.0.1:6231', 1]);
  second[Symbol.dispose]();
  using _again = await b.clients[1].connect('localhost', 6231, LISTENER);
  expect(b.own).toHaveLength(1);
  first[Symbol.dispose]();
});

test('disposing closes what is its own and nothing else', async () => {
  await using b = bench();
  using _first = await b.clients[0].connect('127.0.0.1', 6231, LISTENER);
  using _second = await b.clients[1].connect('127.0.0.1', 6231, LISTENER);
  await b.clients[1][Symbol.asyncDispose]();
  await expect(b.own[0]?.connect('127.0.0.1', 6232, LISTENER)).rejects.toMatchObject({ code: 'ABORTED' });
  using _third = await b.shared.connect('127.0.0.1', 6232, LISTENER);
});

test('other failures are told', async () => {
  await using b = bench();
  await b.shared[Symbol.asyncDispose]();
  await expect(b.clients[0].connect('127.0.0.1', 6231, LISTENER)).rejects.toMatchObject({ code: 'ABORTED' });
  expect(b.own).toHaveLength(0);
});
