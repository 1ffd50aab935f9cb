import { makeMacAddress } from '../domain/definition.js';
import { ERROR, ERROR_DOMAIN, missingNameError, RemoteError } from '../wire/remote-error.js';
import type { NamedReference } from '../wire/structs.js';
import { elementAt, insertBehind, xmlElement, type XmlElement } from '../xml/element.js';
import { identify } from '../xml/identity.js';
import { parseDocument } from '../xml/parse-document.js';

/** Most networks of one hypervisor. Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_NETWORK_LIST_MAX. */
const MOST_NETWORKS = 16_384;

/** One network. A change of the definition counts at once here; libvirt waits for the next start in some cases. */
export interface VirtualNetwork {
  readonly name: string;
  readonly uuid: string;
  definition: XmlElement;
  isActive: boolean;
  isPersistent: boolean;
  autostart: boolean;
}

const fault = (kind: (typeof ERROR)[keyof typeof ERROR], text: string): RemoteError => new RemoteError(kind, ERROR_DOMAIN.network, text);

/** The networks of one hypervisor. */
export class Networks {
  readonly #networks = new Map<string, VirtualNetwork>();

  list(): VirtualNetwork[] {
    return [...this.#networks.values()];
  }

  byReference({ uuid, name }: NamedReference): VirtualNetwork {
    const network = this.#networks.get(uuid);
    if (network === undefined) throw fault(ERROR.noNetwork, `no network with matching uuid '${uuid}' (${name})`);
    return network;
  }

  byUuid(uuid: string): VirtualNetwork {
    const network = this.#networks.get(uuid);
    if (network === undefined) throw fault(ERROR.noNetwork, `no network with matching uuid '${uuid}'`);
    return network;
  }

  byName(name: string): VirtualNetwork {
    const network = this.find(name);
    if (network === undefined) throw fault(ERROR.noNetwork, `no network with matching name '${name}'`);
    return network;
  }

  find(name: string): VirtualNetwork | undefined {
    return this.list().find((each) => each.name === name);
  }

  define(text: string): VirtualNetwork {
    const network = this.#put(text);
    network.isPersistent = true;
    return network;
  }

  createTransient(text: string): VirtualNetwork {
    const network = this.#put(text);
    this.start(network);
    return network;
  }

  start(network: VirtualNetwork): void {
    if (network.isActive) throw fault(ERROR.operationInvalid, 'network is already active');
    network.isActive = true;
  }

  stop(network: VirtualNetwork): void {
    if (!network.isActive) throw fault(ERROR.operationInvalid, `network '${network.name}' is not active`);
    network.isActive = false;
    if (!network.isPersistent) this.#networks.delete(network.uuid);
  }

  undefine(network: VirtualNetwork): void {
    if (!network.isPersistent) throw fault(ERROR.operationInvalid, "can't undefine transient network");
    network.isPersistent = false;
    network.autostart = false;
    if (!network.isActive) this.#networks.delete(network.uuid);
  }

  #put(text: string): VirtualNetwork {
    const definition = parseDocument(text, 'network_definition', 'network', ERROR_DOMAIN.network);
    const missingName = missingNameError(ERROR_DOMAIN.network);
    const { name, uuid, known } = identify(definition, { what: 'network', errorDomain: ERROR_DOMAIN.network, all: this.list(), missingName });
    completeBridge(definition, this.list());
    if (known !== undefined) known.definition = definition;
    else if (this.#networks.size >= MOST_NETWORKS) throw fault(ERROR.operationFailed, `this simulator holds ${MOST_NETWORKS} networks`);
    const network = known ?? { name, uuid, definition, isActive: false, isPersistent: false, autostart: false };
    this.#networks.set(uuid, network);
    return network;
  }
}

/** The bridge of a network; undefined when it has none. */
export function bridgeOf(network: VirtualNetwork): string | undefined {
  return elementAt(network.definition, 'bridge')?.attributes.get('name');
}

function completeBridge(definition: XmlElement, others: readonly VirtualNetwork[]): void {
  const before = ['name', 'uuid', 'metadata', 'forward', 'bridge'];
  const mode = elementAt(definition, 'forward')?.attributes.get('mode') ?? 'nat';
  if (!['nat', 'route', 'open'].includes(mode)) return;
  if (elementAt(definition, 'bridge') === undefined) {
    const taken = new Set(others.map(bridgeOf));
    const free = Array.from({ length: others.length + 1 }, (_, index) => `virbr${index}`).find((name) => !taken.has(name));
    insertBehind(definition, before, xmlElement('bridge', { name: free ?? 'virbr0', stp: 'on', delay: '0' }));
  }
  if (elementAt(definition, 'mac') === undefined) insertBehind(definition, before, xmlElement('mac', { address: makeMacAddress() }));
}
