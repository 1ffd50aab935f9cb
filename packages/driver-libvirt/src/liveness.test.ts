import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { silentLogger, systemClock } from '@ferric/core';
import { expect, test } from 'vitest';
import { parseLibvirtUri } from './client/uri.js';
import type { OpenedTransport } from './client/transport/transport.js';
import { createLiveness, type Liveness } from './liveness.js';

const uri = parseLibvirtUri('qemu+tcp://192.0.2.1/system');
const context = { signal: new AbortController().signal, logger: silentLogger, clock: systemClock, ssh: {} };
const stream = (): Duplex => new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });

interface FakeSocket {
  readonly stream: Duplex;
  /** Whether it keeps the process alive. */
  awake: boolean;
}

function socket(): FakeSocket {
  const fake: FakeSocket = { stream: stream(), awake: true };
  Object.assign(fake.stream, { ref: () => (fake.awake = true), unref: () => (fake.awake = false) });
  return fake;
}

function open(...streams: readonly Duplex[]): { readonly liveness: Liveness; readonly connect: () => Promise<OpenedTransport> } {
  const waiting = [...streams];
  const liveness = createLiveness(async () => ({ stream: waiting.shift() as Duplex, peer: 'x', secure: true }));
  return { liveness, connect: () => liveness.openTransport(uri, context) };
}

test('a connection keeps the process alive while its client is in use', async () => {
  const fake = socket();
  const { liveness, connect } = open(fake.stream);
  expect((await connect()).stream).toBe(fake.stream);
  const seen = [fake.awake];
  for (const inUse of [false, true, false]) {
    liveness.use(inUse);
    seen.push(fake.awake);
  }
  expect(seen).toEqual([true, false, true, false]);
});

test('one that is made while nobody uses it does not', async () => {
  const fake = socket();
  const { liveness, connect } = open(fake.stream);
  liveness.use(false);
  await connect();
  expect(fake.awake).toBe(false);
});

test('one that is closed is left alone', async () => {
  const fake = socket();
  const { liveness, connect } = open(fake.stream);
  await connect();
  const closed = once(fake.stream, 'close');
  fake.stream.destroy();
  await closed;
  liveness.use(false);
  expect(fake.awake).toBe(true);
});

test('a stream without a handle is passed on as it is', async () => {
  const plain = stream();
  const { liveness, connect } = open(plain);
  expect((await connect()).stream).toBe(plain);
  expect(() => liveness.use(false)).not.toThrow();
});
