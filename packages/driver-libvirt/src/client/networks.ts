import { type CallOptions, normalizeMacAddress } from '@ferric/core';
import type { Caller } from './caller.js';
import {
  type ChangeScope, checkName, checkNumber, checkObject, checkUuid, checkWord, checkXml, eitherFlag, flag, scopeFlags, wrongArgument,
} from './checks.js';
import { connectionProcedures } from './wire/procedures/connection.js';
import { networkProcedures } from './wire/procedures/network.js';
import type { Network } from './wire/structs.js';

export type { Network } from './wire/structs.js';

export interface NetworkFilter {
  readonly active?: boolean;
  readonly persistent?: boolean;
}

/** An address that the network has given to a machine. */
export interface NetworkLease {
  /** The bridge. */
  readonly interfaceName: string;
  /** Null when it does not expire. */
  readonly expiresAt: Date | null;
  readonly family: 'ipv4' | 'ipv6';
  readonly mac: string | null;
  /** Identity association of DHCPv6. */
  readonly iaid: string | null;
  readonly address: string;
  readonly prefix: number;
  readonly hostname: string | null;
  /** Client id of DHCP, or unique id (DUID) of DHCPv6. */
  readonly clientId: string | null;
}

/** How a part of a network is changed. Source: libvirt 9.0.0, include/libvirt/libvirt-network.h, virNetworkUpdateCommand. */
const UPDATE_COMMANDS = { modify: 1, delete: 2, 'add-last': 3, 'add-first': 4 } as const;
export type NetworkUpdateCommand = keyof typeof UPDATE_COMMANDS;

/** Which part is changed. Source: libvirt-network.h, virNetworkUpdateSection. */
const UPDATE_SECTIONS = {
  bridge: 1, domain: 2, ip: 3, 'ip-dhcp-host': 4, 'ip-dhcp-range': 5, forward: 6, 'forward-interface': 7, 'forward-pf': 8, portgroup: 9, 'dns-host': 10,
  'dns-txt': 11, 'dns-srv': 12,
} as const;
export type NetworkUpdateSection = keyof typeof UPDATE_SECTIONS;

export interface NetworkUpdate {
  readonly command: NetworkUpdateCommand;
  readonly section: NetworkUpdateSection;
  /** The element, such as `<host mac='52:54:00:00:00:01' ip='192.0.2.10'/>`. */
  readonly xml: string;
  /** Which of several parents, such as the number of the `<ip>`, from 0. Default: the one that suits. */
  readonly parentIndex?: number;
}

/** Calls about virtual networks. Each throws NOT_FOUND for a network that is gone, INVALID_OPTIONS, and what {@link LibvirtClient.call} throws. */
export interface Networks {
  list(filter?: NetworkFilter, options?: CallOptions): Promise<readonly Network[]>;
  lookupByName(name: string, options?: CallOptions): Promise<Network>;
  lookupByUuid(uuid: string, options?: CallOptions): Promise<Network>;
  /** `inactive`: the definition that counts at the next start, instead of what runs. */
  xml(network: Network, options?: CallOptions & { readonly inactive?: boolean }): Promise<string>;
  /** Defines a network, or changes the definition of the one with the same uuid. */
  define(xml: string, options?: CallOptions): Promise<Network>;
  /** Starts a network that is gone once it stops. */
  createTransient(xml: string, options?: CallOptions): Promise<Network>;
  /** Starts a defined network. @throws CONFLICT when it runs already. */
  create(network: Network, options?: CallOptions): Promise<void>;
  /** Stops it. @throws CONFLICT when it does not run. */
  destroy(network: Network, options?: CallOptions): Promise<void>;
  undefine(network: Network, options?: CallOptions): Promise<void>;
  autostart(network: Network, options?: CallOptions): Promise<boolean>;
  setAutostart(network: Network, enabled: boolean, options?: CallOptions): Promise<void>;
  bridgeName(network: Network, options?: CallOptions): Promise<string>;
  /** Addresses given by DHCP. `mac`: only those of this machine. */
  leases(network: Network, options?: CallOptions & { readonly mac?: string }): Promise<readonly NetworkLease[]>;
  /** Changes one part, such as a fixed address. Default: in the definition. */
  update(network: Network, update: NetworkUpdate, options?: CallOptions & ChangeScope): Promise<void>;
}

