import type { BootStrategy } from '@ferric/core';
import { FIRMWARE_URL } from './firmware-url.js';
import { createMediaBoot } from './media-boot.js';
import type { VirtualMediaSettings } from './settings.js';

/**
 * The boot interface `uefi-https`: the machine's firmware loads an image from an https address of the conductor, or from one that a node names, and boots it.
 * Nothing of the network has to be set up for it but an address for the machine. For every device with HTTP boot and a boot device, in UEFI mode.
 */
export function createUefiHttpsBoot(settings: VirtualMediaSettings): BootStrategy {
  return createMediaBoot({ delivery: FIRMWARE_URL, settings });
}
