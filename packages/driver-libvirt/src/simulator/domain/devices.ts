import { normalizeMacAddress } from '@ferric/core';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { cloneElement, elementAt, elementsOf, removeElements, xmlElement, type XmlElement } from '../xml/element.js';
import { parseXml, XmlFault } from '../xml/parse-xml.js';

const failed = (kind: (typeof ERROR)[keyof typeof ERROR], text: string): RemoteError => new RemoteError(kind, ERROR_DOMAIN.qemu, text);

/** Buses whose disks cannot come or go while the machine runs. */
const FIXED_BUSES: ReadonlySet<string | undefined> = new Set(['ide', 'sata', 'fdc']);
/** Drives whose medium can be changed while the machine runs. */
const REMOVABLE: ReadonlySet<string | undefined> = new Set(['cdrom', 'floppy']);

/** How a device is told from others of its kind: disks by target, network cards by MAC address; others are not told apart. */
interface DeviceKey {
  readonly kind: string;
  readonly value: string;
}

/** Reads one device. @throws RemoteError 35 when it is no XML */
export function parseDevice(text: string): XmlElement {
  try {
    return parseXml(text);
  } catch (error) {
    if (error instanceof XmlFault) throw new RemoteError(ERROR.xmlDetail, ERROR_DOMAIN.domain, `(device_definition):${error.line}: ${error.message}`);
    throw error;
  }
}

const KEYS: ReadonlyMap<string, (device: XmlElement) => string | undefined> = new Map([
  ['disk', (device: XmlElement) => elementAt(device, 'target')?.attributes.get('dev')],
  ['interface', (device: XmlElement) => normalizeMacAddress(elementAt(device, 'mac')?.attributes.get('address') ?? '')],
]);

function keyOf(device: XmlElement): DeviceKey {
  const read = KEYS.get(device.name);
  if (read === undefined) throw failed(ERROR.operationUnsupported, `this simulator changes disks and interfaces, not '${device.name}'`);
  const value = read(device);
  if (value === undefined) {
    throw new RemoteError(ERROR.xml, ERROR_DOMAIN.domain, device.name === 'disk' ? 'missing target' : 'missing MAC address');
  }
  return { kind: device.name, value };
}

function find(domain: XmlElement, { kind, value }: DeviceKey): XmlElement | undefined {
  return elementsOf(elementAt(domain, 'devices'), kind).find((device) => KEYS.get(kind)?.(device) === value);
}

function devicesOf(domain: XmlElement): XmlElement {
  const known = elementAt(domain, 'devices');
  if (known !== undefined) return known;
  const devices = xmlElement('devices');
  domain.children.push(devices);
  return devices;
}

function replace(domain: XmlElement, old: XmlElement, device: XmlElement): void {
  const devices = devicesOf(domain);
  devices.children = devices.children.map((child) => (child === old ? device : child));
}

/** Changes a device of the definition. @throws RemoteError 8 when it has none like it */
export function updateInDefinition(domain: XmlElement, device: XmlElement): void {
  const key = keyOf(device);
  const old = find(domain, key);
  const text = key.kind === 'disk' ? `target ${key.value} doesn't exist.` : `no device matching MAC address ${key.value}`;
  if (old === undefined) throw failed(ERROR.invalidArgument, text);
  const updated = cloneElement(device);
  removeElements(updated, (child) => child.name === 'alias');
  replace(domain, old, updated);
}

/** Changes a device of the running machine: the medium of a drive, or a network card. @throws RemoteError 1, 84 */
export function updateInMachine(domain: XmlElement, device: XmlElement): void {
  const key = keyOf(device);
  const old = find(domain, key);
  if (old === undefined) {
    throw failed(ERROR.internal, key.kind === 'disk' ? `disk '${key.value}' not found` : `no device matching MAC address ${key.value}`);
  }
  if (key.kind === 'disk' && !REMOVABLE.has(old.attributes.get('device'))) {
    throw failed(ERROR.operationUnsupported, "cannot modify field 'source' (or it's parts) of the disk");
  }
  const updated = cloneElement(device);
  removeElements(updated, (child) => child.name === 'alias');
  const alias = elementAt(old, 'alias');
  if (alias !== undefined) updated.children.push(cloneElement(alias));
  replace(domain, old, updated);
}

/** @param isRunning whether the machine itself is changed, not its definition. @throws RemoteError 1, 55 */
export function attachDevice(domain: XmlElement, device: XmlElement, isRunning: boolean): void {
  const key = keyOf(device);
  if (find(domain, key) !== undefined) {
    throw failed(ERROR.operationInvalid, key.kind === 'disk' ? `target ${key.value} already exists` : `a device with MAC address ${key.value} exists`);
  }
  if (isRunning) requireHotplug(device);
  devicesOf(domain).children.push(cloneElement(device));
}

/** @throws RemoteError 1, 99 */
export function detachDevice(domain: XmlElement, device: XmlElement, isRunning: boolean): void {
  const key = keyOf(device);
  const old = find(domain, key);
  if (old === undefined) {
    throw failed(ERROR.deviceMissing, key.kind === 'disk' ? `no target device ${key.value}` : `no device matching MAC address ${key.value} found`);
  }
  if (isRunning) requireHotplug(old);
  removeElements(devicesOf(domain), (child) => child === old);
}

function requireHotplug(device: XmlElement): void {
  const bus = elementAt(device, 'target')?.attributes.get('bus');
  if (device.name !== 'disk' || !FIXED_BUSES.has(bus)) return;
  throw failed(ERROR.internal, `unable to execute QEMU command 'device_add': Bus '${bus}.0' does not support hotplugging`);
}
