import { randomBytes } from 'node:crypto';
import { defineGuest, type Guest, type GuestOptions } from '../guest/guest.ts';
import type { PrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import { findFreePorts } from '../system/free-ports.ts';
import { prepareEmulator, setUserNetwork } from './emulator.ts';

export interface MediaGuestOptions {
  /** Default: made up. */
  readonly name?: string;
  readonly uuid?: string;
  readonly mac?: string;
  /** Default bios. */
  readonly firmware?: 'bios' | 'uefi';
  /** Default 512: enough for an agent that runs in Node. */
  readonly memoryMib?: number;
  /** Size of the disk, empty at first. Default 64. */
  readonly diskMib?: number;
}

/** A machine of a private libvirtd with an empty disk (/dev/vda) and an empty CD-ROM drive, whose network card cannot boot. */
export interface MediaGuest extends Guest {
  /** Port of 127.0.0.1 that leads to port 9999 of the guest, where deploy agents listen. */
  readonly agentPort: number;
}

const DEFAULTS = { memoryMib: 512, diskMib: 64 } as const;

/** Makes a machine. It is off. */
export async function defineMediaGuest(libvirtd: PrivateLibvirtd, options: MediaGuestOptions = {}): Promise<MediaGuest> {
  const [agentPort = 0] = await findFreePorts(1);
  const emulator = prepareEmulator(libvirtd);
  const settings: GuestOptions & { readonly name: string } = {
    ...DEFAULTS, name: `media-${randomBytes(4).toString('hex')}`, ...options, emulator, diskBus: 'virtio', cdrom: 'empty', bootOrder: ['hd'], networkBoot: false,
  };
  setUserNetwork(libvirtd, settings.name, { agentPort });
  return { ...(await defineGuest(libvirtd, settings)), agentPort };
}
