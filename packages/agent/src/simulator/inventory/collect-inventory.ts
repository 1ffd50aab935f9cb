import { hostname, machine, networkInterfaces } from 'node:os';
import type { JsonObject } from '@ferric/core';
import { memoryMebibytes } from './smbios.js';
import type { SystemFiles } from './system-files.js';

const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
/** Names of block devices that are no disks of the machine. */
const NO_DISK = /^(?:loop|ram|zram|sr|fd|dm-|md|nbd)/;
const BYTES_PER_BLOCK = 512;

/**
 * The hardware as the kernel shows it, in the shape of ironic-python-agent's inventory; no other program is asked. Unknown values are null.
 * @param bootInterface the parameter BOOTIF as it is, or null
 */
export async function collectInventory(files: SystemFiles, bootInterface: string | null): Promise<JsonObject> {
  const dmi = async (name: string): Promise<string | null> => (await files.text(`/sys/class/dmi/id/${name}`)) ?? null;
  return {
    interfaces: await collectInterfaces(files),
    cpu: await collectProcessors(files),
    disks: await collectDisks(files),
    memory: await collectMemory(files),
    bmc_address: null,
    bmc_v6address: null,
    system_vendor: {
      product_name: await dmi('product_name'),
      serial_number: await dmi('product_serial'),
      manufacturer: await dmi('sys_vendor'),
      firmware: { vendor: await dmi('bios_vendor'), version: await dmi('bios_version'), build_date: await dmi('bios_date') },
    },
    boot: { current_boot_mode: (await files.exists('/sys/firmware/efi')) ? 'uefi' : 'bios', pxe_interface: bootInterface },
    hostname: hostname(),
  };
}

async function collectInterfaces(files: SystemFiles): Promise<readonly JsonObject[]> {
  const names = await files.list('/sys/class/net');
  const found = await Promise.all(
    names.map(async (name): Promise<JsonObject | undefined> => {
      const folder = `/sys/class/net/${name}`;
      // Only real cards have one: neither lo nor bridges.
      if (!(await files.exists(`${folder}/device`))) return undefined;
      const addresses = networkInterfaces()[name] ?? [];
      const speed = await files.number(`${folder}/speed`);
      return {
        name,
        mac_address: (await files.text(`${folder}/address`)) ?? null,
        ipv4_address: addresses.find(({ family }) => family === 'IPv4')?.address ?? null,
        ipv6_address: addresses.find(({ family }) => family === 'IPv6')?.address ?? null,
        has_carrier: (await files.number(`${folder}/carrier`)) === 1,
        lldp: null,
        vendor: (await files.text(`${folder}/device/vendor`)) ?? null,
        product: (await files.text(`${folder}/device/device`)) ?? null,
        client_id: null,
        biosdevname: null,
        speed_mbps: speed !== undefined && speed > 0 ? speed : null,
        pci_address: (await files.real(`${folder}/device`))?.split('/').findLast((part) => PCI_ADDRESS.test(part)) ?? null,
        driver: (await files.linkName(`${folder}/device/driver`)) ?? null,
      };
    }),
  );
  return found.filter((each) => each !== undefined);
}

/** Source: Linux, arch/x86/kernel/cpu/proc.c and arch/arm64/kernel/cpuinfo.c. */
async function collectProcessors(files: SystemFiles): Promise<JsonObject> {
  const text = (await files.text('/proc/cpuinfo')) ?? '';
  const values = (name: string): readonly string[] => [...text.matchAll(new RegExp(`^${name}\\s*:[ \\t]*(.*)$`, 'gm'))].map((match) => match[1] ?? '');
  const flags = values('flags')[0] ?? values('Features')[0] ?? '';
  return {
    model_name: values('model name')[0] ?? '',
    frequency: values('cpu MHz')[0] ?? '',
    count: values('processor').length,
    architecture: machine(),
    flags: flags.split(' ').filter((flag) => flag !== ''),
    socket_count: Math.max(1, new Set(values('physical id')).size),
  };
}

async function collectMemory(files: SystemFiles): Promise<JsonObject> {
  const kibibytes = /^MemTotal:\s+(\d+) kB$/m.exec((await files.text('/proc/meminfo')) ?? '')?.[1];
  const total = kibibytes === undefined ? null : Number(kibibytes) * 1024;
  const table = await files.bytes('/sys/firmware/dmi/tables/DMI');
  const modules = table === undefined ? undefined : memoryMebibytes(table);
  return { total, physical_mb: modules ?? (total === null ? null : Math.floor(total / 1024 / 1024)) };
}

async function collectDisks(files: SystemFiles): Promise<readonly JsonObject[]> {
  const names = await files.list('/sys/block');
  const found = await Promise.all(names.filter((name) => !NO_DISK.test(name)).map((name) => describeDisk(files, name)));
  return found.filter((each) => each !== undefined);
}

async function describeDisk(files: SystemFiles, name: string): Promise<JsonObject | undefined> {
  const folder = `/sys/block/${name}`;
  const blocks = (await files.number(`${folder}/size`)) ?? 0;
  // An empty card reader, for one.
  if (blocks === 0) return undefined;
  const place = (await files.real(folder)) ?? '';
  const text = async (...paths: readonly string[]): Promise<string | null> => {
    for (const path of paths) {
      const value = await files.text(`${folder}/${path}`);
      if (value !== undefined) return value;
    }
    return null;
  };
  const wwid = await text('wwid', 'device/wwid');
  return {
    name: `/dev/${name}`,
    model: (await text('device/model')) ?? '',
    size: blocks * BYTES_PER_BLOCK,
    rotational: (await files.number(`${folder}/queue/rotational`)) === 1,
    wwn: wwid?.startsWith('naa.') === true ? wwid.replace('naa.', '0x') : wwid,
    serial: await text('serial', 'device/serial'),
    vendor: await text('device/vendor'),
    wwn_with_extension: null,
    wwn_vendor_extension: null,
    hctl: (await files.list(`${folder}/device/scsi_device`))[0] ?? null,
    by_path: await findByPath(files, name),
    logical_sectors: (await files.number(`${folder}/queue/logical_block_size`)) ?? BYTES_PER_BLOCK,
    physical_sectors: (await files.number(`${folder}/queue/physical_block_size`)) ?? BYTES_PER_BLOCK,
    tran: TRANSPORTS.find(([part]) => part.test(place))?.[1] ?? null,
  };
}

/** How a disk is attached, by a part of its path in sysfs. */
const TRANSPORTS: readonly (readonly [part: RegExp, name: string])[] = [
  [/\/usb\d/, 'usb'], [/\/nvme\//, 'nvme'], [/\/ata\d/, 'sata'], [/\/virtio\d/, 'virtio'],
];

async function findByPath(files: SystemFiles, name: string): Promise<string | null> {
  for (const link of await files.list('/dev/disk/by-path')) {
    if ((await files.linkName(`/dev/disk/by-path/${link}`)) === name) return `/dev/disk/by-path/${link}`;
  }
  return null;
}
