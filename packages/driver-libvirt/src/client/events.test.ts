import { FerricError } from '@ferric/core';
import { createFakeClock, createFakeConnection, createRecordingLogger, type FakeClock } from '@ferric/core/testing';
import type { Duplex } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countListeners, eventMessage, failure, greetFreely, replyTo, ScriptedDaemon, settle } from '../../test/scripted-daemon.js';
import { createLibvirtClient, type LibvirtClient, type LibvirtClientSettings } from './libvirt-client.js';
import type { EventGap, LibvirtEvent } from './events.js';
import type { OpenTransport } from './transport/transport.js';
import type { Message } from './wire/message.js';
import { connectionProcedures } from './wire/procedures/connection.js';
import type { XdrWriter } from './wire/xdr.js';

const REGISTER = 316;
const DEREGISTER = 317;
const LIFECYCLE = 318;
const UUID = '8a41d4e1-2c6b-4a57-9d0a-3f6f0a1c7e55';
const OTHER_UUID = '00000000-0000-4000-8000-000000000001';

let clock: FakeClock;
let client: LibvirtClient;
let daemons: ScriptedDaemon[];
let streams: Duplex[];
/** What the next attempts meet; nothing: a daemon that answers everything. */
let fate: (Error | ((daemon: ScriptedDaemon) => void))[];

beforeEach(() => {
  clock = createFakeClock();
  daemons = [];
  streams = [];
  fate = [];
  client = create();
});

afterEach(async () => {
  const closing = client.close();
  await clock.advance(10_000);
  await closing;
  if (clock.pendingTimers > 0) throw new Error(`${clock.pendingTimers} timers are left`);
});

const openTransport: OpenTransport = async () => {
  const next = fate.shift() ?? serve;
  if (next instanceof Error) throw next;
  const { client: stream, server } = createFakeConnection();
  const daemon = new ScriptedDaemon(server);
  next(daemon);
  daemons.push(daemon);
  streams.push(stream);
  return { stream, peer: 'memory', secure: true };
};

function create(settings: LibvirtClientSettings = {}): LibvirtClient {
  return createLibvirtClient({ uri: 'qemu+tcp://127.0.0.1/system', clock, keepAlive: false, ...settings }, { openTransport, random: () => 1 });
}

/** Registrations get the numbers 1, 2, 3... */
function serve(daemon: ScriptedDaemon): void {
  let callbackId = 0;
  greetFreely(daemon)
    .answer(REGISTER, (call) => daemon.reply(call, (writer) => writer.int32((callbackId += 1))))
    .answer(DEREGISTER, (call) => daemon.reply(call));
}

