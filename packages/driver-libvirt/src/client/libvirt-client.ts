import { abortable, type CallOptions, type Clock, errorCode, type Logger, silentLogger, systemClock, type TranscriptSink, withDeadline } from '@ferric/core';
import { checkSettings } from './client-settings.js';
import { createConnectionKeeper } from './connection-keeper.js';
import { createDomains, type Domains } from './domains.js';
import { createEventHub } from './event-hub.js';
import type { EventGap, EventOptions, LibvirtEvent, LibvirtEventKind } from './events.js';
import { createHost, type Host } from './host.js';
import { createNetworks, type Networks } from './networks.js';
import type { OwnedRpcConnection } from './rpc/connection.js';
import type { RpcStream } from './rpc/rpc-connection.js';
import type { SaslCredentials } from './sasl/mechanism.js';
import { openSession, type Session, type SessionProgress } from './session.js';
import { createStorage, type Storage } from './storage.js';
import { openTransport } from './transport/index.js';
import type { OpenTransport, SshSettings } from './transport/transport.js';
import { type LibvirtUri, type LibvirtUserContext, parseLibvirtUri } from './uri.js';
import type { Procedure } from './wire/procedure.js';

export type { EventOptions } from './events.js';

export interface LibvirtClientSettings {
  /** Default `qemu+unix:///system`. */
  readonly uri?: string;
  /** For daemons that ask for SASL. */
  readonly credentials?: SaslCredentials;
  readonly ssh?: SshSettings;
  /** Whose sockets, keys and certificates are looked for. Default: those of the user of this process. */
  readonly user?: LibvirtUserContext;
  /** Longest time for connecting, authentication included. Milliseconds, default 10000. */
  readonly connectTimeoutMs?: number;
  /** Longest time for a call whose caller names none, connecting included. Milliseconds, default 30000. */
  readonly callTimeoutMs?: number;
  /** Calls sent and not answered at one time; more wait. Default 32. */
  readonly concurrency?: number;
  /** Calls that may wait. One more is refused as BUSY. Default 1024. */
  readonly queueLimit?: number;
  /** A ping after so much silence; the connection counts as dead after `count` pings without a sign of life. Default 5000 ms and 5, as libvirt; false: none. */
  readonly keepAlive?: { readonly intervalMs: number; readonly count: number } | false;
  /** Pause after a connection that failed, doubling up to the longest. Milliseconds, default 200 and 10000. */
  readonly reconnect?: { readonly firstMs: number; readonly longestMs: number };
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly transcript?: TranscriptSink;
}

export interface LibvirtClientStatus {
  /** `idle`: not connected, nobody asked. `waiting`: pausing before the next attempt. */
  readonly state: 'idle' | 'connecting' | 'connected' | 'waiting' | 'closed';
  /** Connections made so far. */
  readonly connections: number;
  /** Calls sent and not answered. */
  readonly active: number;
  /** Calls that wait for their turn. */
  readonly queued: number;
  /** Why the last connection failed or ended; null while all is well. */
  readonly lastFailure: string | null;
}

/**
 * A libvirt daemon: connects when first used, keeps one connection, and comes back by itself when it is lost. A call that is under way
 * then fails as UNREACHABLE; the next one connects again. While the daemon cannot be reached there are pauses between the attempts: a call
 * takes part in one attempt, the next one, and fails with its reason, or with the reason of the last one when its own time is over before.
 * AUTH_FAILED, TLS_UNTRUSTED, UNSUPPORTED and INVALID_OPTIONS are no reason for a pause, and never for an attempt that nobody asked for.
 */
export interface LibvirtClient extends AsyncDisposable {
  readonly uri: LibvirtUri;
  readonly domains: Domains;
  readonly networks: Networks;
  readonly storage: Storage;
  readonly host: Host;
  readonly status: LibvirtClientStatus;
  /** Connects now, whatever pause there is. @throws UNREACHABLE, TIMEOUT, AUTH_FAILED, TLS_UNTRUSTED, UNSUPPORTED, PROTOCOL_FAULT. */
  connect(options?: CallOptions): Promise<void>;
  /** Any procedure of the tables. @throws what {@link LibvirtClient.connect} throws, and what the daemon answers: see `libvirt-error.ts`. */
  call<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments, options?: CallOptions): Promise<Reply>;
  openStream<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments, options?: CallOptions): Promise<RpcStream<Reply>>;
  /**
   * Events of one kind, until the signal aborts (it then ends; it does not throw) or the client closes. Connects, and stays connected while
   * somebody listens. @throws what a connection that no attempt can mend fails with: AUTH_FAILED, TLS_UNTRUSTED, UNSUPPORTED.
   */
  events<Kind extends LibvirtEventKind>(kind: Kind, options?: EventOptions): AsyncIterable<Extract<LibvirtEvent, { kind: Kind }> | EventGap>;
  /** Closes in good order, within three seconds; calls under way fail as ABORTED at once, loops over events end. Idempotent. */
  close(): Promise<void>;
}

