import { randomBytes } from 'node:crypto';
import { defineGuest, type Guest, type GuestOptions } from '../guest/guest.ts';
import type { BootDeviceName } from '../guest/guest-xml.ts';
import type { PrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import { findFreePorts } from '../system/free-ports.ts';
import { prepareEmulator, setUserNetwork } from './emulator.ts';

export interface PxeGuestOptions {
  /** What iPXE fetches and runs: an http URL, at most 127 characters. 10.0.2.2 is 127.0.0.1 of this machine. It may name `${mac}` and other settings of iPXE. */
  readonly bootUrl: string;
  /** Default: made up. */
  readonly name?: string;
  readonly mac?: string;
  readonly uuid?: string;
  /** Default bios. With UEFI a disk is booted that has a loader for it. */
  readonly firmware?: 'bios' | 'uefi';
  /** Default 512: enough for an agent that runs in Node. */
  readonly memoryMib?: number;
  /** Size of the disk, empty at first. Default 64. */
  readonly diskMib?: number;
  /** Default: the network, then the disk. */
  readonly bootOrder?: readonly BootDeviceName[];
  /** Port of 127.0.0.1 that leads to port 9999 of the guest, where deploy agents listen. Default: a free one. */
  readonly agentPort?: number;
}

/** A machine of a private libvirtd that boots from the network, with an empty disk (/dev/vda). */
export interface PxeGuest extends Guest {
  readonly agentPort: number;
  /** Changes what iPXE fetches; counts from the next start. */
  setBootUrl(bootUrl: string): void;
}

const DEFAULTS = { memoryMib: 512, diskMib: 64, bootOrder: ['network', 'hd'] } as const;

/** Makes a machine. It is off. */
export async function definePxeGuest(libvirtd: PrivateLibvirtd, options: PxeGuestOptions): Promise<PxeGuest> {
  const { bootUrl, agentPort: wantedPort, ...own } = options;
  const [freePort = 0] = wantedPort === undefined ? await findFreePorts(1) : [];
  const agentPort = wantedPort ?? freePort;
  const emulator = prepareEmulator(libvirtd);
  const settings: GuestOptions & { readonly name: string } = { ...DEFAULTS, name: `pxe-${randomBytes(4).toString('hex')}`, ...own, emulator, diskBus: 'virtio', networkBoot: true };
  setUserNetwork(libvirtd, settings.name, { bootUrl, agentPort });
  const guest = await defineGuest(libvirtd, settings);
  return {
    ...guest,
    agentPort,
    setBootUrl: (next) => setUserNetwork(libvirtd, settings.name, { bootUrl: next, agentPort }),
  };
}
