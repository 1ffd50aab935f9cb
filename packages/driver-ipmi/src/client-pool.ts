import type { Clock, Logger, Timer, TranscriptSink } from '@ferric/core';
import { createIpmiClient, createIpmiTransport, type IpmiClient, type IpmiClientSettings, type IpmiTransport } from '@ferric/ipmi-raw-buffer';
import type { BmcAccess } from './ipmi-options.js';
import { guardLogins } from './login-guard.js';
import { createPoolKeys } from './pool-keys.js';
import { createSharedSockets } from './shared-sockets.js';

/** Makes a client; it opens its session when first used. */
export type CreateIpmiClient = (settings: IpmiClientSettings) => IpmiClient;

/** What a client uses besides; devices share one only where this is the same too. */
export interface PoolContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transcript?: TranscriptSink | undefined;
}

/** The use of a BMC by one device. Dispose it when the device is closed. */
export interface Lease extends Disposable {
  readonly client: IpmiClient;
  /** Tells it from other clients; secrets stand in it as keyed hashes. */
  readonly key: string;
}

/** Keeps one client, and so at most one session, for each BMC and user. All share the same sockets, but for further users of one BMC. */
export interface ClientPool extends AsyncDisposable {
  /** Does no I/O. */
  lease(access: BmcAccess, context: PoolContext): Lease;
  /** Clients that are kept. */
  readonly size: number;
}

export interface ClientPoolSettings {
  readonly createClient?: CreateIpmiClient | undefined;
  /** How long a client is kept after its last device was closed, and with it that its credentials were refused. Milliseconds. */
  readonly idleMs: number;
  /** How long a session is kept without a request. Milliseconds. */
  readonly sessionIdleMs: number;
}

interface Entry {
  readonly client: IpmiClient;
  readonly sockets: IpmiTransport;
  readonly clock: Clock;
  readonly logger: Logger;
  leases: number;
  idle: Timer | undefined;
}

export function createClientPool({ createClient = createIpmiClient, idleMs, sessionIdleMs }: ClientPoolSettings): ClientPool {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();
  const keyOf = createPoolKeys();
  let transport: IpmiTransport | undefined;

  const close = (key: string, entry: Entry): void => {
    entry.idle?.[Symbol.dispose]();
    entries.delete(key);
    const closed = closeClient(entry);
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };

  const open = (access: BmcAccess, { clock, logger, transcript }: PoolContext): Entry => {
    const sockets = createSharedSockets((transport ??= createIpmiTransport()));
    const client = createClient({ ...access, transport: sockets, idleMs: sessionIdleMs, clock, ...(transcript === undefined ? {} : { transcript }) });
    return { client: guardLogins(client, clock), sockets, clock, logger, leases: 0, idle: undefined };
  };

  return {
    lease(access, context) {
      const key = keyOf(access, context.transcript);
      const entry = entries.get(key) ?? open(access, context);
      entries.set(key, entry);
      entry.leases += 1;
      entry.idle?.[Symbol.dispose]();
      entry.idle = undefined;
      let held = true;
      return {
        client: entry.client,
        key,
        [Symbol.dispose]() {
          if (!held) return;
          held = false;
          entry.leases -= 1;
          if (entry.leases > 0 || entries.get(key) !== entry) return;
          entry.idle = entry.clock.after(idleMs, () => close(key, entry));
        },
      };
    },
    get size() {
      return entries.size;
    },
    async [Symbol.asyncDispose]() {
      for (const [key, entry] of entries) close(key, entry);
      await Promise.all(closing);
      await transport?.[Symbol.asyncDispose]();
    },
  };
}

/** Never rejects: nobody is left who could do anything about it. */
async function closeClient({ client, sockets, logger }: Entry): Promise<void> {
  try {
    await using _sockets = sockets;
    await client[Symbol.asyncDispose]();
  } catch (error) {
    logger.debug({ address: client.address, error }, 'A session with a BMC did not close in good order');
  }
}
