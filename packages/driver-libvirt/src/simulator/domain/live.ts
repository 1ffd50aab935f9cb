import { cloneElement, elementAt, elementsOf, insertBehind, removeElements, xmlElement, type XmlElement } from '../xml/element.js';

/** Devices that get an alias when the machine starts, with what their alias begins with. */
const ALIAS_PREFIXES: ReadonlyMap<string, string> = new Map([
  ['disk', 'disk'], ['interface', 'net'], ['serial', 'serial'], ['console', 'console'], ['controller', 'controller'],
  ['video', 'video'], ['input', 'input'], ['channel', 'channel'], ['tpm', 'tpm'], ['rng', 'rng'],
]);

const FIRST_VNC_PORT = 5900;

/**
 * What a machine is made of while it runs: its definition of the moment when it started, with a number, aliases, network
 * devices of the host and terminals, as libvirt shows them.
 */
export function liveFrom(definition: XmlElement, id: number): XmlElement {
  const live = cloneElement(definition);
  live.attributes.set('id', String(id));
  const counts = new Map<string, number>();
  for (const device of elementsOf(elementAt(live, 'devices'))) {
    const index = counts.get(device.name) ?? 0;
    counts.set(device.name, index + 1);
    addAlias(device, index);
    LIVE_PARTS.get(device.name)?.(device, { id, index });
  }
  return live;
}

function addAlias(device: XmlElement, index: number): void {
  const prefix = ALIAS_PREFIXES.get(device.name);
  if (prefix === undefined || elementAt(device, 'alias') !== undefined) return;
  device.children.push(xmlElement('alias', { name: `${prefix}${index}` }));
}

interface Place {
  readonly id: number;
  readonly index: number;
}

const LIVE_PARTS: ReadonlyMap<string, (device: XmlElement, place: Place) => void> = new Map([
  ['interface', addHostDevice],
  ['serial', addTerminal],
  ['console', addTerminal],
  ['graphics', addPort],
]);

function addHostDevice(nic: XmlElement, { id, index }: Place): void {
  if (elementAt(nic, 'target') === undefined) insertBehind(nic, ['mac', 'source'], xmlElement('target', { dev: `vnet${id}${index}` }));
}

function addTerminal(device: XmlElement, { id }: Place): void {
  if (device.attributes.get('type') !== 'pty') return;
  const path = `/dev/pts/${id}`;
  removeElements(device, (child) => child.name === 'source');
  device.children.unshift(xmlElement('source', { path }));
  if (device.name === 'console') device.attributes.set('tty', path);
}

function addPort(graphics: XmlElement, { id }: Place): void {
  const isFree = graphics.attributes.get('autoport') === 'yes' || graphics.attributes.get('port') === '-1';
  if (isFree) graphics.attributes.set('port', String(FIRST_VNC_PORT + id - 1));
}

/** A copy without passwords, for callers that did not ask for them. */
export function withoutPasswords(domain: XmlElement): XmlElement {
  const copy = cloneElement(domain);
  for (const graphics of elementsOf(elementAt(copy, 'devices'), 'graphics')) {
    graphics.attributes.delete('passwd');
    graphics.attributes.delete('passwdValidTo');
  }
  return copy;
}
