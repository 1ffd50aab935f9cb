import {
  FerricError, isMulticastMacAddress, normalizeMacAddress, withCapability, type FoundInventory, type FoundPort, type JsonObject, type JsonValue, type NodeChanges,
  type NodeView,
} from '@ferric/core';
import { asObject } from '../client/agent-json.js';
import { normalizeBootInterface } from '../rules/inspection.js';
import type { AddedPorts } from './settings.js';

/** A network interface that can become a port. */
interface FoundInterface {
  readonly name: string;
  readonly address: string;
  readonly hasIp: boolean;
}

/**
 * What an inspection changes on a node. Pure.
 * @throws REFUSED when the ramdisk says that it failed, or has found no interface that can be used.
 * Source: Ironic, ironic/drivers/modules/inspector/hooks (ramdisk-error, validate-interfaces, ports, architecture, memory, root-device, boot-mode).
 */
export function readFindings(node: Pick<NodeView, 'properties'>, found: FoundInventory, addPorts: AddedPorts): NodeChanges {
  const error = found.pluginData['error'];
  if (typeof error === 'string' && error !== '') {
    throw new FerricError('REFUSED', `Ramdisk reported error: ${error}`, { hint: 'The log of the ramdisk, on the machine, tells more.' });
  }
  return {
    properties: findProperties(node, found),
    ports: findPorts(found, addPorts),
    inventory: found,
  };
}

function findPorts({ inventory, pluginData }: FoundInventory, addPorts: AddedPorts): readonly FoundPort[] {
  const interfaces = usableInterfaces(inventory['interfaces'] ?? null);
  if (interfaces.length === 0) {
    throw new FerricError('REFUSED', 'The ramdisk has found no network interface with a MAC address that can be used', {
      hint: 'Look at the inventory: a driver for the network card may be missing in the ramdisk.',
    });
  }
  const bootAddress = normalizeBootInterface(pluginData['boot_interface']) ?? normalizeBootInterface(asObject(inventory['boot'])?.['pxe_interface']);
  // Where nobody knows what it booted from, it may have been any that has an address.
  const rule = addPorts === 'pxe' && bootAddress === undefined ? 'active' : addPorts;
  return interfaces
    .filter((each) => WANTED[rule](each, bootAddress))
    .map(({ address }) => ({ address, pxeEnabled: bootAddress === undefined || address === bootAddress }));
}

const WANTED: Readonly<Record<AddedPorts, (found: FoundInterface, bootAddress: string | undefined) => boolean>> = {
  pxe: ({ address }, bootAddress) => address === bootAddress,
  active: ({ hasIp }) => hasIp,
  all: () => true,
  disabled: () => false,
};

/** Without loopback, without those whose address is missing, of a group or no MAC address at all, and each address once. */
function usableInterfaces(value: JsonValue): readonly FoundInterface[] {
  const entries = Array.isArray(value) ? value.map((entry: JsonValue) => asObject(entry) ?? {}) : [];
  const found = new Map<string, FoundInterface>();
  for (const { name, mac_address: mac, ipv4_address: ipv4, ipv6_address: ipv6 } of entries) {
    const address = typeof mac === 'string' ? normalizeMacAddress(mac) : undefined;
    const addresses = [ipv4, ipv6].filter((ip): ip is string => typeof ip === 'string' && ip !== '');
    const isLoopback = name === 'lo' || addresses.some((ip) => ip.startsWith('127.') || ip === '::1');
    if (address === undefined || isMulticastMacAddress(address) || address === '00:00:00:00:00:00' || isLoopback || found.has(address)) continue;
    found.set(address, { name: typeof name === 'string' ? name : '', address, hasIp: addresses.length > 0 });
  }
  return [...found.values()];
}

const GIBIBYTE = 1024 ** 3;

/** What was not found stays as it is on the node. */
function findProperties(node: Pick<NodeView, 'properties'>, { inventory, pluginData }: FoundInventory): JsonObject {
  const cpu = asObject(inventory['cpu']);
  const rootDiskBytes = count(asObject(pluginData['root_disk'])?.['size']);
  const bootMode = asObject(inventory['boot'])?.['current_boot_mode'];
  const capabilities = node.properties['capabilities'];
  return withoutUndefined({
    cpu_arch: text(cpu?.['architecture']),
    cpus: count(cpu?.['count']),
    memory_mb: count(asObject(inventory['memory'])?.['physical_mb']),
    // One GiB is left for partitions that a deployment adds. Source: Ironic, inspector/hooks/root_device.py (disk_partitioning_spacing).
    local_gb: rootDiskBytes === undefined ? undefined : Math.max(0, Math.floor(rootDiskBytes / GIBIBYTE) - 1),
    capabilities: bootMode === 'bios' || bootMode === 'uefi' ? withCapability(capabilities as string | undefined, 'boot_mode', bootMode) : undefined,
  });
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function count(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : undefined;
}

function withoutUndefined(values: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}
