export { decodeVirtualMedia, ejectMedia, findDrive, insertMedia, readVirtualMedia, setBootOnNextReset } from './virtual-media.js';
export type { VirtualMediaDrive } from './virtual-media.js';
