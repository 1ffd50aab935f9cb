import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { machine, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRecording } from '../../../test/support/recordings.js';
import { collectInventory } from './collect-inventory.js';
import { memoryMebibytes } from './smbios.js';
import { readSystemFiles } from './system-files.js';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ferric-sysfs-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function tree(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await mkdir(join(root, target), { recursive: true });
  await symlink(join(root, target), join(root, path));
}

/** A memory module of 4096 MiB, one of 32 GiB in the large field, an empty slot, one of unknown size, and one of 512 KiB, which counts for nothing in MiB. */
function smbiosTable(): Buffer {
  const memory = (size: number, large = 0): Buffer => {
    const structure = Buffer.alloc(0x22 + 8);
    structure.set([17, 0x22 + 2]);
    structure.writeUInt16LE(size, 0x0c);
    structure.writeUInt32LE(large, 0x1c);
    return Buffer.concat([structure.subarray(0, 0x24), Buffer.from('DIMM 0\0\0')]);
  };
  const bios = Buffer.concat([Buffer.from([0, 6, 0, 0, 1, 2]), Buffer.from('vendor\0version\0\0')]);
  return Buffer.concat([bios, memory(4096), memory(0x7fff, 32_768), memory(0), memory(0xffff), memory(0x8000 | 512), Buffer.from([127, 4, 0, 0, 0, 0])]);
}

test('reads what the kernel tells, in the shape of a real agent', async () => {
  await tree({
    '/proc/cpuinfo': ['0', '1'].map((id) => `processor\t: ${id}\nmodel name\t: Some CPU @ 2.00GHz\ncpu MHz\t\t: 1999.998\nphysical id\t: ${id}\nflags\t\t: fpu lm sse2\n`).join('\n'),
    '/proc/meminfo': 'MemTotal:        1000000 kB\nMemFree: 1 kB\n',
    '/sys/firmware/dmi/tables/DMI': smbiosTable(),
    '/sys/class/dmi/id/product_name': 'Box\n',
    '/sys/class/dmi/id/sys_vendor': 'Maker\n',
    '/sys/class/net/lo/address': '00:00:00:00:00:00\n',
    '/sys/devices/pci0000:00/0000:00:03.0/virtio0/vendor': '0x1af4\n',
    '/sys/devices/pci0000:00/0000:00:03.0/virtio0/device': '0x0001\n',
    '/sys/class/net/eth0/address': '52:54:00:12:34:56\n',
    '/sys/class/net/eth0/carrier': '1\n',
    '/sys/class/net/eth0/speed': '-1\n',
    '/sys/class/net/eth1/address': '52:54:00:12:34:57\n',
    '/sys/class/net/eth1/speed': '1000\n',
    '/sys/devices/pci0000:00/ata1/host0/block/sda/size': '10485760\n',
    '/sys/devices/pci0000:00/ata1/host0/block/sda/queue/rotational': '1\n',
    '/sys/devices/pci0000:00/ata1/host0/block/sda/queue/logical_block_size': '512\n',
    '/sys/devices/pci0000:00/ata1/host0/block/sda/queue/physical_block_size': '4096\n',
    '/sys/devices/pci0000:00/ata1/host0/block/sda/device/model': 'DISK  \n',
    '/sys/devices/pci0000:00/ata1/host0/block/sda/device/vendor': 'ATA     \n',
    '/sys/devices/pci0000:00/ata1/host0/block/sda/device/wwid': 'naa.5000c500a1b2c3d4\n',
    '/sys/devices/pci0000:00/ata1/host0/block/sda/device/scsi_device/0:0:0:0/x': '',
    '/sys/block/loop0/size': '100\n',
    '/sys/block/sdb/size': '0\n',
    '/sys/firmware/efi/runtime': '',
  });
  await link('/sys/class/net/eth0/device', '/sys/devices/pci0000:00/0000:00:03.0/virtio0');
  await link('/sys/devices/pci0000:00/0000:00:03.0/virtio0/driver', '/sys/bus/virtio/drivers/virtio_net');
  await link('/sys/class/net/eth1/device', '/sys/devices/pci0000:00/0000:00:04.0');
  await link('/sys/block/sda', '/sys/devices/pci0000:00/ata1/host0/block/sda');
  await link('/dev/disk/by-path/pci-0000:00:1f.2-ata-1', '/dev/sda');

  const inventory = await collectInventory(readSystemFiles(root), '52:54:00:12:34:56');
  expect(inventory).toMatchObject({
    interfaces: [
      { name: 'eth0', mac_address: '52:54:00:12:34:56', has_carrier: true, vendor: '0x1af4', product: '0x0001', pci_address: '0000:00:03.0', driver: 'virtio_net', speed_mbps: null },
      { name: 'eth1', mac_address: '52:54:00:12:34:57', has_carrier: false, vendor: null, pci_address: '0000:00:04.0', driver: null, speed_mbps: 1000 },
    ],
    cpu: { model_name: 'Some CPU @ 2.00GHz', frequency: '1999.998', count: 2, architecture: machine(), flags: ['fpu', 'lm', 'sse2'], socket_count: 2 },
    disks: [{
      name: '/dev/sda', model: 'DISK', size: 5_368_709_120, rotational: true, wwn: '0x5000c500a1b2c3d4', serial: null, vendor: 'ATA', hctl: '0:0:0:0',
      by_path: '/dev/disk/by-path/pci-0000:00:1f.2-ata-1', logical_sectors: 512, physical_sectors: 4096, tran: 'sata',
    }],
    memory: { total: 1_024_000_000, physical_mb: 36_864 },
    system_vendor: { product_name: 'Box', serial_number: null, manufacturer: 'Maker', firmware: { vendor: null } },
    boot: { current_boot_mode: 'uefi', pxe_interface: '52:54:00:12:34:56' },
  });
  const recorded = readRecording('inventory') as Record<string, object[]>;
  expect(Object.keys(inventory)).toEqual(Object.keys(recorded));
  for (const list of ['interfaces', 'disks'] as const) {
    expect(Object.keys((inventory[list] as object[])[0] ?? {}).toSorted()).toEqual(Object.keys(recorded[list]?.[0] ?? {}).toSorted());
  }
});

test('a machine that tells nothing has an inventory all the same', async () => {
  expect(await collectInventory(readSystemFiles(root), null)).toMatchObject({
    interfaces: [], disks: [], cpu: { count: 0, model_name: '' }, memory: { total: null, physical_mb: null }, boot: { current_boot_mode: 'bios', pxe_interface: null },
  });
});

test('a table of the firmware that is cut yields what was whole', () => {
  const table = smbiosTable();
  const sums = Array.from({ length: table.length + 1 }, (_, length) => memoryMebibytes(table.subarray(0, length)));
  expect(sums[0]).toBeUndefined();
  expect(new Set(sums)).toEqual(new Set([undefined, 4096, 36_864]));
});
