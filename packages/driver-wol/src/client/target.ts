import { abortable, FerricError, invalidOptions, printValue, throwIfAborted } from '@ferric/core';
import { formatHost, type AddressHost, type Host } from './host.js';
import type { InterfaceAddress, UdpSocket, WakeNetwork } from './network.js';
import { findRoute, interfaceOf, type Route } from './route.js';
import type { SocketPool } from './socket-pool.js';
import type { WakeFieldNames, WakeRequest } from './wake-request.js';

/** A destination with everything needed to send to it. */
export interface ReadyTarget {
  readonly destination: string;
  readonly socket: UdpSocket;
  /** For the report; null when unknown. */
  readonly source: string | null;
  readonly interface: string | null;
}

/** A destination that nothing can be sent to, and why. */
export interface BlockedTarget {
  readonly destination: string;
  readonly failure: unknown;
}

export type Target = ReadyTarget | BlockedTarget;

/** What preparing a target needs. */
export interface TargetSources {
  readonly request: WakeRequest;
  readonly fields: WakeFieldNames;
  readonly network: WakeNetwork;
  readonly addresses: readonly InterfaceAddress[];
  readonly sockets: SocketPool;
  readonly signal: AbortSignal;
}

/**
 * Looks up all destinations and opens their sockets; what fails on the way is part of the result.
 * @throws INVALID_OPTIONS when the address behind a name does not suit the interface, or `sourceAddress` is not one of
 * this machine's; the abort reason.
 */
export async function prepareTargets(sources: TargetSources): Promise<readonly Target[]> {
  // All of them settle before one failure ends the wake, so that none opens a socket behind its back.
  const results = await Promise.allSettled(sources.request.hosts.map((host) => prepareTarget(host, sources)));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function prepareTarget(host: Host, sources: TargetSources): Promise<Target> {
  try {
    const address = host.kind === 'address' ? host : await resolve(host.name, sources);
    const route = findRoute(address, sources.request, sources.addresses, sources.fields);
    const socket = await abortable(sources.signal, sources.sockets.socket(route.family, route.source));
    return { destination: route.destination, socket, ...(await findOrigin(route, sources)) };
  } catch (failure) {
    throwIfAborted(sources.signal);
    if (FerricError.is(failure)) throw failure;
    if (sources.request.sourceAddress !== undefined && isAddressNotAvailable(failure)) throw notOurAddress(sources, failure);
    return { destination: formatHost(host), failure };
  }
}

async function resolve(name: string, { network, request, signal }: TargetSources): Promise<AddressHost> {
  const family = request.sourceAddress === undefined ? undefined : request.sourceAddress.includes(':') ? 6 : 4;
  const found = await abortable(signal, network.resolve(name, family));
  const [address = '', scope] = found.address.split('%');
  return { kind: 'address', address: address.toLowerCase(), family: found.family, ...(scope === undefined ? {} : { scope }) };
}

/** Which address and interface the packets will leave by, for people who ask why nothing woke. */
async function findOrigin(route: Route, { network, request, addresses, signal }: TargetSources): Promise<Pick<ReadyTarget, 'source' | 'interface'>> {
  const source = route.source?.split('%')[0] ?? (await abortable(signal, network.sourceFor(route.family, route.destination, request.ports[0] ?? 9)));
  if (source === undefined) return { source: null, interface: route.interface ?? null };
  return { source, interface: route.interface ?? interfaceOf(source, addresses) ?? null };
}

function isAddressNotAvailable(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === 'EADDRNOTAVAIL';
}

function notOurAddress({ request, fields }: TargetSources, cause: unknown): FerricError {
  const issue = { field: fields.sourceAddress, problem: 'invalid', expected: 'an address of this machine', received: printValue(request.sourceAddress) } as const;
  const error = invalidOptions('Wake-on-LAN', [issue]);
  return new FerricError(error.code, error.message, { cause, details: error.details, ...(error.hint === undefined ? {} : { hint: error.hint }) });
}
