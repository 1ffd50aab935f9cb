export { createIbootDriver } from './iboot-driver.js';
export type { IbootDriverSettings } from './iboot-driver.js';
export { IBOOT_DRIVER_NAME, ibootDriverInfo } from './iboot-options.js';
export type { IbootDriverInfo } from './iboot-options.js';
export * from './client/index.js';
