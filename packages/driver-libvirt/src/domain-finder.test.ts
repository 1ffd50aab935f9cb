import { errorCode, FerricError, type CallOptions } from '@ferric/core';
import { createFakeClock, createRecordingLogger, type FakeClock, type RecordingLogger } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeLibvirtClient, settle, type FakeDomain, type FakeLibvirtClient } from '../test/fake-libvirt-client.js';
import { createDomainFinder, type DomainFinder, type Exchange } from './domain-finder.js';

const mac = (number: number): string => `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`;
const machine = (number: number, macs: readonly string[] = [mac(number)]): FakeDomain => ({
  name: `vm-${number}`,
  uuid: `10000000-0000-4000-8000-0000000000${number.toString().padStart(2, '0')}`,
  macs,
});

interface Bench extends Disposable {
  readonly fake: FakeLibvirtClient;
  readonly finder: DomainFinder;
  readonly clock: FakeClock;
  readonly logger: RecordingLogger;
  /** The name of the domain that is found, or the code of the failure. */
  find(...macs: readonly string[]): Promise<string>;
  findNamed(name: string): Promise<string>;
  /** The calls since the last time. */
  calls(): readonly string[];
}

const never = new AbortController().signal;

function bench(...domains: FakeDomain[]): Bench {
  const fake = createFakeLibvirtClient(domains);
  const clock = createFakeClock();
  const logger = createRecordingLogger();
  const exchange: Exchange = <T>(work: (options: CallOptions) => Promise<T>, signal: AbortSignal) => work({ signal });
  const finder = createDomainFinder({ client: fake.client, exchange, clock, logger });
  const nameOf = (promise: Promise<{ readonly name: string }>): Promise<string> => promise.then(({ name }) => name, errorCode);
  return {
    fake,
    finder,
    clock,
    logger,
    find: (...macs) => nameOf(finder.find({ domain: undefined, macs }, never)),
    findNamed: (name) => nameOf(finder.find({ domain: name, macs: [] }, never)),
    calls: () => fake.calls.splice(0),
    [Symbol.dispose]: () => finder[Symbol.dispose](),
  };
}

async function failureOf(promise: Promise<unknown>): Promise<FerricError> {
  const error: unknown = await promise.then(
    () => expect.unreachable('it resolved'),
    (reason: unknown) => reason,
  );
  expect.assert(FerricError.is(error));
  return error;
}