/** What tests put in the place of the world. */
export interface LibvirtClientParts {
  readonly openTransport?: OpenTransport;
  /** From 0 to below 1, for the pauses between attempts. */
  readonly random?: () => number;
}

/**
 * Makes a client. Nothing is sent before it is used.
 * @throws INVALID_OPTIONS for a URI or settings that cannot be used.
 */
export function createLibvirtClient(settings: LibvirtClientSettings = {}, parts: LibvirtClientParts = {}): LibvirtClient {
  const uri = parseLibvirtUri(settings.uri ?? DEFAULT_URI, settings.user);
  const checked = checkSettings(settings);
  const { clock = systemClock, logger = silentLogger, ssh = {}, user } = settings;
  const home = user?.homeDirectory === undefined ? {} : { homeDirectory: user.homeDirectory };
  const { address } = uri;
  const open = parts.openTransport ?? openTransport;
  const sessionSettings = {
    ...checked,
    clock,
    logger,
    ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }),
    ...(settings.transcript === undefined ? {} : { transcript: settings.transcript }),
  };

  const keeper = createConnectionKeeper({
    address,
    clock,
    logger,
    connectTimeoutMs: checked.connectTimeoutMs,
    ...checked.reconnect,
    random: parts.random ?? Math.random,
    async open(signal: AbortSignal, progress: SessionProgress): Promise<Session> {
      const opening = open(uri, { signal, logger, clock, ssh, ...home });
      // A transport that comes too late belongs to nobody.
      opening.then((late) => signal.aborted && late.stream.destroy(), () => undefined);
      const transport = await abortable(signal, opening);
      return openSession(transport, uri, sessionSettings, signal, progress);
    },
    opened: (connection) => hub.attach(connection),
    hopeless: (failure) => hub.fail(failure),
  });
  const hub = createEventHub({ address, clock, logger, keeper });

  /** Connects first, within the time of the call. */
  const connected = async <Result>(
    what: string,
    options: CallOptions | undefined,
    work: (connection: OwnedRpcConnection, options: CallOptions) => Promise<Result>,
    now = false,
  ): Promise<Result> => {
    const details = { address, procedure: what };
    try {
      return await withDeadline(options, { what: `${what} at ${address}`, defaultTimeoutMs: checked.callTimeoutMs, details, clock }, async (deadline) => {
        const connection = await keeper.acquire(deadline.signal, now);
        return work(connection, { signal: deadline.signal, timeoutMs: Math.max(1, deadline.remainingMs()) });
      });
    } catch (error) {
      // That there was a pause says less than why there was one.
      const pausing = keeper.state === 'idle' || keeper.state === 'waiting';
      throw errorCode(error) === 'TIMEOUT' && pausing && options?.signal?.aborted !== true ? (keeper.lastFailure ?? error) : error;
    }
  };

  const call: LibvirtClient['call'] = (procedure, args, options) =>
    keeper.current?.call(procedure, args, options) ?? connected(procedure.name, options, (connection, left) => connection.call(procedure, args, left));

  const openStream: LibvirtClient['openStream'] = (procedure, args, options) =>
    keeper.current?.openStream(procedure, args, options) ??
    connected(procedure.name, options, (connection, left) => connection.openStream(procedure, args, left));
  const caller = { call, openStream };

  const close = async (): Promise<void> => {
    hub.close();
    await keeper.close();
  };

  return {
    uri,
    domains: createDomains(caller),
    networks: createNetworks(caller),
    storage: createStorage(caller),
    host: createHost(caller),
    get status() {
      const { current, state, connections, waiting, lastFailure } = keeper;
      return {
        state,
        connections,
        active: current?.active ?? 0,
        queued: (current?.queued ?? 0) + waiting,
        lastFailure: lastFailure?.message ?? null,
      };
    },
    connect: (options) => connected('connect', options, async () => undefined, true),
    call,
    openStream,
    events: <Kind extends LibvirtEventKind>(kind: Kind, options: EventOptions = {}) =>
      hub.events(kind, options) as AsyncIterable<Extract<LibvirtEvent, { kind: Kind }> | EventGap>,
    close,
    [Symbol.asyncDispose]: close,
  };
}

const DEFAULT_URI = 'qemu+unix:///system';
