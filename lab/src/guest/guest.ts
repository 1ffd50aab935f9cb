import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import type { PollOptions } from '../system/poll.ts';
import { findFile } from '../system/tools.ts';
import { GUEST_LINES } from './boot-sector.ts';
import { type BootDeviceName, guestXml } from './guest-xml.ts';
import { cdromImage, diskImage, MEBIBYTE } from './media.ts';
import { readSerialLog, type SyncSerialPort, watchSerialPort } from './serial.ts';

export interface GuestOptions {
  /** Default: made up. */
  readonly name?: string;
  /** Default: made up. */
  readonly uuid?: string;
  /** Default: made up. */
  readonly mac?: string;
  /** An empty disk of this size. Default: one that boots our guest. */
  readonly diskMib?: number;
  /** How the disk is attached. Default: as SATA with UEFI, otherwise as IDE. */
  readonly diskBus?: 'virtio';
  /** Program that is run in place of QEMU's, and runs that. */
  readonly emulator?: string;
  /** Default 32; 64 for a guest that boots from the network; 128 with UEFI. */
  readonly memoryMib?: number;
  /** Default bios. With UEFI, nothing is booted: our guest needs a BIOS. */
  readonly firmware?: 'bios' | 'uefi';
  /** Where the boot order stands: in the domain or at each device. Default os. */
  readonly bootStyle?: 'os' | 'device';
  /** Default: only the disk. */
  readonly bootOrder?: readonly BootDeviceName[];
  /** A drive with a CD-ROM that boots, an empty one, or none. Default none. */
  readonly cdrom?: 'bootable' | 'empty';
  /** Default true. */
  readonly obeysPowerButton?: boolean;
  /** A screen. Default false. */
  readonly video?: boolean;
  /** A network of the daemon. Default: one of the guest's own. */
  readonly network?: string;
  /** Whether the network card can boot. Needs the Debian package ipxe-qemu. Default: when the boot order names the network. */
  readonly networkBoot?: boolean;
}

/** A machine that is defined in a private libvirtd. Disposing switches it off and undefines it. */
export interface Guest extends SyncSerialPort, AsyncDisposable {
  readonly name: string;
  readonly uuid: string;
  readonly mac: string;
  /** Its definition, as it was given. */
  readonly xml: string;
  /** Raw images that boot our guest, unless the disk shall be empty; the CD-ROM is in no drive unless asked for. */
  readonly diskImage: string;
  readonly cdromImage: string;
  /** Waits until our guest is up. `medium`: what it must have booted from; default anything. */
  waitUntilReady(medium?: GuestMedium, options?: PollOptions): Promise<void>;
}

/** What our guest says it was booted from. */
export type GuestMedium = 'DISK' | 'CDROM';

/** Makes a machine. It is off. */
export async function defineGuest(libvirtd: PrivateLibvirtd, options: GuestOptions = {}): Promise<Guest> {
  const plan = planGuest(libvirtd, options);
  const definition = join(plan.folder, 'domain.xml');
  writeFileSync(definition, plan.xml);
  await libvirtd.virsh('define', definition);
  return {
    ...plan.guest,
    async [Symbol.asyncDispose]() {
      // It may be off, or gone, already.
      await libvirtd.virsh('destroy', plan.guest.uuid).catch(() => undefined);
      await libvirtd.virsh('undefine', plan.guest.uuid, '--nvram').catch(() => undefined);
      rmSync(plan.folder, { recursive: true, force: true });
    },
  };
}

/** A MAC address of the range that QEMU's guests use. */
export function makeUpMac(): string {
  return ['52', '54', '00', ...randomBytes(3).toString('hex').match(/../g) ?? []].join(':');
}

interface GuestPlan {
  readonly folder: string;
  readonly xml: string;
  readonly guest: Omit<Guest, typeof Symbol.asyncDispose>;
}

const DEFAULTS = { firmware: 'bios', bootStyle: 'os', bootOrder: ['hd'], obeysPowerButton: true, video: false } as const;

/** Writes the images of a machine and its definition. */
function planGuest(libvirtd: PrivateLibvirtd, options: GuestOptions): GuestPlan {
  const settings = { ...DEFAULTS, name: `guest-${randomBytes(4).toString('hex')}`, mac: makeUpMac(), ...options };
  const { name, mac, obeysPowerButton } = settings;
  const networkBoot = options.networkBoot ?? settings.bootOrder.includes('network');
  checkPackages(settings.firmware, networkBoot);
  const uuid = options.uuid ?? randomUUID();
  const folder = join(libvirtd.directory, 'guests', name);
  mkdirSync(folder, { recursive: true });
  const files = { disk: join(folder, 'disk.raw'), cdrom: join(folder, 'cdrom.iso'), serialLog: join(folder, 'serial.log') };
  writeFileSync(files.disk, options.diskMib === undefined ? diskImage({ medium: 'DISK', obeysPowerButton }) : '');
  if (options.diskMib !== undefined) truncateSync(files.disk, options.diskMib * MEBIBYTE);
  writeFileSync(files.cdrom, cdromImage({ medium: 'CDROM', obeysPowerButton }));
  const xml = guestXml({
    name, uuid, mac, networkBoot,
    firmware: settings.firmware,
    bootStyle: settings.bootStyle,
    bootOrder: settings.bootOrder,
    video: settings.video,
    memoryMib: options.memoryMib ?? memoryFor(settings.firmware, networkBoot),
    disk: files.disk,
    serialLog: files.serialLog,
    ...DRIVES[settings.cdrom ?? 'none'](files.cdrom),
    network: options.network,
    diskBus: options.diskBus,
    emulator: options.emulator,
  });
  return { folder, xml, guest: { name, uuid, mac, xml, diskImage: files.disk, cdromImage: files.cdrom, ...serialPort(name, files.serialLog) } };
}

const DRIVES: Readonly<Record<NonNullable<GuestOptions['cdrom']> | 'none', (image: string) => { readonly cdrom?: string | null }>> = {
  bootable: (image) => ({ cdrom: image }),
  empty: () => ({ cdrom: null }),
  none: () => ({}),
};

function checkPackages(firmware: 'bios' | 'uefi', networkBoot: boolean): void {
  if (networkBoot) findFile('ipxe-qemu', '/usr/lib/ipxe/qemu/pxe-virtio.rom');
  if (firmware === 'uefi') findFile('ovmf', '/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_CODE.fd');
}

function memoryFor(firmware: 'bios' | 'uefi', networkBoot: boolean): number {
  if (firmware === 'uefi') return 128;
  return networkBoot ? 64 : 32;
}

type ReadyPort = SyncSerialPort & Pick<Guest, 'waitUntilReady'>;

function serialPort(name: string, log: string): ReadyPort {
  const port = watchSerialPort(`guest ${name}`, () => readSerialLog(log));
  return {
    ...port,
    waitUntilReady: (medium, poll) => port.waitForSerial(medium === undefined ? GUEST_LINES.ready('') : `${GUEST_LINES.ready(medium)}\r\n`, poll),
  };
}