describe('by MAC address', () => {
  test('one look at all definitions serves everybody from then on', async () => {
    using b = bench(machine(1), machine(2, [mac(2), mac(22)]), machine(3));
    expect(await b.find(mac(2))).toBe('vm-2');
    expect(b.calls().toSorted()).toEqual(['connect', 'list', 'xml vm-1', 'xml vm-2', 'xml vm-3']);
    for (let time = 0; time < 100; time += 1) expect(await b.find(mac(22), 'ff:ff:ff:ff:ff:00')).toBe('vm-2');
    expect(await b.find(mac(1))).toBe('vm-1');
    expect(b.calls()).toEqual([]);
  });

  test('callers at the same time share one look', async () => {
    using b = bench(machine(1), machine(2));
    expect(await Promise.all([b.find(mac(1)), b.find(mac(2)), b.find(mac(1))])).toEqual(['vm-1', 'vm-2', 'vm-1']);
    expect(b.calls().filter((call) => call === 'list').length).toBe(1);
  });

  test('addresses in capitals are the same', async () => {
    using b = bench({ ...machine(1), macs: ['52:54:00:AB:CD:EF'] });
    expect(await b.find('52:54:00:ab:cd:ef')).toBe('vm-1');
  });

  test('nobody has it: says which addresses and where, and looks again at most every few seconds', async () => {
    using b = bench(machine(1));
    const error = await failureOf(b.finder.find({ domain: undefined, macs: [mac(8), mac(9)] }, never));
    expect(error.code).toBe('NOT_FOUND');
    expect(error.message).toContain(`${mac(8)}, ${mac(9)} at qemu+tcp://192.0.2.1/system`);
    expect(error.details).toMatchObject({ address: '192.0.2.1:16509', uri: 'qemu+tcp://192.0.2.1/system', macAddresses: [mac(8), mac(9)] });
    b.calls();
    expect([await b.find(mac(9)), await b.find(mac(8))]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    expect(b.calls()).toEqual([]);
    await b.clock.advance(5001);
    expect(await b.find(mac(9))).toBe('NOT_FOUND');
    expect(b.calls().toSorted()).toEqual(['connect', 'list', 'xml vm-1']);
  });

  test('an address that appears without an event is found after a few seconds', async () => {
    using b = bench(machine(1));
    expect(await b.find(mac(2))).toBe('NOT_FOUND');
    b.fake.domains.push(machine(2));
    await b.clock.advance(5001);
    expect(await b.find(mac(2))).toBe('vm-2');
  });

  test('two domains with one address, or a node with addresses of two domains: names both', async () => {
    using b = bench(machine(1), machine(2), machine(3, [mac(1)]));
    const shared = await failureOf(b.finder.find({ domain: undefined, macs: [mac(1)] }, never));
    expect(shared).toMatchObject({ code: 'CONFLICT', details: { macAddresses: [mac(1)] } });
    expect(shared.message).toMatch(/vm-1 \(10000000.*vm-3 \(10000000/);
    const mixed = await failureOf(b.finder.find({ domain: undefined, macs: [mac(2), mac(1)] }, never));
    expect(mixed.details['domains']).toHaveLength(3);
  });

  test('one of two that is gone without an event is no conflict', async () => {
    using b = bench(machine(1), machine(3, [mac(1)]));
    expect(await b.find(mac(1))).toBe('CONFLICT');
    b.fake.domains.shift();
    expect(await b.find(mac(1))).toBe('vm-3');
  });

  test('a definition that cannot be read is left out and does not hold up the others', async () => {
    const refused = { ...machine(1), failure: new FerricError('REFUSED', 'access denied', { details: { libvirtCode: 88 } }) };
    using b = bench(refused, { ...machine(2), xml: '<domain>' }, machine(3));
    expect(await b.find(mac(3))).toBe('vm-3');
    expect(b.logger.at('warn').map(({ fields }) => fields['domain'])).toEqual(['vm-1', 'vm-2']);
    expect(await b.find(mac(1))).toBe('NOT_FOUND');
  });

  test.each(['UNREACHABLE', 'TIMEOUT', 'AUTH_FAILED'] as const)('%s ends the look, and the next one begins anew', async (code) => {
    using b = bench(machine(1), machine(2));
    b.fake.before = (name) => {
      if (name === 'xml vm-2') throw new FerricError(code, 'no', { details: { libvirtCode: 1 } });
    };
    expect(await b.find(mac(1))).toBe(code);
    b.fake.before = () => undefined;
    b.calls();
    expect(await b.find(mac(2))).toBe('vm-2');
    expect(b.calls()).toContain('list');
  });

  test('a refused password is not tried again by listening to events', async () => {
    using b = bench(machine(1));
    b.fake.before = () => {
      throw new FerricError('AUTH_FAILED', 'no');
    };
    expect(await b.find(mac(1))).toBe('AUTH_FAILED');
    await settle();
    expect([b.calls(), b.fake.listeners]).toEqual([['connect'], 0]);
  });

  test('who gives up leaves the look to the others, and nobody leaves a look behind', async () => {
    using b = bench(machine(1));
    const listed = Promise.withResolvers<void>();
    b.fake.before = async (name) => (name === 'list' ? listed.promise : undefined);
    const caller = new AbortController();
    const given = b.finder.find({ domain: undefined, macs: [mac(1)] }, caller.signal).catch((reason: unknown) => reason);
    const other = b.find(mac(1));
    await settle();
    caller.abort('left');
    expect(await given).toBe('left');
    listed.resolve();
    expect(await other).toBe('vm-1');
    expect(b.calls().filter((call) => call === 'list').length).toBe(1);
  });
});

describe('what changes', () => {
  test.each(['defined', 'undefined'] as const)('a domain that is %s is read again, and no other', async (event) => {
    using b = bench(machine(1), machine(2));
    await b.find(mac(1));
    b.calls();
    const [first] = b.fake.domains as [FakeDomain];
    first.macs = [mac(7)];
    await b.fake.tell(event, first);
    expect(await b.find(mac(7))).toBe('vm-1');
    expect(b.calls()).toEqual(['xml vm-1']);
    expect(await b.find(mac(2))).toBe('vm-2');
    expect(b.calls()).toEqual([]);
  });

  test('a domain that is new is read by itself', async () => {
    using b = bench(machine(1));
    await b.find(mac(1));
    b.calls();
    b.fake.domains.push(machine(2), machine(3));
    await b.fake.tell('defined', b.fake.domains[1]);
    // A domain without a definition is only started.
    await b.fake.tell('started', b.fake.domains[2]);
    expect([await b.find(mac(2)), await b.find(mac(3))]).toEqual(['vm-2', 'vm-3']);
    expect(b.calls().toSorted()).toEqual(['xml vm-2', 'xml vm-3']);
  });

  test('starting and stopping changes no address', async () => {
    using b = bench(machine(1));
    await b.find(mac(1));
    b.calls();
    for (const event of ['started', 'stopped', 'suspended', 'resumed', 'shutdown', 'crashed'] as const) await b.fake.tell(event, b.fake.domains[0]);
    expect(await b.find(mac(1))).toBe('vm-1');
    expect(b.calls()).toEqual([]);
  });

  test('a domain that is gone is forgotten', async () => {
    using b = bench(machine(1));
    await b.find(mac(1));
    const gone = b.fake.domains.pop();
    await b.fake.tell('undefined', gone);
    expect(await b.find(mac(1))).toBe('NOT_FOUND');
  });

  test('after lost events everything is looked at again', async () => {
    using b = bench(machine(1));
    await b.find(mac(1));
    b.calls();
    await b.fake.tell({ kind: 'gap', reason: 'reconnected' });
    expect(await b.find(mac(1))).toBe('vm-1');
    expect(b.calls()).toEqual(['connect', 'list', 'xml vm-1']);
  });

  test('events that are lost while it looks make it look again', async () => {
    using b = bench(machine(1));
    await b.find(mac(1));
    await b.fake.tell({ kind: 'gap', reason: 'reconnected' });
    b.fake.before = async (name) => {
      b.fake.before = () => undefined;
      if (name === 'connect') await b.fake.tell({ kind: 'gap', reason: 'overflow' });
    };
    await b.find(mac(1));
    b.calls();
    // The gap came before the list was asked for, so that look counts.
    expect(await b.find(mac(1))).toBe('vm-1');
    b.calls();
    await b.fake.tell({ kind: 'gap', reason: 'overflow' });
    b.fake.before = async (name) => {
      if (name === 'xml vm-1') await b.fake.tell({ kind: 'gap', reason: 'overflow' });
    };
    await b.find(mac(1));
    b.fake.before = () => undefined;
    b.calls();
    await b.find(mac(1));
    expect(b.calls()).toContain('list');
  });

  test('a change while the definition is on its way is not missed', async () => {
    using b = bench(machine(1));
    await b.find(mac(1));
    const [first] = b.fake.domains as [FakeDomain];
    await b.fake.tell('defined', first);
    b.fake.before = async (name) => {
      if (name === 'xml vm-1') await b.fake.tell('defined', first);
    };
    await b.find(mac(1));
    b.fake.before = () => undefined;
    b.calls();
    await b.find(mac(1));
    expect(b.calls()).toEqual(['xml vm-1']);
  });

  test('without events, addresses are believed for half a minute', async () => {
    using b = bench(machine(1));
    await b.find(mac(1));
    b.fake.failEvents(new FerricError('UNSUPPORTED', 'no events'));
    await settle();
    b.calls();
    await b.clock.advance(29_000);
    await b.find(mac(1));
    expect(b.calls()).toEqual([]);
    await b.clock.advance(2000);
    await b.find(mac(1));
    expect(b.calls()).toEqual(['connect', 'list', 'xml vm-1']);
    expect(b.fake.listeners).toBe(1);
  });

  test('a doubt makes it read that domain again', async () => {
    using b = bench(machine(1), machine(2));
    await b.find(mac(1));
    b.calls();
    b.finder.doubt({ name: 'vm-2', uuid: machine(2).uuid, id: -1 });
    await b.find(mac(1));
    expect(b.calls()).toEqual(['xml vm-2']);
  });

  test('nobody listens any more after it is disposed', async () => {
    const b = bench(machine(1));
    await b.find(mac(1));
    expect(b.fake.listeners).toBe(1);
    b[Symbol.dispose]();
    await settle();
    expect(b.fake.listeners).toBe(0);
  });
});

describe('by name or uuid', () => {
  test('is looked up once', async () => {
    using b = bench(machine(1));
    expect([await b.findNamed('vm-1'), await b.findNamed('vm-1')]).toEqual(['vm-1', 'vm-1']);
    expect([await b.findNamed(machine(1).uuid.toUpperCase()), await b.findNamed(machine(1).uuid.toUpperCase())]).toEqual(['vm-1', 'vm-1']);
    expect(b.calls()).toEqual(['name vm-1', `uuid ${machine(1).uuid}`]);
    expect(b.fake.listeners).toBe(0);
  });

  test('a name that looks like a uuid is a name when there is no such uuid', async () => {
    const name = '20000000-0000-4000-8000-000000000001';
    using b = bench({ ...machine(1), name });
    expect(await b.findNamed(name)).toBe(name);
  });

  test('says which domain is missing, and where', async () => {
    using b = bench();
    const error = await failureOf(b.finder.find({ domain: 'vm-1', macs: [] }, never));
    expect(error).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no domain vm-1 at qemu+tcp://192.0.2.1/system',
      details: { domain: 'vm-1' },
    });
  });

  test('is looked up again after a doubt', async () => {
    using b = bench(machine(1));
    await b.findNamed('vm-1');
    b.finder.doubt({ name: 'vm-1', uuid: machine(1).uuid, id: -1 });
    await b.findNamed('vm-1');
    expect(b.calls()).toEqual(['name vm-1', 'name vm-1']);
  });
});

test('a token in the URI is not shown', async () => {
  const fake = createFakeLibvirtClient([], 'qemu+tcp://192.0.2.1/system?x=1');
  const exchange: Exchange = (work, signal) => work({ signal });
  using finder = createDomainFinder({
    client: { ...fake.client, uri: { ...fake.client.uri, text: 'qemu+tcp://me:hidden-1@192.0.2.1/system?password=hidden-2' } },
    exchange,
    clock: createFakeClock(),
    logger: createRecordingLogger(),
  });
  const error = await failureOf(finder.find({ domain: 'x', macs: [] }, never));
  expect(JSON.stringify(error)).not.toContain('hidden');
});