const lifecycle = (callbackId: number, event: number, detail: number, uuid = UUID, id = 3) => (writer: XdrWriter): void => {
  writer.int32(callbackId);
  writer.string('vm');
  writer.fixed(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
  writer.int32(id);
  writer.int32(event);
  writer.int32(detail);
};

const calls = (index: number, procedure: number): readonly Message[] => (daemons[index] as ScriptedDaemon).received.filter((message) => message.procedure === procedure);
const emit = (index: number, ...args: Parameters<typeof lifecycle>): void => daemons[index]?.event(LIFECYCLE, lifecycle(...args));

type Item = LibvirtEvent | EventGap;

/** Reads in the background. */
function listen(events: AsyncIterable<Item>): { seen: string[]; ended: Promise<unknown> } {
  const seen: string[] = [];
  const ended = (async () => {
    for await (const item of events) seen.push(describeItem(item));
    return 'done';
  })().catch((error: unknown) => error);
  return { seen, ended };
}

const describeItem = (item: Item): string =>
  item.kind === 'gap' ? `gap ${item.reason}` : item.kind === 'lifecycle' ? `${item.event} ${item.detail}` : `${item.kind} ${item.domain.name}`;

describe('events', () => {
  it('connect by themselves, are asked for once whatever the number of listeners, and stopped with the last', async () => {
    const controllers = [new AbortController(), new AbortController()] as const;
    const left = controllers.map(({ signal }) => countListeners(signal));
    const listeners = controllers.map(({ signal }) => listen(client.events('lifecycle', { signal })));
    await settle();
    expect(client.status.state).toBe('connected');
    expect(calls(0, REGISTER).map((call) => call.payload.toString('hex'))).toEqual(['0000000000000000']);
    emit(0, 1, 2, 0);
    await settle();
    controllers[0].abort();
    await settle();
    emit(0, 1, 5, 1);
    await settle();
    expect(calls(0, DEREGISTER)).toHaveLength(0);
    controllers[1].abort();
    await settle();
    expect(calls(0, DEREGISTER).map((call) => call.payload.toString('hex'))).toEqual(['00000001']);
    expect(listeners.map(({ seen }) => seen)).toEqual([['started booted'], ['started booted', 'stopped destroyed']]);
    expect(await Promise.all(listeners.map(({ ended }) => ended))).toEqual(['done', 'done']);
    expect(left.map((count) => count())).toEqual([0, 0]);
  });

  it('are read byte for byte as libvirt 9.0.0 sends them', async () => {
    const iterator = client.events('lifecycle')[Symbol.asyncIterator]();
    const next = iterator.next();
    await settle();
    daemons[0]?.write(
      Buffer.from(
        '0000004420008086000000010000013e000000020000000000000000' +
          '0000000100000002766d00008a41d4e12c6b4a579d0a3f6f0a1c7e55ffffffff0000000500000001',
        'hex',
      ),
    );
    expect(await next).toEqual({
      done: false,
      value: { kind: 'lifecycle', domain: { name: 'vm', uuid: UUID, id: -1 }, event: 'stopped', detail: 'destroyed' },
    });
    await iterator.return?.();
  });

  it('of all kinds have their own registration and their own words', async () => {
    const kinds = ['reboot', 'watchdog', 'control-error', 'metadata'] as const;
    const iterators = kinds.map((kind) => (client.events(kind) as AsyncIterable<Item>)[Symbol.asyncIterator]());
    const items = iterators.map(async (iterator) => iterator.next());
    await settle();
    expect(calls(0, REGISTER).map((call) => call.payload.readInt32BE(0))).toEqual([1, 3, 7, 23]);
    const domain = (callbackId: number, writer: XdrWriter): void => {
      writer.int32(callbackId);
      writer.string('vm');
      writer.fixed(Buffer.from(UUID.replaceAll('-', ''), 'hex'));
      writer.int32(3);
    };
    const daemon = daemons[0] as ScriptedDaemon;
    daemon.event(319, (writer) => domain(1, writer));
    daemon.event(321, (writer) => {
      domain(2, writer);
      writer.int32(6);
    });
    daemon.event(325, (writer) => domain(3, writer));
    daemon.event(379, (writer) => {
      domain(4, writer);
      writer.int32(2);
      writer.uint32(1);
      writer.string('urn:x');
    });
    const about = { name: 'vm', uuid: UUID, id: 3 };
    expect((await Promise.all(items)).map((result) => result.value as Item)).toEqual([
      { kind: 'reboot', domain: about },
      { kind: 'watchdog', domain: about, action: 6 },
      { kind: 'control-error', domain: about },
      { kind: 'metadata', domain: about, about: 'element', uri: 'urn:x' },
    ]);
    await Promise.all(iterators.map(async (iterator) => iterator.return?.()));
  });

  it('have a number where this version knows no word, and are left out where it knows no kind', async () => {
    const { seen } = listen(client.events('lifecycle'));
    await settle();
    emit(0, 1, 2, 77);
    emit(0, 1, 99, 0);
    emit(0, 1, 6, 1);
    await settle();
    expect(seen).toEqual(['started detail 77', 'shutdown asked by the guest']);
  });

  it('can be those of one domain', async () => {
    const { seen } = listen(client.events('lifecycle', { domainUuid: UUID.toUpperCase() }));
    await settle();
    emit(0, 1, 2, 0, OTHER_UUID);
    emit(0, 1, 3, 0);
    await settle();
    expect(seen).toEqual(['suspended paused']);
  });

  it('that come before the registration is answered are not lost', async () => {
    fate.push((daemon) => {
      greetFreely(daemon).answer(REGISTER, (call) =>
        daemon.write(
          eventMessage(LIFECYCLE, lifecycle(7, 2, 0)),
          replyTo(call, (writer) => writer.int32(7)),
          eventMessage(LIFECYCLE, lifecycle(7, 5, 0)),
        ),
      );
    });
    const { seen } = listen(client.events('lifecycle'));
    await settle();
    expect(seen).toEqual(['started booted', 'stopped shut down']);
  });

  it('of a registration that is over do not come twice', async () => {
    const first = new AbortController();
    listen(client.events('lifecycle', { signal: first.signal }));
    await settle();
    first.abort();
    await settle();
    const { seen } = listen(client.events('lifecycle'));
    await settle();
    emit(0, 1, 2, 0);
    emit(0, 2, 5, 1);
    await settle();
    expect(seen).toEqual(['stopped destroyed']);
  });

  it('start with the first question, not before, and end when the loop is left', async () => {
    const events = client.events('lifecycle');
    await settle();
    expect(daemons).toHaveLength(0);
    const reading = (async () => {
      for await (const item of events) return describeItem(item);
      return undefined;
    })();
    await settle();
    emit(0, 1, 2, 0);
    expect(await reading).toBe('started booted');
    await settle();
    expect(calls(0, DEREGISTER)).toHaveLength(1);
  });

  it('with wrong options are refused at once', () => {
    expect(() => client.events('lifecycle', { limit: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }) as Error);
    expect(() => client.events('nonsense' as 'reboot')).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }) as Error);
  });
});

