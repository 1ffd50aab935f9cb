import { isMulticastMacAddress, normalizeMacAddress } from '@ferric/core';
import { attributeOf, childrenOf, elementAt, valueAt, type RibclElement } from '../wire/element.js';
import { unreadable } from '../wire/unreadable.js';
import { parseSize } from './sizes.js';

/** A port of a network card on the board. */
export interface HealthNetworkPort {
  /** `Port 1`; several cards count from 1 each. */
  readonly port: string;
  /** Lower case with colons. */
  readonly macAddress: string;
}

/** What the health report tells about the parts of the machine. */
export interface HealthInventory {
  /** Null when the report tells nothing about memory. */
  readonly memoryMegabytes: number | null;
  /** Logical processors, that is threads. Null when the report tells nothing about processors. */
  readonly cpus: number | null;
  /** Every ProLiant that speaks RIBCL has it. */
  readonly cpuArchitecture: 'x86_64';
  /** The smallest logical drive in whole gibibytes, less one so that an image of this size surely fits; 0 when there is none. */
  readonly localGigabytes: number;
  /** Ports on the board, whether a cable is in or not. */
  readonly networkPorts: readonly HealthNetworkPort[];
  /** Versions by the name of the firmware, as the controller writes both. */
  readonly firmware: Readonly<Record<string, string>>;
  /** `2.02 Sep 05 2014` */
  readonly iloFirmwareVersion: string | null;
  /** `11/26/2014` */
  readonly romFirmwareVersion: string | null;
  /** Graphics cards, of which only the temperature is told. */
  readonly gpuDevices: number;
}

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;
/** What the report writes for a place without memory. */
const NO_MEMORY = /^(?:n\/a|not installed|not present|)$/i;
/** Firmware of G7 servers has lost a letter. */
const NETWORK_CONTAINERS = ['NIC_INFORMATION', 'NIC_INFOMATION'];

/**
 * What the report of `readEmbeddedHealth` tells about the parts of the machine. Source of the rules: proliantutils, ilo/ribcl.py.
 * @throws PROTOCOL_FAULT for a number of threads or a size that cannot be read.
 */
export function readInventory(report: RibclElement): HealthInventory {
  const firmware = readFirmware(report);
  return {
    memoryMegabytes: readMemory(report),
    cpus: readCpus(report),
    cpuArchitecture: 'x86_64',
    localGigabytes: readLocalGigabytes(report),
    networkPorts: readNetworkPorts(report),
    firmware,
    iloFirmwareVersion: firmware['iLO'] ?? null,
    romFirmwareVersion: firmware['HP ProLiant System ROM'] ?? null,
    gpuDevices: childrenOf(elementAt(report, 'TEMPERATURE'), 'TEMP').filter((sensor) => valueAt(sensor, 'LABEL')?.includes('GPU') === true).length,
  };
}

/** Newer firmware sums up each board, that of G7 servers lists each place. */
function readMemory(report: RibclElement): number | null {
  const boards = elementAt(report, 'MEMORY', 'MEMORY_DETAILS_SUMMARY')?.children.map((board) => valueAt(board, 'TOTAL_MEMORY_SIZE'));
  const places = elementAt(report, 'MEMORY', 'MEMORY_COMPONENTS')?.children.map((place) => valueAt(place, 'MEMORY_SIZE'));
  const sizes = (boards ?? places)?.filter((size) => !NO_MEMORY.test(size ?? ''));
  return sizes?.reduce((sum, size) => sum + Math.floor(requiredSize(size, 'a size of memory') / MEBIBYTE), 0) ?? null;
}

function readCpus(report: RibclElement): number | null {
  const processors = elementAt(report, 'PROCESSORS')?.children;
  if (processors === undefined || processors.length === 0) return null;
  const texts = processors.flatMap((processor) => processor.children).flatMap((child) => attributeOf(child, 'VALUE')?.split('; ') ?? []);
  return texts.filter((text) => text.includes('thread')).reduce((sum, text) => sum + readThreads(text), 0);
}

/** `16 threads` */
function readThreads(text: string): number {
  const count = /^(\d{1,6}) /.exec(text.trim())?.[1];
  if (count === undefined) throw unreadable('a processor does not tell how many threads it has', text);
  return Number(count);
}

function readLocalGigabytes(report: RibclElement): number {
  const controllers = childrenOf(report, 'STORAGE').flatMap((storage) => childrenOf(storage, 'CONTROLLER'));
  const drives = controllers.flatMap((controller) => childrenOf(controller, 'LOGICAL_DRIVE'));
  const sizes = drives.flatMap((drive) => {
    const capacity = valueAt(drive, 'CAPACITY');
    return capacity === undefined ? [] : [Math.floor(requiredSize(capacity, 'the size of a logical drive') / GIBIBYTE)];
  });
  return sizes.length === 0 ? 0 : Math.max(0, Math.min(...sizes) - 1);
}

function readNetworkPorts(report: RibclElement): readonly HealthNetworkPort[] {
  const cards = childrenOf(report, ...NETWORK_CONTAINERS).flatMap((container) => childrenOf(container, 'NIC'));
  // Firmware of G7 servers tells no location, and lists what is on the board only.
  const ports = cards.filter((card) => (valueAt(card, 'LOCATION') ?? 'Embedded') === 'Embedded').flatMap(readPort);
  return [...new Map(ports.map((port) => [port.macAddress, port])).values()];
}

function readPort(card: RibclElement): readonly HealthNetworkPort[] {
  const macAddress = normalizeMacAddress(valueAt(card, 'MAC_ADDRESS') ?? '');
  if (macAddress === undefined || isMulticastMacAddress(macAddress) || macAddress === '00:00:00:00:00:00') return [];
  return [{ port: valueAt(card, 'NETWORK_PORT') ?? '', macAddress }];
}

function readFirmware(report: RibclElement): Readonly<Record<string, string>> {
  const parts = childrenOf(report, 'FIRMWARE_INFORMATION').flatMap((list) => list.children);
  return Object.fromEntries(
    parts.flatMap((part) => {
      const name = valueAt(part, 'FIRMWARE_NAME');
      return name === undefined || name === '' ? [] : [[name, valueAt(part, 'FIRMWARE_VERSION') ?? '']];
    }),
  );
}

function requiredSize(text: string | undefined, what: string): number {
  const size = parseSize(text);
  if (size === undefined) throw unreadable(`${what} is not told as one`, text);
  return size;
}
