import type { Guest } from '../domain/guest.js';
import { elementAt, elementsOf, type XmlElement } from '../xml/element.js';
import { bridgeOf, type VirtualNetwork } from './networks.js';

/** An address that a machine of a network was given. */
export interface Lease {
  readonly bridge: string;
  readonly mac: string;
  readonly address: string;
  readonly prefix: number;
  readonly hostname: string;
}

/** How long a lease lasts. Seconds, as dnsmasq gives by default. */
export const LEASE_SECONDS = 3600n;

/**
 * The leases of a network: every running machine that hangs on it has one, the same at every look. Reservations of the
 * network's definition are kept; other machines get addresses by their place among all of the network's machines.
 */
export function leasesOf(network: VirtualNetwork, guests: readonly Guest[]): readonly Lease[] {
  const subnet = subnetOf(network.definition);
  if (!network.isActive || subnet === undefined) return [];
  const reserved = new Map(reservationsOf(network.definition).map(({ mac, address }) => [mac, address]));
  const taken = new Set([...reserved.values(), subnet.gateway]);
  const free = freeAddresses(subnet, taken);
  return guests.flatMap((guest) =>
    macAddressesOn(network.name, guest.live ?? guest.definition).flatMap((mac) => {
      const address = reserved.get(mac) ?? free.next().value;
      if (!guest.isActive || address === undefined) return [];
      return [{ bridge: bridgeOf(network) ?? '', mac, address, prefix: subnet.prefix, hostname: guest.name }];
    }),
  );
}

function macAddressesOn(network: string, domain: XmlElement | undefined): string[] {
  const nics = elementsOf(elementAt(domain, 'devices'), 'interface');
  const attached = nics.filter((nic) => nic.attributes.get('type') === 'network' && elementAt(nic, 'source')?.attributes.get('network') === network);
  return attached.flatMap((nic) => elementAt(nic, 'mac')?.attributes.get('address') ?? []);
}

interface Subnet {
  readonly gateway: string;
  readonly prefix: number;
  readonly first: number;
  readonly last: number;
}

function subnetOf(definition: XmlElement): Subnet | undefined {
  const ip = elementAt(definition, 'ip');
  const gateway = ip?.attributes.get('address');
  const range = elementAt(ip, 'dhcp', 'range');
  const first = addressNumber(range?.attributes.get('start'));
  const last = addressNumber(range?.attributes.get('end'));
  if (gateway === undefined || first === undefined || last === undefined) return undefined;
  const mask = addressNumber(ip?.attributes.get('netmask') ?? '255.255.255.0') ?? 0;
  const prefix = Number(ip?.attributes.get('prefix') ?? mask.toString(2).replaceAll('0', '').length);
  return { gateway, prefix, first, last };
}

function* freeAddresses({ first, last }: Subnet, taken: ReadonlySet<string>): Generator<string, undefined> {
  for (let number = first; number <= last; number += 1) {
    const address = [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
    if (!taken.has(address)) yield address;
  }
  return undefined;
}

function addressNumber(address: string | undefined): number | undefined {
  const parts = (address ?? '').split('.');
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((number, part) => number * 256 + Number(part), 0);
}

interface Reservation {
  readonly mac: string;
  readonly address: string;
}

function reservationsOf(definition: XmlElement): Reservation[] {
  const hosts = elementsOf(elementAt(definition, 'ip', 'dhcp'), 'host');
  return hosts.flatMap((host) => {
    const mac = host.attributes.get('mac')?.toLowerCase();
    const address = host.attributes.get('ip');
    return mac === undefined || address === undefined ? [] : [{ mac, address }];
  });
}
