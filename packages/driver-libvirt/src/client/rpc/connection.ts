import { type Clock, FerricError, type Logger, silentLogger, systemClock, type TranscriptSink } from '@ferric/core';
import type { Duplex } from 'node:stream';
import type { SecurityLayer } from '../sasl/mechanism.js';
import type { OpenedTransport } from '../transport/transport.js';
import { type Message, MESSAGE_TYPES, MESSAGE_STATUSES } from '../wire/message.js';
import { type Procedure, PROGRAMS } from '../wire/procedure.js';
import { AbandonedWatch } from './abandoned.js';
import { createCalls, type RpcCallOptions } from './calls.js';
import { connectionClosed, connectionLost, decodingFault, protocolFault } from './connection-errors.js';
import { readErrorReply } from './error-reply.js';
import { createEventListeners } from './event-listeners.js';
import { createFrames, frameLabel } from './frames.js';
import { createHalfMessageWatch } from './half-message.js';
import { createInbox } from './inbox.js';
import { createKeepAlive, KEEPALIVE_PROCEDURES, type KeepAlive } from './keepalive.js';
import { createOutbox } from './outbox.js';
import { encodePacket } from './packet.js';
import type { RpcConnection } from './rpc-connection.js';

export type { RpcCallOptions } from './calls.js';

export interface RpcConnectionSettings {
  /** In the details of every error. Default: the peer of the transport. */
  readonly address?: string;
  /** Time for a call that names none. Milliseconds, default 30000. */
  readonly callTimeoutMs?: number;
  /** Calls sent and not answered at one time. Default 32. */
  readonly concurrency?: number;
  /** Calls that may wait. Default 1024. */
  readonly queueLimit?: number;
  /** As in {@link LibvirtClientSettings}; pings begin with {@link OwnedRpcConnection.maintain}. */
  readonly keepAlive?: KeepAliveTimes | false;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly transcript?: TranscriptSink;
  /** Serial of the first call. Default 0. */
  readonly firstSerial?: number;
}

export interface KeepAliveTimes {
  readonly intervalMs: number;
  readonly count: number;
}

/** A connection as those see it who have made it. */
export interface OwnedRpcConnection extends RpcConnection {
  call<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments, options?: RpcCallOptions<Reply>): Promise<Reply>;
  /** Calls sent and not answered. */
  readonly active: number;
  readonly queued: number;
  /** Everything from here on, both ways, goes through the layer. Inside `onReply`: also what has arrived behind the reply. */
  secure(layer: SecurityLayer): void;
  /**
   * Watches over the connection: pings it when it is silent, provided that the daemon knows pings, and asks with `probe`, which takes at most
   * so many milliseconds, whether calls are answered at all when some are overdue.
   */
  maintain(watch: { readonly pings: boolean; readonly probe: (timeoutMs: number) => Promise<unknown> }): void;
  /** Rejects all calls and streams, keeping the connection for a last word. */
  abandonAll(reason: FerricError): void;
}

export const DEFAULT_CALL_TIMEOUT_MS = 30_000;
export const DEFAULT_CONCURRENCY = 32;
export const DEFAULT_QUEUE_LIMIT = 1024;

/** As libvirt does it. Source: libvirt 9.0.0, src/remote/libvirtd.conf.in, keepalive_interval and keepalive_count. */
export const DEFAULT_KEEP_ALIVE: KeepAliveTimes = { intervalMs: 5_000, count: 5 };

/** Overdue answers that are put up with on one connection. */
const LATE_LIMIT = 32;

/** How long closing waits for the transport to say that it is closed. */
const CLOSE_WAIT_MS = 1_000;

const NOTHING = new Uint8Array();

