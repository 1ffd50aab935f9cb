import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { elementAt, elementsOf, removeElements, type XmlElement } from '../xml/element.js';
import { parseDocument } from '../xml/parse-document.js';
import type { VirtualNetwork } from './networks.js';

/** Source: libvirt 9.0.0, include/libvirt/libvirt-network.h, virNetworkUpdateCommand, virNetworkUpdateSection. */
const COMMAND = { modify: 1, delete: 2, addLast: 3, addFirst: 4 } as const;
const SECTION_DHCP_HOST = 4;
const AFFECT_LIVE = 1;

const invalid = (text: string): RemoteError => new RemoteError(ERROR.operationInvalid, ERROR_DOMAIN.network, text);

export interface NetworkUpdate {
  readonly command: number;
  readonly section: number;
  readonly xml: string;
  readonly flags: number;
}

/** Changes reservations of a network's DHCP server, the one section that this simulator knows. @throws RemoteError 55, 84 */
export function updateNetwork(network: VirtualNetwork, { command, section, xml, flags }: NetworkUpdate): void {
  if ((flags & AFFECT_LIVE) !== 0 && !network.isActive) throw invalid('network is not running');
  if (section !== SECTION_DHCP_HOST) {
    throw new RemoteError(ERROR.operationUnsupported, ERROR_DOMAIN.network, `can't update section ${section} of network '${network.name}'`);
  }
  const host = parseDocument(xml, 'network_update_xml', 'host', ERROR_DOMAIN.network);
  const dhcp = elementAt(network.definition, 'ip', 'dhcp');
  if (dhcp === undefined) throw invalid(`couldn't find any 'ip' element with a DHCP server in network '${network.name}'`);
  const change = CHANGES.get(command);
  if (change === undefined) throw invalid(`unrecognized network update command code ${command}`);
  change({ dhcp, host, known: elementsOf(dhcp, 'host').find((each) => isSameHost(each, host)), network: network.name, xml });
}

interface HostChange {
  readonly dhcp: XmlElement;
  readonly host: XmlElement;
  readonly known: XmlElement | undefined;
  readonly network: string;
  readonly xml: string;
}

const CHANGES: ReadonlyMap<number, (change: HostChange) => void> = new Map([
  [COMMAND.addLast, (change: HostChange) => addHost(change, (dhcp, host) => dhcp.children.push(host))],
  [COMMAND.addFirst, (change: HostChange) => addHost(change, (dhcp, host) => dhcp.children.unshift(host))],
  [COMMAND.delete, removeHost],
  [
    COMMAND.modify,
    (change: HostChange) => {
      removeHost(change);
      change.dhcp.children.push(change.host);
    },
  ],
]);

function addHost({ dhcp, host, known, network, xml }: HostChange, put: (dhcp: XmlElement, host: XmlElement) => void): void {
  if (known !== undefined) throw invalid(`there is an existing dhcp host entry in network '${network}' that matches "${xml}"`);
  put(dhcp, host);
}

function removeHost({ dhcp, known, network }: HostChange): void {
  if (known === undefined) throw invalid(`couldn't locate a matching dhcp host entry in network '${network}'`);
  removeElements(dhcp, (child) => child === known);
}

function isSameHost(known: XmlElement, host: XmlElement): boolean {
  const mac = host.attributes.get('mac')?.toLowerCase();
  return mac === undefined ? known.attributes.get('ip') === host.attributes.get('ip') : known.attributes.get('mac')?.toLowerCase() === mac;
}
