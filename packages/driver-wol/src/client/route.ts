import { BlockList, isIP } from 'node:net';
import { invalidOptions, printValue } from '@ferric/core';
import { formatHost, needsScope, type AddressHost } from './host.js';
import type { InterfaceAddress } from './network.js';
import type { WakeFieldNames, WakeRequest } from './wake-request.js';

/** How packets get to one destination. */
export interface Route {
  readonly family: 4 | 6;
  /** What the socket sends to, with the scope that this operating system understands. */
  readonly destination: string;
  /** What the socket is bound to; undefined leaves it to the operating system. */
  readonly source?: string;
  /** The interface, when it is known beforehand. */
  readonly interface?: string;
}

type Choice = Pick<WakeRequest, 'interface' | 'sourceAddress'>;

/**
 * Checks the part of a request that depends on this machine's interfaces, without sending or resolving anything.
 * @throws INVALID_OPTIONS for an interface that does not exist or has no address of the right family, a scope that is
 * missing, unknown or contradicts the interface, or a source of another family than the destination.
 */
export function checkRoutes(request: WakeRequest, addresses: readonly InterfaceAddress[], fields: WakeFieldNames): void {
  if (request.interface !== undefined) addressesOf(request.interface, addresses, fields.interface);
  for (const host of request.hosts) {
    if (host.kind === 'address') findRoute(host, request, addresses, fields);
  }
}

/** The route to one address. Throws like {@link checkRoutes}. */
export function findRoute(host: AddressHost, choice: Choice, addresses: readonly InterfaceAddress[], fields: WakeFieldNames): Route {
  const scope = scopeOf(host, choice, addresses, fields);
  const destination = scope === undefined ? host.address : `${host.address}%${scope.zone}`;
  const route = { family: host.family, destination, ...(scope === undefined ? {} : { interface: scope.interface }) };
  if (choice.sourceAddress !== undefined) return { ...route, source: checkFamily(choice.sourceAddress, host, fields) };
  if (choice.interface === undefined) return route;
  return { ...route, interface: choice.interface, source: chooseSource(host, choice.interface, addresses, fields) };
}

/** The interface that has this address, or whose network holds it; undefined when none does. */
export function interfaceOf(address: string, addresses: readonly InterfaceAddress[]): string | undefined {
  const owner = addresses.find((each) => each.address === address) ?? addresses.find((each) => isOnLink(address, each));
  return owner?.interface;
}

function scopeOf(host: AddressHost, choice: Choice, addresses: readonly InterfaceAddress[], fields: WakeFieldNames): InterfaceAddress | undefined {
  if (host.scope !== undefined) {
    const found = addresses.find((each) => each.interface === host.scope || (each.index > 0 && String(each.index) === host.scope));
    if (found === undefined) throw unknownInterface(formatHost(host), fields.host, addresses, 'an address whose scope is an interface of this machine');
    if (choice.interface === undefined || choice.interface === found.interface) return found;
    throw invalidOptions('Wake-on-LAN', [
      { field: fields.interface, problem: 'invalid', expected: `the same as in ${formatHost(host)}, or left out`, received: printValue(choice.interface) },
    ]);
  }
  if (!needsScope(host)) return undefined;
  if (choice.interface !== undefined) return addressesOf(choice.interface, addresses, fields.interface)[0];
  const sourceScope = choice.sourceAddress?.split('%')[1];
  if (sourceScope !== undefined) return addressesOf(sourceScope, addresses, fields.sourceAddress)[0];
  throw invalidOptions('Wake-on-LAN', [
    { field: fields.host, problem: 'invalid', expected: `an address with its interface, such as ${host.address}%eth0, or ${fields.interface} given besides`, received: printValue(host.address) },
  ]);
}

function chooseSource(host: AddressHost, name: string, addresses: readonly InterfaceAddress[], fields: WakeFieldNames): string {
  const candidates = addressesOf(name, addresses, fields.interface).filter((each) => each.family === host.family);
  const linkLocal = candidates.filter((each) => needsScope(each));
  const routable = candidates.filter((each) => !needsScope(each));
  const preferred = needsScope(host) ? [...linkLocal, ...routable] : [...routable, ...linkLocal];
  const chosen = preferred.find((each) => isOnLink(host.address, each)) ?? preferred[0];
  if (chosen === undefined) {
    throw invalidOptions('Wake-on-LAN', [
      { field: fields.interface, problem: 'invalid', expected: `an interface with an IPv${host.family} address, to send to ${formatHost(host)}`, received: printValue(name) },
    ]);
  }
  return needsScope(chosen) ? `${chosen.address}%${chosen.zone}` : chosen.address;
}

function checkFamily(sourceAddress: string, host: AddressHost, fields: WakeFieldNames): string {
  if (isIP(sourceAddress) === host.family) return sourceAddress;
  throw invalidOptions('Wake-on-LAN', [
    { field: fields.sourceAddress, problem: 'invalid', expected: `an IPv${host.family} address, to send to ${formatHost(host)}`, received: printValue(sourceAddress) },
  ]);
}

function addressesOf(name: string, addresses: readonly InterfaceAddress[], field: string): readonly InterfaceAddress[] {
  const found = addresses.filter((each) => each.interface === name);
  if (found.length === 0) throw unknownInterface(name, field, addresses, 'an interface of this machine that is up and has an address');
  return found;
}

function unknownInterface(received: string, field: string, addresses: readonly InterfaceAddress[], expected: string): Error {
  const names = [...new Set(addresses.map((each) => each.interface))];
  return invalidOptions('Wake-on-LAN', [{ field, problem: 'invalid', expected: `${expected} (${names.join(', ') || 'there is none'})`, received: printValue(received) }]);
}

function isOnLink(address: string, own: InterfaceAddress): boolean {
  if (isIP(address) !== own.family) return false;
  const type = own.family === 4 ? 'ipv4' : 'ipv6';
  const network = new BlockList();
  network.addSubnet(own.address, own.prefixLength, type);
  return network.check(address, type);
}
