import { createGateRegistry, Secret, TranscriptRecorder } from '@ferric/core';
import { createFakeClock, createRecordingLogger, type FakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { createFakeLibvirtClient, settle, type FakeLibvirtClient } from '../test/fake-libvirt-client.js';
import { createClientPool, type ClientPool, type HypervisorAccess, type PoolContext } from './client-pool.js';
import type { LibvirtClientSettings } from './client/libvirt-client.js';

interface Bench {
  readonly pool: ClientPool;
  readonly clock: FakeClock;
  readonly context: PoolContext;
  readonly made: { readonly settings: LibvirtClientSettings; readonly fake: FakeLibvirtClient }[];
}

function bench(): Bench {
  const clock = createFakeClock();
  const made: Bench['made'] = [];
  const gates = createGateRegistry(clock);
  const pool = createClientPool({
    idleMs: 60_000,
    createClient(settings) {
      const fake = createFakeLibvirtClient([], settings.uri);
      made.push({ settings, fake });
      return fake.client;
    },
  });
  return { pool, clock, made, context: { clock, logger: createRecordingLogger(), gate: (address, settings) => gates.gate(address, settings) } };
}

const HOST: HypervisorAccess = { uri: 'qemu+tcp://192.0.2.1/system' };
const credentials = (username: string, password: string): HypervisorAccess => ({
  ...HOST,
  credentials: { username, password: new Secret(password) },
});
const closed = ({ made }: Bench): readonly boolean[] => made.map(({ fake }) => fake.closed);

test('devices that reach a daemon in the same way share one client', () => {
  const b = bench();
  const first = b.pool.lease(credentials('me', 'one'), b.context);
  const second = b.pool.lease(credentials('me', 'one'), b.context);
  expect(second.hypervisor).toBe(first.hypervisor);
  expect([b.made.length, b.pool.size]).toEqual([1, 1]);
});

test.each<readonly [string, HypervisorAccess]>([
  ['daemon', { ...credentials('me', 'one'), uri: 'qemu+tcp://192.0.2.2/system' }],
  ['user', credentials('you', 'one')],
  ['password', credentials('me', 'two')],
  ['authentication', HOST],
  ['key', { ...HOST, ssh: { keyFile: '/key' } }],
])('another %s is another client', (_what, access) => {
  const b = bench();
  const first = b.pool.lease(credentials('me', 'one'), b.context);
  const second = b.pool.lease(access, b.context);
  expect(second.hypervisor).not.toBe(first.hypervisor);
});

test('frames go to the transcript of the device, so another transcript is another client', () => {
  const b = bench();
  const recorder = new TranscriptRecorder();
  const hypervisors = [undefined, recorder, recorder, new TranscriptRecorder()].map(
    (transcript) => b.pool.lease(HOST, { ...b.context, transcript }).hypervisor,
  );
  expect(new Set(hypervisors).size).toBe(3);
  expect(hypervisors[1]).toBe(hypervisors[2]);
  expect(b.made[1]?.settings.transcript).toBe(recorder);
});

test('the daemon gets as much at one time as its gate and its client let through', () => {
  const b = bench();
  b.pool.lease(HOST, b.context);
  expect(b.made[0]?.settings).toMatchObject({ uri: HOST.uri, concurrency: 32, queueLimit: 1024 });
});

test('a client is kept for a while after its last device, and closed then', async () => {
  const b = bench();
  const leases = [b.pool.lease(HOST, b.context), b.pool.lease(HOST, b.context)];
  for (const lease of leases) {
    lease[Symbol.dispose]();
    lease[Symbol.dispose]();
  }
  await b.clock.advance(59_999);
  expect(closed(b)).toEqual([false]);
  await b.clock.advance(1);
  expect([closed(b), b.pool.size]).toEqual([[true], 0]);
});

test('a device that comes in time goes on with it', async () => {
  const b = bench();
  b.pool.lease(HOST, b.context)[Symbol.dispose]();
  await b.clock.advance(59_000);
  const lease = b.pool.lease(HOST, b.context);
  await b.clock.advance(120_000);
  expect([closed(b), b.clock.pendingTimers]).toEqual([[false], 0]);
  lease[Symbol.dispose]();
  await b.clock.advance(60_000);
  b.pool.lease(HOST, b.context);
  expect(closed(b)).toEqual([true, false]);
});

test('disposing closes everything at once, used or not, and leaves no timer', async () => {
  const b = bench();
  b.pool.lease(HOST, b.context);
  const late = b.pool.lease(credentials('me', 'one'), b.context);
  late[Symbol.dispose]();
  await b.pool[Symbol.asyncDispose]();
  expect([closed(b), b.pool.size, b.clock.pendingTimers]).toEqual([[true, true], 0, 0]);
  late[Symbol.dispose]();
  await b.pool[Symbol.asyncDispose]();
  expect(b.clock.pendingTimers).toBe(0);
});

test('who disposes waits for clients that are just being closed', async () => {
  const b = bench();
  b.pool.lease(HOST, b.context)[Symbol.dispose]();
  const closing = Promise.withResolvers<void>();
  const [first] = b.made as [Bench['made'][number]];
  (first.fake.client as { close: () => Promise<void> }).close = () => closing.promise;
  await b.clock.advance(60_000);
  let done = false;
  const disposed = b.pool[Symbol.asyncDispose]().then(() => (done = true));
  await settle();
  expect(done).toBe(false);
  closing.resolve();
  await disposed;
});
