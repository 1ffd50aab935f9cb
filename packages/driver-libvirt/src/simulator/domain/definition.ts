import { randomBytes, randomUUID } from 'node:crypto';
import { isMulticastMacAddress, isUuid, normalizeMacAddress } from '@ferric/core';
import { ERROR, ERROR_DOMAIN, missingNameError, RemoteError } from '../wire/remote-error.js';
import { elementAt, elementsOf, insertBehind, removeElements, textOf, walk, xmlElement, type XmlElement } from '../xml/element.js';
import { parseDocument } from '../xml/parse-document.js';
import { sizeOf } from '../xml/sizes.js';
import { BEFORE_BOOT, isBootName, orderedDevices } from './boot-order.js';

/** A definition that was checked and completed as libvirt does. */
export interface DomainDefinition {
  readonly name: string;
  readonly uuid: string;
  readonly element: XmlElement;
}

const VIRTUALIZATION_TYPES: ReadonlySet<string | undefined> = new Set([
  'qemu', 'kvm', 'hvf', 'xen', 'lxc', 'test', 'vmware', 'hyperv', 'vbox', 'bhyve', 'parallels', 'vz', 'openvz',
]);

/** Machine types that stand for the newest of their kind. */
const MACHINE_ALIASES: ReadonlyMap<string, string> = new Map([['pc', 'pc-i440fx-7.2'], ['q35', 'pc-q35-7.2']]);

const xmlFault = (text: string): RemoteError => new RemoteError(ERROR.xml, ERROR_DOMAIN.domain, text);
const unsupported = (text: string, domain: number = ERROR_DOMAIN.domain): RemoteError => new RemoteError(ERROR.unsupportedConfiguration, domain, text);

/**
 * Reads what a caller wants to define. What it does not understand is kept. Completed: uuid, memory in KiB, vcpu, machine
 * type, boot order, MAC addresses, actions; taken away: what only a running machine has.
 * @throws RemoteError with the code that libvirt 9.0.0 gives.
 */
export function parseDefinition(text: string): DomainDefinition {
  const element = parseDocument(text, 'domain_definition', 'domain', ERROR_DOMAIN.domain);
  const type = element.attributes.get('type');
  if (type === undefined) throw xmlFault('missing domain type attribute');
  if (!VIRTUALIZATION_TYPES.has(type)) throw unsupported(`invalid domain type ${type}`);
  removeLiveParts(element);
  const name = completeName(element);
  const uuid = completeUuid(element);
  completeMemory(element);
  completeSystem(element);
  completeBootOrder(element);
  completeActions(element);
  for (const nic of elementsOf(elementAt(element, 'devices'), 'interface')) completeMacAddress(nic);
  return { name, uuid, element };
}

/** Numbers, aliases and names that a running machine was given. A client may well send them back; they are not part of a definition. */
function removeLiveParts(domain: XmlElement): void {
  domain.attributes.delete('id');
  for (const device of elementsOf(elementAt(domain, 'devices'))) {
    for (const part of walk(device)) {
      removeElements(part, (child) => child.name === 'alias' && !(child.attributes.get('name') ?? '').startsWith('ua-'));
    }
    if (device.name === 'interface') removeElements(device, isMadeUpTarget);
    if (device.name === 'graphics' && device.attributes.get('autoport') === 'yes') device.attributes.set('port', '-1');
    if (device.name !== 'serial' && device.name !== 'console') continue;
    device.attributes.delete('tty');
    if (device.attributes.get('type') === 'pty') removeElements(device, (child) => child.name === 'source');
  }
}

function isMadeUpTarget({ name, attributes }: XmlElement): boolean {
  return name === 'target' && (attributes.get('dev') ?? '').startsWith('vnet');
}

function completeName(domain: XmlElement): string {
  const name = textOf(elementAt(domain, 'name')) ?? '';
  if (name === '') throw missingNameError(ERROR_DOMAIN.domain);
  if (name.includes('/')) throw xmlFault(`name ${name} cannot contain '/'`);
  return name;
}

function completeUuid(domain: XmlElement): string {
  const given = elementAt(domain, 'uuid');
  const uuid = given === undefined ? randomUUID() : (textOf(given) ?? '').toLowerCase();
  if (!isUuid(uuid)) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.domain, 'malformed uuid element');
  if (given === undefined) insertBehind(domain, ['name'], xmlElement('uuid', {}, [uuid]));
  else given.children = [uuid];
  return uuid;
}

