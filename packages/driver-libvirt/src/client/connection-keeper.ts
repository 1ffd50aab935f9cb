import { abortable, abortReason, type Clock, errorCode, FerricError, type FerricErrorCode, type Logger, throwIfAborted, type Timer, toFerricError } from '@ferric/core';
import type { OwnedRpcConnection } from './rpc/connection.js';
import type { Session, SessionProgress } from './session.js';

export interface ConnectionKeeperSettings {
  readonly address: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly connectTimeoutMs: number;
  /** First and longest pause after a failure. Milliseconds. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** From 0 to below 1: each pause is cut by it to no less than half, so that many clients of one daemon do not come back in the same moment. */
  readonly random: () => number;
  readonly open: (signal: AbortSignal, progress: SessionProgress) => Promise<Session>;
  /** There is a new connection. */
  readonly opened: (connection: OwnedRpcConnection) => void;
  /** No further attempt will mend this. */
  readonly hopeless: (failure: FerricError) => void;
}

/** Keeps at most one connection, and makes another when it is lost and somebody wants it. */
export interface ConnectionKeeper {
  /** The connection, when there is one that lives. */
  readonly current: OwnedRpcConnection | undefined;
  readonly state: 'idle' | 'connecting' | 'connected' | 'waiting' | 'closed';
  /** Connections made so far. */
  readonly connections: number;
  /** Those who wait for a connection. */
  readonly waiting: number;
  /** Why the last attempt failed or the last connection ended; undefined while all is well. */
  readonly lastFailure: FerricError | undefined;
  /**
   * The connection, made if need be. Everybody takes part in one attempt: the one that runs, else the one after the pause, else one at once.
   * `now` ends the pause. Rejects with what that attempt fails with, the abort reason, or ABORTED once it is closed.
   */
  acquire(signal: AbortSignal, now?: boolean): Promise<OwnedRpcConnection>;
  /** Until disposed, or until something proves hopeless, there shall always be a connection: attempts go on by themselves. */
  hold(): Disposable;
  close(): Promise<void>;
}

/** What a pause does not change: somebody has to correct something first, and a password is not tried again until then. */
const HOPELESS: ReadonlySet<FerricErrorCode> = new Set(['AUTH_FAILED', 'TLS_UNTRUSTED', 'UNSUPPORTED', 'INVALID_OPTIONS']);

/** How long the remains of an attempt are waited for before the next. */
const WIND_DOWN_MS = 1_000;

