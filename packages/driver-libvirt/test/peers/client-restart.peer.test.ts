import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FerricError } from '@ferric/core';
import {
  defineGuest, type FaultProxy, type LocalEndpoint, openWitness, type PrivateLibvirtd, startFaultProxy, startPrivateLibvirtd, waitFor, type Witness,
} from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLibvirtClient, type LibvirtClient, type LibvirtClientSettings, type StorageVolume } from '../../src/client/index.js';
import { machineXml } from './machine-xml.js';
import { recordEvents } from './recorded-events.js';
import { credentialsOf } from './ways.js';

let libvirtd: PrivateLibvirtd;
let witness: Witness;
beforeAll(async () => {
  libvirtd = await startPrivateLibvirtd({ unixAuth: 'sasl' });
  witness = await openWitness(libvirtd, 'qemu');
});
afterAll(async () => {
  await witness?.[Symbol.asyncDispose]();
  await libvirtd?.[Symbol.asyncDispose]();
});

function connect(settings: LibvirtClientSettings = {}): LibvirtClient {
  return createLibvirtClient({
    uri: libvirtd.uris.unix, credentials: credentialsOf(libvirtd), reconnect: { firstMs: 20, longestMs: 100 }, ...settings,
  });
}

type Ended = { readonly value: unknown } | { readonly code: string; readonly address: unknown; readonly tookMs: number };

/** How a call ends, and after what time. */
async function endOf(call: Promise<unknown>): Promise<Ended> {
  const startedAt = performance.now();
  try {
    return { value: await call };
  } catch (error) {
    if (!FerricError.is(error)) throw error;
    return { code: error.code, address: error.details['address'], tookMs: performance.now() - startedAt };
  }
}

async function whileSilent(work: () => Promise<void>): Promise<void> {
  libvirtd.signal('SIGSTOP');
  try {
    await work();
  } finally {
    libvirtd.signal('SIGCONT');
  }
}

/** Makes the daemon silent, and then ends it while this is so. */
async function killWhileSilent(untilThen: () => Promise<void>): Promise<void> {
  libvirtd.signal('SIGSTOP');
  try {
    await untilThen();
  } finally {
    await libvirtd.stop('SIGKILL');
  }
}

/** A volume of some megabytes, in a pool of its own that is running. */
async function makeVolume(client: LibvirtClient, bytes: number): Promise<StorageVolume> {
  const name = `pool-${randomBytes(4).toString('hex')}`;
  const folder = join(libvirtd.directory, name);
  mkdirSync(folder);
  const pool = await client.storage.pools.createTransient(`<pool type="dir"><name>${name}</name><target><path>${folder}</path></target></pool>`);
  return client.storage.volumes.create(pool, `<volume><name>image</name><capacity>${bytes}</capacity><target><format type="raw"/></target></volume>`);
}

