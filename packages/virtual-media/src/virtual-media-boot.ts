import type { BootStrategy } from '@ferric/core';
import { DRIVES } from './drives.js';
import { createMediaBoot } from './media-boot.js';
import type { VirtualMediaSettings } from './settings.js';

/**
 * The boot interface `virtual-media`: the machine's controller shows it a CD that the conductor serves, or that a node names, and it boots from it.
 * Nothing of the network has to be set up for it. For every device with virtual media and a boot device.
 */
export function createVirtualMediaBoot(settings: VirtualMediaSettings): BootStrategy {
  return createMediaBoot({ delivery: DRIVES, settings });
}
