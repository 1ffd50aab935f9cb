export { createVirtualMediaBoot } from './virtual-media-boot.js';
export type { VirtualMediaSettings } from './settings.js';
