import { type Outcome, refuse } from '../outcome.js';

export type MediaDrive = 'floppy' | 'cdrom';
/** When the drive is connected and booted from; the words of RIBCL. */
export type MediaBootOption = 'NO_BOOT' | 'BOOT_ONCE' | 'BOOT_ALWAYS';

/** One drive that the iLO shows to the machine. */
export interface VirtualDrive {
  readonly kind: MediaDrive;
  /** URL of the image, or undefined when the drive is empty. */
  image: string | undefined;
  /** Whether the machine sees it. */
  isConnected: boolean;
  isWriteProtected: boolean;
  /** The machine boots from it when it next starts. */
  bootsNext: boolean;
  bootOption: MediaBootOption;
  /** A drive that was booted from once goes away with the next start. */
  hasBootedOnce: boolean;
}

/** The drives of the iLO. */
export class VirtualMedia {
  readonly floppy: VirtualDrive = emptyDrive('floppy');
  readonly cdrom: VirtualDrive = emptyDrive('cdrom');

  get drives(): readonly VirtualDrive[] {
    return [this.floppy, this.cdrom];
  }

  /** @param overwrite RIBCL takes an image in place of another, the REST interfaces do not. @param connect RIBCL connects only when it is told to */
  insert(kind: MediaDrive, image: string, { overwrite, connect }: { readonly overwrite: boolean; readonly connect: boolean }): Outcome {
    const drive = this[kind];
    if (drive.image !== undefined && !overwrite) return refuse('media inserted');
    clear(drive);
    drive.image = image;
    drive.isConnected = connect;
    drive.isWriteProtected = kind === 'cdrom' || connect;
    return undefined;
  }

  eject(kind: MediaDrive): Outcome {
    const drive = this[kind];
    if (drive.image === undefined) return refuse('no media');
    clear(drive);
    return undefined;
  }

  ejectAll(): void {
    for (const drive of this.drives) clear(drive);
  }

  /** The machine starts: what was to be used once is gone, what is to be used is connected. */
  beginBoot(): void {
    for (const drive of this.drives) {
      if (drive.hasBootedOnce) clear(drive);
      if (drive.image !== undefined && drive.bootOption !== 'NO_BOOT') drive.isConnected = true;
    }
  }

  /** The machine has booted. */
  endBoot(): void {
    for (const drive of this.drives) {
      drive.bootsNext = false;
      if (drive.bootOption === 'BOOT_ONCE' && drive.image !== undefined) drive.hasBootedOnce = true;
    }
  }
}

function emptyDrive(kind: MediaDrive): VirtualDrive {
  return { kind, image: undefined, isConnected: false, isWriteProtected: kind === 'cdrom', bootsNext: false, bootOption: 'NO_BOOT', hasBootedOnce: false };
}

function clear(drive: VirtualDrive): void {
  Object.assign(drive, emptyDrive(drive.kind));
}
