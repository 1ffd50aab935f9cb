export { createWolDriver } from './wol-driver.js';
export type { WolDriverSettings } from './wol-driver.js';
export { WOL_DRIVER_NAME, wolDriverInfo } from './wol-options.js';
export type { WolDriverInfo } from './wol-options.js';
export * from './client/index.js';
