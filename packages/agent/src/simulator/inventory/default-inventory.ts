import type { JsonObject } from '@ferric/core';
import type { Disk } from '../disk/disk.js';

export interface DefaultInventoryOptions {
  readonly macAddresses: readonly string[];
  readonly disks: readonly Pick<Disk, 'name' | 'sizeBytes' | 'sectorBytes'>[];
  /** The parameter BOOTIF as it is, or null. */
  readonly bootInterface: string | null;
  /** Address of the first network card, or null. One of this machine's loopback is left out: no network card has it, and inspections drop such interfaces. */
  readonly ipv4Address: string | null;
  readonly hostname: string;
  readonly bootMode: 'bios' | 'uefi';
}

const GIBIBYTE = 1024 ** 3;
const MEMORY_GIBIBYTES = 4;

/**
 * The hardware of a simulated machine: one processor with two cores, 4 GiB, its network cards and disks. Unknown values are null, as the real
 * agent sends them. Source of the shape: recorded from a real agent (test/fixtures/ipa/inventory.json).
 */
export function defaultInventory({ macAddresses, disks, bootInterface, ipv4Address, hostname, bootMode }: DefaultInventoryOptions): JsonObject {
  return {
    interfaces: macAddresses.map((address, index) => ({
      name: `eth${index}`,
      mac_address: address,
      ipv4_address: index === 0 && ipv4Address?.startsWith('127.') === false ? ipv4Address : null,
      ipv6_address: null,
      has_carrier: true,
      lldp: null,
      vendor: '0x1af4',
      product: '0x1000',
      client_id: null,
      biosdevname: null,
      speed_mbps: null,
      pci_address: `0000:00:${(index + 3).toString(16).padStart(2, '0')}.0`,
      driver: 'virtio_net',
    })),
    cpu: {
      model_name: 'Ferric virtual processor',
      frequency: '2000',
      count: 2,
      architecture: 'x86_64',
      flags: ['fpu', 'tsc', 'msr', 'apic', 'sse2', 'nx', 'lm', 'hypervisor'],
      socket_count: 1,
    },
    disks: disks.map((disk, index) => ({
      name: disk.name,
      model: 'Ferric virtual disk',
      size: disk.sizeBytes,
      rotational: false,
      wwn: null,
      serial: `FERRIC${String(index).padStart(4, '0')}`,
      vendor: '0x1af4',
      wwn_with_extension: null,
      wwn_vendor_extension: null,
      hctl: null,
      by_path: null,
      logical_sectors: disk.sectorBytes,
      physical_sectors: disk.sectorBytes,
      tran: null,
    })),
    memory: { total: (MEMORY_GIBIBYTES * GIBIBYTE * 31) / 32, physical_mb: MEMORY_GIBIBYTES * 1024 },
    bmc_address: null,
    bmc_v6address: null,
    system_vendor: {
      product_name: 'Virtual machine',
      serial_number: `FERRIC-${(macAddresses[0] ?? '').replaceAll(':', '')}`,
      manufacturer: 'Ferric',
      firmware: { vendor: 'Ferric', version: '1.0', build_date: '01/01/2026' },
    },
    boot: { current_boot_mode: bootMode, pxe_interface: bootInterface },
    hostname,
  };
}