/** Speaks RPC on an open transport, which it owns from here on. Authentication and opening are up to the caller: see `session.ts`. */
export function createRpcConnection(transport: OpenedTransport, settings: RpcConnectionSettings = {}): OwnedRpcConnection {
  const { stream, peer } = transport;
  const { address = peer, clock = systemClock, logger = silentLogger } = settings;
  const times = settings.keepAlive ?? DEFAULT_KEEP_ALIVE;
  const { intervalMs, count } = times === false ? DEFAULT_KEEP_ALIVE : times;
  const windowMs = intervalMs * count;
  const listeners = createEventListeners(logger);
  const frames = createFrames(settings.transcript, peer, clock);
  const ended = Promise.withResolvers<Error>();
  let failure: FerricError | undefined;
  let keepAlive: KeepAlive | undefined;
  let probe: ((timeoutMs: number) => Promise<unknown>) | undefined;
  let pongDue = false;

  const outbox = createOutbox(stream, () => calls.proceed(), transport.oneMessagePerWrite === true);
  const inbox = createInbox(stream, {
    heard() {
      keepAlive?.heard();
      halfMessage.heard();
    },
    message: (message) => receive(message),
    fault: (error) => end(decodingFault(error, { address })),
  });
  const halfMessage = createHalfMessageWatch({
    clock,
    pending: () => inbox.pending,
    listening: () => !inbox.held,
    stuck: (silentMs) => end(protocolFault(address, `a message stopped in the middle; its rest did not come within ${Math.round(silentMs)} ms`)),
  });
  const abandoned = new AbandonedWatch({
    clock,
    windowMs,
    limit: LATE_LIMIT,
    probe: async () => probe?.(windowMs),
    giveUp: (reason) => end(connectionLost(address, reason)),
  });
  const calls = createCalls({
    address,
    clock,
    callTimeoutMs: settings.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS,
    concurrency: settings.concurrency ?? DEFAULT_CONCURRENCY,
    queueLimit: settings.queueLimit ?? DEFAULT_QUEUE_LIMIT,
    firstSerial: settings.firstSerial ?? 0,
    outbox,
    inbox,
    abandoned,
    frames,
    readError: readErrorReply,
  });

  const end = (reason: FerricError): void => {
    if (failure !== undefined) return;
    failure = reason;
    inbox.close();
    outbox.close();
    keepAlive?.[Symbol.dispose]();
    halfMessage[Symbol.dispose]();
    abandoned[Symbol.dispose]();
    listeners.clear();
    calls.lose(reason);
    stream.destroy();
    ended.resolve(reason);
  };

  const sendKeepAlive = (procedure: number): void => {
    const header = { program: PROGRAMS.keepalive, procedure, type: MESSAGE_TYPES.event, serial: 0, status: MESSAGE_STATUSES.ok };
    const message = encodePacket(header, NOTHING);
    frames?.record('out', KEEPALIVE_LABELS[procedure] ?? 'keepalive', message);
    outbox.send(message);
  };

  /** One pong answers all pings that came while it could not be sent. */
  const sendPong = (): void => {
    if (pongDue) return;
    if (outbox.ready) {
      sendKeepAlive(KEEPALIVE_PROCEDURES.pong);
      return;
    }
    pongDue = true;
    outbox.whenReady(() => {
      pongDue = false;
      sendKeepAlive(KEEPALIVE_PROCEDURES.pong);
    });
  };

  const receiveEvent = (message: Message): void => {
    if (message.program === PROGRAMS.remote) listeners.deliver(message.procedure, message.payload);
    else if (message.program === PROGRAMS.keepalive && message.procedure === KEEPALIVE_PROCEDURES.ping) sendPong();
  };

  const receivers: Readonly<Record<number, (message: Message) => void>> = {
    [MESSAGE_TYPES.reply]: calls.receiveReply,
    [MESSAGE_TYPES.event]: receiveEvent,
    [MESSAGE_TYPES.stream]: calls.receivePacket,
    [MESSAGE_TYPES.streamHole]: calls.receivePacket,
  };

  const receive = (message: Message): void => {
    if (frames !== undefined) {
      const known = message.type === MESSAGE_TYPES.event ? undefined : calls.procedureOf(message.serial);
      const hidden = known?.secret === true || (message.type === MESSAGE_TYPES.stream && message.payload.length > 0);
      const label = frameLabel(known?.name ?? nameOf(message), message, message.payload.length);
      frames.record('in', label, hidden ? undefined : encodePacket(message, message.payload));
    }
    const receiver = receivers[message.type];
    if (receiver === undefined) throw protocolFault(address, `a message of type ${message.type} came`, { procedure: message.procedure });
    receiver(message);
  };

  const nameOf = ({ program, procedure, type }: Message): string => {
    if (program === PROGRAMS.keepalive) return KEEPALIVE_LABELS[procedure] ?? `keepalive ${procedure}`;
    return (type === MESSAGE_TYPES.event ? listeners.nameOf(procedure) : undefined) ?? `procedure ${procedure}`;
  };

  stream.on('error', (error: Error) => end(FerricError.is(error) ? decodingFault(error, { address }) : connectionLost(address, error.message, error)));
  stream.on('end', () => end(connectionLost(address, inbox.pending ? 'the daemon closed it in the middle of a message' : 'the daemon closed it')));
  stream.on('close', () => end(connectionLost(address, 'it was closed')));
  if (stream.destroyed) end(connectionLost(address, 'it was closed before it was used', stream.errored ?? undefined));

  return {
    peer,
    get failure() {
      return failure;
    },
    ended: ended.promise,
    get active() {
      return calls.active;
    },
    get queued() {
      return calls.queued;
    },
    call: (procedure, args, options) => calls.call(procedure, args, options),
    openStream: (procedure, args, options) => calls.openStream(procedure, args, options),
    onEvent: (event, callback) => listeners.add(event, callback),
    secure(layer) {
      outbox.secure(layer);
      inbox.secure(layer);
    },
    maintain(watch) {
      probe = watch.probe;
      if (!watch.pings || times === false || failure !== undefined) return;
      keepAlive = createKeepAlive({
        clock,
        intervalMs,
        count,
        listening: () => !inbox.held,
        ping: () => {
          if (outbox.ready) sendKeepAlive(KEEPALIVE_PROCEDURES.ping);
        },
        dead: (silentMs) => end(connectionLost(address, `no sign of life for ${Math.round(silentMs)} ms, ${count} pings were not answered`)),
      });
    },
    abandonAll: (reason) => calls.abandonAll(reason),
    async [Symbol.asyncDispose]() {
      end(connectionClosed(address));
      await closed(stream, clock);
    },
  };
}

const KEEPALIVE_LABELS: Readonly<Record<number, string>> = {
  [KEEPALIVE_PROCEDURES.ping]: 'keepalive ping',
  [KEEPALIVE_PROCEDURES.pong]: 'keepalive pong',
};

/** Waits for the stream to say that it is closed, so that no handle is left when disposing is done. */
async function closed(stream: Duplex, clock: Clock): Promise<void> {
  if (stream.closed) return;
  const done = Promise.withResolvers<void>();
  stream.once('close', done.resolve);
  using _limit = clock.after(CLOSE_WAIT_MS, done.resolve);
  await done.promise;
}
