import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import type { InterfaceAddress, WakeNetwork } from './network.js';
import { bindUdp, closeUdp, sendUdp } from './udp.js';

/** The network of this machine: node:os, node:dns and node:dgram. */
export const systemNetwork: WakeNetwork = {
  interfaces: () => Object.entries(networkInterfaces()).flatMap(([name, addresses]) => describeInterface(name, addresses ?? [])),

  async resolve(name, family) {
    const found = await lookup(name, { family: family ?? 0, order: 'ipv4first' });
    return { address: found.address, family: found.family === 6 ? 6 : 4 };
  },

  async openSocket(family, source) {
    const socket = await bindUdp({ family, address: source });
    if (family === 4) {
      // SO_BROADCAST is a property of the descriptor, which exists only after bind.
      socket.setBroadcast(true);
      if (source !== undefined) socket.setMulticastInterface(source);
    }
    return {
      send: (payload, port, address) => sendUdp(socket, payload, port, address),
      [Symbol.asyncDispose]: () => closeUdp(socket),
    };
  },

  async sourceFor(family, address, port) {
    // Connecting a UDP socket sends nothing, but makes the operating system choose a route and with it the source.
    const socket = await bindUdp({ family });
    try {
      if (family === 4) socket.setBroadcast(true);
      const connected = once(socket, 'connect');
      socket.connect(port, address);
      await connected;
      return withoutScope(socket.address().address);
    } catch {
      return undefined;
    } finally {
      await closeUdp(socket);
    }
  },
};

function describeInterface(name: string, addresses: readonly NetworkInterfaceInfo[]): InterfaceAddress[] {
  const index = addresses.reduce((highest, each) => Math.max(highest, each.family === 'IPv6' ? each.scopeid : 0), 0);
  return addresses.map((each) => {
    const family = each.family === 'IPv6' ? 6 : 4;
    return {
      interface: name,
      address: withoutScope(each.address).toLowerCase(),
      family,
      prefixLength: Number(each.cidr?.split('/')[1] ?? (family === 6 ? 128 : 32)),
      zone: process.platform === 'win32' ? String(index) : name,
      index,
    };
  });
}

function withoutScope(address: string): string {
  return address.replace(/%.*/, '');
}
