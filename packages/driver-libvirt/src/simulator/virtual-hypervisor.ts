import type { Socket } from 'node:net';
import { once } from 'node:events';
import { type FaultSwitches, FerricError, type Secret } from '@ferric/core';
import { Activity, type VirtualHypervisorActivity } from './daemon/activity.js';
import { ClientConnection } from './daemon/client-connection.js';
import { createFaultBoard } from './daemon/fault-board.js';
import { listen, type Listener } from './daemon/listener.js';
import { createScramVerifier } from './daemon/scram-server.js';
import { parseDefinition } from './domain/definition.js';
import { type VirtualDomainDefinition, diskPath, domainXml, filesOf, IMAGES_FOLDER } from './domain/domain-xml.js';
import { Domains } from './domain/domains.js';
import { EventHub } from './domain/event-hub.js';
import type { Guest } from './domain/guest.js';
import { PROCEDURES } from './handlers/procedures.js';
import { DEFAULT_NETWORK_XML } from './host/default-network.js';
import type { Host } from './host/host.js';
import { leasesOf } from './network/leases.js';
import { Networks } from './network/networks.js';
import { type HypervisorPlan, planHypervisor, type VirtualHypervisorOptions } from './options.js';
import { StoragePools } from './storage/pools.js';
import { createMemoryBudget } from './storage/sparse-bytes.js';
import { createVolume } from './storage/volumes.js';
import { type VirtualDomain, virtualDomainOf } from './virtual-domain.js';
import { RemoteError } from './wire/remote-error.js';

/** What every made-up disk claims to hold. Bytes; 10 GiB. */
const DISK_CAPACITY = 10n * 1024n ** 3n;

/** A file of a pool, in memory. */
export interface VirtualVolumeView {
  readonly name: string;
  readonly path: string;
  readonly capacityBytes: bigint;
  /** What was written to it, from its beginning; for raw volumes zero bytes follow up to the capacity. */
  content(): Buffer;
}

/** A hypervisor with domains in memory, which speaks libvirt's RPC at a TCP port and, if wanted, at a unix socket. */
export interface VirtualHypervisor extends AsyncDisposable {
  /** `qemu+tcp://127.0.0.1:PORT/system` */
  readonly uri: string;
  /** `qemu+unix:///system?socket=PATH`, when it listens at a unix socket. */
  readonly unixUri: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly credentials: { readonly username: string; readonly password: Secret } | 'none';
  readonly faults: FaultSwitches;
  readonly activity: VirtualHypervisorActivity;
  /** All domains of now, in the order in which they were defined. */
  readonly domains: readonly VirtualDomain[];
  /** One domain by name or uuid. @throws NOT_FOUND */
  domain(nameOrUuid: string): VirtualDomain;
  /** Defines one more, in a few words or as XML. @throws CONFLICT when libvirt would refuse it */
  define(definition: VirtualDomainDefinition | string): VirtualDomain;
  /** Names of all networks of now. */
  readonly networks: readonly string[];
  /** Addresses that running machines were given by a network. @throws NOT_FOUND */
  leases(network: string): readonly { readonly mac: string; readonly address: string; readonly hostname: string }[];
  /** The volumes of a pool. Default: of `default`. @throws NOT_FOUND */
  volumes(pool?: string): readonly VirtualVolumeView[];
  /** Cuts off everybody who is connected, as a network that breaks down. */
  disconnect(): void;
  /** Does what a restart of the daemon does: cuts everybody off, lets nobody in for a moment, and forgets why machines are off. They run on. */
  restart(): Promise<void>;
}

/**
 * Starts a hypervisor with domains that are off, one network and one pool, both named `default`.
 * @throws INVALID_OPTIONS for options that cannot be used, CONFLICT when the port or path is taken or a definition is refused.
 */