interface Attempt {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

export function createConnectionKeeper(settings: ConnectionKeeperSettings): ConnectionKeeper {
  const { address, clock, logger } = settings;
  const waiters = new Set<PromiseWithResolvers<OwnedRpcConnection>>();
  const holders = new Set<Disposable>();
  let session: Session | undefined;
  let openedAt = 0;
  let attempt: Attempt | undefined;
  let pause: Timer | undefined;
  let failuresInRow = 0;
  let notBefore = 0;
  let lastFailure: FerricError | undefined;
  let connections = 0;
  let closed = false;

  const wanted = (): boolean => waiters.size > 0 || holders.size > 0;

  const addPause = (): void => {
    const fullMs = Math.min(settings.longestMs, settings.firstMs * 2 ** failuresInRow);
    failuresInRow += 1;
    notBefore = clock.monotonicMs() + fullMs * (0.5 + settings.random() / 2);
  };

  const endPause = (): void => {
    pause?.[Symbol.dispose]();
    pause = undefined;
  };

  /** Starts, or plans, the next attempt if somebody wants a connection; ends what nobody wants any more. */
  const proceed = (): void => {
    if (!wanted() || closed) {
      endPause();
      attempt?.controller.abort(nobodyWaits(address));
      return;
    }
    if (session !== undefined || attempt !== undefined || pause !== undefined) return;
    const waitMs = notBefore - clock.monotonicMs();
    if (waitMs <= 0) {
      start();
      return;
    }
    pause = clock.after(waitMs, () => {
      pause = undefined;
      proceed();
    });
  };

  const start = (): void => {
    const controller = new AbortController();
    attempt = { controller, done: run(controller).then(proceed) };
  };

  /** Never rejects. */
  const run = async (controller: AbortController): Promise<void> => {
    const { signal } = controller;
    const progress = { step: 'opening the transport' };
    using _limit = clock.after(settings.connectTimeoutMs, () => controller.abort(connectTimeout(address, settings.connectTimeoutMs, progress.step)));
    const opening = settings.open(signal, progress);
    try {
      take(await abortable(signal, opening));
    } catch (error) {
      if (!signal.aborted || errorCode(error) === 'TIMEOUT') fail(toFerricError(error, `Connecting to ${address} failed`));
      await windDown(opening, clock);
    }
    attempt = undefined;
  };

  const take = (opened: Session): void => {
    session = opened;
    openedAt = clock.monotonicMs();
    connections += 1;
    if (lastFailure === undefined) logger.debug({ address }, 'Connected to the libvirt daemon');
    else logger.info({ address, connections }, 'Connected to the libvirt daemon again');
    lastFailure = undefined;
    const { connection } = opened;
    void connection.ended.then(checkLoss);
    settings.opened(connection);
    settle((waiter) => waiter.resolve(connection));
  };

  const fail = (error: FerricError): void => {
    lastFailure = error;
    const hopeless = HOPELESS.has(error.code);
    // A daemon that is away for hours is worth one warning.
    const level = hopeless || failuresInRow === 0 ? 'warn' : 'debug';
    logger[level]({ address, error }, hopeless ? 'The libvirt daemon cannot be used' : 'No connection to the libvirt daemon');
    if (!hopeless) addPause();
    settle((waiter) => waiter.reject(error));
    if (!hopeless) return;
    // Or the same would be tried again without end.
    holders.clear();
    settings.hopeless(error);
  };

  const settle = (end: (waiter: PromiseWithResolvers<OwnedRpcConnection>) => void): void => {
    const present = [...waiters];
    waiters.clear();
    present.forEach(end);
  };

  /** Takes note when the connection has ended. One that did not live long counts as a failed attempt, or it would be made again without end. */
  const checkLoss = (): void => {
    const failure = session?.connection.failure;
    if (failure === undefined || closed) return;
    session = undefined;
    lastFailure = toFerricError(failure);
    logger.warn({ address, error: failure }, 'The connection to the libvirt daemon ended');
    if (clock.monotonicMs() - openedAt < settings.longestMs) addPause();
    else failuresInRow = 0;
    proceed();
  };

  const current = (): OwnedRpcConnection | undefined => {
    const connection = session?.connection;
    return closed || connection?.failure !== undefined ? undefined : connection;
  };

  return {
    get current() {
      return current();
    },
    get state() {
      if (closed) return 'closed';
      if (current() !== undefined) return 'connected';
      if (attempt !== undefined) return 'connecting';
      return pause === undefined ? 'idle' : 'waiting';
    },
    get connections() {
      return connections;
    },
    get waiting() {
      return waiters.size;
    },
    get lastFailure() {
      return lastFailure;
    },
    async acquire(signal, now = false) {
      throwIfAborted(signal);
      if (closed) throw clientClosed(address);
      checkLoss();
      if (session !== undefined) return session.connection;
      const waiter = Promise.withResolvers<OwnedRpcConnection>();
      const leave = (): void => {
        if (!waiters.delete(waiter)) return;
        waiter.reject(abortReason(signal));
        proceed();
      };
      waiters.add(waiter);
      signal.addEventListener('abort', leave, { once: true });
      if (now) {
        notBefore = 0;
        endPause();
      }
      proceed();
      try {
        return await waiter.promise;
      } finally {
        signal.removeEventListener('abort', leave);
      }
    },
    hold() {
      const holder: Disposable = {
        [Symbol.dispose]() {
          if (holders.delete(holder)) proceed();
        },
      };
      holders.add(holder);
      proceed();
      return holder;
    },
    async close() {
      if (!closed) {
        closed = true;
        settle((waiter) => waiter.reject(clientClosed(address)));
        proceed();
      }
      await Promise.all([attempt?.done, session?.close()]);
    },
  };
}

/** Waits for an attempt that was given up, so that nothing of it is left behind; one that comes to nothing late is not waited for. */
async function windDown(opening: Promise<Session>, clock: Clock): Promise<void> {
  const limit = Promise.withResolvers<void>();
  using _timer = clock.after(WIND_DOWN_MS, limit.resolve);
  const ended = opening.then((late) => late.close(), () => undefined);
  await Promise.race([ended, limit.promise]);
}

function connectTimeout(address: string, connectTimeoutMs: number, step: string): FerricError {
  return new FerricError('TIMEOUT', `Connecting to ${address} did not finish within ${connectTimeoutMs} ms; it was ${step}`, {
    details: { address, timeoutMs: connectTimeoutMs, step },
    hint: 'Check that a libvirt daemon listens there and is not overloaded, and that nothing on the way swallows packets.',
  });
}

export function clientClosed(address: string): FerricError {
  return new FerricError('ABORTED', `The client of ${address} is closed`, { details: { address }, hint: 'Create another client.' });
}

function nobodyWaits(address: string): FerricError {
  return new FerricError('ABORTED', `Nobody waits for the connection to ${address} any more`, { details: { address } });
}