describe('a slow reader of events', () => {
  it('gets the newest, and is told that some are missing', async () => {
    const iterator = client.events('lifecycle', { limit: 3 })[Symbol.asyncIterator]();
    const first = iterator.next();
    await settle();
    for (const detail of [0, 1, 2, 3, 4, 5, 6]) emit(0, 1, 5, detail);
    await settle();
    const items = [describeItem((await first).value as Item)];
    while (items.length < 5) items.push(describeItem((await iterator.next()).value as Item));
    expect(items).toEqual(['stopped shut down', 'gap overflow', 'stopped saved', 'stopped failed', 'stopped from snapshot']);
    await iterator.return?.();
  });

  it('costs a bounded amount of memory, whatever the flood', async () => {
    const iterator = client.events('lifecycle')[Symbol.asyncIterator]();
    const first = iterator.next();
    await settle();
    const thousand = Buffer.concat(Array.from({ length: 1000 }, (_, index) => eventMessage(LIFECYCLE, lifecycle(1, 5, 1, UUID, index))));
    const daemon = daemons[0] as ScriptedDaemon;
    const usedBefore = collected();
    for (let round = 0; round < 1000; round += 1) {
      daemon.write(thousand);
      if (round % 10 === 0) await settle();
    }
    await settle();
    expect(collected() - usedBefore).toBeLessThan(4_000_000);
    await first;
    expect(await iterator.next()).toEqual({ done: false, value: { kind: 'gap', reason: 'overflow' } });
    let kept = 0;
    let last = -1;
    while (last < 999) {
      const { value } = await iterator.next();
      last = (value as Extract<LibvirtEvent, { kind: 'lifecycle' }>).domain.id;
      kept += 1;
    }
    expect(kept).toBe(1000);
    await iterator.return?.();
  }, 60_000);
});

