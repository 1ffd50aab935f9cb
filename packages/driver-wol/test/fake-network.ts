import { createFakeDatagramNetwork, systemError, type FakeDatagramNetwork, type SentDatagram } from '@ferric/core/testing';
import type { InterfaceAddress, WakeNetwork } from '../src/client/network.js';

/** A machine with two wired interfaces, one of them with IPv6, and a loopback. */
export const ADDRESSES: readonly InterfaceAddress[] = [
  { interface: 'lo', address: '127.0.0.1', family: 4, prefixLength: 8, zone: 'lo', index: 0 },
  { interface: 'eth0', address: '192.0.2.2', family: 4, prefixLength: 24, zone: 'eth0', index: 2 },
  { interface: 'eth0', address: '2001:db8::2', family: 6, prefixLength: 64, zone: 'eth0', index: 2 },
  { interface: 'eth0', address: 'fe80::2', family: 6, prefixLength: 64, zone: 'eth0', index: 2 },
  { interface: 'eth1', address: '198.51.100.2', family: 4, prefixLength: 24, zone: 'eth1', index: 3 },
  { interface: 'eth1', address: '203.0.113.2', family: 4, prefixLength: 24, zone: 'eth1', index: 3 },
];

export interface FakeNetwork extends WakeNetwork {
  readonly datagrams: FakeDatagramNetwork;
  /** Destinations in the order of sending, as `192.0.2.255:9`. */
  readonly destinations: readonly string[];
  /** How many sockets were ever opened. */
  readonly opened: number;
}

export interface FakeNetworkSettings {
  readonly names?: Readonly<Record<string, { readonly address: string; readonly family: 4 | 6 }>>;
  readonly addresses?: readonly InterfaceAddress[];
}

/** A network in memory. Unknown names fail with ENOTFOUND, sources of other machines with EADDRNOTAVAIL. */
export function createFakeNetwork({ names = {}, addresses = ADDRESSES }: FakeNetworkSettings = {}): FakeNetwork {
  const datagrams = createFakeDatagramNetwork();
  let opened = 0;
  return {
    datagrams,
    get destinations() {
      return datagrams.sent.map((datagram: SentDatagram) => `${datagram.to.address}:${datagram.to.port}`);
    },
    get opened() {
      return opened;
    },
    interfaces: () => addresses,
    async resolve(name, family) {
      const found = names[name];
      if (found === undefined || (family !== undefined && family !== found.family)) throw systemError('ENOTFOUND', `getaddrinfo ${name}`);
      return found;
    },
    async openSocket(family, source) {
      const address = source?.split('%')[0];
      if (address !== undefined && !addresses.some((each) => each.address === address)) throw systemError('EADDRNOTAVAIL', `bind ${address}`);
      opened += 1;
      const socket = await datagrams.open({ address: source ?? (family === 4 ? '0.0.0.0' : '::') });
      return {
        send: (payload, port, destination) => socket.send(payload, { address: destination, port }),
        async [Symbol.asyncDispose]() {
          socket[Symbol.dispose]();
        },
      };
    },
    sourceFor: async (family) => (family === 4 ? '192.0.2.2' : '2001:db8::2'),
  };
}
