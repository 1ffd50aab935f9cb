import type { CallOptions } from '@ferric/core';

export const ILO_MEDIA_TYPES = ['cdrom', 'floppy'] as const;
export type IloMediaType = (typeof ILO_MEDIA_TYPES)[number];

export interface IloVirtualMedia {
  /** What is inserted. */
  read(options?: CallOptions): Promise<readonly { readonly type: IloMediaType; readonly url: string }[]>;
  /**
   * Shows an image, read-only; what is in the drive is ejected first, the same image is left in it.
   * @param url http or https, that the controller can reach, without user and password
   * @throws REFUSED with the controller's words when its licence does not cover it
   */
  insert(type: IloMediaType, url: URL, options?: CallOptions): Promise<void>;
  /** Empties every drive of this type. Does nothing when they are empty. */
  eject(type: IloMediaType, options?: CallOptions): Promise<void>;
  /** The next boot, and only that, is from the inserted CD. Does what {@link IloBootDevice.set} does where the drive has no switch of its own. */
  bootOnce(options?: CallOptions): Promise<void>;
}