/** Bytes that are really in use. */
function collected(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('a connection that is lost', () => {
  it('comes back by itself, events are asked for again, and a gap says so', async () => {
    const { seen } = listen(client.events('lifecycle'));
    await settle();
    emit(0, 1, 2, 0);
    await settle();
    fate.push(new FerricError('UNREACHABLE', 'not yet'), new FerricError('TIMEOUT', 'not yet'));
    daemons[0]?.stream.end();
    await settle();
    expect(client.status).toMatchObject({ state: 'waiting' });
    await clock.advance(200 + 400);
    expect(daemons).toHaveLength(1);
    await clock.advance(800);
    await settle();
    expect([daemons.length, calls(1, REGISTER).length, client.status.state]).toEqual([2, 1, 'connected']);
    emit(1, 1, 5, 1);
    await settle();
    expect(seen).toEqual(['started booted', 'gap reconnected', 'stopped destroyed']);
  });

  it('makes a gap before an event that is faster than the answer', async () => {
    const { seen } = listen(client.events('lifecycle'));
    await settle();
    fate.push((daemon) => {
      greetFreely(daemon).answer(REGISTER, (call) =>
        daemon.write(eventMessage(LIFECYCLE, lifecycle(1, 2, 0)), replyTo(call, (writer) => writer.int32(1))),
      );
    });
    daemons[0]?.stream.end();
    await clock.advance(200);
    await settle();
    expect(seen).toEqual(['gap reconnected', 'started booted']);
  });

  it('does not come back when nobody listens', async () => {
    const controller = new AbortController();
    const { ended } = listen(client.events('lifecycle', { signal: controller.signal }));
    await settle();
    controller.abort();
    await ended;
    daemons[0]?.stream.end();
    await clock.advance(600_000);
    expect([daemons.length, client.status.state]).toEqual([1, 'idle']);
  });

  it('is not waited for by a listener that leaves in the pause', async () => {
    const controller = new AbortController();
    const { ended } = listen(client.events('lifecycle', { signal: controller.signal }));
    await settle();
    daemons[0]?.stream.end();
    await settle();
    expect([client.status.state, clock.pendingTimers]).toEqual(['waiting', 1]);
    controller.abort();
    expect(await ended).toBe('done');
    expect([client.status.state, clock.pendingTimers]).toEqual(['idle', 0]);
  });

  it('for a reason that no attempt can mend is thrown, after one attempt', async () => {
    const { seen, ended } = listen(client.events('lifecycle'));
    await settle();
    emit(0, 1, 2, 0);
    fate.push(new FerricError('AUTH_FAILED', 'password changed'), new FerricError('AUTH_FAILED', 'a second attempt'));
    daemons[0]?.stream.end();
    await clock.advance(600_000);
    expect(await ended).toMatchObject({ code: 'AUTH_FAILED', message: 'password changed' });
    expect([seen, fate.length, client.status.state]).toEqual([['started booted'], 1, 'idle']);
  });

  it('while events are being asked for has them asked for again', async () => {
    fate.push((daemon) => void greetFreely(daemon).answer(REGISTER, () => daemon.stream.end()));
    const { seen } = listen(client.events('lifecycle'));
    await settle();
    await clock.advance(200);
    await settle();
    emit(1, 1, 2, 0);
    await settle();
    // No gap: nothing was promised yet.
    expect(seen).toEqual(['started booted']);
  });
});

describe('a registration that the daemon refuses', () => {
  it('for good is thrown, and the connection stays for the others', async () => {
    fate.push((daemon) => void greetFreely(daemon).answer(REGISTER, (call) => daemon.refuse(call, 3, 'this function is not supported')));
    const { ended } = listen(client.events('lifecycle'));
    expect(await ended).toMatchObject({ code: 'UNSUPPORTED', details: { procedure: 'connect_domain_event_callback_register_any' } });
    expect(client.status.state).toBe('connected');
  });

  it('for the moment is tried again', async () => {
    let refusals = 2;
    const logger = createRecordingLogger();
    await client.close();
    client = create({ logger });
    fate.push((daemon) => {
      greetFreely(daemon).answer(REGISTER, (call) => {
        if ((refusals -= 1) >= 0) daemon.refuse(call, 68, 'cannot acquire state change lock');
        else daemon.reply(call, (writer) => writer.int32(1));
      });
    });
    const { seen } = listen(client.events('lifecycle'));
    await clock.advance(2_000);
    await settle();
    emit(0, 1, 2, 0);
    await settle();
    expect([seen, logger.at('warn').length]).toEqual([['started booted'], 2]);
  });
});

describe('the end of the client', () => {
  it('ends all loops', async () => {
    const listeners = [listen(client.events('lifecycle')), listen(client.events('reboot'))];
    await settle();
    await client.close();
    expect(await Promise.all(listeners.map(({ ended }) => ended))).toEqual(['done', 'done']);
    expect(streams[0]?.destroyed).toBe(true);
    expect(await listen(client.events('lifecycle')).ended).toMatchObject({ code: 'ABORTED' });
  });

  it('does not disturb calls that events share the connection with', async () => {
    const { seen } = listen(client.events('lifecycle'));
    await settle();
    daemons[0]?.answer(59, (call) => daemons[0]?.write(eventMessage(LIFECYCLE, lifecycle(1, 2, 0)), replyTo(call, (writer) => writer.string('host'))));
    expect(await client.call(connectionProcedures.getHostname, undefined)).toBe('host');
    await settle();
    expect(seen).toEqual(['started booted']);
    const call = failure(client.call(connectionProcedures.getUri, undefined));
    await client.close();
    expect((await call).code).toBe('ABORTED');
  });
});

describe('a signal', () => {
  it('that is aborted before ends the loop at once, without a connection', async () => {
    expect(await listen(client.events('lifecycle', { signal: AbortSignal.abort() })).ended).toBe('done');
    expect(daemons).toHaveLength(0);
  });

  it('that aborts while connecting ends the attempt', async () => {
    fate.push((daemon) => void greetFreely(daemon).answer(66, () => undefined));
    const controller = new AbortController();
    const { ended } = listen(client.events('lifecycle', { signal: controller.signal }));
    await settle();
    expect(client.status.state).toBe('connecting');
    controller.abort();
    expect(await ended).toBe('done');
    await settle();
    expect([client.status.state, streams[0]?.destroyed, clock.pendingTimers]).toEqual(['idle', true, 0]);
  });
});