describe('when the daemon is killed and started again', () => {
  test('in the middle of calls, each of them fails and the client comes back', async () => {
    await using client = connect({ concurrency: 64 });
    await client.connect();
    const calls: Promise<Ended>[] = [];
    await killWhileSilent(async () => {
      calls.push(...Array.from({ length: 100 }, () => endOf(client.host.hostname({ timeoutMs: 20_000 }))));
      await waitFor('the calls to be sent', () => (client.status.active === 64 ? true : undefined));
    });
    const ends = await Promise.all(calls.slice(0, 64));
    for (const end of ends) expect(end).toMatchObject({ code: 'UNREACHABLE', address: client.uri.address });
    await libvirtd.start();
    expect(await client.host.uri()).toBe('qemu:///system');
    // Those that had not been sent may go out on the next connection, or fail; none hangs.
    for (const end of await Promise.all(calls.slice(64))) expect(end).toEqual('value' in end ? { value: await client.host.hostname() } : expect.objectContaining({ code: 'UNREACHABLE' }));
    expect(client.status).toMatchObject({ state: 'connected', connections: 2, active: 0, queued: 0, lastFailure: null });
  });

  test('in the middle of starting a machine, the machine tells what became of it', async () => {
    await using guest = await defineGuest(libvirtd);
    await using client = connect();
    const domain = await client.domains.lookupByName(guest.name);
    const end = endOf(client.domains.create(domain));
    await waitFor('the call to be sent', () => (client.status.active > 0 ? true : undefined));
    await libvirtd.restart('SIGKILL');
    expect(await end).toMatchObject({ code: 'UNREACHABLE' });
    const { state } = await client.domains.state(domain);
    expect(state === 'running').toBe(witness.isOn(guest.name));
    if (state !== 'running') await client.domains.create(domain);
    expect(witness.state(guest.name)).toBe('running');
  });

  test('a machine that runs goes on to run', async () => {
    await using guest = await defineGuest(libvirtd);
    await using client = connect();
    const domain = await client.domains.create(await client.domains.lookupByName(guest.name));
    await guest.waitUntilReady();
    await libvirtd.restart();
    expect(await client.domains.state(domain)).toMatchObject({ state: 'running' });
    expect(witness.id(guest.name)).toBe(domain.id);
    expect(guest.serialText().match(/READY/g)).toHaveLength(1);
  });

  test('in the middle of an upload, the upload fails and another succeeds', async () => {
    await using client = connect();
    const volume = await makeVolume(client, 4_000_000);
    const halfway = Promise.withResolvers<void>();
    const restarted = Promise.withResolvers<void>();
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(1_000_000, 1);
      halfway.resolve();
      await restarted.promise;
      yield Buffer.alloc(1_000_000, 2);
    }
    const upload = endOf(client.storage.volumes.upload(volume, source()));
    await halfway.promise;
    await libvirtd.restart('SIGKILL');
    restarted.resolve();
    expect(await upload).toMatchObject({ code: 'UNREACHABLE', address: client.uri.address });
    const again = await makeVolume(client, 1000);
    expect(await client.storage.volumes.upload(again, Buffer.alloc(1000, 3))).toBe(1000n);
  });

  test('in the middle of a download and of a console, the streams fail', async () => {
    await using guest = await defineGuest(libvirtd);
    await using client = connect();
    const volume = await makeVolume(client, 4_000_000);
    const domain = await client.domains.create(await client.domains.lookupByName(guest.name));
    await guest.waitUntilReady();
    await using download = await client.storage.volumes.download(volume);
    await using console = await client.domains.openConsole(domain);
    const reading = [download, console].map((stream) => (async () => {
      let bytes = 0;
      for await (const chunk of stream.incoming) {
        bytes += chunk.length;
        // The rest of the download stays where it is until the daemon is gone.
        if (stream === download && bytes === chunk.length) await libvirtd.restart('SIGKILL');
      }
      return bytes;
    })());
    for (const end of await Promise.all(reading.map(endOf))) expect(end).toMatchObject({ code: 'UNREACHABLE', address: client.uri.address });
    expect(await endOf(console.write(Buffer.from('x')))).toMatchObject({ code: 'UNREACHABLE' });
    expect(await client.domains.state(domain)).toMatchObject({ state: 'running' });
    await using another = await client.domains.openConsole(domain);
    await another.write(Buffer.from('back'));
    await guest.waitForSerial('BACK');
  });

  test('in the middle of the login, the attempt fails and the next one succeeds', async () => {
    await using client = connect();
    let attempt: Promise<Ended> | undefined;
    await killWhileSilent(async () => {
      attempt = endOf(client.connect());
      await waitFor('the attempt to begin', () => (client.status.state === 'connecting' ? true : undefined));
    });
    expect(await attempt).toMatchObject({ code: 'UNREACHABLE', address: client.uri.address });
    await libvirtd.start();
    await client.connect();
    expect(client.status.state).toBe('connected');
  });

  test('events are heard again, after a gap is told of', async () => {
    await using client = connect();
    await using events = await recordEvents(client, libvirtd, witness);
    expect(events.gaps).toEqual([]);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await libvirtd.restart(signal);
      await events.waitUntilHeard();
    }
    expect(events.gaps).toEqual(['reconnected', 'reconnected']);
    expect(events.end).toBeUndefined();
    const [name, uuid] = [`after-${randomBytes(4).toString('hex')}`, randomUUID()];
    const domain = await client.domains.define(machineXml('qemu', { name, uuid }));
    await client.domains.undefine(domain);
    await events.expectOf(name, ['defined: added', 'undefined: removed']);
  });
});

