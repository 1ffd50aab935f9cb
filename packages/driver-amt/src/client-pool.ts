import { type Clock, type Gate, type GateSettings, type Logger, type Secret, type Timer, type TranscriptSink } from '@ferric/core';
import { composeAmtClient, type AmtClient } from './client/amt-client.js';
import type { PowerPacing } from './client/power/index.js';
import { createWsman, type Wsman, type WsmanSettings } from './client/wsman/index.js';
import { createPoolKeys } from './pool-keys.js';
import { createRenewingWsman, HOLD_OFF, type RenewingWsman } from './renewing-wsman.js';
import { throughGate } from './through-gate.js';

/** How one device is reached. */
export interface AmtAccess extends Pick<WsmanSettings, 'host' | 'port' | 'protocol' | 'username' | 'tls' | 'awakeIntervalMs'> {
  readonly password: Secret;
}

/** Speaks to a device; connects when first used. */
export type CreateWsman = (settings: WsmanSettings) => Wsman;

/**
 * What a client uses besides. Devices share one only where the transcript is the same too; clock, logger and gate are those of the first of them, so
 * they have to be good for all: a gate is the one of the address, whoever asks for it.
 */
export interface PoolContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transcript?: TranscriptSink | undefined;
  readonly gate: (settings: GateSettings) => Gate;
}

/** The use of a client by one device. Dispose it when the device is closed. */
export interface Lease extends Disposable {
  /** The same one for as long as it is kept: it logs in anew a while after its credentials were refused. */
  client(): AmtClient;
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

/** How long a client is kept, after its last device was closed, that remembers a refusal: longer than any pause between two tries. Milliseconds. */
const REMEMBERED_MS = 2 * HOLD_OFF.longestMs;

/** The management engine takes one request after the other; more than a few that wait are a sign that it does not keep up. */
const AMT_GATE: GateSettings = { concurrency: 1, queueLimit: 64 };

interface Entry {
  readonly client: AmtClient;
  readonly wsman: RenewingWsman;
  readonly clock: Clock;
  leases: number;
  idle: Timer | undefined;
}

export function createClientPool({ createWsman: create = createWsman, idleMs, powerPacing }: ClientPoolSettings): ClientPool {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();
  const keyOf = createPoolKeys();

  const forget = (key: string, entry: Entry): void => {
    entry.idle?.[Symbol.dispose]();
    entries.delete(key);
    const closed = entry.wsman[Symbol.asyncDispose]();
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };

  const open = (access: AmtAccess, { clock, logger, transcript, gate }: PoolContext): Entry => {
    const wsman = createRenewingWsman({
      open: () => create({ ...access, clock, ...(transcript === undefined ? {} : { transcript }) }),
      close: (used) => close(used, logger),
      clock,
    });
    return { client: composeAmtClient(throughGate(wsman, () => gate(AMT_GATE)), { clock, powerPacing }), wsman, clock, leases: 0, idle: undefined };
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
        client: () => entry.client,
        [Symbol.dispose]() {
          if (!held) return;
          held = false;
          entry.leases -= 1;
          if (entry.leases > 0 || entries.get(key) !== entry) return;
          const keptMs = entry.wsman.refusals === 0 ? idleMs : Math.max(idleMs, REMEMBERED_MS);
          entry.idle = entry.clock.after(keptMs, () => forget(key, entry));
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
async function close(wsman: Wsman, logger: Logger): Promise<void> {
  try {
    await wsman[Symbol.asyncDispose]();
  } catch (error) {
    logger.debug({ error }, 'A connection to a management engine did not close in good order');
  }
}
