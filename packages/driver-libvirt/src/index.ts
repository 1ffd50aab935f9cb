export { createLibvirtDriver } from './libvirt-driver.js';
export type { LibvirtDriverSettings } from './libvirt-driver.js';
export type { CreateLibvirtClient } from './client-pool.js';
export type { FetchImage } from './image-source.js';
export { LIBVIRT_DRIVER_NAME, libvirtDriverInfo } from './libvirt-options.js';
export type { LibvirtDriverInfo } from './libvirt-options.js';
export * from './client/index.js';