/** virConnectListAllNetworksFlags. */
const LIST = { inactive: 1, active: 2, persistent: 4, transient: 8 } as const;
/** virNetworkXMLFlags. */
const XML_INACTIVE = 1;
/** Lets the daemon choose. Source: libvirt-network.h, the description of virNetworkUpdate. */
const ANY_PARENT = -1;
const LARGEST_PARENT = 0x7fff_ffff;
/** Daemons that lack it read command and section in each other's place. Source: libvirt 9.0.0, src/libvirt_internal.h, VIR_DRV_FEATURE_*. */
const FEATURE_UPDATE_IN_ORDER = 16;
/** virIPAddrType. */
const IPV6 = 1;

export function createNetworks(caller: Caller): Networks {
  const only = (network: Network): { readonly network: Network } => ({ network: checkObject('network', network) });

  return {
    async list(filter = {}, options) {
      const flags = eitherFlag(filter.active, LIST.active, LIST.inactive) | eitherFlag(filter.persistent, LIST.persistent, LIST.transient);
      const { networks } = await caller.call(connectionProcedures.listAllNetworks, { needResults: 1, flags }, options);
      return networks;
    },
    lookupByName: async (name, options) => caller.call(networkProcedures.lookupByName, { name: checkName('name', name) }, options),
    lookupByUuid: async (uuid, options) => caller.call(networkProcedures.lookupByUuid, { uuid: checkUuid('uuid', uuid) }, options),
    xml: async (network, options) => caller.call(networkProcedures.getXmlDesc, { ...only(network), flags: flag(options?.inactive, XML_INACTIVE) }, options),
    define: async (xml, options) => caller.call(networkProcedures.defineXml, { xml: checkXml('xml', xml) }, options),
    createTransient: async (xml, options) => caller.call(networkProcedures.createXml, { xml: checkXml('xml', xml) }, options),
    create: async (network, options) => caller.call(networkProcedures.create, only(network), options),
    destroy: async (network, options) => caller.call(networkProcedures.destroy, only(network), options),
    undefine: async (network, options) => caller.call(networkProcedures.undefine, only(network), options),
    autostart: async (network, options) => (await caller.call(networkProcedures.getAutostart, only(network), options)) !== 0,
    setAutostart: async (network, enabled, options) =>
      caller.call(networkProcedures.setAutostart, { ...only(network), autostart: enabled ? 1 : 0 }, options),
    bridgeName: async (network, options) => caller.call(networkProcedures.getBridgeName, only(network), options),
    async leases(network, options) {
      const mac = options?.mac === undefined ? null : checkMac(options.mac);
      const { leases } = await caller.call(networkProcedures.getDhcpLeases, { ...only(network), mac, needResults: 1, flags: 0 }, options);
      return leases.map(({ expiryTime, type, ...lease }) => ({
        ...lease,
        expiresAt: expiryTime === 0n ? null : new Date(Number(expiryTime) * 1000),
        family: type === IPV6 ? 'ipv6' : 'ipv4',
      }));
    },
    async update(network, { command, section, xml, parentIndex }, options) {
      const commandNumber = checkWord('command', command, UPDATE_COMMANDS);
      const sectionNumber = checkWord('section', section, UPDATE_SECTIONS);
      const rest = {
        ...only(network),
        parentIndex: checkNumber('parentIndex', parentIndex ?? ANY_PARENT, ANY_PARENT, LARGEST_PARENT),
        xml: checkXml('xml', xml),
        flags: scopeFlags(options),
      };
      // Asked each time: the daemon behind a caller can change, and changes of networks are rare.
      const inOrder = (await caller.call(connectionProcedures.supportsFeature, { feature: FEATURE_UPDATE_IN_ORDER }, options)) !== 0;
      const order = inOrder ? { command: commandNumber, section: sectionNumber } : { command: sectionNumber, section: commandNumber };
      await caller.call(networkProcedures.update, { ...rest, ...order }, options);
    },
  };
}

/** @throws INVALID_OPTIONS */
function checkMac(text: string): string {
  const mac = typeof text === 'string' ? normalizeMacAddress(text) : undefined;
  if (mac !== undefined) return mac;
  throw wrongArgument('mac', 'a MAC address such as 52:54:00:cf:2d:31', { value: text });
}
