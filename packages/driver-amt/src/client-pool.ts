import { errorCode, type Clock, type Gate, type GateSettings, type Logger, type Secret, type Timer, type TranscriptSink } from '@ferric/core';
import { composeAmtClient, type AmtClient } from './client/amt-client.js';
import type { PowerPacing } from './client/power/index.js';
import { createWsman, type Wsman, type WsmanSettings } from './client/wsman/index.js';
import { createPoolKeys } from './pool-keys.js';
import { throughGate } from './through-gate.js';

/** How one device is reached. */
export interface AmtAccess extends Pick<WsmanSettings, 'host' | 'port' | 'protocol' | 'username' | 'tls' | 'awakeIntervalMs'> {
  readonly password: Secret;
}

/** Speaks to a device; connects when first used. */
export type CreateWsman = (settings: WsmanSettings) => Wsman;

/** What a client uses besides; devices share one only where this is the same too. */
export interface PoolContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transcript?: TranscriptSink | undefined;
  readonly gate: (settings: GateSettings) => Gate;
}

/** The use of a client by one device. Dispose it when the device is closed. */
export interface Lease extends Disposable {
  /** The client as it is now: one whose credentials were refused is replaced after a while. */
  client(): AmtClient;
  /** Tells that a call failed, so that refused credentials are not tried again at once. */
  failed(error: unknown): void;
}

/** Keeps one client, and so at most one connection, for each management engine and user. */
export interface ClientPool extends AsyncDisposable {
  /** Does no I/O. */
  lease(access: AmtAccess, context: PoolContext): Lease;
  /** Clients that are kept. */
  readonly size: number;
}

export interface ClientPoolSettings {
  readonly createWsman?: CreateWsman | undefined;
  /** How long a client is kept after its last device was closed. Milliseconds. Its connection ends sooner. */
  readonly idleMs: number;
  readonly powerPacing?: Partial<PowerPacing> | undefined;
}

/**
 * How long credentials that were refused are not tried again. Milliseconds: AMT locks a user for a while after some failures, and a person who
 * corrects the password at the device does not want to wait for longer.
 */
export const HOLD_OFF_MS = 60_000;

/** The management engine takes one request after the other; more than a few that wait are a sign that it does not keep up. */
const AMT_GATE: GateSettings = { concurrency: 1, queueLimit: 64 };

interface Entry {
  client: AmtClient;
  /** When the credentials were refused, on the monotonic clock. */
  refusedAt: number | undefined;
  readonly open: () => AmtClient;
  readonly clock: Clock;
  readonly logger: Logger;
  leases: number;
  idle: Timer | undefined;
}

export function createClientPool({ createWsman: create = createWsman, idleMs, powerPacing }: ClientPoolSettings): ClientPool {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();
  const keyOf = createPoolKeys();

  const close = (client: AmtClient, logger: Logger): void => {
    const closed = closeClient(client, logger);
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };

  const forget = (key: string, entry: Entry): void => {
    entry.idle?.[Symbol.dispose]();
    entries.delete(key);
    close(entry.client, entry.logger);
  };

  const open = (access: AmtAccess, { clock, logger, transcript, gate }: PoolContext): Entry => {
    const make = (): AmtClient => {
      const wsman = create({ ...access, clock, ...(transcript === undefined ? {} : { transcript }) });
      return composeAmtClient(throughGate(wsman, () => gate(AMT_GATE)), { clock, powerPacing });
    };
    return { client: make(), refusedAt: undefined, open: make, clock, logger, leases: 0, idle: undefined };
  };

  /** A client that has forgotten that its credentials were refused. */
  const renewed = (entry: Entry): AmtClient => {
    if (entry.refusedAt !== undefined && entry.clock.monotonicMs() >= entry.refusedAt + HOLD_OFF_MS) {
      close(entry.client, entry.logger);
      entry.client = entry.open();
      entry.refusedAt = undefined;
    }
    return entry.client;
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
        client: () => renewed(entry),
        failed(error) {
          if (errorCode(error) === 'AUTH_FAILED') entry.refusedAt ??= entry.clock.monotonicMs();
        },
        [Symbol.dispose]() {
          if (!held) return;
          held = false;
          entry.leases -= 1;
          if (entry.leases > 0 || entries.get(key) !== entry) return;
          entry.idle = entry.clock.after(idleMs, () => forget(key, entry));
        },
      };
    },
    get size() {
      return entries.size;
    },
    async [Symbol.asyncDispose]() {
      for (const [key, entry] of entries) forget(key, entry);
      await Promise.all(closing);
    },
  };
}

/** Never rejects: nobody is left who could do anything about it. */
async function closeClient(client: AmtClient, logger: Logger): Promise<void> {
  try {
    await client[Symbol.asyncDispose]();
  } catch (error) {
    logger.debug({ error }, 'A connection to a management engine did not close in good order');
  }
}
