import type { Clock, Gate, GateSettings, Logger, Timer, TranscriptSink } from '@ferric/core';
import type { LibvirtClient, LibvirtClientParts, LibvirtClientSettings } from './client/libvirt-client.js';
import { createHypervisor, type Hypervisor } from './hypervisor.js';
import { openTransport } from './client/transport/index.js';
import { createLiveness, type Liveness } from './liveness.js';
import { createPoolKeys } from './pool-keys.js';

/** Makes a client; it connects when first used, by the transport of `parts` when there is one. */
export type CreateLibvirtClient = (settings: LibvirtClientSettings, parts?: LibvirtClientParts) => LibvirtClient;

/** How one daemon is reached. */
export interface HypervisorAccess extends Pick<LibvirtClientSettings, 'credentials' | 'ssh'> {
  readonly uri: string;
}

/** What a connection uses besides; devices share one only where this is the same too. */
export interface PoolContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transcript?: TranscriptSink | undefined;
  readonly gate: (address: string, settings?: GateSettings) => Gate;
}

/** The use of a hypervisor by one device. Dispose it when the device is closed. */
export interface Lease extends Disposable {
  readonly hypervisor: Hypervisor;
}

/** Keeps one connection to each daemon, for all machines on it. */
export interface ClientPool extends AsyncDisposable {
  /** Does no I/O. @throws INVALID_OPTIONS for a URI that cannot be used. */
  lease(access: HypervisorAccess, context: PoolContext): Lease;
  /** Connections that are open or may be opened. */
  readonly size: number;
}

export interface ClientPoolSettings {
  readonly createClient: CreateLibvirtClient;
  /** How long a connection is kept after its last device was closed. Milliseconds. */
  readonly idleMs: number;
}

/**
 * What a daemon answers in parallel at one time, and what may wait for it. A daemon works on 20 calls at a time (libvirt 9.0.0,
 * src/remote/libvirtd.conf.in, max_workers), and one bulk read stands for a hundred machines.
 */
const HYPERVISOR_GATE: GateSettings = { concurrency: 32, queueLimit: 1024 };

interface Entry {
  readonly hypervisor: Hypervisor;
  readonly liveness: Liveness;
  readonly clock: Clock;
  readonly logger: Logger;
  leases: number;
  idle: Timer | undefined;
}

export function createClientPool({ createClient, idleMs }: ClientPoolSettings): ClientPool {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();
  const keyOf = createPoolKeys();

  const close = (key: string, entry: Entry): void => {
    entry.idle?.[Symbol.dispose]();
    entries.delete(key);
    // Whoever waits for the closing needs a process that lives until then.
    entry.liveness.use(true);
    const closed = closeHypervisor(entry);
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };

  const open = (access: HypervisorAccess, { clock, logger, transcript, gate }: PoolContext): Entry => {
    const liveness = createLiveness(openTransport);
    const settings = { ...access, ...HYPERVISOR_CLIENT, clock, logger, ...(transcript === undefined ? {} : { transcript }) };
    const client = createClient(settings, { openTransport: liveness.openTransport });
    const hypervisor = createHypervisor({ client, gate: gate(client.uri.address, HYPERVISOR_GATE), clock, logger });
    return { hypervisor, liveness, clock, logger, leases: 0, idle: undefined };
  };

  return {
    lease(access, context) {
      const key = keyOf(access, context.transcript);
      const entry = entries.get(key) ?? open(access, context);
      entries.set(key, entry);
      entry.leases += 1;
      entry.liveness.use(true);
      entry.idle?.[Symbol.dispose]();
      entry.idle = undefined;
      let held = true;
      return {
        hypervisor: entry.hypervisor,
        [Symbol.dispose]() {
          if (!held) return;
          held = false;
          entry.leases -= 1;
          if (entry.leases > 0 || entries.get(key) !== entry) return;
          entry.liveness.use(false);
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
    },
  };
}

/** The gate decides how much goes on at one time; the connection must not hold anything up behind it. */
const HYPERVISOR_CLIENT: Pick<LibvirtClientSettings, 'concurrency' | 'queueLimit'> = { concurrency: 32, queueLimit: 1024 };

/** Never rejects: nobody is left who could do anything about it. */
async function closeHypervisor({ hypervisor, logger }: Entry): Promise<void> {
  try {
    await hypervisor[Symbol.asyncDispose]();
  } catch (error) {
    logger.debug({ address: hypervisor.address, error }, 'A connection to a hypervisor did not close in good order');
  }
}
