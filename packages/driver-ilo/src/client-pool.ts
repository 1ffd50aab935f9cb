import { FerricError, type Clock, type Gate, type GateSettings, type Logger, type Secret, type Timer, type TranscriptSink } from '@ferric/core';
import type { LegacyConnection, TlsSettings } from '@ferric/core/tls';
import type { IloClient, IloClientSettings, IloPauses } from './client/index.js';
import { createPoolKeys } from './pool-keys.js';

/** How one controller is reached. */
export interface IloAccess {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
  /** For one exchange. Milliseconds. */
  readonly timeoutMs: number;
  readonly tls: TlsSettings;
}

/** Speaks to a controller; connects when first used. */
export type CreateClient = (settings: IloClientSettings) => IloClient;

/** What a client uses besides; devices share one only where the transcript is the same too. */
export interface PoolContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transcript?: TranscriptSink | undefined;
  readonly gate: (settings: GateSettings) => Gate;
}

/** The use of a client by one device. Dispose it when the device is closed. */
export interface Lease extends Disposable {
  /**
   * The client as it is now: one whose credentials were refused is replaced after a while.
   * @throws AUTH_FAILED until then, as it was when they were refused.
   */
  client(): IloClient;
  /** The client, credentials that were refused or not: for work that knows others. */
  readonly present: IloClient;
  /** Why the credentials were refused, when that was a moment ago. */
  readonly refusal: FerricError | undefined;
  /** Tells that a call failed, so that refused credentials are not tried again at once. */
  failed(error: unknown): void;
  /** Tries another password with a client of its own, which ends with the work. */
  withPassword<T>(password: Secret, work: (client: IloClient) => Promise<T>): Promise<T>;
  /** All devices that share this client go on with another password, which the controller has now. */
  passwordChanged(password: Secret): void;
  /** How clients that are opened from now on trust the controller. */
  readonly tls: TlsSettings;
  /** The same for another trust, after the controller got another certificate. */
  trustChanged(tls: TlsSettings): void;
}

/** Keeps one client, and so at most one session, for each controller and user. */
export interface ClientPool extends AsyncDisposable {
  /**
   * Does no I/O.
   * @param openedAt {@link ClientPool.accessChanges} when the device was opened: what was changed since then it does not know. Default: it knows all.
   */
  lease(access: IloAccess, context: PoolContext, openedAt?: number): Lease;
  /** How many passwords and certificates were changed by devices. */
  readonly accessChanges: number;
  /** Clients that are kept for devices to come. */
  readonly size: number;
}

export interface ClientPoolSettings {
  readonly createClient: CreateClient;
  /** How long a client is kept after its last device was closed. Milliseconds. */
  readonly idleMs: number;
  readonly pauses?: Partial<IloPauses> | undefined;
}

/** How long credentials that were refused are not tried again. Milliseconds: an iLO answers ever slower after failed logins. */
export const HOLD_OFF_MS = 20_000;

/** An iLO takes one request after the other; more than a few that wait are a sign that it does not keep up. */
const ILO_GATE: GateSettings = { concurrency: 1, queueLimit: 64 };

interface Entry {
  key: string;
  client: IloClient;
  /** The refusal of the credentials, and when it was, on the monotonic clock. */
  refused: { readonly error: FerricError; readonly atMs: number } | undefined;
  /** As it is now. */
  access: IloAccess;
  readonly open: (access: IloAccess) => IloClient;
  readonly keyFor: (access: IloAccess) => string;
  readonly clock: Clock;
  readonly logger: Logger;
  leases: number;
  idle: Timer | undefined;
}

