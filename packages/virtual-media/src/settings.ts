import type { BootModeName } from '@ferric/core';
import type { BootSettings } from '@ferric/ipxe-config';

/** What holds for every node that does not say otherwise in its own fields. */
export interface VirtualMediaSettings {
  /** Files of the deploy agent and parameters of every kernel, as boots from the network have them. */
  readonly boot: BootSettings;
  /** A ready-made ISO image of the deploy agent: http, https or file:///. A node's `driver_info.deploy_iso`, or `deploy_kernel` and `deploy_ramdisk`, win. */
  readonly deployIso?: string;
  /** The same for rescuing. A node's `driver_info.rescue_iso`, or `rescue_kernel` and `rescue_ramdisk`, win. */
  readonly rescueIso?: string;
  /** An image of an EFI system partition for media that are made here. A node's `driver_info.bootloader` wins. Default: what the conductor makes. */
  readonly bootloader?: string;
  /** Firmware mode for machines that can be set to either and whose nodes do not name one. Default: the one that the machine is in. */
  readonly defaultBootMode?: BootModeName;
}
