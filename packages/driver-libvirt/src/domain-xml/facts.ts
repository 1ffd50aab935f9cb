import { normalizeMacAddress, type JsonObject } from '@ferric/core';
import { attributeOf, childOf, childrenOf, elementAt, textOf } from './elements.js';
import type { XmlDocument, XmlElement } from './document.js';

/** What a definition tells about a machine. */
export interface DomainFacts {
  /** Lower case with colons, in the order of the interfaces. */
  readonly macAddresses: readonly string[];
  /** Processors that the machine starts with. */
  readonly cpus: number | undefined;
  readonly memoryMegabytes: number | undefined;
  readonly architecture: string | undefined;
  readonly machine: string | undefined;
  readonly manufacturer: string | undefined;
  readonly product: string | undefined;
  readonly serialNumber: string | undefined;
  readonly disks: readonly DiskFacts[];
  readonly interfaces: readonly JsonObject[];
}

export interface DiskFacts {
  /** `vda`. */
  readonly target: string;
  readonly details: JsonObject;
}

/** MAC addresses of the machine's interfaces, lower case with colons. */
export function macAddresses(document: XmlDocument): readonly string[] {
  return interfacesOf(document).flatMap((element) => {
    const address = normalizeMacAddress(attributeOf(childOf(element, 'mac'), 'address') ?? '');
    return address === undefined ? [] : [address];
  });
}

export function readFacts(document: XmlDocument): DomainFacts {
  const { root } = document;
  const type = elementAt(root, 'os', 'type');
  const vcpu = childOf(root, 'vcpu');
  const system = new Map(
    childrenOf(root, 'sysinfo')
      .flatMap((sysinfo) => childrenOf(childOf(sysinfo, 'system'), 'entry'))
      .map((entry) => [attributeOf(entry, 'name'), textOf(entry)]),
  );
  return {
    macAddresses: macAddresses(document),
    cpus: wholeNumber(attributeOf(vcpu, 'current') ?? textOf(vcpu)),
    memoryMegabytes: megabytes(childOf(root, 'memory')),
    architecture: attributeOf(type, 'arch'),
    machine: attributeOf(type, 'machine'),
    manufacturer: system.get('manufacturer'),
    product: system.get('product'),
    serialNumber: system.get('serial'),
    disks: childrenOf(childOf(root, 'devices'), 'disk').map(diskFacts),
    interfaces: interfacesOf(document).map(interfaceFacts),
  };
}

/** Bytes in one of each unit; without a unit it is KiB. Names are compared in lower case. Source: libvirt, docs/formatdomain.rst, "Memory Allocation". */
const UNITS: Readonly<Record<string, number>> = {
  b: 1, byte: 1, bytes: 1,
  kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12,
  k: 2 ** 10, kib: 2 ** 10, m: 2 ** 20, mib: 2 ** 20, g: 2 ** 30, gib: 2 ** 30, t: 2 ** 40, tib: 2 ** 40,
};

function megabytes(memory: XmlElement | undefined): number | undefined {
  const amount = wholeNumber(textOf(memory));
  const unit = UNITS[(attributeOf(memory, 'unit') ?? 'KiB').toLowerCase()];
  return amount === undefined || unit === undefined ? undefined : Math.floor((amount * unit) / 2 ** 20);
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function interfacesOf(document: XmlDocument): readonly XmlElement[] {
  return childrenOf(childOf(document.root, 'devices'), 'interface');
}

function diskFacts(disk: XmlElement): DiskFacts {
  const target = childOf(disk, 'target');
  const source = childOf(disk, 'source');
  return {
    target: attributeOf(target, 'dev') ?? '',
    details: present({
      target: attributeOf(target, 'dev'),
      device: attributeOf(disk, 'device') ?? 'disk',
      bus: attributeOf(target, 'bus'),
      type: attributeOf(disk, 'type'),
      format: attributeOf(childOf(disk, 'driver'), 'type'),
      source: attributeOf(source, 'file') ?? attributeOf(source, 'dev') ?? attributeOf(source, 'volume') ?? attributeOf(source, 'name'),
      serial: textOf(childOf(disk, 'serial')),
    }),
  };
}

function interfaceFacts(element: XmlElement): JsonObject {
  const source = childOf(element, 'source');
  return present({
    mac: normalizeMacAddress(attributeOf(childOf(element, 'mac'), 'address') ?? ''),
    type: attributeOf(element, 'type'),
    source: attributeOf(source, 'network') ?? attributeOf(source, 'bridge') ?? attributeOf(source, 'dev'),
    model: attributeOf(childOf(element, 'model'), 'type'),
  });
}

function present(values: Readonly<Record<string, string | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}