export function createClientPool({ createClient, idleMs, pauses }: ClientPoolSettings): ClientPool {
  const entries = new Map<string, Entry>();
  /** Entries by the access that they had, while some device uses them: others that were opened with it before the change go on with the new one. */
  const former = new Map<string, { readonly entry: Entry; readonly change: number }>();
  let accessChanges = 0;
  /** Every entry that is not closed, also one that new devices do not find. */
  const all = new Set<Entry>();
  const closing = new Set<Promise<void>>();
  const keyOf = createPoolKeys();

  const close = (client: IloClient, logger: Logger): void => {
    const closed = closeClient(client, logger);
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };

  const forgetFormer = (entry: Entry): void => {
    for (const [key, each] of former) if (each.entry === entry) former.delete(key);
  };

  const forget = (entry: Entry): void => {
    entry.idle?.[Symbol.dispose]();
    if (entries.get(entry.key) === entry) entries.delete(entry.key);
    forgetFormer(entry);
    if (all.delete(entry)) close(entry.client, entry.logger);
  };

  const open = (key: string, access: IloAccess, { clock, logger, transcript, gate }: PoolContext): Entry => {
    const make = (present: IloAccess): IloClient =>
      createClient({
        ...present, clock, gate: gate(ILO_GATE),
        ...(pauses === undefined ? {} : { pauses }),
        ...(transcript === undefined ? {} : { transcript }),
        onLegacyTls: (connection) => warnOfLegacyTls(logger, connection),
      });
    const entry: Entry = {
      key, open: make, keyFor: (present) => keyOf(present, transcript), client: make(access), access, refused: undefined, clock, logger, leases: 0, idle: undefined,
    };
    entries.set(key, entry);
    all.add(entry);
    return entry;
  };

  const renew = (entry: Entry): void => {
    close(entry.client, entry.logger);
    entry.client = entry.open(entry.access);
    entry.refused = undefined;
  };

  const changeAccess = (entry: Entry, changes: Partial<Pick<IloAccess, 'password' | 'tls'>>): void => {
    if (entries.get(entry.key) === entry) entries.delete(entry.key);
    accessChanges += 1;
    former.set(entry.key, { entry, change: accessChanges });
    entry.access = { ...entry.access, ...changes };
    entry.key = entry.keyFor(entry.access);
    if (!entries.has(entry.key)) entries.set(entry.key, entry);
  };

  return {
    get accessChanges() {
      return accessChanges;
    },
    lease(access, context, openedAt = accessChanges) {
      const key = keyOf(access, context.transcript);
      const renamed = former.get(key);
      const entry = (renamed !== undefined && openedAt < renamed.change ? renamed.entry : entries.get(key)) ?? open(key, access, context);
      entry.leases += 1;
      entry.idle?.[Symbol.dispose]();
      entry.idle = undefined;
      let held = true;
      return {
        client() {
          const refusal = recentRefusal(entry);
          if (refusal !== undefined) throw notAgain(refusal);
          if (entry.refused !== undefined) renew(entry);
          return entry.client;
        },
        get present() {
          return entry.client;
        },
        get refusal() {
          return recentRefusal(entry);
        },
        failed(error) {
          if (FerricError.is(error) && error.code === 'AUTH_FAILED') entry.refused ??= { error, atMs: entry.clock.monotonicMs() };
        },
        async withPassword(password, work) {
          await using client = entry.open({ ...entry.access, password });
          return await work(client);
        },
        passwordChanged(password) {
          changeAccess(entry, { password });
          // The client that made the change goes on by itself; one that was refused knows nothing of it.
          if (entry.refused !== undefined) renew(entry);
        },
        get tls() {
          return entry.access.tls;
        },
        trustChanged(tls) {
          changeAccess(entry, { tls });
        },
        [Symbol.dispose]() {
          if (!held) return;
          held = false;
          entry.leases -= 1;
          if (entry.leases > 0 || !all.has(entry)) return;
          forgetFormer(entry);
          if (entries.get(entry.key) !== entry) forget(entry);
          else entry.idle = entry.clock.after(idleMs, () => forget(entry));
        },
      };
    },
    get size() {
      return entries.size;
    },
    async [Symbol.asyncDispose]() {
      for (const entry of all) forget(entry);
      await Promise.all(closing);
    },
  };
}

function recentRefusal({ refused, clock }: Entry): FerricError | undefined {
  return refused !== undefined && clock.monotonicMs() < refused.atMs + HOLD_OFF_MS ? refused.error : undefined;
}

function notAgain(refusal: FerricError): FerricError {
  return new FerricError(refusal.code, `${refusal.message} (a moment ago, and not tried again yet)`, {
    cause: refusal,
    retryable: false,
    details: refusal.details,
    ...(refusal.hint === undefined ? {} : { hint: refusal.hint }),
  });
}

function warnOfLegacyTls(logger: Logger, { peer, protocol, cipher }: LegacyConnection): void {
  logger.warn({ address: `${peer.host}:${peer.port}`, protocol, cipher }, 'An iLO is spoken to over old TLS, which others on the network may be able to break');
}

/** Never rejects: nobody is left who could do anything about it. */
async function closeClient(client: IloClient, logger: Logger): Promise<void> {
  try {
    await client[Symbol.asyncDispose]();
  } catch (error) {
    logger.debug({ error }, 'The session of an iLO did not close in good order');
  }
}