describe('while there is no daemon', () => {
  test('a call waits for it as long as it may, and then says why it could not be made', async () => {
    await using client = connect();
    await libvirtd.stop();
    try {
      const end = await endOf(client.host.hostname({ timeoutMs: 400 }));
      expect(end).toMatchObject({ code: 'UNREACHABLE', address: client.uri.address });
    } finally {
      await libvirtd.start();
    }
  });

  test('a listener waits, and hears it when it comes', async () => {
    await using client = connect();
    await using events = await recordEvents(client, libvirtd, witness);
    await libvirtd.stop();
    await waitFor('the client to see it', () => (client.status.state === 'connected' ? undefined : true));
    await libvirtd.start();
    await events.waitUntilHeard();
    expect(events.gaps).toEqual(['reconnected']);
  });
});

describe('while the daemon is silent', () => {
  test('a call settles by its deadline, and the same connection serves the next', async () => {
    await using client = connect();
    await client.connect();
    await whileSilent(async () => {
      const end = await endOf(client.host.hostname({ timeoutMs: 200 }));
      expect(end).toMatchObject({ code: 'TIMEOUT', address: client.uri.address });
      expect('tookMs' in end && end.tookMs).toBeLessThan(1000);
    });
    expect(await client.host.uri()).toBe('qemu:///system');
    expect(client.status.connections).toBe(1);
  });

  test('connecting settles by its deadline', async () => {
    await using client = connect();
    await whileSilent(async () => {
      expect(await endOf(client.connect({ timeoutMs: 200 }))).toMatchObject({ code: 'TIMEOUT', address: client.uri.address });
    });
    await client.connect();
  });

  test('pings find it out, and calls without a deadline of their own do not wait for it', async () => {
    await using client = connect({ keepAlive: { intervalMs: 50, count: 3 } });
    await client.connect();
    await whileSilent(async () => {
      const end = await endOf(client.host.hostname({ timeoutMs: 20_000 }));
      expect(end).toMatchObject({ code: 'UNREACHABLE', address: client.uri.address });
      expect('tookMs' in end && end.tookMs).toBeLessThan(2000);
    });
    expect(await client.host.uri()).toBe('qemu:///system');
  });

  test('pings keep a connection on which nothing else goes on', async () => {
    await using client = connect({ keepAlive: { intervalMs: 30, count: 2 } });
    await client.connect();
    await new Promise<void>((resolve) => void setTimeout(resolve, 400));
    expect(await client.host.uri()).toBe('qemu:///system');
    expect(client.status).toMatchObject({ state: 'connected', connections: 1 });
  });

  test('closing does not wait for it', async () => {
    const client = connect();
    await client.connect();
    await whileSilent(async () => {
      const call = endOf(client.host.hostname({ timeoutMs: 20_000 }));
      await waitFor('the call to be sent', () => (client.status.active > 0 ? true : undefined));
      const startedAt = performance.now();
      await client.close();
      // Long before the call would have ended.
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      expect(await call).toMatchObject({ code: 'ABORTED' });
    });
  });
});