export async function startVirtualHypervisor(options: VirtualHypervisorOptions = {}): Promise<VirtualHypervisor> {
  const plan = planHypervisor(options);
  const sockets = new Set<Socket>();
  const listeners: Listener[] = [];
  const host = await createHost(plan, listeners);
  const define = (definition: VirtualDomainDefinition | string): Guest => defineDomain(host, definition);
  for (const definition of plan.domains) define(definition);

  const welcome = (isPrivate: boolean) => (socket: Socket): void => {
    sockets.add(socket);
    host.activity.connections += 1;
    host.activity.openConnections = sockets.size;
    socket.on('close', () => {
      sockets.delete(socket);
      host.activity.openConnections = sockets.size;
    });
    void new ClientConnection(socket, host, PROCEDURES, isPrivate);
  };
  const tcp = await listen({ host: plan.host, port: plan.port }, plan.clock, welcome(false));
  listeners.push(tcp);
  try {
    if (plan.unixSocket !== undefined) listeners.push(await listen({ path: plan.unixSocket }, plan.clock, welcome(true)));
  } catch (error) {
    await tcp[Symbol.asyncDispose]();
    throw error;
  }

  const disconnect = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const port = tcp.address.port ?? plan.port;
  return {
    uri: `qemu+tcp://${plan.host.includes(':') ? `[${plan.host}]` : plan.host}:${port}/system`,
    unixUri: plan.unixSocket === undefined ? undefined : `qemu+unix:///system?socket=${encodeURIComponent(plan.unixSocket)}`,
    host: plan.host,
    port,
    credentials: plan.credentials ?? 'none',
    faults: host.faults,
    activity: host.activity,
    get domains() {
      return host.domains.list().map(virtualDomainOf);
    },
    domain(nameOrUuid) {
      const guest = host.domains.find(nameOrUuid);
      if (guest === undefined) throw notFound('domain', nameOrUuid);
      return virtualDomainOf(guest);
    },
    define: (definition) => virtualDomainOf(define(definition)),
    get networks() {
      return host.networks.list().map(({ name }) => name);
    },
    leases(name) {
      const network = host.networks.find(name);
      if (network === undefined) throw notFound('network', name);
      return leasesOf(network, host.domains.list()).map(({ mac, address, hostname }) => ({ mac, address, hostname }));
    },
    volumes(name = 'default') {
      const pool = host.pools.find(name);
      if (pool === undefined) throw notFound('pool', name);
      return [...pool.volumes.values()].map((volume) => ({
        name: volume.name,
        path: volume.path,
        capacityBytes: volume.capacity,
        content: () => volume.content.written(),
      }));
    },
    disconnect,
    async restart() {
      for (const listener of listeners) listener.refuse();
      disconnect();
      for (const guest of host.domains.list()) guest.forgetReason();
      for (const listener of listeners) listener.accept();
      for (const listener of listeners) await listener.settled();
    },
    async [Symbol.asyncDispose]() {
      const closed = [...sockets].map((socket) => once(socket, 'close'));
      disconnect();
      await Promise.all([...closed, ...listeners.map((listener) => listener[Symbol.asyncDispose]())]);
      for (const guest of host.domains.list()) guest.discard();
    },
  };
}

function notFound(what: string, name: string): FerricError {
  return new FerricError('NOT_FOUND', `This hypervisor has no ${what} named ${name}`);
}

async function createHost(plan: HypervisorPlan, listeners: readonly Listener[]): Promise<Host> {
  const events = new EventHub();
  const networks = new Networks();
  const network = networks.define(DEFAULT_NETWORK_XML);
  networks.start(network);
  network.autostart = true;
  const pools = new StoragePools(createMemoryBudget(plan.storageLimitBytes));
  const pool = pools.define(`<pool type='dir'><name>default</name><target><path>${IMAGES_FOLDER}</path></target></pool>`);
  pools.start(pool);
  pool.autostart = true;
  return {
    settings: { hostname: plan.name, keepAlive: plan.keepAlive, maxClientRequests: plan.maxClientRequests },
    clock: plan.clock,
    verifier: plan.credentials === undefined ? undefined : await createScramVerifier(plan.credentials),
    domains: new Domains(events, plan.clock, plan.guests),
    networks,
    pools,
    events,
    faults: createFaultBoard({
      refuse: () => listeners.forEach((listener) => listener.refuse()),
      accept: () => listeners.forEach((listener) => listener.accept()),
    }),
    activity: new Activity(),
  };
}

/** Defines a domain, and makes the disk of a made-up one in the pool `default`. */
function defineDomain(host: Host, definition: VirtualDomainDefinition | string): Guest {
  const given = typeof definition === 'string' ? undefined : definition;
  const xml = typeof definition === 'string' ? definition : domainXml({ ...definition, name: definition.name ?? freeName(host.domains) });
  let guest: Guest;
  try {
    guest = host.domains.define(parseDefinition(xml));
  } catch (error) {
    if (error instanceof RemoteError) throw new FerricError('CONFLICT', `libvirt would refuse this domain: ${error.message}`, { cause: error });
    throw error;
  }
  const pool = host.pools.find('default');
  const path = diskPath(guest.name);
  if (pool !== undefined && guest.definition !== undefined && filesOf(guest.definition).includes(path) && host.pools.findByPath(path) === undefined) {
    const disk = { name: `${guest.name}.qcow2`, folder: IMAGES_FOLDER, capacity: DISK_CAPACITY, format: 'qcow2' };
    host.pools.add(pool, createVolume(disk, host.pools.budget));
  }
  if (given?.running === true) guest.start();
  return guest;
}

function freeName(domains: Domains): string {
  for (let number = 1; ; number += 1) {
    const name = `vm-${number}`;
    if (domains.find(name) === undefined) return name;
  }
}
