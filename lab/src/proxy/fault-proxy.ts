import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createFaultSwitchboard, type Fault, type FaultKind, type FaultSwitches, type VirtualDeviceActivity } from '@ferric/core';
import { ProxiedConnection } from './proxied-connection.ts';

/** Where something listens: a unix socket, or a port of 127.0.0.1. */
export type LocalEndpoint = { readonly socket: string } | { readonly port: number };

export interface FaultProxyOptions {
  /** The daemon. Its connection must not be encrypted, or nothing can be told of it. */
  readonly target: LocalEndpoint;
  /** Where the proxy listens; a port of 0 takes a free one. */
  readonly listen: LocalEndpoint;
}

/** What the proxy saw, counted since it was started. */
export interface FaultProxyActivity extends VirtualDeviceActivity {
  /** Connections that clients have made. */
  readonly connections: number;
  /** Calls of each procedure, by its number. */
  readonly calls: ReadonlyMap<number, number>;
}

/** Stands between a client and a real daemon: counts what goes on, and spoils it when told to. */
export interface FaultProxy extends AsyncDisposable {
  readonly listens: LocalEndpoint;
  readonly faults: FaultSwitches;
  readonly activity: FaultProxyActivity;
  /** Resets every connection that is open now. */
  cut(): void;
}

const SUPPORTED: readonly FaultKind[] = ['silence', 'refuse', 'reset', 'close', 'half frame', 'garbage', 'slow', 'wrong state', 'command failure'];

/** Starts a proxy. Each call of a client is one exchange for its faults; a call goes on to the daemon whatever becomes of its answer. */
export async function startFaultProxy({ target, listen }: FaultProxyOptions): Promise<FaultProxy> {
  const board = createFaultSwitchboard(SUPPORTED);
  const counts = { connections: 0, active: 0, most: 0, changeCommands: 0, authenticationAttempts: 0 };
  const calls = new Map<number, number>();
  const open = new Set<ProxiedConnection>();
  let lasting: Fault | undefined;

  const accept = (client: Socket): void => {
    counts.connections += 1;
    const connection = new ProxiedConnection(client, connect(addressOf(target)), {
      takeFault: () => (lasting?.kind === 'refuse' ? undefined : board.take()),
      isSilent: () => lasting?.kind === 'silence',
      called(procedure) {
        calls.set(procedure, (calls.get(procedure) ?? 0) + 1);
        counts.active += 1;
        counts.most = Math.max(counts.most, counts.active);
      },
      answered: () => void (counts.active -= 1),
      changed: () => void (counts.changeCommands += 1),
      authenticated: () => void (counts.authenticationAttempts += 1),
    });
    open.add(connection);
    client.once('close', () => open.delete(connection));
  };

  const listener = new Listener(accept);
  const listens = await listener.open(listen);
  const faults: FaultSwitches = {
    supported: board.supported,
    inject(fault) {
      board.inject(fault);
      lasting = fault.times === undefined ? fault : undefined;
      if (fault.kind === 'refuse') listener.close();
      else listener.reopen();
    },
    clear() {
      board.clear();
      lasting = undefined;
      listener.reopen();
    },
  };
  return {
    listens,
    faults,
    activity: {
      calls,
      get connections() {
        return counts.connections;
      },
      get openConnections() {
        return open.size;
      },
      get mostConcurrentExchanges() {
        return counts.most;
      },
      get changeCommands() {
        return counts.changeCommands;
      },
      get authenticationAttempts() {
        return counts.authenticationAttempts;
      },
    },
    cut() {
      for (const connection of open) connection.reset();
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await Promise.all([...open].map((connection) => connection.dispose()));
    },
  };
}

/** Listens at one place, with pauses in which connections are refused. */
class Listener {
  readonly #accept: (client: Socket) => void;
  #server: Server | undefined;
  #listens: LocalEndpoint | undefined;

  constructor(accept: (client: Socket) => void) {
    this.#accept = accept;
  }

  async open(endpoint: LocalEndpoint): Promise<LocalEndpoint> {
    const server = this.#listen(endpoint);
    await once(server, 'listening');
    this.#listens = 'socket' in endpoint ? endpoint : { port: (server.address() as AddressInfo).port };
    return this.#listens;
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  reopen(): void {
    if (this.#server === undefined && this.#listens !== undefined) this.#listen(this.#listens);
  }

  #listen(endpoint: LocalEndpoint): Server {
    this.#server = createServer(this.#accept).listen(addressOf(endpoint));
    return this.#server;
  }
}

function addressOf(endpoint: LocalEndpoint): { readonly path: string } | { readonly host: string; readonly port: number } {
  return 'socket' in endpoint ? { path: endpoint.socket } : { host: '127.0.0.1', port: endpoint.port };
}