describe.each(['unix', 'tcp'] as const)('faults on the way, by %s', (transport) => {
  let proxy: FaultProxy;
  let client: LibvirtClient;
  beforeAll(async () => {
    const socket = join(libvirtd.directory, 'faulty.sock');
    const [target, listen]: readonly [LocalEndpoint, LocalEndpoint] = transport === 'unix' ? [{ socket: libvirtd.socket }, { socket }] : [{ port: libvirtd.tcpPort }, { port: 0 }];
    proxy = await startFaultProxy({ target, listen });
    const uri = 'port' in proxy.listens ? `qemu+tcp://127.0.0.1:${proxy.listens.port}/system` : `qemu+unix:///system?socket=${socket}`;
    // Half an answer is found out by the pings that come after it.
    client = connect({ uri, keepAlive: { intervalMs: 100, count: 3 } });
  });
  afterAll(async () => {
    await client?.close();
    await proxy?.[Symbol.asyncDispose]();
  });

  test.each(['silence', 'reset', 'close', 'half frame', 'garbage', 'slow', 'refuse'] as const)('%s', async (kind) => {
    for (const connected of [true, false]) {
      await client.host.uri();
      if (!connected) {
        proxy.cut();
        await waitFor('the client to see it', () => (client.status.state === 'connected' ? undefined : true));
      }
      proxy.faults.inject({ kind, delayMs: 30 });
      const answers = kind === 'slow' || (kind === 'refuse' && connected);
      const end = await endOf(client.host.uri({ timeoutMs: answers ? 5000 : 300 }));
      if (answers) expect(end).toEqual({ value: 'qemu:///system' });
      else expect(end).toMatchObject({ code: expect.stringMatching(/^(?:TIMEOUT|UNREACHABLE|PROTOCOL_FAULT)$/), address: client.uri.address });
      proxy.faults.clear();
      await waitFor('the client to come back', async () => (await client.host.uri({ timeoutMs: 2000 })) === 'qemu:///system' || undefined, { timeoutMs: 5000 });
    }
  });

  test('connections that are cut again and again lose calls, and no call is lost sight of', async () => {
    let answered = 0;
    let lost = 0;
    const cutter = setInterval(() => proxy.cut(), 15);
    try {
      const workers = Array.from({ length: 8 }, async () => {
        for (let call = 0; call < 40; call += 1) {
          const end = await endOf(client.domains.list({}, { timeoutMs: 5000 }));
          if ('value' in end) answered += 1;
          else expect(end).toMatchObject({ code: 'UNREACHABLE' });
          lost += 'value' in end ? 0 : 1;
        }
      });
      await Promise.all(workers);
    } finally {
      clearInterval(cutter);
    }
    expect(answered + lost).toBe(320);
    expect(answered).toBeGreaterThan(0);
    expect(lost).toBeGreaterThan(0);
    expect(await client.host.uri()).toBe('qemu:///system');
    expect(client.status).toMatchObject({ active: 0, queued: 0 });
    await waitFor('old connections to be gone', () => (proxy.activity.openConnections === 1 ? true : undefined));
  });
});

test('a flood of events drops the oldest for a reader who is slow, and holds up nobody', async () => {
  await using listener = connect({ uri: libvirtd.uris.test });
  await using maker = connect({ uri: libvirtd.uris.test });
  const iterator = listener.events('lifecycle', { limit: 50 })[Symbol.asyncIterator]();
  const first = iterator.next();
  const define = async (): Promise<void> => {
    const domain = await maker.domains.define(machineXml('test', { name: `flood-${randomUUID()}`, uuid: randomUUID() }));
    await maker.domains.undefine(domain);
  };
  let heard = false;
  void first.then(() => (heard = true));
  await waitFor('the first event', async () => {
    await define();
    return heard ? true : undefined;
  });
  await Promise.all(Array.from({ length: 300 }, define));
  expect(await listener.host.uri()).toBe('test:///default');
  expect(await iterator.next()).toEqual({ done: false, value: { kind: 'gap', reason: 'overflow' } });
  for (let count = 0; count < 50; count += 1) expect(await iterator.next()).toMatchObject({ done: false, value: { kind: 'lifecycle' } });
  await iterator.return?.();
  expect(listener.status.connections).toBe(1);
});
