import type { BootDeviceName } from '../guest/guest-xml.ts';
import { findFile } from '../system/tools.ts';
import { userNetwork } from './user-network.ts';

export interface QemuSettings {
  readonly firmware: 'bios' | 'uefi';
  readonly memoryMib: number;
  readonly mac: string;
  /** Of more network cards, which are not booted from. */
  readonly moreMacs?: readonly string[];
  readonly uuid: string;
  /** What the firmware tells as the machine's serial number. */
  readonly serialNumber?: string;
  /** What its network card's program, iPXE, fetches and runs: an http URL, at most 127 characters. 10.0.2.2 is 127.0.0.1 of this machine. */
  readonly bootUrl?: string;
  /** A port of 127.0.0.1 that leads to port 9999 of the guest, where deploy agents listen. */
  readonly agentPort?: number;
  /** What is tried, in this order; nothing else is. */
  readonly bootOrder: readonly BootDeviceName[];
  /** Paths of raw images. The disk is written to. */
  readonly disk?: string;
  readonly cdrom?: string;
  /** Whether a reboot ends it. */
  readonly endsOnReboot: boolean;
  /** Where everything that the serial port prints is written. */
  readonly serialLog: string;
  /** Where UEFI keeps its variables. */
  readonly variables: string;
}

/**
 * QEMU's arguments for a machine whose processor is emulated: where the test machine is itself a guest, KVM may be there and fail.
 * Source: qemu-system-x86_64(1).
 */
export function qemuArguments(settings: QemuSettings): readonly string[] {
  const { firmware, memoryMib, uuid, serialNumber, serialLog, endsOnReboot } = settings;
  return [
    // Without a screen the firmware and the network card's program speak on the serial port.
    '-accel', 'tcg', '-machine', firmware === 'uefi' ? 'q35' : 'pc,graphics=off', '-cpu', 'qemu64', '-smp', '1', '-m', String(memoryMib),
    '-display', 'none', '-monitor', 'none', '-nodefaults', '-no-user-config',
    '-serial', `file:${serialLog}`,
    '-uuid', uuid, ...(serialNumber === undefined ? [] : ['-smbios', `type=1,serial=${serialNumber}`]),
    '-boot', 'strict=on', ...(endsOnReboot ? ['-no-reboot'] : []),
    ...(firmware === 'uefi' ? flash(settings.variables) : []),
    ...networkCard(settings), ...(settings.moreMacs ?? []).flatMap(secondCard), ...drives(settings),
  ];
}

/** UEFI for virtual machines, and the variables that each copies. */
export function findOvmf(): { readonly code: string; readonly variables: string } {
  return { code: findFile('ovmf', '/usr/share/OVMF/OVMF_CODE_4M.fd'), variables: findFile('ovmf', '/usr/share/OVMF/OVMF_VARS_4M.fd') };
}

function flash(variables: string): readonly string[] {
  return ['-drive', `if=pflash,format=raw,readonly=on,file=${findOvmf().code}`, '-drive', `if=pflash,format=raw,file=${variables}`];
}

function networkCard(settings: QemuSettings): readonly string[] {
  const { mac, bootUrl, agentPort } = settings;
  const network = { type: 'user', id: 'network', ...userNetwork({ bootUrl, agentPort }) };
  // Without its program the card does not keep the firmware waiting.
  const program = bootUrl === undefined ? { romfile: '' } : bootIndex(settings, 'network');
  const card = { driver: 'virtio-net-pci', netdev: 'network', mac, ...program };
  return ['-netdev', JSON.stringify(network), '-device', JSON.stringify(card)];
}

/** In a network of its own, without a program of its own: that of the first card finds it. */
function secondCard(mac: string, index: number): readonly string[] {
  const id = `network${index + 1}`;
  return ['-netdev', JSON.stringify({ type: 'user', id }), '-device', JSON.stringify({ driver: 'virtio-net-pci', netdev: id, mac, romfile: '' })];
}

function drives(settings: QemuSettings): readonly string[] {
  const { disk, cdrom } = settings;
  const drive = (id: string, path: string | undefined, device: string, writable: boolean, kind: BootDeviceName): readonly string[] => {
    if (path === undefined) return [];
    const file = { 'node-name': id, driver: 'raw', 'read-only': !writable, cache: { 'no-flush': true }, file: { driver: 'file', filename: path } };
    return ['-blockdev', JSON.stringify(file), '-device', JSON.stringify({ driver: device, drive: id, ...bootIndex(settings, kind) })];
  };
  return [
    ...drive('disk', disk, 'virtio-blk-pci', true, 'hd'),
    ...drive('cdrom', cdrom, 'ide-cd', false, 'cdrom'),
  ];
}

function bootIndex({ bootOrder }: QemuSettings, device: BootDeviceName): { readonly bootindex?: number } {
  const at = bootOrder.indexOf(device);
  return at < 0 ? {} : { bootindex: at + 1 };
}