function completeMemory(domain: XmlElement): void {
  const memory = elementAt(domain, 'memory');
  const bytes = sizeOf(memory, 'KiB');
  if (memory === undefined || bytes === undefined || bytes === 0n) throw xmlFault("missing or malformed 'memory' element");
  setKibibytes(memory, bytes);
  const current = elementAt(domain, 'currentMemory');
  if (current === undefined) insertBehind(domain, ['memory'], xmlElement('currentMemory', { unit: 'KiB' }, [String(bytes / 1024n)]));
  else setKibibytes(current, sizeOf(current, 'KiB') ?? bytes);
  if (elementAt(domain, 'vcpu') === undefined) insertBehind(domain, ['currentMemory'], xmlElement('vcpu', { placement: 'static' }, ['1']));
}

function setKibibytes(element: XmlElement, bytes: bigint): void {
  element.attributes.set('unit', 'KiB');
  element.children = [String(bytes / 1024n)];
}

function completeSystem(domain: XmlElement): void {
  const os = elementAt(domain, 'os');
  const type = elementAt(os, 'type');
  if (os === undefined || type === undefined || textOf(type) === '') throw xmlFault('an os <type> must be specified');
  const machine = type.attributes.get('machine') ?? 'pc';
  type.attributes.set('arch', type.attributes.get('arch') ?? 'x86_64');
  type.attributes.set('machine', MACHINE_ALIASES.get(machine) ?? machine);
  const wantsUefi = os.attributes.get('firmware') === 'efi' || elementAt(os, 'loader')?.attributes.get('type') === 'pflash';
  const isPc = type.attributes.get('arch') === 'x86_64';
  if (wantsUefi && isPc && elementAt(domain, 'features', 'acpi') === undefined) {
    throw unsupported('UEFI requires ACPI on this architecture', ERROR_DOMAIN.qemu);
  }
}

function completeBootOrder(domain: XmlElement): void {
  const os = elementAt(domain, 'os');
  const named = elementsOf(os, 'boot').map((boot) => boot.attributes.get('dev'));
  const wrong = named.find((name) => !isBootName(name));
  if (wrong !== undefined) throw new RemoteError(ERROR.xml, ERROR_DOMAIN.xml, `Invalid value for attribute 'dev' in element 'boot': '${wrong}'.`);
  const orders = orderedDevices(domain).map(({ order }) => order);
  if (orders.length > 0 && named.length > 0) throw unsupported('per-device boot elements cannot be used together with os/boot elements');
  for (const [index, order] of orders.entries()) {
    const malformed = `Invalid value for attribute 'order' in element 'boot': '${order}'. Expected non-negative integer value.`;
    if (!/^[1-9][0-9]{0,8}$/.test(order)) throw new RemoteError(ERROR.xml, ERROR_DOMAIN.xml, malformed);
    if (orders[index + 1] === order) throw unsupported(`boot order '${order}' used for more than one device`);
  }
  if (os !== undefined && orders.length + named.length === 0) insertBehind(os, BEFORE_BOOT, xmlElement('boot', { dev: 'hd' }));
}

function completeActions(domain: XmlElement): void {
  const before = ['os', 'features', 'cpu', 'clock'];
  for (const [name, action] of [['on_poweroff', 'destroy'], ['on_reboot', 'restart'], ['on_crash', 'destroy']] as const) {
    if (elementAt(domain, name) === undefined) insertBehind(domain, before, xmlElement(name, {}, [action]));
    before.push(name);
  }
}

function completeMacAddress(nic: XmlElement): void {
  const mac = elementAt(nic, 'mac');
  const given = mac?.attributes.get('address');
  if (given === undefined) {
    removeElements(nic, (child) => child.name === 'mac');
    nic.children.unshift(xmlElement('mac', { address: makeMacAddress() }));
    return;
  }
  const address = normalizeMacAddress(given);
  if (address === undefined) throw xmlFault(`unable to parse mac address '${given}'`);
  if (isMulticastMacAddress(address)) throw xmlFault(`expected unicast mac address, found multicast '${given}'`);
  mac?.attributes.set('address', address);
}

/** A MAC address of the range that QEMU gives to machines. */
export function makeMacAddress(): string {
  return `52:54:00:${randomBytes(3).toString('hex').replace(/..(?=.)/g, '$&:')}`;
}

/** The MAC addresses of a machine with this definition. */
export function macAddressesOf(domain: XmlElement): string[] {
  return elementsOf(elementAt(domain, 'devices'), 'interface').flatMap((nic) => elementAt(nic, 'mac')?.attributes.get('address') ?? []);
}
