export { createUefiHttpsBoot } from './uefi-https-boot.js';
export { createVirtualMediaBoot } from './virtual-media-boot.js';
export type { VirtualMediaSettings } from './settings.js';
